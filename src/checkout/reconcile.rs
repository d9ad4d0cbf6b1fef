//! Reconcile: ask Stripe about everything that is not finished, in case its messages were lost.
//!
//! The operator's account and every studio's are walked one by one, each from its own mark, so that
//! an account that does not answer holds nobody up. The mark moves when a walk came to its end.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;

use crate::kernel::Time;
use crate::platform::AppState;
use crate::platform::stripe::CheckoutSession;
use crate::platform::stripe::ConnectedAccount;
use crate::studios;
use crate::studios::PaymentAccount;
use crate::studios::RefreshError;
use crate::studios::Standing;

use super::balance;
use super::payment::Occasion;
use super::returns;
use super::returns::MissedError;
use super::settle::SettleError;
use super::settle::settle;
use super::store;

/// Orders of each kind looked at in one walk; the rest has its turn in the next.
const MOST: i64 = 500;
/// Payment pages live one hour, so whatever Stripe made for us and we have not noted is younger.
const LOOK_BACK: Duration = Duration::from_secs(3 * 60 * 60);
/// Refunds and disputes come much later than their payment, but are seen within this time.
const LOOK_BACK_FOR_RETURNS: Duration = Duration::from_secs(3 * 24 * 60 * 60);
/// A fee that did not become known in this time is for a person to look into.
const FEE_FOR: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// Accounts walked at the same time.
const AT_ONCE: usize = 8;

/// What a run found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reconciled {
    /// Orders and sessions Stripe was asked about.
    pub asked: usize,
    /// Orders that moved on.
    pub mended: usize,
    /// Questions that got no usable answer.
    pub failed: usize,
    /// Orders of which our books and the provider's balance still say different things.
    pub differing: usize,
}

impl Reconciled {
    fn plus(self, other: Self) -> Self {
        Self {
            asked: self.asked + other.asked,
            mended: self.mended + other.mended,
            failed: self.failed + other.failed,
            differing: self.differing + other.differing,
        }
    }
}

/// Compares open and pending orders, paid orders whose fee is not known, and Stripe's own lists,
/// for every account that sells or sold.
pub async fn reconcile(state: &AppState) -> Result<Reconciled, SettleError> {
    let accounts = studios::payment_accounts(&mut *state.db.read().await?).await?;
    // Those that were cut off are asked, too: a connection may have ended by a mistake of ours.
    let gone: Vec<_> = accounts
        .iter()
        .filter(|account| account.cut_off_at.is_some())
        .map(|account| account.id.clone())
        .collect();
    let sellers = std::iter::once(None).chain(accounts.into_iter().map(Some));
    let walks = stream::iter(sellers.map(|account| walk_or_say(state.clone(), account)));
    let found: Vec<Reconciled> = walks.buffer_unordered(AT_ONCE).collect().await;
    let mut found = found
        .into_iter()
        .fold(Reconciled::default(), Reconciled::plus);
    let now = state.now();
    let mut tx = state.db.begin_write().await?;
    let mut closed = store::close_abandoned(&mut tx, now).await?;
    for account in &gone {
        closed += store::close_stranded(&mut tx, account, now).await?;
    }
    tx.commit().await?;
    found.mended += usize::try_from(closed).unwrap_or(usize::MAX);
    Ok(found)
}

/// One walk; what hinders it is said and does not hinder the others.
async fn walk_or_say(state: AppState, account: Option<PaymentAccount>) -> Reconciled {
    let mut found = Reconciled::default();
    if let Err(error) = walk(&state, account.as_ref(), &mut found).await {
        found.failed += 1;
        let account = account.as_ref();
        let account = account.map_or("the operator's", |account| account.id.as_str());
        let chain = anyhow::Error::from(error);
        tracing::error!(
            account,
            "an account could not be compared with Stripe: {chain:#}"
        );
    }
    found
}

/// Compares one account; `None` is the operator's own.
async fn walk(
    state: &AppState,
    account: Option<&PaymentAccount>,
    found: &mut Reconciled,
) -> Result<(), SettleError> {
    let begun_at = state.now();
    if let Some(account) = account
        && refresh(state, account).await? == Standing::CutOff
    {
        return Ok(());
    }
    let seller = account.map(|account| &account.id);
    ask_about_orders(state, seller, found).await?;
    let mark = store::mark_of(&mut *state.db.read().await?, seller).await?;
    let mark = mark.map_or(begun_at, |mark| mark.min(begun_at));
    walk_list(state, seller, mark.before(LOOK_BACK), found).await?;
    let since = mark.before(LOOK_BACK_FOR_RETURNS);
    walk_returns(state, seller, since, found).await?;
    let walked = balance::walk(state, seller, since).await?;
    found.differing += walked.differing;
    found.failed += walked.failed;
    let mut tx = state.db.begin_write().await?;
    store::set_mark(&mut tx, seller, begun_at).await?;
    tx.commit().await?;
    Ok(())
}

async fn refresh(state: &AppState, account: &PaymentAccount) -> Result<Standing, SettleError> {
    let refreshed = studios::refresh_account(state, account).await;
    refreshed.map_err(|error| match error {
        RefreshError::Stripe(error) => SettleError::Stripe(error),
        RefreshError::Database(error) => SettleError::Database(error),
        RefreshError::Letter(error) => SettleError::Receipt(error),
    })
}

/// Everything that is not finished by what we know.
async fn ask_about_orders(
    state: &AppState,
    seller: Option<&ConnectedAccount>,
    found: &mut Reconciled,
) -> Result<(), SettleError> {
    let mut conn = state.db.read().await?;
    let unsettled = store::unsettled(&mut conn, seller, MOST).await?;
    let since = state.now().before(FEE_FOR);
    let feeless = store::without_fee(&mut conn, seller, since, MOST).await?;
    let returning = store::returning(&mut conn, seller, MOST).await?;
    let waiting = returns::waiting(&mut conn, seller, state.now(), MOST).await?;
    drop(conn); // Stripe is slow, and connections are few
    for order in unsettled.iter().chain(&feeless).chain(&returning) {
        if let Some(session) = &order.session_id {
            ask(state, session, Occasion::Listed(seller), found).await;
        }
    }
    for refund in waiting {
        found.asked += 1;
        match returns::send_by_id(state, refund).await {
            Ok(()) => found.mended += 1,
            Err(error) => {
                found.failed += 1;
                tracing::error!(%refund, "a refund waits and could not be made: {error:#}");
            }
        }
    }
    Ok(())
}

/// Sessions that Stripe knows and no order has noted: the answer to their creation was lost.
async fn walk_list(
    state: &AppState,
    seller: Option<&ConnectedAccount>,
    since: Time,
    found: &mut Reconciled,
) -> Result<(), SettleError> {
    let stripe = state.stripe.acting_for(seller);
    let mut cursor: Option<String> = None;
    loop {
        let page = stripe
            .checkout_sessions_since(since, cursor.as_deref())
            .await
            .map_err(SettleError::Stripe)?;
        for session in page.sessions.iter().filter(|session| session.is_settled()) {
            if is_news(state, seller, session).await? {
                ask(state, &session.id, Occasion::Listed(seller), found).await;
            }
        }
        cursor = page.next;
        if cursor.is_none() {
            return Ok(());
        }
    }
}

/// Refunds and disputes that no order has noted: made in Stripe's dashboard, or by a bank.
async fn walk_returns(
    state: &AppState,
    seller: Option<&ConnectedAccount>,
    since: Time,
    found: &mut Reconciled,
) -> Result<(), SettleError> {
    let stripe = state.stripe.acting_for(seller);
    let missed = returns::missed(state, &stripe, since).await;
    let missed = missed.map_err(|error| match error {
        MissedError::Stripe(error) => SettleError::Stripe(error),
        MissedError::Database(error) => SettleError::Database(error),
    })?;
    for payment in missed {
        let order = store::order_of_payment(&mut *state.db.read().await?, &payment).await?;
        let ours = order.filter(|order| order.wanted.seller.as_ref() == seller);
        if let Some(session) = ours.and_then(|order| order.session_id) {
            ask(state, &session, Occasion::Listed(seller), found).await;
        }
    }
    Ok(())
}

/// Whether a settled session of an account has an order of it that does not know it yet.
async fn is_news(
    state: &AppState,
    seller: Option<&ConnectedAccount>,
    session: &CheckoutSession,
) -> Result<bool, sqlx::Error> {
    let Some(id) = session.order_id.as_deref().and_then(|id| id.parse().ok()) else {
        return Ok(false);
    };
    let order = store::order_by_id(&mut *state.db.read().await?, id).await?;
    Ok(
        order
            .is_some_and(|order| order.paid_at.is_none() && order.wanted.seller.as_ref() == seller),
    )
}

async fn ask(state: &AppState, session: &str, occasion: Occasion<'_>, found: &mut Reconciled) {
    found.asked += 1;
    match settle(state, session, occasion).await {
        Ok(settled) => found.mended += usize::from(settled.moved),
        Err(error) => {
            found.failed += 1;
            let chain = anyhow::Error::from(error);
            tracing::error!(
                session,
                "an order could not be compared with Stripe: {chain:#}"
            );
        }
    }
}

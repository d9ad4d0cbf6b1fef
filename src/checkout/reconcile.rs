//! Reconcile: ask Stripe about everything that is not finished, in case its messages were lost.

use std::time::Duration;

use crate::platform::AppState;
use crate::platform::stripe::CheckoutSession;

use super::payment::Occasion;
use super::returns;
use super::returns::MissedError;
use super::settle::SettleError;
use super::settle::settle;
use super::store;

/// Orders looked at in one run; the rest has its turn in the next.
const MOST: i64 = 500;
/// Payment pages live one hour, so whatever Stripe made for us and we have not noted is younger.
const LOOK_BACK: Duration = Duration::from_secs(3 * 60 * 60);
/// Refunds and disputes come much later than their payment, but are seen within this time.
const LOOK_BACK_FOR_RETURNS: Duration = Duration::from_secs(3 * 24 * 60 * 60);
/// A fee that did not become known in this time is for a person to look into.
const FEE_FOR: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// Pages of Stripe's list that one run reads.
const PAGES: usize = 50;

/// What a run found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reconciled {
    /// Orders and sessions Stripe was asked about.
    pub asked: usize,
    /// Orders that moved on.
    pub mended: usize,
    /// Questions that got no usable answer.
    pub failed: usize,
}

/// Compares open and pending orders, paid orders whose fee is not known, and Stripe's own list.
pub async fn reconcile(state: &AppState) -> Result<Reconciled, SettleError> {
    let mut found = Reconciled::default();
    let now = state.now();
    let mut conn = state.db.read().await?;
    let unsettled = store::unsettled(&mut conn, MOST).await?;
    let feeless = store::without_fee(&mut conn, now.before(FEE_FOR), MOST).await?;
    let returning = store::returning(&mut conn, MOST).await?;
    drop(conn); // Stripe is slow, and connections are few
    for order in unsettled.iter().chain(&feeless).chain(&returning) {
        if let Some(session) = &order.session_id {
            ask(state, session, &mut found).await;
        }
    }
    walk_list(state, &mut found).await?;
    walk_returns(state, &mut found).await?;
    let mut tx = state.db.begin_write().await?;
    let abandoned = store::close_abandoned(&mut tx, now).await?;
    tx.commit().await?;
    found.mended += usize::try_from(abandoned).unwrap_or(usize::MAX);
    Ok(found)
}

/// Sessions that Stripe knows and no order has noted: the answer to their creation was lost.
async fn walk_list(state: &AppState, found: &mut Reconciled) -> Result<(), SettleError> {
    let since = state.now().before(LOOK_BACK);
    let mut cursor: Option<String> = None;
    for _ in 0..PAGES {
        let page = state
            .stripe
            .checkout_sessions_since(since, cursor.as_deref())
            .await;
        let page = page.map_err(SettleError::Stripe)?;
        for session in page.sessions.iter().filter(|session| session.is_settled()) {
            if is_news(state, session).await? {
                ask(state, &session.id, found).await;
            }
        }
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    Ok(())
}

/// Refunds and disputes that no order has noted: made in Stripe's dashboard, or by a bank.
async fn walk_returns(state: &AppState, found: &mut Reconciled) -> Result<(), SettleError> {
    let missed = returns::missed(state, state.now().before(LOOK_BACK_FOR_RETURNS)).await;
    let missed = missed.map_err(|error| match error {
        MissedError::Stripe(error) => SettleError::Stripe(error),
        MissedError::Database(error) => SettleError::Database(error),
    })?;
    for payment in missed {
        let order = store::order_of_payment(&mut *state.db.read().await?, &payment).await?;
        if let Some(session) = order.and_then(|order| order.session_id) {
            ask(state, &session, found).await;
        }
    }
    Ok(())
}

/// Whether a settled session has an order of ours that does not know it yet.
async fn is_news(state: &AppState, session: &CheckoutSession) -> Result<bool, sqlx::Error> {
    let Some(id) = session.order_id.as_deref().and_then(|id| id.parse().ok()) else {
        return Ok(false);
    };
    let order = store::order_by_id(&mut *state.db.read().await?, id).await?;
    Ok(order.is_some_and(|order| order.paid_at.is_none()))
}

async fn ask(state: &AppState, session: &str, found: &mut Reconciled) {
    found.asked += 1;
    match settle(state, session, Occasion::Doubt).await {
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

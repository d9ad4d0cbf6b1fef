//! Begin: lead a buyer to the payment page, to the film they own, or to the order that waits.

use std::time::Duration;

use crate::accounts;
use crate::kernel::Source;
use crate::kernel::Time;
use crate::kernel::ids::AccountId;
use crate::kernel::ids::OrderId;
use crate::kernel::text::EmailAddress;
use crate::platform::AppError;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::platform::stripe::CheckoutSession;
use crate::platform::stripe::NewSession;
use crate::platform::stripe::StripeCallError;
use crate::studios;

use super::model::Order;
use super::model::OrderState;
use super::model::Wanted;
use super::model::film_path;
use super::payment::Occasion;
use super::places::Places;
use super::returns;
use super::settle::SettleError;
use super::settle::settle;
use super::store;
use super::wanted::CANNOT_SELL;

/// A payment page is open this long.
const OPEN_FOR: Duration = Duration::from_secs(60 * 60);
/// Stripe takes no page that closes within 30 minutes; a minute is for clocks and travel.
const LEAST_OPEN: Duration = Duration::from_secs(31 * 60);
/// Orders that are found closed are left behind this often before something must be wrong.
const ROUNDS: usize = 4;
const WRONG_CURRENCY: AppError = AppError::Conflict("error-the-studio-takes-no-such-currency");
const STRIPE_AWAY: AppError = AppError::Unavailable("error-the-payment-service-does-not");

/// Who buys.
#[derive(Clone, Copy, Debug)]
pub struct Buyer<'a> {
    /// The account.
    pub account: AccountId,
    /// Where the receipt goes.
    pub email: &'a EmailAddress,
    /// Whose words it is in, as `Words::reader` names them.
    pub reader: &'a str,
    /// How they came to the film.
    pub source: &'a Source,
}

/// Where the buyer goes next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Begun {
    /// To the payment page.
    Pay(String),
    /// To the order, which waits for the bank.
    Waiting(OrderId),
    /// Nowhere: the film is theirs already.
    Owned(OrderId),
}

/// Finds or makes the buyer's one live order for the film, and its payment page.
pub async fn begin(state: &AppState, buyer: Buyer<'_>, wanted: &Wanted) -> AppResult<Begun> {
    for _ in 0..ROUNDS {
        let order = live_order(state, buyer, wanted).await?;
        match (order.state, &order.session_id) {
            (OrderState::Paid, _) => return Ok(Begun::Owned(order.id)),
            (OrderState::Pending, _) => return Ok(Begun::Waiting(order.id)),
            (_, None) if order.wanted == *wanted => return open_page(state, order).await,
            (_, None) => close(state, &order).await?, // nobody ever saw its payment page
            (_, Some(session)) => {
                if let Some(begun) = resume(state, &order, session, wanted).await? {
                    return Ok(begun);
                }
            }
        }
    }
    Err(AppError::Conflict("error-this-order-is-being-changed"))
}

/// The one live order for the film, made now if there is none.
async fn live_order(state: &AppState, buyer: Buyer<'_>, wanted: &Wanted) -> AppResult<Order> {
    let now = state.now();
    let mut tx = state.db.begin_write().await?;
    if let Some(order) = store::live_order(&mut tx, buyer.account, wanted.title).await? {
        return Ok(order);
    }
    if accounts::is_erased(&mut tx, buyer.account).await? {
        return Err(AppError::NotFound); // they left while this was under way
    }
    let return_share = returns::refund_terms(&mut tx, wanted.studio).await?;
    let order = Order {
        id: OrderId::new(now, &mut rand::rng()),
        account: buyer.account,
        wanted: wanted.clone(),
        email: buyer.email.clone(),
        reader: buyer.reader.to_owned(),
        source: buyer.source.clone(),
        operator_fee: state.config.fee,
        return_share,
        state: OrderState::Open,
        attempt: 1,
        session_id: None,
        session_url: None,
        session_expires_at: now.after(OPEN_FOR),
        created_at: now,
        paid_at: None,
        fee_posted_at: None,
        payment_intent: None,
        tax: 0,
        tax_rate: None,
        places: Places::default(),
        refunded: 0,
        lost: 0,
        withheld: 0,
        returned_at: None,
        consent: None,
        erased_at: None,
    };
    if store::insert(&mut tx, &order).await? == 1 {
        tx.commit().await?;
        return Ok(order);
    }
    // Somebody was quicker by a moment: the same buyer in another tab.
    let theirs = store::live_order(&mut tx, buyer.account, wanted.title).await?;
    theirs.ok_or(AppError::Conflict("error-this-order-is-being-changed"))
}

/// An order whose payment page exists: asks Stripe where it stands. `None` means that the order
/// is closed now and the buyer starts anew.
async fn resume(
    state: &AppState,
    order: &Order,
    session: &str,
    wanted: &Wanted,
) -> AppResult<Option<Begun>> {
    let settled = match settle(state, session, Occasion::Visit).await {
        Ok(settled) => settled,
        Err(SettleError::CutOff) => {
            give_up(state, order).await?; // the studio sells by another account now
            return Ok(None);
        }
        Err(error) if error.is_passing() => return Err(STRIPE_AWAY),
        Err(error) => return Err(AppError::Internal(error.into())),
    };
    Ok(match settled.state {
        OrderState::Paid => Some(Begun::Owned(order.id)),
        OrderState::Pending => Some(Begun::Waiting(order.id)),
        // The price they were shown, so the page they had is still right.
        OrderState::Open if is_same_sale(&order.wanted, wanted) => {
            order.session_url.clone().map(Begun::Pay)
        }
        OrderState::Open => {
            // Whether it could be closed or was paid this moment, the next round sees.
            let stripe = state.stripe.acting_for(order.wanted.seller.as_ref());
            let _ = stripe.expire_checkout_session(session).await;
            None
        }
        OrderState::Expired | OrderState::Failed | OrderState::Surplus => None,
    })
}

/// Whether a page that was made for one is right for the other.
fn is_same_sale(made: &Wanted, wanted: &Wanted) -> bool {
    made.price == wanted.price && made.seller == wanted.seller
}

async fn give_up(state: &AppState, order: &Order) -> AppResult<()> {
    let mut tx = state.db.begin_write().await?;
    store::give_up(&mut tx, order.id).await?;
    tx.commit().await?;
    Ok(())
}

async fn close(state: &AppState, order: &Order) -> AppResult<()> {
    let mut tx = state.db.begin_write().await?;
    store::close_without_page(&mut tx, order.id).await?;
    tx.commit().await?;
    Ok(())
}

/// Makes the payment page. If an answer is lost, the same key brings the same page again.
async fn open_page(state: &AppState, mut order: Order) -> AppResult<Begun> {
    if order.session_expires_at < state.now().after(LEAST_OPEN) {
        order = renew(state, order).await?;
    }
    let studio = order.wanted.studio;
    let with_tax = studios::collects_tax(&mut *state.db.read().await?, studio).await?;
    let mut answer = create(state, &order, with_tax).await;
    if matches!(&answer, Err(StripeCallError::Refused { code, .. }) if code == "idempotency_error")
    {
        // The store's own address changed since, or the tax was turned on; this is another page and needs another key.
        order = renew(state, order).await?;
        answer = create(state, &order, with_tax).await;
    }
    let session = match answer {
        Ok(session) => session,
        Err(error) => return Err(no_page(state, &order, error).await?),
    };
    let url = session.url.clone().ok_or(STRIPE_AWAY)?;
    let mut tx = state.db.begin_write().await?;
    store::keep_page(&mut tx, &order, &session.id, &url).await?;
    tx.commit().await?;
    Ok(Begun::Pay(url))
}

/// What the buyer is told when Stripe makes no page. Where it refused, the order ends here: what
/// it was made for cannot be sold.
async fn no_page(state: &AppState, order: &Order, error: StripeCallError) -> AppResult<AppError> {
    let told = match (&error, &order.wanted.seller) {
        (StripeCallError::WrongCurrency, _) => WRONG_CURRENCY,
        (StripeCallError::Refused { .. }, Some(seller)) => {
            let mut conn = state.db.read().await?;
            let account = studios::payment_account(&mut conn, seller.as_str()).await?;
            drop(conn); // Stripe is slow, and connections are few
            match account {
                Some(account) if studios::refresh_account(state, &account).await?.sells() => {
                    STRIPE_AWAY
                }
                _ => CANNOT_SELL,
            }
        }
        _ => STRIPE_AWAY,
    };
    let chain = anyhow::Error::from(error);
    tracing::error!(order = %order.id, "no payment page could be made: {chain:#}");
    if matches!(told, AppError::Conflict(_)) {
        close(state, order).await?;
    }
    Ok(told)
}

/// The next attempt, with a fresh time.
async fn renew(state: &AppState, order: Order) -> AppResult<Order> {
    let expires_at: Time = state.now().after(OPEN_FOR);
    let mut tx = state.db.begin_write().await?;
    store::renew_attempt(&mut tx, &order, expires_at).await?;
    let renewed = store::order_by_id(&mut tx, order.id)
        .await?
        .ok_or(AppError::NotFound)?;
    tx.commit().await?;
    Ok(renewed)
}

async fn create(
    state: &AppState,
    order: &Order,
    with_tax: bool,
) -> Result<CheckoutSession, StripeCallError> {
    let url = &state.config.public_url;
    let words = state.catalog.choose(&order.reader);
    let description = words
        .say("order-sold-by-studio")
        .with("studio", order.wanted.studio_name.as_str());
    let new = NewSession {
        order_id: &order.id.to_string(),
        idempotency_key: &order.idempotency_key(),
        price: order.wanted.price,
        title_name: &order.wanted.title_name,
        description: &description.to_string(),
        customer_email: order.email.as_str(),
        success_url: &url.join(&format!("/orders/{}", order.id)),
        cancel_url: &url.join(&film_path(&order.wanted.title_slug, &order.source)),
        expires_at: order.session_expires_at,
        application_fee: order.application_fee(),
        automatic_tax: with_tax,
    };
    let stripe = state.stripe.acting_for(order.wanted.seller.as_ref());
    stripe.create_checkout_session(&new).await
}

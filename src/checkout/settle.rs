//! Settle: bring an order to where Stripe says its payment is. Whoever calls, however often.

use crate::kernel::Money;
use crate::kernel::Time;
use crate::kernel::ids::OrderId;
use crate::ledger;
use crate::library;
use crate::platform::AppState;
use crate::platform::db::Conn;
use crate::platform::mail;
use crate::platform::stripe::CheckoutSession;
use crate::platform::stripe::StripeCallError;
use crate::platform::stripe::VerifiedEvent;

use super::model::Decision;
use super::model::Mismatch;
use super::model::Order;
use super::model::OrderState;
use super::model::decide;
use super::receipt;
use super::store;

/// Where the order stands afterwards: the same order and state for everyone who asked about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// The order.
    pub order: OrderId,
    /// Its state.
    pub state: OrderState,
    /// Whether it was this call that brought it there.
    pub moved: bool,
}

/// Why nothing was settled; nothing changed then.
#[derive(Debug, thiserror::Error)]
pub enum SettleError {
    /// The session, or its order, is not ours.
    #[error("no order of ours belongs to this session")]
    Unknown,
    /// Play money where real money is meant, or the reverse.
    #[error("the session is of the other mode")]
    WrongMode,
    /// The session is not the payment of its order.
    #[error("the session does not fit its order")]
    Mismatch(#[source] Mismatch),
    /// Stripe did not answer; worth another try.
    #[error("asking Stripe for the session")]
    Stripe(#[source] StripeCallError),
    /// The database did not take it; worth another try.
    #[error("writing the settlement")]
    Database(#[from] sqlx::Error),
    /// The receipt could not be written.
    #[error("writing the receipt")]
    Receipt(#[from] askama::Error),
}

impl SettleError {
    /// Whether the same call may work later.
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Stripe(_) | Self::Database(_))
    }
}

/// Asks Stripe for the session, compares it with its order, and writes what follows: state,
/// books, library and receipt, all or nothing. An event that had its effect changes nothing more.
pub async fn settle(
    state: &AppState,
    session_id: &str,
    event: Option<&VerifiedEvent>,
) -> Result<Settled, SettleError> {
    let session = match state.stripe.checkout_session(session_id).await {
        Err(StripeCallError::NotFound) => return Err(SettleError::Unknown),
        answer => answer.map_err(SettleError::Stripe)?,
    };
    if session.livemode != state.stripe.livemode() {
        return Err(SettleError::WrongMode);
    }
    let named = session.order_id.as_deref().and_then(|id| id.parse().ok());
    let order_id: OrderId = named.ok_or(SettleError::Unknown)?;
    let now = state.now();
    let mut tx = state.db.begin_write().await?;
    let order = store::lock(&mut tx, order_id)
        .await?
        .ok_or(SettleError::Unknown)?;
    let decision = decide(&order, &session).map_err(SettleError::Mismatch)?;
    let news = match event {
        Some(event) => store::note_event(&mut tx, event, order_id, now).await? == 1,
        None => decision != Decision::Nothing,
    };
    if !news {
        return Ok(Settled {
            order: order.id,
            state: order.state,
            moved: false,
        });
    }
    let after = apply(&mut tx, state, &order, &session, decision, now).await?;
    tx.commit().await?;
    let moved = after != order.state;
    if moved {
        tracing::info!(order = %order.id, state = after.word(), "an order was settled");
    }
    Ok(Settled {
        order: order.id,
        state: after,
        moved,
    })
}

async fn apply(
    tx: &mut Conn,
    state: &AppState,
    order: &Order,
    session: &CheckoutSession,
    decision: Decision,
    now: Time,
) -> Result<OrderState, SettleError> {
    let after = match decision {
        Decision::Nothing => return Ok(order.state),
        Decision::Pay => return pay(tx, state, order, session, now).await,
        Decision::PostFee(fee) => {
            post_fee(tx, order, fee, now).await?;
            return Ok(order.state);
        }
        Decision::Wait => OrderState::Pending,
        Decision::Close(end) => end,
    };
    store::set_state(tx, order.id, after).await?;
    Ok(after)
}

/// The money came: state, books, library and receipt.
async fn pay(
    tx: &mut Conn,
    state: &AppState,
    order: &Order,
    session: &CheckoutSession,
    now: Time,
) -> Result<OrderState, SettleError> {
    let surplus = store::has_other_live_order(tx, order).await?;
    let after = if surplus {
        OrderState::Surplus
    } else {
        OrderState::Paid
    };
    store::mark_paid(tx, order.id, after, session, now).await?;
    ledger::post(tx, &order.terms().sale(session.provider_fee), now).await?;
    if surplus {
        tracing::error!(order = %order.id, "paid twice for one film; this payment must go back");
        return Ok(after);
    }
    let paid = Order {
        state: after,
        paid_at: Some(now),
        ..order.clone()
    };
    let (viewer, title) = (order.account, order.wanted.title);
    library::record(tx, viewer, title, order.id, paid.facts().right(), now).await?;
    let words = state.catalog.choose(&order.reader);
    let receipt = receipt::message(&words, &paid, &state.config.public_url)?;
    mail::queue(tx, &receipt, now).await?;
    Ok(after)
}

async fn post_fee(tx: &mut Conn, order: &Order, fee: Money, now: Time) -> Result<(), sqlx::Error> {
    ledger::post(tx, &order.terms().provider_fee(fee), now).await?;
    store::mark_fee_posted(tx, order.id, now).await
}

//! Settle: bring an order to where Stripe says its payment is. Whoever calls, however often.

use crate::kernel::Money;
use crate::kernel::Time;
use crate::kernel::ids::OrderId;
use crate::ledger;
use crate::ledger::Settlement;
use crate::library;
use crate::platform::AppState;
use crate::platform::db::Conn;
use crate::platform::mail;
use crate::platform::stripe::CheckoutSession;
use crate::platform::stripe::ConnectedAccount;
use crate::platform::stripe::StripeCallError;
use crate::studios;

use super::model::Decision;
use super::model::Mismatch;
use super::model::Order;
use super::model::OrderState;
use super::model::decide;
use super::model::settlement;
use super::payment::Occasion;
use super::payment::Payment;
use super::receipt;
use super::returns;
use super::returns::AskError;
use super::returns::AskedBy;
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
    /// The account that sold does not let us act for it any more, so nothing can be asked.
    #[error("the account of the session is not connected any more")]
    CutOff,
    /// Stripe did not answer; worth another try.
    #[error("asking Stripe for the session")]
    Stripe(#[source] StripeCallError),
    /// The database did not take it; worth another try.
    #[error("writing the settlement")]
    Database(#[from] sqlx::Error),
    /// What nobody may keep could not be sent back.
    #[error("sending money back")]
    Ask(#[from] AskError),
    /// The receipt, or another letter, could not be written.
    #[error("writing a letter")]
    Receipt(#[from] askama::Error),
}

impl Settled {
    fn unmoved(order: &Order) -> Self {
        Self {
            order: order.id,
            state: order.state,
            moved: false,
        }
    }
}

impl SettleError {
    /// Whether the same call may work later.
    pub fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::Stripe(_) | Self::Database(_) | Self::Ask(AskError::Database(_))
        )
    }
}

/// Asks Stripe how the payment stands, compares it with its order, and writes what follows: state,
/// books, library and receipt, all or nothing. An event that had its effect changes nothing more.
pub async fn settle(
    state: &AppState,
    session_id: &str,
    occasion: Occasion<'_>,
) -> Result<Settled, SettleError> {
    let seller = seller_of(state, session_id, occasion).await?;
    let payment = match Payment::ask(&state.stripe, seller, session_id, occasion).await {
        Err(StripeCallError::NotFound) => return Err(SettleError::Unknown),
        Err(error) if studios::is_cut_off(&error) => return Err(SettleError::CutOff),
        answer => answer.map_err(SettleError::Stripe)?,
    };
    let mut tx = state.db.begin_write().await?;
    let (settled, has_written) = enter(&mut tx, state, &payment, occasion).await?;
    if has_written {
        tx.commit().await?;
    }
    if settled.moved {
        let word = settled.state.word();
        tracing::info!(order = %settled.order, state = word, "an order was settled");
    }
    Ok(settled)
}

/// Enters an answer of Stripe's, of whatever age, and says whether anything was written. The
/// caller ends the transaction.
pub async fn enter(
    tx: &mut Conn,
    state: &AppState,
    payment: &Payment,
    occasion: Occasion<'_>,
) -> Result<(Settled, bool), SettleError> {
    let session = &payment.session;
    if session.livemode != state.stripe.livemode() {
        return Err(SettleError::WrongMode);
    }
    let named = session.order_id.as_deref().and_then(|id| id.parse().ok());
    let order_id: OrderId = named.ok_or(SettleError::Unknown)?;
    let now = state.now();
    let order = store::lock(tx, order_id)
        .await?
        .ok_or(SettleError::Unknown)?;
    if order.wanted.seller != payment.seller {
        return Err(SettleError::Mismatch(Mismatch::Account));
    }
    let decision = decide(&order, session).map_err(SettleError::Mismatch)?;
    if let Occasion::Event(event) = occasion
        && store::note_event(tx, event, order_id, now).await? == 0
    {
        return Ok((Settled::unmoved(&order), false));
    }
    let after = apply(tx, state, &order, session, decision, now).await?;
    let followed = go_back(tx, state, &after, payment, now).await?;
    let moved = after.state != order.state || followed;
    let settled = Settled {
        moved,
        ..Settled::unmoved(&after)
    };
    let is_event = matches!(occasion, Occasion::Event(_));
    Ok((settled, moved || decision != Decision::Nothing || is_event))
}

/// The account to ask about a session: that of the message or list that names it, or of the order
/// that has noted it. What is of another account, Stripe does not show.
async fn seller_of(
    state: &AppState,
    session_id: &str,
    occasion: Occasion<'_>,
) -> Result<Option<ConnectedAccount>, SettleError> {
    match occasion {
        Occasion::Event(event) => {
            let account = event.account().map(ConnectedAccount::parse).transpose();
            account.map_err(|_| SettleError::Unknown)
        }
        Occasion::Listed(account) => Ok(account.cloned()),
        Occasion::Visit | Occasion::Doubt => {
            let mut conn = state.db.read().await?;
            Ok(store::seller_of_session(&mut conn, session_id).await?)
        }
    }
}

/// Refunds and disputes of a paid order, with a letter about each refund that begins.
async fn go_back(
    tx: &mut Conn,
    state: &AppState,
    order: &Order,
    payment: &Payment,
    now: Time,
) -> Result<bool, SettleError> {
    if order.paid_at.is_none() {
        return Ok(false);
    }
    let followed = returns::follow(tx, order, &payment.refunds, &payment.disputes, now).await?;
    let words = state.catalog.choose(&order.reader);
    for (name, minor) in &followed.begun {
        let amount = Money::new(*minor, order.wanted.price.currency());
        let letter = receipt::refund(&words, order, name, amount, &state.config.public_url)?;
        mail::queue(tx, &letter, now).await?;
    }
    Ok(followed.moved)
}

async fn apply(
    tx: &mut Conn,
    state: &AppState,
    order: &Order,
    session: &CheckoutSession,
    decision: Decision,
    now: Time,
) -> Result<Order, SettleError> {
    let after = match decision {
        Decision::Nothing => return Ok(order.clone()),
        Decision::Pay => return pay(tx, state, order, session, now).await,
        Decision::PostFee(settlement) => {
            post_fee(tx, order, settlement, now).await?;
            return Ok(order.clone());
        }
        Decision::Wait => OrderState::Pending,
        Decision::Close(end) => end,
    };
    store::set_state(tx, order.id, after).await?;
    Ok(Order {
        state: after,
        ..order.clone()
    })
}

/// The money came: state, books, library and receipt.
async fn pay(
    tx: &mut Conn,
    state: &AppState,
    order: &Order,
    session: &CheckoutSession,
    now: Time,
) -> Result<Order, SettleError> {
    let surplus = order.erased_at.is_some() || store::has_other_live_order(tx, order).await?;
    let after = if surplus {
        OrderState::Surplus
    } else {
        OrderState::Paid
    };
    let settlement = settlement(order, session);
    let paid = Order {
        state: after,
        paid_at: Some(now),
        fee_posted_at: settlement.map(|_| now),
        payment_intent: session.payment_intent.clone(),
        tax: session.tax.map_or(0, Money::minor),
        tax_rate: session.tax_rate,
        places: order.places.and_of(session),
        ..order.clone()
    };
    store::mark_paid(tx, &paid, session).await?;
    ledger::post(tx, &paid.terms().sale(settlement), now).await?;
    let (viewer, title) = (order.account, order.wanted.title);
    library::record(tx, viewer, title, order.id, paid.facts().right(), now).await?;
    if surplus {
        tracing::warn!(order = %order.id, "paid twice for one film, or by somebody who left; this payment goes back");
        returns::ask(tx, &paid, paid.left(), AskedBy::Store, now).await?;
        return Ok(paid);
    }
    let words = state.catalog.choose(&order.reader);
    let receipt = receipt::message(&words, &paid, &state.config.public_url)?;
    mail::queue(tx, &receipt, now).await?;
    Ok(paid)
}

async fn post_fee(
    tx: &mut Conn,
    order: &Order,
    settlement: Settlement,
    now: Time,
) -> Result<(), sqlx::Error> {
    let transfer = order.terms().provider_fee(settlement);
    ledger::post(tx, &transfer, now).await?;
    store::mark_fee_posted(tx, order.id, now).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_database_did_not_take_is_worth_another_try() {
        let database = || sqlx::Error::PoolTimedOut;
        for (error, is_passing) in [
            (SettleError::Database(database()), true),
            (SettleError::Ask(AskError::Database(database())), true),
            (SettleError::Ask(AskError::NotPaid), false),
            (SettleError::WrongMode, false),
        ] {
            assert_eq!(error.is_passing(), is_passing, "{error}");
        }
    }
}

//! Ask: write down a refund, then have Stripe make it.

use std::time::Duration;

use serde::Deserialize;
use serde::Serialize;

use crate::checkout::model::Order;
use crate::checkout::payment::Occasion;
use crate::checkout::settle::SettleError;
use crate::checkout::settle::settle;
use crate::checkout::store as orders;
use crate::kernel::Money;
use crate::kernel::Time;
use crate::kernel::ids::RefundId;
use crate::platform::AppState;
use crate::platform::db::Conn;
use crate::platform::jobs;
use crate::platform::jobs::JobResult;
use crate::platform::stripe::ConnectedAccount;
use crate::platform::stripe::NewRefund;
use crate::platform::stripe::RefundReason;
use crate::platform::stripe::StripeCallError;

use super::model::AskedBy;
use super::model::KnownRefund;
use super::model::RefundState;
use super::store;
use super::store::Wish;

/// A refund that waits longer than its job tries.
const LONG: Duration = Duration::from_secs(60 * 60);

/// The job that has a refund made.
pub(in crate::checkout) const SEND: &str = "checkout.refund";

/// The refund that a job is about.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(in crate::checkout) struct Asked {
    refund: RefundId,
}

/// Why a refund cannot be asked for; nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// There is no payment to give back.
    #[error("this order was not paid")]
    NotPaid,
    /// What went back already, or is contested, leaves less.
    #[error("only {left} of this payment can still be refunded")]
    TooMuch {
        /// What is left.
        left: Money,
    },
    /// The database did not take it.
    #[error("writing the refund")]
    Database(#[from] sqlx::Error),
}

/// Writes a refund down, in a transaction that holds the order's row, with the job that has it
/// made. What is contested, or asked for already, is not given back a second time.
pub(in crate::checkout) async fn ask(
    tx: &mut Conn,
    order: &Order,
    amount: Money,
    by: AskedBy,
    now: Time,
) -> Result<RefundId, AskError> {
    if order.paid_at.is_none() {
        return Err(AskError::NotPaid);
    }
    let known = store::refunds(tx, order.id).await?;
    let asked = known
        .iter()
        .filter(|refund| refund.state == RefundState::Requested);
    let asked: i64 = asked.map(|refund| refund.amount).sum();
    let left = order.left();
    let left = Money::new((left.minor() - asked).max(0), left.currency());
    if amount.currency() != left.currency() || !(1..=left.minor()).contains(&amount.minor()) {
        return Err(AskError::TooMuch { left });
    }
    let refund = KnownRefund {
        id: RefundId::new(now, &mut rand::rng()),
        provider_id: None,
        amount: amount.minor(),
        state: RefundState::Requested,
        out_booked: true, // there is nothing to book yet
        back_booked: true,
    };
    store::keep_refund(tx, order.id, &refund, by, now).await?;
    jobs::enqueue(tx, SEND, &Asked { refund: refund.id }, now, now).await?;
    Ok(refund.id)
}

/// Has a refund made. May run again at any time: its id is the key of the request. Stripe forgets
/// keys after a day, so of one that waited it is asked first whether it was made.
pub(in crate::checkout) async fn send(state: &AppState, asked: Asked) -> JobResult {
    send_by_id(state, asked.refund).await
}

/// Refunds of a seller that waited so long that their own job has given up: Stripe was away, or
/// did not take our key.
pub(in crate::checkout) async fn waiting(
    conn: &mut Conn,
    seller: Option<&ConnectedAccount>,
    now: Time,
    most: i64,
) -> Result<Vec<RefundId>, sqlx::Error> {
    store::waiting_refunds(conn, seller, now.before(LONG), most).await
}

/// As [`send`], for one of those.
pub(in crate::checkout) async fn send_by_id(state: &AppState, id: RefundId) -> JobResult {
    let Some((mut wish, order)) = read(state, id).await? else {
        return Ok(());
    };
    let (Some(payment), Some(session)) = (&order.payment_intent, &order.session_id) else {
        anyhow::bail!("a refund of an order without payment");
    };
    let is_old = state.now().since(wish.asked_at) > LONG;
    if is_old && wish.refund.state == RefundState::Requested {
        follow_up(state, session).await?;
        let again = read(state, id).await?;
        (wish, _) = again.ok_or_else(|| anyhow::anyhow!("a refund went away"))?;
    }
    if wish.refund.state == RefundState::Requested {
        let new = NewRefund {
            payment_intent: payment,
            amount: Money::new(wish.refund.amount, order.wanted.price.currency()),
            refund_id: &id.to_string(),
            reason: match wish.by {
                AskedBy::Store => RefundReason::Duplicate,
                _ => RefundReason::RequestedByCustomer,
            },
            refund_application_fee: order.application_fee().is_some(),
        };
        let stripe = state.stripe.acting_for(order.wanted.seller.as_ref());
        match stripe.create_refund(&new).await {
            Ok(_) => {}
            Err(StripeCallError::Refused { status, code }) => {
                tracing::error!(refund = %id, status, code, "a refund was refused");
                let mut tx = state.db.begin_write().await?;
                store::refuse_refund(&mut tx, id, state.now()).await?;
                return Ok(tx.commit().await?);
            }
            Err(error) => return Err(error.into()),
        }
    }
    follow_up(state, session).await
}

async fn read(state: &AppState, id: RefundId) -> anyhow::Result<Option<(Wish, Order)>> {
    let mut conn = state.db.read().await?;
    let Some(wish) = store::refund_by_id(&mut conn, id).await? else {
        return Ok(None);
    };
    let order = orders::order_by_id(&mut conn, wish.order).await?;
    let order = order.ok_or_else(|| anyhow::anyhow!("a refund without its order"))?;
    Ok(Some((wish, order)))
}

async fn follow_up(state: &AppState, session: &str) -> JobResult {
    match settle(state, session, Occasion::Doubt).await {
        // Nobody can ask any more, and asking again would not help.
        Ok(_) | Err(SettleError::CutOff) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

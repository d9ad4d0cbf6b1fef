//! Missed: payments whose refunds or disputes Stripe knows otherwise than we do.

use std::collections::BTreeSet;

use crate::kernel::Time;
use crate::platform::AppState;
use crate::platform::stripe::StripeCallError;
use crate::platform::stripe::StripeClient;

use super::model::DisputeState;
use super::model::RefundState;
use super::store;

/// Why a look failed; another may work.
#[derive(Debug, thiserror::Error)]
pub(in crate::checkout) enum MissedError {
    #[error("asking Stripe for refunds and disputes")]
    Stripe(#[source] StripeCallError),
    #[error("looking them up")]
    Database(#[from] sqlx::Error),
}

/// Payments (`pi_…`) of an account with a refund or dispute since a moment that we have not noted, or not as it
/// stands now: made in Stripe's dashboard or by a bank, and its message was lost.
pub(in crate::checkout) async fn missed(
    state: &AppState,
    stripe: &StripeClient,
    since: Time,
) -> Result<BTreeSet<String>, MissedError> {
    let mut payments = BTreeSet::new();
    for (payment, name, word) in told(stripe, since).await.map_err(MissedError::Stripe)? {
        let mut conn = state.db.read().await?;
        if !store::is_noted(&mut conn, &name, word).await? {
            payments.insert(payment);
        }
    }
    Ok(payments)
}

/// Payment, name and state of everything that Stripe lists.
async fn told(
    stripe: &StripeClient,
    since: Time,
) -> Result<Vec<(String, String, &'static str)>, StripeCallError> {
    let (mut told, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let page = stripe.refunds_since(since, cursor.as_deref()).await?;
        told.extend(page.items.into_iter().filter_map(|refund| {
            let word = RefundState::from(refund.status).word();
            Some((refund.payment_intent?, refund.id, word))
        }));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    cursor = None;
    loop {
        let page = stripe.disputes_since(since, cursor.as_deref()).await?;
        told.extend(page.items.into_iter().filter_map(|dispute| {
            let word = DisputeState::from(dispute.status).word();
            Some((dispute.payment_intent?, dispute.id, word))
        }));
        cursor = page.next;
        if cursor.is_none() {
            return Ok(told);
        }
    }
}

//! Walk: keep every new line of an account's balance and compare the orders it belongs to.

use std::collections::BTreeSet;

use crate::checkout::payment::Occasion;
use crate::checkout::settle::SettleError;
use crate::checkout::settle::settle;
use crate::checkout::store as orders;
use crate::kernel::Time;
use crate::kernel::ids::OrderId;
use crate::platform::AppState;
use crate::platform::stripe::ConnectedAccount;

use super::compare;
use super::store;

/// Reads the lines since a moment; `None` is the operator's own account. How many orders the books
/// and the provider do not agree about in the end.
pub(in crate::checkout) async fn walk(
    state: &AppState,
    seller: Option<&ConnectedAccount>,
    since: Time,
) -> Result<usize, SettleError> {
    let mut touched = keep_lines(state, seller, since).await?;
    touched.extend(store::differing(&mut *state.db.read().await?).await?);
    let mut differing = 0;
    for order in touched {
        differing += usize::from(compare_and_note(state, seller, order).await?);
    }
    Ok(differing)
}

async fn keep_lines(
    state: &AppState,
    seller: Option<&ConnectedAccount>,
    since: Time,
) -> Result<BTreeSet<OrderId>, SettleError> {
    let stripe = state.stripe.acting_for(seller);
    let account = orders::mark_name(seller);
    let (mut touched, mut cursor) = (BTreeSet::new(), None::<String>);
    loop {
        let page = stripe.balance_transactions_since(since, cursor.as_deref());
        let page = page.await.map_err(SettleError::Stripe)?;
        let mut tx = state.db.begin_write().await?;
        for line in &page.items {
            if store::keep(&mut tx, account, line).await? == 1
                && let Some(source) = &line.source
            {
                touched.extend(store::order_of_source(&mut tx, source).await?);
            }
        }
        tx.commit().await?;
        cursor = page.next;
        if cursor.is_none() {
            return Ok(touched);
        }
    }
}

/// Compares an order of the account and notes what differs; whether anything does.
async fn compare_and_note(
    state: &AppState,
    seller: Option<&ConnectedAccount>,
    id: OrderId,
) -> Result<bool, SettleError> {
    let order = orders::order_by_id(&mut *state.db.read().await?, id).await?;
    let Some(order) = order.filter(|order| order.wanted.seller.as_ref() == seller) else {
        return Ok(false);
    };
    let mut unequal = compare::order(&mut *state.db.read().await?, &order).await?;
    if let (false, Some(session)) = (unequal.is_empty(), &order.session_id) {
        settle(state, session, Occasion::Listed(seller)).await?;
        unequal = compare::order(&mut *state.db.read().await?, &order).await?;
    }
    let now = state.now();
    let mut tx = state.db.begin_write().await?;
    store::note_differences(&mut tx, id, &unequal, now).await?;
    tx.commit().await?;
    for (books, provider) in &unequal {
        tracing::error!(order = %id, %books, %provider, "books and provider differ");
    }
    Ok(!unequal.is_empty())
}

//! Walk: keep every new line of an account's balance and compare the orders it belongs to.

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

/// What a walk found out about orders.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::checkout) struct Walked {
    /// Orders about which books and provider do not agree in the end.
    pub(in crate::checkout) differing: usize,
    /// Orders that could not be compared; their lines wait for the next walk.
    pub(in crate::checkout) failed: usize,
}

/// Reads the lines since a moment; `None` is the operator's own account. A line counts as compared
/// once its order was, so a walk that is cut off loses none.
pub(in crate::checkout) async fn walk(
    state: &AppState,
    seller: Option<&ConnectedAccount>,
    since: Time,
) -> Result<Walked, SettleError> {
    keep_lines(state, seller, since).await?;
    let mut conn = state.db.read().await?;
    let mut touched = store::to_compare(&mut conn, orders::mark_name(seller), since).await?;
    for order in store::differing(&mut conn).await? {
        touched.entry(order).or_default();
    }
    drop(conn); // Stripe is slow, and connections are few
    let mut walked = Walked::default();
    for (order, lines) in touched {
        match compare_and_note(state, seller, order, &lines).await {
            Ok(differs) => walked.differing += usize::from(differs),
            Err(error) => {
                walked.failed += 1;
                let chain = anyhow::Error::from(error);
                tracing::error!(%order, "an order could not be held against the balance: {chain:#}");
            }
        }
    }
    Ok(walked)
}

async fn keep_lines(
    state: &AppState,
    seller: Option<&ConnectedAccount>,
    since: Time,
) -> Result<(), SettleError> {
    let stripe = state.stripe.acting_for(seller);
    let account = orders::mark_name(seller);
    let mut cursor = None::<String>;
    loop {
        let page = stripe.balance_transactions_since(since, cursor.as_deref());
        let page = page.await.map_err(SettleError::Stripe)?;
        let mut tx = state.db.begin_write().await?;
        for line in &page.items {
            store::keep(&mut tx, account, line).await?;
        }
        tx.commit().await?;
        cursor = page.next;
        if cursor.is_none() {
            return Ok(());
        }
    }
}

/// Compares an order of the account, notes what differs and that these lines were compared;
/// whether anything differs.
async fn compare_and_note(
    state: &AppState,
    seller: Option<&ConnectedAccount>,
    id: OrderId,
    lines: &[String],
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
    store::mark_compared(&mut tx, lines).await?;
    tx.commit().await?;
    for (books, provider) in &unequal {
        tracing::error!(order = %id, %books, %provider, "books and provider differ");
    }
    Ok(!unequal.is_empty())
}

//! Withdraw: a buyer without a session names order and address, and gets a link that works once.
//! The answer is the same for an order that does not exist.

use std::time::Duration;

use serde::Deserialize;
use serde::Serialize;

use crate::accounts::SecretToken;
use crate::accounts::TokenHash;
use crate::checkout::model::Order;
use crate::checkout::receipt;
use crate::checkout::store as orders;
use crate::kernel::ids::OrderId;
use crate::kernel::text::EmailAddress;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::platform::jobs;
use crate::platform::jobs::JobResult;
use crate::platform::limits::Limit;
use crate::platform::mail;
use crate::platform::web::ClientAddress;

use super::give_back::give_back_in;
use super::rights::Ground;
use super::rights::NoReturn;
use super::store;

/// The job that looks whether there is such an order. The request does not look, so its answer
/// and its time cannot tell.
pub(in crate::checkout) const ASKED: &str = "checkout.withdrawal_asked";
/// How long a link works.
const LINK_LIFE: Duration = Duration::from_secs(24 * 60 * 60);
const PER_NETWORK: Limit = Limit {
    name: "withdraw-network",
    most: 20,
    window: Duration::from_secs(3600),
};
const PER_ORDER: Limit = Limit {
    name: "withdraw-order",
    most: 3,
    window: Duration::from_secs(3600),
};

/// Payload of [`ASKED`].
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::checkout) struct Asked {
    order: String,
    email: String,
}

/// Takes note that somebody wants to withdraw.
pub(in crate::checkout) async fn ask_for_link(
    state: &AppState,
    order: &str,
    email: &EmailAddress,
    from: ClientAddress,
) -> AppResult<()> {
    let now = state.now();
    let mut tx = state.db.begin_write().await?;
    let counted = PER_NETWORK.count(&mut tx, &from.limit_key(), now).await;
    if counted.is_ok() {
        let asked = Asked {
            order: order.trim().to_owned(),
            email: email.to_string(),
        };
        jobs::enqueue(&mut tx, ASKED, &asked, now, now).await?;
    }
    tx.commit().await?;
    counted
}

/// Sends the link, if order and address belong together. Runs as a job.
pub(in crate::checkout) async fn send_link(state: &AppState, asked: Asked) -> JobResult {
    let (Ok(id), Ok(email)) = (
        asked.order.parse::<OrderId>(),
        EmailAddress::parse(&asked.email),
    ) else {
        return Ok(());
    };
    let now = state.now();
    let mut tx = state.db.begin_write().await?;
    store::forget_links(&mut tx, now).await?;
    let order = orders::order_by_id(&mut tx, id).await?;
    let theirs = order.filter(|order| order.email == email && order.paid_at.is_some());
    if let Some(order) = theirs
        && PER_ORDER.count(&mut tx, &asked.order, now).await.is_ok()
    {
        let token = SecretToken::new(&mut rand::rng());
        store::insert_link(&mut tx, &token.hash(), order.id, now.after(LINK_LIFE)).await?;
        let words = state.catalog.choose(&order.reader);
        let url = &state.config.public_url;
        let letter = receipt::withdrawal_link(&words, &order, &token, url)?;
        mail::queue(&mut tx, &letter, now).await?;
    }
    Ok(tx.commit().await?)
}

/// The order of a link that still works. Looking does not use it up: mail scanners open links.
pub(in crate::checkout) async fn order_of_link(
    state: &AppState,
    token: &str,
) -> AppResult<Option<Order>> {
    let mut conn = state.db.read().await?;
    let id = store::order_of_link(&mut conn, &TokenHash::of(token), state.now()).await?;
    match id {
        Some(id) => Ok(orders::order_by_id(&mut conn, id).await?),
        None => Ok(None),
    }
}

/// Withdraws for the holder of a link, which is used up if that works; `None` when it is over.
pub(in crate::checkout) async fn withdraw(
    state: &AppState,
    token: &str,
) -> AppResult<Option<Result<Ground, NoReturn>>> {
    let now = state.now();
    let mut tx = state.db.begin_write().await?;
    let Some(id) = store::take_link(&mut tx, &TokenHash::of(token), now).await? else {
        return Ok(None);
    };
    let answer = give_back_in(&mut tx, state, id, now).await?;
    if answer.is_ok() {
        tx.commit().await?;
    }
    Ok(Some(answer))
}

//! Give back: a viewer returns a film, by right or by the studio's terms.

use crate::catalog;
use crate::checkout::model::Order;
use crate::checkout::receipt;
use crate::checkout::store as orders;
use crate::kernel::Money;
use crate::kernel::Time;
use crate::kernel::ids::OrderId;
use crate::library;
use crate::platform::AppError;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::platform::db::Conn;
use crate::platform::mail;

use super::ask::AskError;
use super::ask::ask;
use super::model::AskedBy;
use super::rights::Ground;
use super::rights::NoReturn;
use super::rights::Situation;
use super::rights::may_return;
use super::store;

/// Whether an order's film may be given back now.
pub(in crate::checkout) async fn may_give_back(
    conn: &mut Conn,
    order: &Order,
    now: Time,
) -> Result<Result<Ground, NoReturn>, sqlx::Error> {
    let situation = situation(conn, order).await?;
    Ok(may_return(order, situation, now))
}

/// Has all that is left of a payment sent back to the viewer, if they may ask for it. A withdrawal
/// is noted and confirmed by mail.
pub(in crate::checkout) async fn give_back(
    state: &AppState,
    id: OrderId,
) -> AppResult<Result<Ground, NoReturn>> {
    let now = state.now();
    let mut tx = state.db.begin_write().await?;
    let answer = give_back_in(&mut tx, state, id, now).await?;
    if answer.is_ok() {
        tx.commit().await?;
    }
    Ok(answer)
}

/// The same in a transaction that the caller ends.
pub(super) async fn give_back_in(
    tx: &mut Conn,
    state: &AppState,
    id: OrderId,
    now: Time,
) -> AppResult<Result<Ground, NoReturn>> {
    let order = orders::lock(tx, id).await?.ok_or(AppError::NotFound)?;
    let situation = situation(tx, &order).await?;
    let ground = match may_return(&order, situation, now) {
        Ok(ground) => ground,
        Err(no) => return Ok(Err(no)),
    };
    let amount = Money::new(situation.left, order.wanted.price.currency());
    match ask(tx, &order, amount, AskedBy::Viewer, now).await {
        Ok(_) => {}
        Err(AskError::NotPaid) => return Ok(Err(NoReturn::NotPaid)),
        Err(AskError::TooMuch { .. }) => return Ok(Err(NoReturn::NothingLeft)),
        Err(AskError::Database(error)) => return Err(error.into()),
    }
    if ground == Ground::Withdrawal {
        store::note_withdrawal(tx, id, now).await?;
        let words = state.catalog.choose(&order.reader);
        let letter = receipt::withdrawal(&words, &order, now, &state.config.public_url)?;
        mail::queue(tx, &letter, now).await?;
    }
    Ok(Ok(ground))
}

async fn situation(conn: &mut Conn, order: &Order) -> Result<Situation, sqlx::Error> {
    let asked = store::requested(conn, order.id).await?;
    let title = catalog::title_by_id(conn, order.wanted.title).await?;
    let runtime = title.map_or(0, |title| title.details.runtime_minutes * 60);
    let viewings = library::viewings(conn, order.account, order.wanted.title).await?;
    // A film that was bought anew begins anew.
    let since = order.paid_at.unwrap_or(order.created_at);
    let of_this = viewings.iter().filter(|viewing| viewing.last_at >= since);
    Ok(Situation {
        left: (order.left().minor() - asked).max(0),
        watched_seconds: of_this.map(|viewing| viewing.watched_seconds).sum(),
        runtime_seconds: runtime,
    })
}

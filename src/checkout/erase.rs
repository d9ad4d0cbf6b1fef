//! Erase: the orders of somebody who left stay, because the law wants them kept, and say nothing of
//! them beyond that.

use crate::kernel::Time;
use crate::kernel::ids::AccountId;
use crate::kernel::text::EmailAddress;
use crate::library;
use crate::platform::db::Conn;

use super::returns;
use super::store;

/// Takes address and network address off the orders of a buyer and ends their rights, by the way
/// that every right ends: as a fact of its order. Money that still comes for one goes back, and what
/// goes back or is contested is entered as ever. The caller commits.
pub async fn erase_buyer(tx: &mut Conn, buyer: AccountId, now: Time) -> Result<(), sqlx::Error> {
    returns::forget_links_of(tx, buyer).await?;
    let nobody = EmailAddress::of_nobody(buyer);
    for order in store::erase_buyer(tx, buyer, &nobody, now).await? {
        let (title, right) = (order.wanted.title, order.facts().right());
        library::record(tx, buyer, title, order.id, right, now).await?;
    }
    Ok(())
}

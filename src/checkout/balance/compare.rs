//! Compare: what orders left in a balance, by our books and by the provider's lines.

use crate::checkout::model::Order;
use crate::kernel::Money;
use crate::ledger;
use crate::platform::db::Conn;

use super::model::unequal;
use super::store;

/// The currencies in which one order differs, with what the books and the provider say.
pub(super) async fn order(
    conn: &mut Conn,
    order: &Order,
) -> Result<Vec<(Money, Money)>, sqlx::Error> {
    let is_own = order.wanted.seller.is_none();
    let books = ledger::left_by(conn, order.id, is_own).await?;
    let provider = store::sums_of_order(conn, order.id).await?;
    Ok(unequal(&books, &provider))
}

/// Every order of which the provider's lines were read after its last transfer and say something
/// else, one sentence each.
pub(in crate::checkout) async fn audit(
    conn: &mut Conn,
    orders: &[Order],
) -> Result<Vec<String>, sqlx::Error> {
    let books = ledger::left_by_all(conn).await?;
    let provider = store::sums_of_all(conn).await?;
    let marks = store::marks(conn).await?;
    let mut faults = Vec::new();
    for order in orders {
        let (Some(lines), Some(left)) = (provider.get(&order.id), books.get(&order.id)) else {
            continue;
        };
        let account = crate::checkout::store::mark_name(order.wanted.seller.as_ref());
        if marks.get(account).is_none_or(|mark| *mark <= left.last) {
            continue; // the provider may know more than was read of it
        }
        for (ours, theirs) in unequal(&left.sums(order.wanted.seller.is_none()), lines) {
            faults.push(format!(
                "{} left {ours} by the books and {theirs} by the provider's",
                order.id
            ));
        }
    }
    Ok(faults)
}

//! Record: write down the right that follows from an order.

use crate::kernel::Time;
use crate::kernel::ids::AccountId;
use crate::kernel::ids::EntitlementId;
use crate::kernel::ids::OrderId;
use crate::kernel::ids::TitleId;
use crate::platform::db::Conn;

use super::model::Entitlement;
use super::model::Right;
use super::store;

/// Brings the library in line with an order, in the transaction that changed its facts. An order
/// that never gave a right leaves no row; one that did keeps its row, whatever happens.
pub async fn record(
    tx: &mut Conn,
    viewer: AccountId,
    title: TitleId,
    order: OrderId,
    right: Right,
    now: Time,
) -> Result<(), sqlx::Error> {
    let Some((standing, granted_at)) = right.standing() else {
        return Ok(());
    };
    let id = EntitlementId::new(now, &mut rand::rng());
    let entitlement = Entitlement {
        viewer,
        title,
        order,
        standing,
        granted_at,
    };
    store::upsert(tx, id, &entitlement, now).await
}

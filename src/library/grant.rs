//! Grant: write down the right that follows from an order.

use crate::kernel::ids::EntitlementId;
use crate::platform::db::Conn;

use super::model::Entitlement;
use super::store;

/// Adds a film to a library, in the transaction that makes the order paid. Whether a row was
/// written: the same order, or the same film, is not granted twice.
pub async fn grant(tx: &mut Conn, entitlement: &Entitlement) -> Result<bool, sqlx::Error> {
    let id = EntitlementId::new(entitlement.granted_at, &mut rand::rng());
    Ok(store::insert(tx, id, entitlement).await? == 1)
}

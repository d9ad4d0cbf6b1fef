//! Terms: up to which share of a film its studio takes it back.

use crate::kernel::BasisPoints;
use crate::kernel::ids::StudioId;
use crate::platform::db::Conn;

use super::rights::usual_share;
use super::store;

/// The share of a film up to which it may be given back, for orders made now.
pub async fn refund_terms(conn: &mut Conn, studio: StudioId) -> Result<BasisPoints, sqlx::Error> {
    Ok(store::terms(conn, studio)
        .await?
        .unwrap_or_else(usual_share))
}

/// Sets that share for orders from now on.
pub async fn set_refund_terms(
    tx: &mut Conn,
    studio: StudioId,
    share: BasisPoints,
) -> Result<(), sqlx::Error> {
    store::set_terms(tx, studio, share).await
}

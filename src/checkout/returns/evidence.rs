//! Evidence as it is kept: written before it is sent, and never changed then.

use crate::checkout::evidence::Pack;
use crate::kernel::Time;
use crate::kernel::ids::DisputeId;
use crate::platform::AppError;
use crate::platform::AppResult;
use crate::platform::db::Conn;

use super::store;

/// Keeps the evidence about a dispute, unless some was kept before; what is kept.
pub(in crate::checkout) async fn keep_evidence(
    tx: &mut Conn,
    dispute: DisputeId,
    fresh: &Pack,
    now: Time,
) -> AppResult<Pack> {
    let text = serde_json::to_string(fresh).map_err(AppError::internal)?;
    store::insert_evidence(tx, dispute, &text, now).await?;
    let kept = store::evidence(tx, dispute).await?;
    serde_json::from_str(&kept).map_err(AppError::internal)
}

/// Notes that the bank has it.
pub(in crate::checkout) async fn mark_submitted(
    tx: &mut Conn,
    dispute: DisputeId,
    now: Time,
) -> Result<(), sqlx::Error> {
    store::mark_submitted(tx, dispute, now).await
}

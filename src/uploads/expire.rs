//! Throwing away what was left alone, so that its room is free again.

use crate::kernel::Time;
use crate::kernel::ids::UploadId;
use crate::platform::AppState;
use crate::uploads::error::TusError;
use crate::uploads::model::Upload;
use crate::uploads::store;
use crate::uploads::terminate;

/// Removes expired uploads and files that no upload knows; how many uploads were removed. One
/// that a request writes to stays, since every checkpoint moves its expiry on.
pub(super) async fn expire(state: &AppState, now: Time) -> Result<usize, TusError> {
    let expired: Vec<Upload> = {
        let mut conn = state.db.read().await?;
        store::expired_uploads(&mut conn, now).await?
    };
    let mut removed = 0;
    for upload in expired {
        if terminate::remove(state, &upload).await? {
            tracing::info!(upload = %upload.id, bytes = upload.offset, "removed an expired upload");
            removed += 1;
        }
    }
    remove_strays(state).await?;
    Ok(removed)
}

/// Removes incoming files without an upload: their row was removed just before a crash. A file
/// is looked at before its row, and rows come before files, so a new upload is never hit.
async fn remove_strays(state: &AppState) -> Result<(), TusError> {
    for id in state.blobs.incoming_uploads()? {
        if is_stray(state, id).await? {
            tracing::warn!(upload = %id, "removed an incoming file that belongs to no upload");
            std::fs::remove_file(state.blobs.incoming(id))?;
        }
    }
    Ok(())
}

async fn is_stray(state: &AppState, id: UploadId) -> Result<bool, TusError> {
    let mut conn = state.db.read().await?;
    Ok(store::upload_by_id(&mut conn, id).await?.is_none())
}

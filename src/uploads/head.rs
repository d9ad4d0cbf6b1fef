//! Asking how far an upload is. Whoever asks is about to go on, so a request that still holds the
//! upload, perhaps on a connection that died unnoticed, saves what it has and steps aside first.

use std::time::Duration;

use crate::kernel::ids::StudioId;
use crate::kernel::ids::UploadId;
use crate::platform::AppState;
use crate::uploads::error::TusError;
use crate::uploads::model::Upload;
use crate::uploads::store;
use crate::uploads::writers::Writers;

/// How long the answer waits for a writer; the offset is right in any case, only lower.
const PATIENCE: Duration = Duration::from_millis(800);

/// The upload as it stands once nobody writes to it.
pub(super) async fn head(
    state: &AppState,
    writers: &Writers,
    studio: StudioId,
    id: UploadId,
) -> Result<Upload, TusError> {
    read(state, studio, id).await?; // a stranger must not be able to interrupt anything
    writers.step_aside(id, PATIENCE).await;
    let upload = read(state, studio, id).await?;
    upload.is_alive(state.now())?;
    Ok(upload)
}

/// The upload as it stands, disturbing nobody: for pages that show how far it is.
pub(super) async fn read(
    state: &AppState,
    studio: StudioId,
    id: UploadId,
) -> Result<Upload, TusError> {
    let mut conn = state.db.read().await?;
    store::upload_of_studio(&mut conn, studio, id)
        .await?
        .ok_or(TusError::NotFound)
}

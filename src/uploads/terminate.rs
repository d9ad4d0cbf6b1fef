//! Throwing an upload away at the studio's wish.

use crate::kernel::ids::StudioId;
use crate::kernel::ids::UploadId;
use crate::platform::AppState;
use crate::uploads::error::TusError;
use crate::uploads::head;
use crate::uploads::model::Upload;
use crate::uploads::store;
use crate::uploads::writers;
use crate::uploads::writers::Writers;

/// Removes an unfinished upload, its bytes and its key.
pub(super) async fn terminate(
    state: &AppState,
    writers: &Writers,
    studio: StudioId,
    id: UploadId,
) -> Result<(), TusError> {
    head::read(state, studio, id).await?.may_be_terminated()?;
    let _turn = writers.take_over(id).await?;
    let upload = head::read(state, studio, id).await?;
    upload.may_be_terminated()?;
    if !remove(state, &upload).await? {
        return Err(TusError::Busy);
    }
    Ok(())
}

/// Removes row, key and file of an unfinished upload, unless a process writes to it or it has
/// moved since it was read. The row goes first: a file without a row is garbage that the next
/// sweep finds, a row without its file would promise bytes that are gone.
pub(super) async fn remove(state: &AppState, upload: &Upload) -> Result<bool, TusError> {
    let (incoming, sealed) = (
        state.blobs.incoming(upload.id),
        state.blobs.sealed(upload.container),
    );
    let held = match writers::open_existing(&incoming)? {
        Some(file) => match writers::lock(file) {
            Ok(file) => Some(file),
            Err(TusError::Busy) => return Ok(false),
            Err(error) => return Err(error),
        },
        None => None,
    };
    let mut tx = state.db.begin_write().await?;
    if store::delete(&mut tx, upload).await? == 0 {
        return Ok(false);
    }
    tx.commit().await?;
    for path in [incoming, sealed] {
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {} // a sealed one is there if a crash fell between moving and finishing
        }
    }
    drop(held);
    Ok(true)
}

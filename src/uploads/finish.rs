//! Finishing: the root of the stored bytes must be the one that the studio sealed.
//!
//! Every step may be repeated. The file is moved to its final place first and the state changes
//! after, in one transaction with the job that inspects the film; a crash between the two leaves
//! an upload that is still receiving and whose bytes are found where they belong.

use std::fs::File;

use serde::Deserialize;
use serde::Serialize;
use tokio::task::spawn_blocking;

use crate::kernel::ids::StudioId;
use crate::kernel::ids::UploadId;
use crate::platform::AppError;
use crate::platform::AppState;
use crate::platform::jobs;
use crate::sealed::Root;
use crate::sealed::RootError;
use crate::sealed::root_of;
use crate::uploads::error::TusError;
use crate::uploads::head;
use crate::uploads::model::Upload;
use crate::uploads::model::UploadState;
use crate::uploads::store;
use crate::uploads::writers;
use crate::uploads::writers::Writers;

/// The kind of the job that inspects a finished film; `packaging` does it.
pub const FINISHED_JOB: &str = "packaging.inspect";

/// Payload of [`FINISHED_JOB`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Finished {
    /// The upload that was finished.
    pub upload: UploadId,
}

const WRONG_ROOT: TusError = TusError::WrongRoot(
    "The stored bytes are not the ones that were sealed, so the film cannot be used. \
     Upload it again from the start.",
);

/// Checks the stored bytes against the studio's root, and makes them a container for good.
///
/// A long film takes minutes to read, and a proxy may give up on the answer sooner. So the work is
/// a task of its own, which goes on to its end; whoever asks again meanwhile is told to wait.
pub(super) async fn finish(
    state: &AppState,
    writers: &Writers,
    studio: StudioId,
    id: UploadId,
    root: Root,
) -> Result<Upload, TusError> {
    head::read(state, studio, id).await?;
    let turn = writers.enter(id).await?;
    let state = state.clone();
    tokio::spawn(async move {
        let _turn = turn;
        compare_and_keep(&state, studio, id, root).await
    })
    .await?
}

async fn compare_and_keep(
    state: &AppState,
    studio: StudioId,
    id: UploadId,
    root: Root,
) -> Result<Upload, TusError> {
    let upload = head::read(state, studio, id).await?;
    if upload.state == UploadState::Finished {
        return if upload.root == Some(root) {
            Ok(upload)
        } else {
            Err(WRONG_ROOT)
        };
    }
    upload.is_alive(state.now())?;
    if !upload.is_complete() {
        return Err(TusError::Conflict(
            "Not all bytes of the film have arrived yet.",
        ));
    }
    let (_held, stored) = stored_root(state, &upload).await?;
    if stored != Some(root) {
        return refuse(state, &upload).await;
    }
    let (blobs, container) = (state.blobs.clone(), upload.container);
    spawn_blocking(move || blobs.adopt(id, container)).await??;
    note_finished(state, &upload, root).await?;
    Ok(Upload {
        state: UploadState::Finished,
        root: Some(root),
        ..upload
    })
}

/// The root of the bytes that are here, and the lock on their file. `None` if their number is not
/// even right.
async fn stored_root(state: &AppState, upload: &Upload) -> Result<(File, Option<Root>), TusError> {
    let (blobs, upload) = (state.blobs.clone(), upload.clone());
    let work = move || {
        let file = match writers::open_existing(&blobs.incoming(upload.id))? {
            Some(file) => file,
            None => File::open(blobs.sealed(upload.container))?, // moved before a crash
        };
        let file = writers::lock(file)?;
        match root_of(&file, upload.container, upload.plaintext_length) {
            Ok(root) => Ok((file, Some(root))),
            Err(RootError::WrongLength | RootError::Layout(_)) => Ok((file, None)),
            Err(RootError::Read(error)) => Err(TusError::from(error)),
        }
    };
    spawn_blocking(work).await?
}

async fn refuse(state: &AppState, upload: &Upload) -> Result<Upload, TusError> {
    let mut tx = state.db.begin_write().await?;
    store::mark_refused(&mut tx, upload.id).await?;
    tx.commit().await?;
    tracing::warn!(upload = %upload.id, "the stored bytes do not have the root that was sealed");
    Err(WRONG_ROOT)
}

async fn note_finished(state: &AppState, upload: &Upload, root: Root) -> Result<(), TusError> {
    let now = state.now();
    let mut tx = state.db.begin_write().await?;
    if store::mark_finished(&mut tx, upload.id, root, now).await? == 0 {
        return Err(AppError::internal("the upload changed while it was being finished").into());
    }
    let (key, payload) = (
        format!("{FINISHED_JOB}:{}", upload.id),
        Finished { upload: upload.id },
    );
    jobs::enqueue_once(&mut tx, FINISHED_JOB, &key, &payload, now, now).await?;
    tx.commit().await?;
    Ok(())
}

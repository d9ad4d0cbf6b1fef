//! Appending: the bytes of one request. The offset in the database moves only behind a sync, so
//! whatever breaks, it is the truth.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::body::BodyDataStream;
use futures_util::StreamExt;
use tokio::time::sleep_until;
use tokio::time::timeout;

use crate::kernel::ids::StudioId;
use crate::kernel::ids::UploadId;
use crate::platform::AppState;
use crate::uploads::checksum::Checksum;
use crate::uploads::error::TusError;
use crate::uploads::intake::Intake;
use crate::uploads::model::Upload;
use crate::uploads::store;
use crate::uploads::writers::Turn;
use crate::uploads::writers::Writers;
use crate::uploads::writers::open_locked;

/// How long a body may stand still.
const IDLE: Duration = Duration::from_secs(30);

/// A request to append.
pub(super) struct Append {
    /// The studio that asks.
    pub(super) studio: StudioId,
    /// The upload.
    pub(super) upload: UploadId,
    /// Where the client believes it stands.
    pub(super) offset: u64,
    /// How many bytes come, if the client said so.
    pub(super) length: Option<u64>,
    /// What the bytes must hash to.
    pub(super) checksum: Option<Checksum>,
}

/// Appends what a request brings and returns the upload as it then stands.
///
/// The work is a task of its own: when the connection breaks, the server drops the request, and
/// what had arrived would be lost with it.
pub(super) async fn append(
    state: &AppState,
    writers: &Writers,
    request: Append,
    body: Body,
) -> Result<Upload, TusError> {
    find(state, &request)
        .await?
        .admit(request.offset, request.length, state.now())?;
    let turn = writers.enter(request.upload).await?;
    let state = state.clone();
    tokio::spawn(async move { append_in_turn(&state, &turn, request, body).await }).await?
}

async fn append_in_turn(
    state: &AppState,
    turn: &Turn,
    request: Append,
    body: Body,
) -> Result<Upload, TusError> {
    let path = state.blobs.incoming(request.upload);
    if find(state, &request).await?.is_complete() {
        return admitted(state, &request).await; // with an empty body, as nothing else fits
    }
    let file = tokio::task::spawn_blocking(move || open_locked(&path)).await??;
    let upload = match admitted(state, &request).await {
        Ok(upload) => upload, // read again under the lock: another process may have moved it
        Err(TusError::NotFound) => {
            let _ = std::fs::remove_file(state.blobs.incoming(request.upload)); // made just now
            return Err(TusError::NotFound);
        }
        Err(refused) => return Err(refused),
    };
    let mut intake = Intake::open(state.clone(), Arc::new(file), &upload, request.checksum).await?;
    let ending = receive(&mut intake, turn, body.into_data_stream()).await;
    let (offset, expires_at) = intake.conclude(ending).await?;
    Ok(Upload {
        offset,
        expires_at,
        ..upload
    })
}

async fn find(state: &AppState, request: &Append) -> Result<Upload, TusError> {
    let mut conn = state.db.read().await?;
    let found = store::upload_of_studio(&mut conn, request.studio, request.upload).await?;
    found.ok_or(TusError::NotFound)
}

async fn admitted(state: &AppState, request: &Append) -> Result<Upload, TusError> {
    let upload = find(state, request).await?;
    upload.admit(request.offset, request.length, state.now())?;
    Ok(upload)
}

/// Takes bytes until the body ends, or something else ends it.
async fn receive(
    intake: &mut Intake,
    turn: &Turn,
    mut body: BodyDataStream,
) -> Result<(), TusError> {
    loop {
        let next = tokio::select! {
            biased;
            () = turn.asked_to_leave() => return Err(TusError::TakenOver),
            () = sleep_until(intake.next_checkpoint()) => {
                intake.checkpoint().await?;
                continue;
            }
            next = timeout(IDLE, body.next()) => next,
        };
        match next {
            Ok(Some(Ok(bytes))) => {
                turn.heard();
                intake.take(&bytes).await?;
            }
            Ok(Some(Err(_))) => return Err(TusError::Broken),
            Ok(None) => return Ok(()),
            Err(_) => return Err(TusError::Idle),
        }
    }
}

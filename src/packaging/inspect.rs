//! The job that looks at a finished upload: opens every segment in memory, reads the film's
//! headers and notes what browsers will make of it. It may run again at any time.

use std::fs::File;
use std::io;

use tokio::task::spawn_blocking;

use crate::packaging::model::Film;
use crate::packaging::model::RenditionState;
use crate::packaging::probe;
use crate::packaging::probe::ProbeError;
use crate::packaging::store;
use crate::packaging::verdict;
use crate::platform::AppState;
use crate::platform::jobs::JobResult;
use crate::sealed::ContainerId;
use crate::sealed::Dek;
use crate::sealed::Layout;
use crate::sealed::OpenError;
use crate::sealed::Opener;
use crate::uploads;
use crate::uploads::Finished;
use crate::uploads::Upload;

const DAMAGED: &str = "The sealed film does not open with the key it came with. Upload it again \
                       from the start.";

/// Looks at one upload.
pub(super) async fn inspect(state: &AppState, job: Finished) -> JobResult {
    let Some(upload) = begin(state, &job).await? else {
        return Ok(());
    };
    let dek = {
        let mut conn = state.db.read().await?;
        uploads::open_dek(&mut conn, &state.keyring, upload.container).await?
    };
    let (container, layout) = (upload.container, upload.layout());
    let file = File::open(state.blobs.sealed(container))?;
    let verdict = spawn_blocking(move || look(file, &dek, container, layout)).await??;
    let now = state.now();
    let mut tx = state.db.begin_write().await?;
    match &verdict {
        Ok(film) => store::note_playable(&mut tx, container, film, now).await?,
        Err(reason) => store::note_refused(&mut tx, container, reason, now).await?,
    };
    tx.commit().await?;
    let verdict = verdict.as_ref().map(|film| film.mime.as_str());
    tracing::info!(upload = %upload.id, %container, ?verdict, "a film was looked at");
    Ok(())
}

/// The upload, if it still wants to be looked at.
async fn begin(state: &AppState, job: &Finished) -> anyhow::Result<Option<Upload>> {
    let mut tx = state.db.begin_write().await?;
    let Some(upload) = uploads::upload_by_id(&mut tx, job.upload).await? else {
        return Ok(None);
    };
    let Some(root) = upload.root else {
        return Ok(None);
    };
    store::begin(&mut tx, &upload, root, state.now()).await?;
    let rendition = store::rendition_by_container(&mut tx, upload.container).await?;
    tx.commit().await?;
    let waiting = rendition.is_some_and(|found| found.state == RenditionState::Checking);
    Ok(waiting.then_some(upload))
}

/// Opens every segment, then reads the headers. Outer errors are ours and worth another try; the
/// inner one is the film's.
fn look(
    file: File,
    dek: &Dek,
    container: ContainerId,
    layout: Layout,
) -> anyhow::Result<Result<Film, String>> {
    let open = || Opener::with_layout(&file, dek.clone(), container, layout);
    match open().and_then(|mut opener| authenticate(&mut opener)) {
        Ok(()) => {}
        Err(OpenError::Read(error) | OpenError::Write(error)) => return Err(error.into()),
        Err(OpenError::Damaged | OpenError::UnknownVersion | OpenError::Truncated) => {
            return Ok(Err(DAMAGED.to_owned()));
        }
    }
    match probe::probe(open()?.into_reader(), layout.plaintext_len()) {
        Ok(found) => Ok(verdict::judge(found)),
        Err(ProbeError::Refused(reason)) => Ok(Err(reason)),
        Err(ProbeError::Read(error)) => Err(error.into()),
    }
}

fn authenticate(opener: &mut Opener<&File>) -> Result<(), OpenError> {
    let whole = 0..opener.layout().plaintext_len();
    opener.copy_range(whole, &mut io::sink())
}

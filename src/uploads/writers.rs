//! One writer per upload. Within the process a table of places, so that a request that holds one
//! for nothing (its connection is half open) can be asked to save and leave; between processes a
//! lock on the file itself, which the system drops when a process dies.

use std::collections::HashMap;
use std::fs::File;
use std::fs::OpenOptions;
use std::fs::TryLockError;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::kernel::ids::UploadId;
use crate::uploads::error::TusError;

/// How long a writer may hear nothing before another request may take its place.
const STUCK_AFTER: Duration = Duration::from_secs(2);
/// How long a request waits for the writer that it asked to leave.
const LEAVING: Duration = Duration::from_secs(5);

/// The writers of this process.
#[derive(Clone, Default)]
pub(super) struct Writers(Arc<Mutex<HashMap<UploadId, Arc<Place>>>>);

struct Place {
    leave: CancellationToken,
    left: CancellationToken,
    heard: Mutex<Instant>,
}

/// The right to write to one upload; ends when dropped.
pub(super) struct Turn {
    writers: Writers,
    upload: UploadId,
    place: Arc<Place>,
}

impl Writers {
    /// Takes the place of an upload. A writer that hears nothing any more is asked to leave first;
    /// one that is at work keeps its place, and the caller is told so.
    pub(super) async fn enter(&self, upload: UploadId) -> Result<Turn, TusError> {
        match self.try_enter(upload) {
            Ok(turn) => return Ok(turn),
            Err(place) if place.silent_for() < STUCK_AFTER => return Err(TusError::Busy),
            Err(place) => place.ask_to_leave(LEAVING).await,
        }
        self.try_enter(upload).map_err(|_| TusError::Busy)
    }

    /// Takes the place of an upload, asking whoever holds it to leave, at work or not.
    pub(super) async fn take_over(&self, upload: UploadId) -> Result<Turn, TusError> {
        self.step_aside(upload, LEAVING).await;
        self.try_enter(upload).map_err(|_| TusError::Busy)
    }

    /// Asks the writer of an upload, if there is one, to save and leave; waits for it a while.
    pub(super) async fn step_aside(&self, upload: UploadId, wait: Duration) {
        let place = self.table().get(&upload).cloned();
        if let Some(place) = place {
            place.ask_to_leave(wait).await;
        }
    }

    fn try_enter(&self, upload: UploadId) -> Result<Turn, Arc<Place>> {
        let mut table = self.table();
        if let Some(place) = table.get(&upload) {
            return Err(Arc::clone(place));
        }
        let place = Arc::new(Place {
            leave: CancellationToken::new(),
            left: CancellationToken::new(),
            heard: Mutex::new(Instant::now()),
        });
        table.insert(upload, Arc::clone(&place));
        Ok(Turn {
            writers: self.clone(),
            upload,
            place,
        })
    }

    fn table(&self) -> MutexGuard<'_, HashMap<UploadId, Arc<Place>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    fn silent_for(&self) -> Duration {
        self.heard
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .elapsed()
    }

    async fn ask_to_leave(&self, wait: Duration) {
        self.leave.cancel();
        let _ = tokio::time::timeout(wait, self.left.cancelled()).await; // late is seen by the caller
    }
}

impl Turn {
    /// Ends when another request asked for the upload.
    pub(super) async fn asked_to_leave(&self) {
        self.place.leave.cancelled().await;
    }

    /// Notes that bytes are coming in.
    pub(super) fn heard(&self) {
        *self
            .place
            .heard
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.writers.table().remove(&self.upload);
        self.place.left.cancel();
    }
}

/// Opens a file for one writer of any process; the lock goes with the file. Makes the file when
/// it is missing.
pub(super) fn open_locked(path: &Path) -> Result<File, TusError> {
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)?;
    lock(file)
}

/// Takes the lock of a file that exists.
pub(super) fn lock(file: File) -> Result<File, TusError> {
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(TusError::Busy),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// Opens a file that exists; `None` when it does not.
pub(super) fn open_existing(path: &Path) -> io::Result<Option<File>> {
    match OpenOptions::new().read(true).write(true).open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::uploads::model::tests::sample;

    #[tokio::test]
    async fn a_writer_at_work_keeps_its_place_and_a_stuck_one_is_asked_to_leave() {
        let (writers, upload) = (Writers::default(), sample().id);
        let turn = writers.enter(upload).await.unwrap();
        assert!(matches!(writers.enter(upload).await, Err(TusError::Busy)));
        *turn.place.heard.lock().unwrap() = Instant::now().checked_sub(STUCK_AFTER).unwrap();
        let leaver = tokio::spawn(async move {
            turn.asked_to_leave().await;
            drop(turn);
        });
        assert!(writers.enter(upload).await.is_ok());
        leaver.await.unwrap();
    }

    #[tokio::test]
    async fn a_writer_that_does_not_leave_keeps_its_place_and_nobody_waits_long() {
        let (writers, upload) = (Writers::default(), sample().id);
        let _turn = writers.enter(upload).await.unwrap();
        writers.step_aside(upload, Duration::from_millis(10)).await;
        assert!(matches!(writers.enter(upload).await, Err(TusError::Busy)));
    }

    #[test]
    fn a_file_has_one_writer_even_between_processes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("upload");
        let first = open_locked(&path).unwrap();
        assert!(matches!(open_locked(&path), Err(TusError::Busy)));
        drop(first);
        assert!(open_locked(&path).is_ok());
    }
}

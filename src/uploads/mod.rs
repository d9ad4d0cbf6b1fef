//! Uploads: a sealed film on its way from the studio, over the tus protocol, version 1.0.0.
//!
//! Invariants
//! - An acknowledged byte is on disk: the offset in the database moves only behind an `fdatasync`,
//!   and an answer comes only after that is committed. Whatever breaks, the offset is the truth.
//! - One writer per upload. Whoever asks for the offset makes a stuck writer save and step aside.
//! - Room for all of a film is reserved when its upload is created.
//! - The film key arrives wrapped to the store's ingest key and is stored wrapped by the newest
//!   key-encryption key; its commitment is checked at every unwrap.
//! - A finished upload has the root that the studio sealed, and its container never changes.
//!
//! Files are named in the protocol's words. A film that is here is handed to `packaging` by a job.

mod append;
mod checksum;
mod creation;
mod error;
mod expire;
mod finish;
mod head;
mod intake;
mod keys;
mod metadata;
mod model;
mod routes;
mod scrub;
mod store;
mod terminate;
mod writers;

use std::time::Duration;

use axum::Router;

use crate::platform::AppState;
use crate::platform::jobs::Runner;

pub use error::TusError;
pub use finish::FINISHED_JOB;
pub use finish::Finished;
pub use keys::KeyFault;
pub use keys::open_dek;
pub use model::FilmKey;
pub use model::Upload;
pub use model::UploadKind;
pub use model::UploadState;
pub use scrub::scrub;
pub use store::latest_upload_of_title;
pub use store::upload_by_container;
pub use store::upload_by_id;

/// The kind of the job that throws away what was left alone.
const EXPIRE_JOB: &str = "uploads.expire";
/// How often it looks.
const EXPIRE_EVERY: Duration = Duration::from_secs(3600);

/// The routes of the slice.
pub fn router() -> Router<AppState> {
    routes::router()
}

/// The background work of the slice.
pub fn register(runner: &mut Runner, state: &AppState) {
    let state = state.clone();
    runner.every(EXPIRE_JOB, EXPIRE_EVERY, move || {
        let state = state.clone();
        async move {
            expire::expire(&state, state.now()).await?;
            Ok(())
        }
    });
}

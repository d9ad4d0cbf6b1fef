//! Packaging: from a finished upload to a film that browsers can play, or the reason why not.
//!
//! Invariants
//! - Plaintext is held in memory one segment at a time; it never touches the disk.
//! - Every byte of a film was opened and authenticated before it becomes playable.
//! - A refusal is one sentence that says what is wrong and what to do; the upload is kept.
//! - Jobs may run twice; a verdict is noted once.

mod inspect;
mod model;
mod probe;
mod store;
mod verdict;

use crate::platform::AppState;
use crate::platform::jobs::Runner;
use crate::uploads;

pub use crate::uploads::KeyFault;
pub use crate::uploads::open_dek;
pub use model::Codec;
pub use model::Film;
pub use model::Rendition;
pub use model::RenditionState;
pub use model::Track;
pub use model::TrackKind;
pub use store::latest_rendition_of;
pub use store::playable_rendition_of;
pub use store::rendition_by_container;

/// The background work of the slice.
pub fn register(runner: &mut Runner, state: &AppState) {
    let state = state.clone();
    runner.on(uploads::FINISHED_JOB, move |job| {
        let state = state.clone();
        async move { inspect::inspect(&state, job).await }
    });
}

//! Watching: the page, the keys on loan, the bytes, and where somebody stopped.
//!
//! Invariants:
//! - Keys, opened bytes and the watch page are given only after [`library::check`] in the same
//!   request; a lease is asked again at every beat, so a lost right ends within one beat.
//! - A browser gets period keys only, wrapped to its own key; the film key stays here.
//! - Ciphertext is given to whoever holds a ticket: signed, for one container and lease, minutes
//!   long. It is worth nothing without keys.
//! - Opened bytes exist in memory only, one answer's window at a time.
//!
//! ```text
//! POST   /leases              {edition, public_key, container, periods}      → 201, a loan
//! POST   /leases/{id}/beat    {position_seconds, periods}                    → 200, a loan
//! DELETE /leases/{id}                                                        → 204
//! GET    /containers/{id}?ticket=…      ciphertext, ranges
//! GET    /media/{container}/{file}      opened bytes, ranges: where no worker can open them
//! a loan: {lease, expires_at, server_public_key, plaintext_length, url, url_expires_at,
//!          keys: [{period, prefix, nonce, wrapped}]}
//! ```
//!
//! [`library::check`]: crate::library::check

mod device;
mod lend;
mod loan;
mod media;
mod model;
mod ranged;
mod routes;
mod store;
mod views;

use std::time::Duration;

use axum::Router;

use crate::kernel::ids::AccountId;
use crate::library;
use crate::platform::AppState;
use crate::platform::db::Conn;
use crate::platform::jobs::Runner;

pub use model::Position;
pub use store::positions_of;

/// The routes of watching.
pub fn router() -> Router<AppState> {
    routes::router()
}

/// The route of sealed bytes, which needs a ticket and no session.
pub fn sealed_router() -> Router<AppState> {
    routes::sealed_router()
}

/// Ends the leases of a viewer and forgets where they stopped. Keys that are out already are worth
/// nothing after their next beat.
pub async fn forget_viewer(tx: &mut Conn, viewer: AccountId) -> Result<(), sqlx::Error> {
    store::delete_of_viewer(tx, viewer).await
}

/// The background work of this slice.
pub fn register(runner: &mut Runner, state: &AppState) {
    let state = state.clone();
    runner.every("playback.sweep", Duration::from_secs(3600), move || {
        let state = state.clone();
        async move {
            let mut tx = state.db.begin_write().await?;
            store::delete_expired(&mut tx, state.now()).await?;
            library::forget_viewings(&mut tx, state.now()).await?;
            tx.commit().await?;
            Ok(())
        }
    });
}

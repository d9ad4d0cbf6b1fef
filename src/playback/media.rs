//! The two ways bytes of a film leave the store: sealed, to whoever holds a ticket, and opened in
//! memory, to a session that holds a lease.

use std::io;

use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream;

use crate::accounts::SignedIn;
use crate::kernel::Time;
use crate::kernel::range::ByteRange;
use crate::library;
use crate::packaging;
use crate::packaging::Rendition;
use crate::packaging::RenditionState;
use crate::platform::AppError;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::platform::db::Conn;
use crate::platform::web::CachePolicy;
use crate::playback::ranged::Representation;
use crate::playback::store;
use crate::sealed::ContainerId;
use crate::sealed::OpenError;
use crate::sealed::Opener;
use crate::sealed::Ticket;

/// Plaintext opened at once for a reader: four segments, so a slow one holds little memory.
const WINDOW: u64 = 4 * 65_520;
/// After this much of one answer the right and the lease are asked about again.
const TRUST: u64 = 32 * 1024 * 1024;

/// Sealed bytes of a container, mapped: nothing is copied, and nothing is asked of the database.
pub(super) fn sealed(
    state: &AppState,
    container: ContainerId,
    ticket: &str,
    request: &HeaderMap,
) -> AppResult<Response> {
    let verified = Ticket::verify(ticket, &state.keyring.ticket_keys(), state.now().millis());
    if !verified.is_ok_and(|ticket| ticket.container == container) {
        return Ok(ticket_expired());
    }
    let bytes = match state.blobs.map(container) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(AppError::NotFound);
        }
        mapped => mapped?,
    };
    let total = bytes.len() as u64;
    let film = Representation {
        total,
        etag: &format!("\"{container}\""),
        content_type: "application/octet-stream",
        cache: CachePolicy::Forever.value(),
    };
    Ok(film.answer(request, |range| Body::from(slice(&bytes, range))))
}

fn slice(bytes: &Bytes, range: ByteRange) -> Bytes {
    let at = |offset: u64| usize::try_from(offset).expect("inside a mapping, so it fits");
    bytes.slice(at(range.first())..at(range.end()))
}

/// A link that is over: the browser asks for a new one with its next beat.
fn ticket_expired() -> Response {
    let body = serde_json::json!({
        "error": "ticket_expired", "message": "This link is over. Ask for a new one.",
    });
    (StatusCode::FORBIDDEN, axum::Json(body)).into_response()
}

/// Opened bytes of a film, for players that no service worker serves.
pub(super) async fn opened(
    state: &AppState,
    viewer: SignedIn,
    container: ContainerId,
    request: &HeaderMap,
) -> AppResult<Response> {
    let mut conn = state.db.read().await?;
    let rendition = packaging::rendition_by_container(&mut conn, container).await?;
    let rendition = rendition.ok_or(AppError::NotFound)?;
    let RenditionState::Playable(film) = &rendition.state else {
        return Err(AppError::NotFound);
    };
    if !is_watching(&mut conn, &viewer, &rendition, state.now()).await? {
        return Err(AppError::Forbidden("error-open-the-films-page-to"));
    }
    let dek = packaging::open_dek(&mut conn, &state.keyring, container)
        .await
        .map_err(|error| AppError::Internal(error.into()))?;
    drop(conn);
    let opener = Opener::new(state.blobs.map(container)?, dek, container)
        .map_err(|error| AppError::Internal(error.into()))?;
    let answer = Representation {
        total: rendition.plaintext_length,
        etag: &format!("\"{container}-opened\""),
        content_type: film.mime.split(';').next().unwrap_or("video/mp4"),
        cache: HeaderValue::from_static("no-store"),
    };
    let state = state.clone();
    Ok(answer.answer(request, |range| {
        let showing = Showing {
            state,
            viewer,
            opener,
            at: range.first(),
            end: range.end(),
            trusted_to: range.first().saturating_add(TRUST),
            fault: None,
            rendition: rendition.clone(),
        };
        Body::from_stream(stream::try_unfold(showing, Showing::step))
    }))
}

/// Whether a viewer has the right to a film and a lease of it, now.
async fn is_watching(
    conn: &mut Conn,
    viewer: &SignedIn,
    film: &Rendition,
    now: Time,
) -> Result<bool, sqlx::Error> {
    let right = library::check(conn, viewer, film.title_id, now).await?;
    Ok(right.is_ok() && store::holds_lease(conn, viewer.account_id(), film.container, now).await?)
}

/// An answer with opened bytes: whose it is, and how far it went.
struct Showing {
    state: AppState,
    viewer: SignedIn,
    rendition: Rendition,
    opener: Opener<Bytes>,
    at: u64,
    end: u64,
    trusted_to: u64,
    fault: Option<OpenError>,
}

impl Showing {
    /// Opens the next window, when the reader has taken the last one. A segment that fails its
    /// check ends the answer after the last good byte.
    async fn step(mut self) -> io::Result<Option<(Bytes, Self)>> {
        if let Some(fault) = self.fault.take() {
            tracing::error!(container = %self.rendition.container, "opening a film: {fault}");
            tokio::task::yield_now().await; // lets what is good go out before the line is cut
            return Err(fault.into());
        }
        if self.at >= self.end {
            return Ok(None);
        }
        if self.at >= self.trusted_to {
            self.trust_again().await?;
        }
        let (window, showing) = tokio::task::spawn_blocking(move || self.open_window()).await?;
        Ok(Some((window, showing)))
    }

    /// Whoever may not watch any more gets no more, also within one long answer.
    async fn trust_again(&mut self) -> io::Result<()> {
        let (state, film) = (&self.state, &self.rendition);
        let asked = async {
            let mut conn = state.db.read().await?;
            is_watching(&mut conn, &self.viewer, film, state.now()).await
        };
        if !asked.await.map_err(io::Error::other)? {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        self.trusted_to = self.at.saturating_add(TRUST);
        Ok(())
    }

    /// The next window, as far as it is good.
    fn open_window(mut self) -> (Bytes, Self) {
        let end = (self.at + WINDOW).min(self.end);
        let mut window = Vec::with_capacity(usize::try_from(end - self.at).unwrap_or(0));
        self.fault = self.opener.copy_range(self.at..end, &mut window).err();
        self.at = end;
        (Bytes::from(window), self)
    }
}

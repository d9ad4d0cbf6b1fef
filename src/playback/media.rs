//! The two ways bytes of a film leave the store: sealed, to whoever holds a ticket, and opened in
//! memory, to a session that holds a lease.

use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::response::Response;
use bytes::Bytes;
use futures_util::stream;

use crate::accounts::SignedIn;
use crate::kernel::range::ByteRange;
use crate::library;
use crate::packaging;
use crate::packaging::RenditionState;
use crate::platform::AppError;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::platform::web::CachePolicy;
use crate::playback::ranged::Representation;
use crate::playback::store;
use crate::sealed::ContainerId;
use crate::sealed::OpenError;
use crate::sealed::Opener;
use crate::sealed::Ticket;

/// Plaintext opened at once for a reader: four segments, so a slow one holds little memory.
const WINDOW: u64 = 4 * 65_520;

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
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
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
    viewer: &SignedIn,
    container: ContainerId,
    request: &HeaderMap,
) -> AppResult<Response> {
    let now = state.now();
    let mut conn = state.db.read().await?;
    let rendition = packaging::rendition_by_container(&mut conn, container).await?;
    let rendition = rendition.ok_or(AppError::NotFound)?;
    let right = library::check(&mut conn, viewer, rendition.title_id, now).await?;
    let RenditionState::Playable(film) = &rendition.state else {
        return Err(AppError::NotFound);
    };
    if right.is_err() || !store::holds_lease(&mut conn, viewer.account_id(), container, now).await?
    {
        return Err(AppError::Forbidden("Open the film's page to watch it."));
    }
    let dek = packaging::open_dek(&mut conn, &state.keyring, container)
        .await
        .map_err(|error| AppError::Internal(error.into()))?;
    drop(conn);
    let opener = Opener::new(state.blobs.map(container)?, dek, container)
        .map_err(|error| AppError::Internal(error.into()))?;
    let content_type = film.mime.split(';').next().unwrap_or("video/mp4");
    let answer = Representation {
        total: rendition.plaintext_length,
        etag: &format!("\"{container}-opened\""),
        content_type,
        cache: HeaderValue::from_static("no-store"),
    };
    Ok(answer.answer(request, |range| Body::from_stream(windows(opener, range))))
}

/// Opens a range window by window, as fast as the reader takes them. A segment that fails its
/// check ends the answer after the last good byte.
fn windows(
    opener: Opener<Bytes>,
    range: ByteRange,
) -> impl futures_util::Stream<Item = Result<Bytes, OpenError>> {
    stream::try_unfold(
        (opener, range.first()),
        move |(mut opener, at)| async move {
            if at >= range.end() {
                return Ok(None);
            }
            let end = (at + WINDOW).min(range.end());
            let mut window = Vec::with_capacity(usize::try_from(end - at).unwrap_or(0));
            opener.copy_range(at..end, &mut window)?;
            Ok(Some((Bytes::from(window), (opener, end))))
        },
    )
}

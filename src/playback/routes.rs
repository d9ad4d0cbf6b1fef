//! Addresses of watching.

use axum::Json;
use axum::Router;
use axum::extract::Path;
use axum::extract::Query;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Redirect;
use axum::response::Response;
use axum::routing::get;
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use uuid::Uuid;

use crate::accounts::SignedIn;
use crate::catalog;
use crate::catalog::TitleState;
use crate::kernel::Note;
use crate::kernel::text::Slug;
use crate::library;
use crate::packaging;
use crate::packaging::RenditionState;
use crate::platform::AppError;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::platform::web::ClientAddress;
use crate::platform::web::Page;
use crate::playback::device;
use crate::playback::lend;
use crate::playback::lend::NoLoan;
use crate::playback::lend::Wish;
use crate::playback::media;
use crate::playback::store;
use crate::playback::views::WatchFilm;
use crate::sealed::ContainerId;

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/leases", post(create))
        .route("/leases/{id}", axum::routing::delete(end))
        .route("/leases/{id}/beat", post(beat))
        .route("/media/{container}/{file}", get(opened))
        .route("/watch/{slug}", get(watch))
}

/// The sealed bytes: a film is a thousand requests, and none of them asks who is signed in.
pub(super) fn sealed_router() -> Router<AppState> {
    Router::new().route("/containers/{id}", get(sealed))
}

#[derive(Deserialize)]
struct NewLease {
    edition: String,
    public_key: String,
    container: ContainerId,
    periods: Vec<u32>,
}

#[derive(Deserialize)]
struct Beat {
    position_seconds: Option<i64>,
    #[serde(default)]
    periods: Vec<u32>,
}

#[derive(Deserialize)]
struct TicketQuery {
    #[serde(default)]
    ticket: String,
}

async fn create(
    State(state): State<AppState>,
    viewer: SignedIn,
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    body: Result<Json<NewLease>, JsonRejection>,
) -> Result<Response, NoLoan> {
    let Json(asked) = body.map_err(malformed)?;
    let agent = headers
        .get(header::USER_AGENT)
        .and_then(|agent| agent.to_str().ok());
    let wish = Wish {
        edition: Slug::parse(&asked.edition).map_err(|_| AppError::NotFound)?,
        public_key: URL_SAFE_NO_PAD
            .decode(asked.public_key.trim_end_matches('='))
            .map_err(|_| AppError::Invalid("error-the-public-key-is-not".into()))?,
        container: asked.container,
        periods: asked.periods,
        device: device::device_of(agent.unwrap_or("")),
        address: address.to_string(),
    };
    let loan = lend::take(&state, &viewer, wish).await?;
    Ok((StatusCode::CREATED, never_stored(), Json(loan)).into_response())
}

async fn beat(
    State(state): State<AppState>,
    viewer: SignedIn,
    Path(id): Path<Uuid>,
    body: Result<Json<Beat>, JsonRejection>,
) -> Result<Response, NoLoan> {
    let Json(asked) = body.map_err(malformed)?;
    let loan = lend::beat(&state, &viewer, id, asked.position_seconds, &asked.periods).await?;
    Ok((never_stored(), Json(loan)).into_response())
}

async fn end(
    State(state): State<AppState>,
    viewer: SignedIn,
    Path(id): Path<Uuid>,
) -> AppResult<StatusCode> {
    lend::give_back(&state, &viewer, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn sealed(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Query(query): Query<TicketQuery>,
    headers: HeaderMap,
) -> AppResult<Response> {
    let container = id.parse().map_err(|_| AppError::NotFound)?;
    media::sealed(&state, container, &query.ticket, &headers)
}

async fn opened(
    State(state): State<AppState>,
    viewer: SignedIn,
    Path((container, _file)): Path<(String, String)>,
    headers: HeaderMap,
) -> AppResult<Response> {
    let container = container.parse().map_err(|_| AppError::NotFound)?;
    media::opened(&state, viewer, container, &headers).await
}

/// The watch page. Whoever has no right is led to the film's page, where it can be bought.
async fn watch(
    page: Page,
    State(state): State<AppState>,
    viewer: SignedIn,
    Path(slug): Path<String>,
) -> AppResult<Response> {
    let slug = Slug::parse(&slug).map_err(|_| AppError::NotFound)?;
    let mut conn = state.db.read().await?;
    let title = catalog::title_by_slug(&mut conn, &slug).await?;
    let title = title
        .filter(|title| title.state != TitleState::Draft)
        .ok_or(AppError::NotFound)?;
    if library::check(&mut conn, &viewer, title.id, state.now())
        .await?
        .is_err()
    {
        let on_sale = title.state == TitleState::Published;
        let film = Redirect::to(&format!("/films/{slug}")).into_response();
        return if on_sale {
            Ok(film)
        } else {
            Err(AppError::NotFound)
        };
    }
    let container = title.film.ok_or(AppError::NotFound)?;
    let rendition = packaging::rendition_by_container(&mut conn, container).await?;
    let rendition = rendition.ok_or(AppError::NotFound)?;
    let RenditionState::Playable(film) = &rendition.state else {
        return Err(AppError::NotFound);
    };
    let position = store::position(&mut conn, viewer.account_id(), title.id).await?;
    let view = WatchFilm::new(page, &title, &rendition, film, position);
    Ok((never_stored(), askama_web::WebTemplate(view)).into_response())
}

const fn never_stored() -> [(header::HeaderName, axum::http::HeaderValue); 1] {
    [(
        header::CACHE_CONTROL,
        axum::http::HeaderValue::from_static("no-store"),
    )]
}

fn malformed(rejection: JsonRejection) -> AppError {
    AppError::Invalid(Note::new("error-the-request-is-not-as").with("why", rejection.to_string()))
}

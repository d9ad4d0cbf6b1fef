//! `/healthz` (the process lives), `/readyz` (its parts answer), `/metrics` (numbers).

use axum::Router;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusHandle;

use crate::platform::AppError;
use crate::platform::AppState;
use crate::platform::jobs;
use crate::platform::web::ClientAddress;

/// What proxies say about those they ask for.
const FORWARDED: [&str; 3] = ["forwarded", "via", "x-forwarded-for"];

/// The three routes; `metrics` renders what was counted.
pub fn router(metrics: PrometheusHandle) -> Router<AppState> {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route(
            "/metrics",
            get(move |who, headers, state| render(who, headers, state, metrics.clone())),
        )
}

async fn ready(State(state): State<AppState>) -> Response {
    let database = state.db.answers().await;
    let blobs = state.blobs.answers();
    let status = if database && blobs {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let word = |fine| if fine { "ok" } else { "down" };
    let body = serde_json::json!({ "database": word(database), "blobs": word(blobs) });
    (status, axum::Json(body)).into_response()
}

/// Numbers are for the machine itself only; elsewhere, and for what a proxy on this machine brings
/// from elsewhere, the page does not exist.
async fn render(
    client: ClientAddress,
    headers: HeaderMap,
    State(state): State<AppState>,
    metrics: PrometheusHandle,
) -> Result<impl IntoResponse, AppError> {
    let is_brought = FORWARDED.iter().any(|name| headers.contains_key(*name));
    if is_brought || !client.0.to_canonical().is_loopback() {
        return Err(AppError::NotFound);
    }
    let backlog = jobs::backlog(&mut *state.db.read().await?).await?;
    let text = format!(
        "{}# TYPE matinee_jobs_waiting gauge\nmatinee_jobs_waiting {}\n\
         # TYPE matinee_jobs_failing gauge\nmatinee_jobs_failing {}\n\
         # TYPE matinee_jobs_failed gauge\nmatinee_jobs_failed {}\n",
        metrics.render(),
        backlog.waiting,
        backlog.failing,
        backlog.failed
    );
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], text))
}

//! Addresses of the operator.

use std::time::Duration;

use axum::Router;
use axum::extract::Form;
use axum::extract::Path;
use axum::extract::Query;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::response::Redirect;
use axum::response::Response;
use axum::routing::get;
use axum::routing::post;
use serde::Deserialize;
use tower_http::timeout::TimeoutLayer;

use crate::accounts::Operator;
use crate::checkout;
use crate::checkout::Order;
use crate::pages::back_office::views::Office;
use crate::pages::back_office::views::ShowOfficeOrder;
use crate::pages::order_desk;
use crate::pages::order_desk::Desk;
use crate::pages::order_desk::EvidenceFields;
use crate::pages::order_desk::RefundFields;
use crate::pages::order_desk::Role;
use crate::platform::AppError;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::platform::web::Page;

/// Long enough for Stripe to be tried three times.
const TIMEOUT: Duration = Duration::from_secs(40);
/// Orders shown at once; a search finds the others.
const MOST: i64 = 100;

/// The routes of the back office; one waits for Stripe, with a time-out of its own.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/operator", get(office))
        .route("/operator/orders/{id}", get(show))
        .route("/operator/orders/{id}/refund", post(refund))
        .route("/operator/orders/{id}/evidence", post(submit))
        .route("/operator/orders/{id}/evidence.txt", get(evidence))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            TIMEOUT,
        ))
}

#[derive(Default, Deserialize)]
struct Search {
    #[serde(default)]
    q: String,
}

async fn office(
    State(state): State<AppState>,
    page: Page,
    _: Operator,
    Query(Search { q }): Query<Search>,
) -> AppResult<Office> {
    let mut conn = state.db.read().await?;
    Ok(Office {
        page,
        runs: checkout::reconcile_runs(&mut conn).await?,
        marks: checkout::reconcile_marks(&mut conn).await?,
        differences: checkout::differences(&mut conn).await?,
        orders: checkout::orders_found(&mut conn, None, &q, MOST).await?,
        query: q,
    })
}

/// Any order; only an operator comes here.
async fn any(state: &AppState, id: &str) -> AppResult<Order> {
    let id = id.parse().map_err(|_| AppError::NotFound)?;
    let order = checkout::order_by_id(&mut *state.db.read().await?, id).await?;
    order.ok_or(AppError::NotFound)
}

async fn show(
    State(state): State<AppState>,
    page: Page,
    _: Operator,
    Path(id): Path<String>,
) -> AppResult<ShowOfficeOrder> {
    let order = any(&state, &id).await?;
    let desk = Desk::of(&state, order, Role::Operator).await?;
    Ok(ShowOfficeOrder { page, desk })
}

fn answer(page: Page, done: Result<Redirect, Desk>) -> Response {
    match done {
        Ok(back) => back.into_response(),
        Err(desk) => {
            let view = ShowOfficeOrder { page, desk };
            (StatusCode::UNPROCESSABLE_ENTITY, view).into_response()
        }
    }
}

async fn refund(
    State(state): State<AppState>,
    page: Page,
    _: Operator,
    Path(id): Path<String>,
    Form(fields): Form<RefundFields>,
) -> AppResult<Response> {
    let order = any(&state, &id).await?;
    let done = order_desk::send_back(&state, order, Role::Operator, fields).await?;
    Ok(answer(page, done))
}

async fn submit(
    State(state): State<AppState>,
    page: Page,
    _: Operator,
    Path(id): Path<String>,
    Form(fields): Form<EvidenceFields>,
) -> AppResult<Response> {
    let order = any(&state, &id).await?;
    let done = order_desk::hand_in(&state, order, Role::Operator, fields).await?;
    Ok(answer(page, done))
}

async fn evidence(
    State(state): State<AppState>,
    _: Operator,
    Path(id): Path<String>,
) -> AppResult<Response> {
    let order = any(&state, &id).await?;
    order_desk::evidence_file(&state, &order).await
}

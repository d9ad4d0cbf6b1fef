//! The studio's orders: the list, one of them, refunds, evidence, and the terms for giving back.

use std::time::Duration;

use askama::Template;
use askama_web::WebTemplate;
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

use crate::checkout;
use crate::checkout::Invoicing;
use crate::checkout::Order;
use crate::invoices::AskStudio;
use crate::invoices::BuyerFields;
use crate::kernel::BasisPoints;
use crate::pages::order_desk;
use crate::pages::order_desk::Desk;
use crate::pages::order_desk::EvidenceFields;
use crate::pages::order_desk::RefundFields;
use crate::pages::order_desk::Role;
use crate::platform::AppError;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::platform::web::FormErrors;
use crate::platform::web::Page;
use crate::studios::StudioPerson;

/// Long enough for Stripe to be tried three times.
const TIMEOUT: Duration = Duration::from_secs(40);
/// Orders shown at once; a search finds the others.
const MOST: i64 = 100;

/// The routes about orders; one waits for Stripe, with a time-out of its own.
pub fn orders_router() -> Router<AppState> {
    Router::new()
        .route("/studio/orders", get(list).post(set_terms))
        .route("/studio/orders/{id}", get(show))
        .route("/studio/orders/{id}/invoice", get(show_invoice).post(issue))
        .route("/studio/orders/{id}/refund", post(refund))
        .route("/studio/orders/{id}/evidence", post(submit))
        .route("/studio/orders/{id}/evidence.txt", get(evidence))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            TIMEOUT,
        ))
}

#[derive(Template, WebTemplate)]
#[template(path = "studio_portal/orders.html")]
struct ListOrders {
    page: Page,
    orders: Vec<Order>,
    query: String,
    errors: FormErrors,
    /// Up to which share of a film it is taken back, in percent, as typed or as it is.
    share: String,
}

impl ListOrders {
    fn words_of(&self, order: &Order) -> &'static str {
        order_desk::order_words(order)
    }
}

#[derive(Template, WebTemplate)]
#[template(path = "studio_portal/order.html")]
struct ShowStudioOrder {
    page: Page,
    desk: Desk,
}

#[derive(Default, Deserialize)]
struct Search {
    #[serde(default)]
    q: String,
}

#[derive(Deserialize)]
struct TermsFields {
    #[serde(default)]
    share: String,
}

async fn listed(
    state: &AppState,
    page: Page,
    person: &StudioPerson,
    query: String,
) -> AppResult<ListOrders> {
    let studio = person.studio().id;
    let mut conn = state.db.read().await?;
    let share = checkout::refund_terms(&mut conn, studio).await?;
    Ok(ListOrders {
        page,
        orders: checkout::orders_found(&mut conn, Some(studio), &query, MOST).await?,
        query,
        errors: FormErrors::new(),
        share: (share.points() / 100).to_string(),
    })
}

async fn list(
    State(state): State<AppState>,
    page: Page,
    person: StudioPerson,
    Query(Search { q }): Query<Search>,
) -> AppResult<ListOrders> {
    listed(&state, page, &person, q).await
}

/// A whole number of percent, as it was typed.
fn parse_share(text: &str) -> Option<BasisPoints> {
    let percent: u16 = text.trim().trim_end_matches('%').trim().parse().ok()?;
    BasisPoints::new(percent.checked_mul(100)?)
}

async fn set_terms(
    State(state): State<AppState>,
    page: Page,
    person: StudioPerson,
    Form(TermsFields { share }): Form<TermsFields>,
) -> AppResult<Response> {
    let Some(points) = parse_share(&share) else {
        let view = ListOrders {
            errors: FormErrors::one("share", "desk-share-fault"),
            share,
            ..listed(&state, page, &person, String::new()).await?
        };
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, view).into_response());
    };
    let mut tx = state.db.begin_write().await?;
    checkout::set_refund_terms(&mut tx, person.studio().id, points).await?;
    tx.commit().await?;
    Ok(Redirect::to("/studio/orders").into_response())
}

/// The order of this number, if the studio sold it.
async fn own(state: &AppState, person: &StudioPerson, id: &str) -> AppResult<Order> {
    let id = id.parse().map_err(|_| AppError::NotFound)?;
    let order = checkout::order_by_id(&mut *state.db.read().await?, id).await?;
    let own = order.filter(|order| order.wanted.studio == person.studio().id);
    own.ok_or(AppError::NotFound)
}

async fn show(
    State(state): State<AppState>,
    page: Page,
    person: StudioPerson,
    Path(id): Path<String>,
) -> AppResult<ShowStudioOrder> {
    let order = own(&state, &person, &id).await?;
    let desk = Desk::of(&state, order, Role::Studio).await?;
    Ok(ShowStudioOrder { page, desk })
}

fn answer(page: Page, done: Result<Redirect, Desk>) -> Response {
    match done {
        Ok(back) => back.into_response(),
        Err(desk) => {
            let view = ShowStudioOrder { page, desk };
            (StatusCode::UNPROCESSABLE_ENTITY, view).into_response()
        }
    }
}

async fn refund(
    State(state): State<AppState>,
    page: Page,
    person: StudioPerson,
    Path(id): Path<String>,
    Form(fields): Form<RefundFields>,
) -> AppResult<Response> {
    let order = own(&state, &person, &id).await?;
    let done = order_desk::send_back(&state, order, Role::Studio, fields).await?;
    Ok(answer(page, done))
}

async fn submit(
    State(state): State<AppState>,
    page: Page,
    person: StudioPerson,
    Path(id): Path<String>,
    Form(fields): Form<EvidenceFields>,
) -> AppResult<Response> {
    let order = own(&state, &person, &id).await?;
    let done = order_desk::hand_in(&state, order, Role::Studio, fields).await?;
    Ok(answer(page, done))
}

async fn show_invoice(
    State(state): State<AppState>,
    page: Page,
    person: StudioPerson,
    Path(id): Path<String>,
) -> AppResult<Response> {
    let order = own(&state, &person, &id).await?;
    let fields = checkout::known_buyer(&order, "");
    let found = checkout::invoicing(&state, &page, &order, fields, FormErrors::new()).await?;
    Ok(invoice_page(page, found))
}

fn invoice_page(page: Page, found: Invoicing) -> Response {
    match found {
        Invoicing::Ask(ask) => AskStudio::new(page, *ask).into_response(),
        Invoicing::Issued(invoice, _) => {
            Redirect::to(&format!("/studio/invoices/{}", invoice.id)).into_response()
        }
    }
}

async fn issue(
    State(state): State<AppState>,
    page: Page,
    person: StudioPerson,
    Path(id): Path<String>,
    Form(fields): Form<BuyerFields>,
) -> AppResult<Response> {
    let order = own(&state, &person, &id).await?;
    let (status, errors) = match fields.parse() {
        Ok(buyer) => match checkout::issue_invoice(&state, order.id, &buyer).await? {
            Some(issued) => {
                let to = format!("/studio/invoices/{}", issued.id);
                return Ok(Redirect::to(&to).into_response());
            }
            None => (StatusCode::CONFLICT, FormErrors::new()),
        },
        Err(errors) => (StatusCode::UNPROCESSABLE_ENTITY, errors),
    };
    let found = checkout::invoicing(&state, &page, &order, fields, errors).await?;
    Ok((status, invoice_page(page, found)).into_response())
}

async fn evidence(
    State(state): State<AppState>,
    person: StudioPerson,
    Path(id): Path<String>,
) -> AppResult<Response> {
    let order = own(&state, &person, &id).await?;
    order_desk::evidence_file(&state, &order).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_a_whole_number_of_percent() {
        for (text, points) in [
            ("10", Some(1_000)),
            (" 0 % ", Some(0)),
            ("100", Some(10_000)),
            ("101", None),
            ("-1", None),
            ("1.5", None),
            ("", None),
        ] {
            assert_eq!(parse_share(text).map(BasisPoints::points), points, "{text}");
        }
    }
}

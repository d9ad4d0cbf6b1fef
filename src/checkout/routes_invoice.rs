//! Handlers of an order's invoice and credit notes, for who bought.

use axum::Form;
use axum::Router;
use axum::extract::Path;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::response::Redirect;
use axum::response::Response;
use axum::routing::get;

use super::invoice::Invoicing;
use super::invoice::invoicing;
use super::invoice::issue_invoice;
use super::invoice::known_buyer;
use super::model::Order;
use super::routes::named;
use crate::accounts::SignedIn;
use crate::invoices;
use crate::invoices::AskBuyer;
use crate::invoices::BuyerFields;
use crate::invoices::Issued;
use crate::invoices::Kind;
use crate::invoices::ShowToBuyer;
use crate::platform::AppError;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::platform::web::FormErrors;
use crate::platform::web::Page;

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/orders/{id}/invoice", get(show).post(issue))
        .route("/orders/{id}/invoice.pdf", get(invoice_pdf))
        .route("/orders/{id}/credit-notes/{file}", get(credit_note))
}

async fn show(
    State(state): State<AppState>,
    viewer: SignedIn,
    page: Page,
    Path(id): Path<String>,
) -> AppResult<Response> {
    let order = named(&state, &id, &viewer).await?;
    let fields = known_buyer(&order, viewer.name().as_str());
    let found = invoicing(&state, &page, &order, fields, FormErrors::new()).await?;
    Ok(answer(&state, page, found))
}

fn answer(state: &AppState, page: Page, found: Invoicing) -> Response {
    match found {
        Invoicing::Ask(ask) => AskBuyer::new(page, *ask).into_response(),
        Invoicing::Issued(invoice, all) => {
            let words = state.catalog.choose(&invoice.document.reader);
            ShowToBuyer::new(page, &words, &invoice, &all).into_response()
        }
    }
}

async fn issue(
    State(state): State<AppState>,
    viewer: SignedIn,
    page: Page,
    Path(id): Path<String>,
    Form(fields): Form<BuyerFields>,
) -> AppResult<Response> {
    let order = named(&state, &id, &viewer).await?;
    let buyer = match fields.parse() {
        Ok(buyer) => buyer,
        Err(errors) => {
            let found = invoicing(&state, &page, &order, fields, errors).await?;
            return Ok((
                StatusCode::UNPROCESSABLE_ENTITY,
                answer(&state, page, found),
            )
                .into_response());
        }
    };
    if issue_invoice(&state, order.id, &buyer).await?.is_none() {
        let found = invoicing(&state, &page, &order, fields, FormErrors::new()).await?;
        return Ok((StatusCode::CONFLICT, answer(&state, page, found)).into_response());
    }
    Ok(Redirect::to(&format!("/orders/{}/invoice", order.id)).into_response())
}

async fn documents(state: &AppState, order: &Order) -> AppResult<Vec<Issued>> {
    let mut conn = state.db.read().await?;
    Ok(invoices::documents_of_order(&mut conn, order.id).await?)
}

async fn invoice_pdf(
    State(state): State<AppState>,
    viewer: SignedIn,
    Path(id): Path<String>,
) -> AppResult<Response> {
    let order = named(&state, &id, &viewer).await?;
    let documents = documents(&state, &order).await?;
    let mut documents = documents.iter();
    let invoice = documents.find(|one| one.document.kind == Kind::Invoice);
    invoices::pdf(&state, invoice.ok_or(AppError::NotFound)?)
}

async fn credit_note(
    State(state): State<AppState>,
    viewer: SignedIn,
    page: Page,
    Path((id, file)): Path<(String, String)>,
) -> AppResult<Response> {
    let order = named(&state, &id, &viewer).await?;
    let (name, is_pdf) = invoices::split(&file);
    let documents = documents(&state, &order).await?;
    let is_it = |one: &&Issued| one.document.kind != Kind::Invoice && one.id.to_string() == name;
    let found = documents.iter().find(is_it).ok_or(AppError::NotFound)?;
    if is_pdf {
        return invoices::pdf(&state, found);
    }
    let words = state.catalog.choose(&found.document.reader);
    Ok(ShowToBuyer::new(page, &words, found, &documents).into_response())
}

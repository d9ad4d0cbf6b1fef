//! Handlers for studios: what their invoices say of them, the documents of a year, one of them.

use axum::Router;
use axum::extract::Form;
use axum::extract::Path;
use axum::extract::Query;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Redirect;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use super::csv;
use super::form::SellerFields;
use super::model::Issued;
use super::model::year_of;
use super::paper::Sheet;
use super::store;
use super::views::List;
use super::views::ShowSeller;
use super::views::ShowToStudio;
use crate::platform::AppError;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::platform::web::FormErrors;
use crate::platform::web::Page;
use crate::studios;
use crate::studios::StudioMember;
use crate::studios::StudioPerson;

const DETAILS: &str = "/studio/payments/invoices";

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route(
            "/studio/payments/invoices",
            get(show_seller).post(set_seller),
        )
        .route("/studio/invoices", get(list))
        .route("/studio/invoices.csv", get(list_csv))
        .route("/studio/invoices/{file}", get(show))
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Saved {
    saved: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Year {
    year: Option<i64>,
}

async fn show_seller(
    State(state): State<AppState>,
    page: Page,
    member: StudioMember,
    Query(Saved { saved }): Query<Saved>,
) -> AppResult<ShowSeller> {
    let seller = store::seller(&mut *state.db.read().await?, member.studio().id).await?;
    let known = SellerFields {
        name: member.studio().name.to_string(),
        ..SellerFields::default()
    };
    Ok(ShowSeller {
        countries: page.words.countries(),
        errors: FormErrors::new(),
        is_given: seller.is_some(),
        fields: seller.as_ref().map_or(known, SellerFields::of),
        is_owner: member.is_owner(),
        saved: saved.is_some(),
        page,
    })
}

async fn set_seller(
    State(state): State<AppState>,
    page: Page,
    member: StudioMember,
    Form(fields): Form<SellerFields>,
) -> AppResult<Response> {
    if !member.is_owner() {
        return Err(AppError::Forbidden("error-only-an-owner-of-the"));
    }
    let studio = member.studio().id;
    let mut tx = state.db.begin_write().await?;
    let collects_tax = studios::collects_tax(&mut tx, studio).await?;
    let seller = match fields.parse(collects_tax) {
        Ok(seller) => seller,
        Err(errors) => {
            let is_given = store::seller(&mut tx, studio).await?.is_some();
            let view = ShowSeller {
                countries: page.words.countries(),
                errors,
                fields,
                is_owner: true,
                is_given,
                saved: false,
                page,
            };
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, view).into_response());
        }
    };
    store::set_seller(&mut tx, studio, &seller, state.now()).await?;
    tx.commit().await?;
    Ok(Redirect::to(&format!("{DETAILS}?saved=yes")).into_response())
}

async fn list(
    State(state): State<AppState>,
    page: Page,
    person: StudioPerson,
    Query(Year { year }): Query<Year>,
) -> AppResult<List> {
    let studio = person.studio().id;
    let mut conn = state.db.read().await?;
    let mut years = store::years_of(&mut conn, studio).await?;
    let latest = years.first().copied();
    let year = year.or(latest).unwrap_or_else(|| year_of(state.now()));
    if !years.contains(&year) {
        years.insert(0, year);
    }
    let documents = store::documents_of_year(&mut conn, studio, year).await?;
    let has_seller = store::seller(&mut conn, studio).await?.is_some();
    Ok(List::new(page, year, years, &documents, has_seller))
}

async fn list_csv(
    State(state): State<AppState>,
    person: StudioPerson,
    Query(Year { year }): Query<Year>,
) -> AppResult<Response> {
    let year = year.unwrap_or_else(|| year_of(state.now()));
    let mut conn = state.db.read().await?;
    let documents = store::documents_of_year(&mut conn, person.studio().id, year).await?;
    let name = format!("attachment; filename=\"invoices-{year}.csv\"");
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, csv::table(&documents)).into_response())
}

async fn show(
    State(state): State<AppState>,
    page: Page,
    person: StudioPerson,
    Path(file): Path<String>,
) -> AppResult<Response> {
    let (name, is_pdf) = split(&file);
    let id = name.parse().map_err(|_| AppError::NotFound)?;
    let mut conn = state.db.read().await?;
    let found = store::document_by_id(&mut conn, id).await?;
    let found = found.filter(|issued| issued.studio == person.studio().id);
    let issued = found.ok_or(AppError::NotFound)?;
    if is_pdf {
        return pdf(&state, &issued);
    }
    let all = store::documents_of_order(&mut conn, issued.document.order).await?;
    let words = state.catalog.choose(&issued.document.reader);
    Ok(ShowToStudio::new(page, &words, &issued, &all).into_response())
}

/// The name of a document, and whether its PDF is asked for: `invoice_….pdf`.
pub fn split(file: &str) -> (&str, bool) {
    let name = file.strip_suffix(".pdf");
    (name.unwrap_or(file), name.is_some())
}

/// A document as a file, in the words it was written in.
pub fn pdf(state: &AppState, issued: &Issued) -> AppResult<Response> {
    let words = state.catalog.choose(&issued.document.reader);
    let bytes = Sheet::of(&words, &issued.document).pdf(&words);
    let bytes = bytes.map_err(AppError::internal)?;
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let name: String = issued.document.number.chars().map(plain).collect();
    let word = issued.document.kind.word().replace('_', "-");
    let name = format!("attachment; filename=\"{word}-{name}.pdf\"");
    let headers = [
        (header::CONTENT_TYPE, "application/pdf".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, bytes).into_response())
}

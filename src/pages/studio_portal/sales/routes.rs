//! Addresses of the sales.

use axum::Router;
use axum::extract::Path;
use axum::extract::Query;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::get;

use crate::platform::AppError;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::platform::web::Page;
use crate::studios::StudioMember;

use super::SalesOfStudio;
use super::answer;
use super::asked::Asked;
use super::file;
use super::question;
use super::tables::Dimension;
use super::views::ShowSales;

pub(in crate::pages::studio_portal) fn router() -> Router<AppState> {
    Router::new()
        .route("/studio/sales", get(show))
        .route("/studio/sales.csv", get(films))
        .route("/studio/sales/{file}", get(other))
}

async fn show(
    State(state): State<AppState>,
    page: Page,
    member: StudioMember,
    Query(asked): Query<Asked>,
) -> AppResult<Response> {
    let studio = member.studio();
    let (question, errors) = question(&state, studio, &asked).await?;
    let wrong = !errors.is_empty();
    // What cannot be understood is not answered with other figures than were asked for.
    let sales = match wrong {
        true => SalesOfStudio::default(),
        false => answer(&state, studio, &question).await?,
    };
    let (fee, now) = (state.config.fee, state.now());
    let view = ShowSales::new(page, asked, &question, &sales, fee, now);
    let view = view.map_err(AppError::internal)?;
    Ok(match wrong {
        true => (StatusCode::UNPROCESSABLE_ENTITY, view.with(errors)).into_response(),
        false => view.into_response(),
    })
}

async fn films(
    State(state): State<AppState>,
    member: StudioMember,
    Query(asked): Query<Asked>,
) -> AppResult<Response> {
    let sales = of_file(&state, &member, &asked).await?;
    csv_file(
        &state,
        &member,
        "sales",
        file::table(&sales, Dimension::Film),
    )
}

async fn other(
    State(state): State<AppState>,
    member: StudioMember,
    Path(name): Path<String>,
    Query(asked): Query<Asked>,
) -> AppResult<Response> {
    let name = name.strip_suffix(".csv").ok_or(AppError::NotFound)?;
    if name == "days" {
        let sales = of_file(&state, &member, &asked).await?;
        return csv_file(&state, &member, "days", file::days(&sales));
    }
    let mut others = Dimension::ALL.into_iter();
    let dimension = others.find(|dimension| dimension.word() == name);
    let dimension = dimension.ok_or(AppError::NotFound)?;
    let sales = of_file(&state, &member, &asked).await?;
    csv_file(&state, &member, name, file::table(&sales, dimension))
}

/// The sales of a file; a day that cannot be understood gives none.
async fn of_file(
    state: &AppState,
    member: &StudioMember,
    asked: &Asked,
) -> AppResult<SalesOfStudio> {
    let (question, errors) = question(state, member.studio(), asked).await?;
    if !errors.is_empty() {
        return Err(AppError::Conflict("error-the-days-are-not-understood"));
    }
    answer(state, member.studio(), &question).await
}

/// A table to be kept, named after the studio, what it holds, and the day.
fn csv_file(
    state: &AppState,
    member: &StudioMember,
    what: &str,
    csv: String,
) -> AppResult<Response> {
    let (studio, date) = (&member.studio().slug, state.now().date());
    let name = format!("attachment; filename=\"{studio}-{what}-{date}.csv\"");
    let name = HeaderValue::from_str(&name).map_err(AppError::internal)?;
    let kind = HeaderValue::from_static("text/csv; charset=utf-8");
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, csv).into_response())
}

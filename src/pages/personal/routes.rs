//! Addresses of a person's own data.

use axum::Router;
use axum::extract::Form;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;
use tower_sessions::Session;

use crate::accounts;
use crate::accounts::CLEAR_SITE_DATA;
use crate::accounts::Password;
use crate::accounts::SignedIn;
use crate::library;
use crate::platform::AppError;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::platform::web::ClientAddress;
use crate::platform::web::FormErrors;
use crate::platform::web::Page;
use crate::studios;

use super::erase;
use super::erase::Refusal;
use super::export;
use super::views::AskErase;
use super::views::ErasedPage;

/// Routes of a person's own data.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/account/erase", get(ask).post(do_erase))
        .route("/account/export", get(file))
}

/// What the form sends.
#[derive(Deserialize)]
struct EraseFields {
    #[serde(default)]
    current_password: String,
}

async fn page_of(
    state: &AppState,
    page: Page,
    person: &SignedIn,
    errors: FormErrors,
) -> AppResult<AskErase> {
    let mut conn = state.db.read().await?;
    let films = library::of_viewer(&mut conn, person.account_id()).await?;
    let is_only_owner = studios::is_only_owner(&mut conn, person.account_id()).await?;
    Ok(AskErase {
        page,
        errors,
        email: person.email().to_string(),
        films: i64::try_from(films.len()).unwrap_or(i64::MAX),
        is_only_owner,
    })
}

async fn ask(State(state): State<AppState>, page: Page, person: SignedIn) -> AppResult<AskErase> {
    page_of(&state, page, &person, FormErrors::new()).await
}

async fn do_erase(
    State(state): State<AppState>,
    mut page: Page,
    person: SignedIn,
    session: Session,
    from: ClientAddress,
    Form(fields): Form<EraseFields>,
) -> AppResult<Response> {
    let password = Password::typed(fields.current_password);
    match erase::erase(&state, &page.words, &person, password, from).await? {
        Ok(()) => {
            accounts::end_session(&session).await?;
            page.identity = None;
            Ok(([CLEAR_SITE_DATA], ErasedPage { page }).into_response())
        }
        Err(Refusal::WrongPassword) => {
            let errors = FormErrors::one("current_password", "fault-this-is-not-your-present");
            let view = page_of(&state, page, &person, errors).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, view).into_response())
        }
        Err(Refusal::OnlyOwner) => {
            let view = page_of(&state, page, &person, FormErrors::new()).await?;
            Ok((StatusCode::CONFLICT, view).into_response())
        }
    }
}

async fn file(State(state): State<AppState>, person: SignedIn) -> AppResult<Response> {
    let export = export::export(&state, &person).await?;
    let text = serde_json::to_string_pretty(&export).map_err(AppError::internal)?;
    let name = format!(
        "attachment; filename=\"my-data-{}.json\"",
        state.now().date()
    );
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        ),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_str(&name).map_err(AppError::internal)?,
        ),
    ];
    Ok((headers, text).into_response())
}

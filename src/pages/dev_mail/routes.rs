//! The list of mails and one mail.

use askama_web::WebTemplateExt as _;
use axum::Router;
use axum::extract::Path;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::get;

use crate::pages::dev_mail::views::ListMails;
use crate::pages::dev_mail::views::ShowMail;
use crate::platform::AppError;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::platform::mail;
use crate::platform::web::Page;

/// Mails the list shows.
const MOST: i64 = 200;

/// Routes of the demo's mail box.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/dev/mail", get(list))
        .route("/dev/mail/{id}", get(show))
}

async fn list(page: Page, State(state): State<AppState>) -> AppResult<impl IntoResponse> {
    let mails = mail::latest(&mut *state.db.read().await?, MOST).await?;
    Ok(ListMails { page, mails }.into_web_template())
}

async fn show(
    page: Page,
    State(state): State<AppState>,
    Path(id): Path<String>,
) -> AppResult<impl IntoResponse> {
    let mails = mail::latest(&mut *state.db.read().await?, MOST).await?;
    let mail = mails
        .into_iter()
        .find(|mail| mail.id == id)
        .ok_or(AppError::NotFound)?;
    Ok(ShowMail { page, mail }.into_web_template())
}

//! Terms, privacy, accessibility, and honest words on protection.

use askama_web::WebTemplateExt as _;
use axum::extract::Path;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::response::Response;

use crate::pages::storefront::views::Accessibility;
use crate::pages::storefront::views::Privacy;
use crate::pages::storefront::views::Protection;
use crate::pages::storefront::views::Terms;
use crate::platform::AppError;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::platform::web::Page;

/// Pages under `/legal/`.
pub(super) const PAGES: [&str; 4] = ["terms", "privacy", "accessibility", "protection"];

/// `GET /legal/{page}`.
pub(super) async fn show(
    page: Page,
    State(state): State<AppState>,
    Path(name): Path<String>,
) -> AppResult<Response> {
    let fee = state.config.fee;
    Ok(match name.as_str() {
        "terms" => Terms { page, fee }.into_web_template().into_response(),
        "privacy" => Privacy { page }.into_web_template().into_response(),
        "accessibility" => Accessibility { page }.into_web_template().into_response(),
        "protection" => Protection { page }.into_web_template().into_response(),
        _ => return Err(AppError::NotFound),
    })
}

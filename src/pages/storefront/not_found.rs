//! "There is nothing at this address", with a search and new films instead of a dead end.

use askama::Template;
use axum::extract::Request;
use axum::extract::State;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Html;
use axum::response::IntoResponse;
use axum::response::Response;

use crate::catalog;
use crate::pages::storefront::cards::FilmCard;
use crate::pages::storefront::cards::cards;
use crate::pages::storefront::views::NotFound;
use crate::platform::AppState;
use crate::platform::error::ErrorFacts;
use crate::platform::web::Page;
use crate::platform::web::errors::wants_json;

/// New films a lost visitor is offered.
const FILMS: i64 = 6;

/// Middleware: gives the answer "not found" a page with films, if a person asked. Every other
/// answer, and one that a failing database cannot help, goes on as it is.
pub async fn offer_films(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let json = wants_json(request.headers());
    let (parts, body) = request.into_parts();
    let mut page = Page::of_parts(&parts, &state);
    let answer = next.run(Request::from_parts(parts, body)).await;
    let facts = answer.extensions().get::<ErrorFacts>();
    if json || facts.is_none_or(|facts| facts.code != "not_found") {
        return answer;
    }
    page.identity = answer.extensions().get().cloned(); // found further in, after the session
    let Ok(films) = newest(&state).await else {
        return answer;
    };
    match (NotFound { page, films }).render() {
        Ok(html) => (StatusCode::NOT_FOUND, Html(html)).into_response(),
        Err(_) => answer,
    }
}

async fn newest(state: &AppState) -> Result<Vec<FilmCard>, sqlx::Error> {
    let mut conn = state.db.read().await?;
    let titles = catalog::newest(&mut conn, FILMS).await?;
    cards(&mut conn, &state.config.stripe, &titles).await
}

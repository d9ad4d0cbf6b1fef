//! Turns every failed answer into a page for people or JSON for machines, in one place.

use askama::Template;
use axum::Json;
use axum::extract::Request;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header;
use axum::middleware::Next;
use axum::response::Html;
use axum::response::IntoResponse;
use axum::response::Response;

use crate::kernel::Note;
use crate::platform::AppState;
use crate::platform::error::ErrorFacts;
use crate::platform::web::page::Page;

/// The page of an error.
#[derive(Template)]
#[template(path = "error.html")]
pub struct ErrorPage {
    page: Page,
    status: u16,
    message: Note,
    request_id: String,
}

/// Whether a request wants JSON: it says so, or it sent JSON and did not ask for a page.
pub fn wants_json(headers: &HeaderMap) -> bool {
    let has = |name, what: &str| {
        headers
            .get(name)
            .and_then(|v: &HeaderValue| v.to_str().ok())
            .is_some_and(|v| v.contains(what))
    };
    let asks_page = has(header::ACCEPT, "text/html");
    has(header::ACCEPT, "application/json")
        || (!asks_page
            && (has(header::CONTENT_TYPE, "application/json")
                || headers.contains_key(header::AUTHORIZATION)))
}

/// Middleware: gives failed answers their body.
pub async fn render(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let json = wants_json(request.headers());
    let (parts, body) = request.into_parts();
    let mut page = Page::of_parts(&parts, &state);
    let request_id = request_id(&parts.headers).to_owned();
    let answer = next.run(Request::from_parts(parts, body)).await;
    let Some(facts) = facts_of(&answer) else {
        return answer;
    };
    page.identity = answer.extensions().get().cloned(); // found further in, after the session
    let signed_out = facts.code == "sign_in_required";
    if signed_out && !json {
        return answer; // a person is sent to the sign-in page
    }
    let status = if signed_out {
        StatusCode::UNAUTHORIZED
    } else {
        answer.status()
    };
    let mut rendered = if json {
        let message = page.words.note(&facts.message).to_string();
        let body = serde_json::json!({ "error": facts.code, "message": message });
        (status, Json(body)).into_response()
    } else {
        let (status_code, message) = (status.as_u16(), facts.message);
        page_answer(
            status,
            &ErrorPage {
                page,
                status: status_code,
                message,
                request_id,
            },
        )
    };
    for name in [
        header::RETRY_AFTER,
        header::ALLOW,
        header::CONTENT_RANGE,
        header::SET_COOKIE,
        header::WWW_AUTHENTICATE,
    ] {
        if let Some(value) = answer.headers().get(&name) {
            rendered.headers_mut().insert(name, value.clone());
        }
    }
    rendered
}

fn page_answer(status: StatusCode, page: &ErrorPage) -> Response {
    match page.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(error) => {
            tracing::error!("the error page cannot be rendered: {error}");
            (status, "Something broke on our side.").into_response()
        }
    }
}

/// The facts of our own errors, or of those that axum and its layers answer in plain text.
fn facts_of(answer: &Response) -> Option<ErrorFacts> {
    if let Some(facts) = answer.extensions().get::<ErrorFacts>() {
        return Some(facts.clone());
    }
    let status = answer.status();
    if !status.is_client_error() && !status.is_server_error() {
        return None;
    }
    let kind = answer
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let foreign = answer.headers().contains_key("tus-resumable");
    if foreign || kind.is_some_and(|kind| !kind.starts_with("text/plain")) {
        return None;
    }
    let (code, message) = plain_words(status);
    Some(ErrorFacts {
        code,
        message: message.into(),
    })
}

const fn plain_words(status: StatusCode) -> (&'static str, &'static str) {
    match status.as_u16() {
        403 => ("forbidden", "error-this-request-came-from-another"),
        404 => ("not_found", "not-found-there-is-nothing-at"),
        405 => ("method_not_allowed", "error-this-address-does-not-take"),
        408 => ("timed_out", "error-the-request-took-too-long"),
        413 => ("too_large", "error-too-large"),
        415 => ("unsupported_media_type", "error-not-that-content"),
        416 => ("range_not_satisfiable", "error-the-range-lies-outside-the"),
        400..=499 => ("bad_request", "error-the-request-could-not-be"),
        503 => ("unavailable", "error-the-store-is-very-busy"),
        _ => ("internal", "error-internal"),
    }
}

/// The id of a request, set by the outermost layer.
pub fn request_id(headers: &HeaderMap) -> &str {
    headers
        .get("x-request-id")
        .and_then(|id| id.to_str().ok())
        .unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(pairs: &[(&'static str, &'static str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.insert(*name, HeaderValue::from_static(value));
        }
        wants_json(&headers)
    }

    #[test]
    fn machines_get_json_and_people_get_pages() {
        assert!(asks(&[("accept", "application/json")]));
        assert!(asks(&[
            ("accept", "*/*"),
            ("content-type", "application/json")
        ]));
        assert!(asks(&[("authorization", "Bearer x")]));
        assert!(!asks(&[
            ("accept", "text/html"),
            ("content-type", "application/json")
        ]));
        assert!(!asks(&[("accept", "*/*")]));
    }
}

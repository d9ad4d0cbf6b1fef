//! The one error type of handlers. It answers with a status and a few public facts; the page or
//! the JSON around them is made by [`crate::platform::web::errors`], which knows the request.

use std::time::Duration;

use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Redirect;
use axum::response::Response;

use crate::kernel::Note;

/// What handlers return.
pub type AppResult<T> = Result<T, AppError>;

/// Why a request was not done, as far as the visitor may know.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// It does not exist, or the visitor may not know that it does.
    #[error("not found")]
    NotFound,
    /// The visitor must sign in first and then comes back to `back`, a path of this site.
    #[error("sign-in required")]
    SignInRequired {
        /// Where to go on after signing in.
        back: String,
    },
    /// It exists publicly, but is not for this visitor; the key of a message says why.
    #[error("forbidden: {0}")]
    Forbidden(&'static str),
    /// The request is at odds with the state of things; the key of a message says how.
    #[error("conflict: {0}")]
    Conflict(&'static str),
    /// The request itself is malformed; the words say what to mend.
    #[error("invalid: {}", .0.key())]
    Invalid(Note),
    /// The body is larger than this route takes.
    #[error("too large")]
    TooLarge,
    /// Tried too often.
    #[error("too many tries")]
    TooMany {
        /// When another try is worth it.
        retry_after: Duration,
    },
    /// It was here, and was taken away.
    #[error("gone")]
    Gone,
    /// A part of the store does not answer right now.
    #[error("unavailable: {0}")]
    Unavailable(&'static str),
    /// Our own fault. The visitor sees a request id, the log the chain of causes.
    #[error("internal error")]
    Internal(#[source] anyhow::Error),
}

/// Public facts of an error, carried by the answer until page or JSON is made of them.
#[derive(Clone, Debug)]
pub struct ErrorFacts {
    /// A word for machines, in snake case.
    pub code: &'static str,
    /// One sentence for people.
    pub message: Note,
}

impl AppError {
    /// The status of every error; no wildcard, so a new variant must choose one.
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::SignInRequired { .. } => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Gone => StatusCode::GONE,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// What page and JSON say.
    pub fn facts(&self) -> ErrorFacts {
        let (code, message) = match self {
            Self::NotFound => ("not_found", "not-found-there-is-nothing-at".into()),
            Self::SignInRequired { .. } => ("sign_in_required", "error-sign-in-first".into()),
            Self::Forbidden(why) => ("forbidden", (*why).into()),
            Self::Conflict(why) => ("conflict", (*why).into()),
            Self::Invalid(why) => ("invalid", why.clone()),
            Self::TooLarge => ("too_large", "error-too-large".into()),
            Self::TooMany { retry_after } => ("too_many_tries", too_many(*retry_after)),
            Self::Gone => ("gone", "error-gone".into()),
            Self::Unavailable(why) => ("unavailable", (*why).into()),
            Self::Internal(_) => ("internal", "error-internal".into()),
        };
        ErrorFacts { code, message }
    }

    /// An internal error with words for the log.
    pub fn internal(
        words: impl std::fmt::Display + std::fmt::Debug + Send + Sync + 'static,
    ) -> Self {
        Self::Internal(anyhow::Error::msg(words))
    }
}

fn too_many(retry_after: Duration) -> Note {
    let minutes = retry_after.as_secs().div_ceil(60);
    let minutes = i64::try_from(minutes).unwrap_or(i64::MAX);
    Note::new("error-too-many-tries").with("count", minutes)
}

impl From<sqlx::Error> for AppError {
    /// A database that is busy or away is worth another try; everything else is our fault.
    fn from(error: sqlx::Error) -> Self {
        let busy = match &error {
            sqlx::Error::PoolTimedOut | sqlx::Error::Io(_) => true,
            sqlx::Error::Database(inner) => inner.message().contains("database is locked"),
            _ => false,
        };
        if busy {
            tracing::error!("the database does not answer: {error}");
            return Self::Unavailable("error-the-store-is-very-busy");
        }
        Self::Internal(error.into())
    }
}

impl From<askama::Error> for AppError {
    fn from(error: askama::Error) -> Self {
        Self::Internal(error.into())
    }
}

impl From<std::io::Error> for AppError {
    fn from(error: std::io::Error) -> Self {
        Self::Internal(error.into())
    }
}

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        if let Self::SignInRequired { back } = &self {
            let mut answer = Redirect::to(&sign_in_path(back)).into_response();
            answer.extensions_mut().insert(self.facts()); // JSON asks get a 401 instead
            return answer;
        }
        if let Self::Internal(cause) = &self {
            tracing::error!("internal error: {cause:#}");
        }
        let mut answer = self.status().into_response();
        let wait = match &self {
            Self::TooMany { retry_after } => Some(retry_after.as_secs().max(1)),
            Self::Unavailable(_) => Some(5),
            _ => None,
        };
        if let Some(seconds) = wait {
            answer
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        answer.extensions_mut().insert(self.facts());
        answer
    }
}

/// `/login?next=…`.
pub fn sign_in_path(back: &str) -> String {
    let next: String = url::form_urlencoded::byte_serialize(back.as_bytes()).collect();
    format!("/login?next={next}")
}

//! What the protocol answers when something is not done: one table of statuses.

use axum::Json;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;

use crate::platform::AppError;
use crate::platform::words::Words;

/// Why a tus request was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum TusError {
    /// Another version of the protocol.
    #[error("This server speaks tus 1.0.0 only.")]
    Version,
    /// Nobody is signed in, and no token was sent.
    #[error("Sign in as a member of the studio, or send one of its API tokens.")]
    SignInRequired,
    /// No such upload or title, or not this studio's.
    #[error("There is nothing here that belongs to your studio.")]
    NotFound,
    /// It was here, and can never go on.
    #[error("{0}")]
    Gone(&'static str),
    /// A header or value is wrong; the words say which.
    #[error("{0}")]
    Malformed(String),
    /// The bytes do not begin where the stored ones end.
    #[error("The upload stands at byte {actual}; go on from there.")]
    WrongOffset {
        /// Where it stands.
        actual: u64,
    },
    /// At odds with the state of things; the words say how.
    #[error("{0}")]
    Conflict(&'static str),
    /// Somebody else is sending bytes of this upload.
    #[error("Another request is writing to this upload. Try again in a moment.")]
    Busy,
    /// Another request asked for the upload, so this one stepped aside.
    #[error("Another request took this upload over; what had arrived is kept.")]
    TakenOver,
    /// More bytes than were declared.
    #[error("These are more bytes than were declared when the upload was created.")]
    TooLong,
    /// Longer than anything that is taken here.
    #[error("This film is larger than the store accepts.")]
    TooLarge,
    /// The studio's share of the disk is used up.
    #[error("Your studio's storage is full. Remove unfinished uploads or ask the store for more.")]
    StudioFull,
    /// The studio leaves too many uploads unfinished.
    #[error("Your studio has too many unfinished uploads. Finish or cancel some of them first.")]
    TooManyUnfinished,
    /// The disk has no room.
    #[error("The store has no room for this film at the moment. What had arrived is kept.")]
    NoRoom,
    /// Not the content type of the protocol.
    #[error("Bytes are sent as application/offset+octet-stream.")]
    MediaType,
    /// The bytes are not those the checksum was made of.
    #[error("The checksum does not match; the bytes were discarded.")]
    ChecksumMismatch,
    /// No byte came for too long.
    #[error("No bytes arrived for a while; what had arrived is kept.")]
    Idle,
    /// The connection broke.
    #[error("The connection broke; what had arrived is kept.")]
    Broken,
    /// The stored bytes have another root than the studio sealed.
    #[error("{0}")]
    WrongRoot(&'static str),
    /// This address takes other methods.
    #[error("This address does not take that method.")]
    Method {
        /// The ones it takes.
        allow: &'static str,
    },
    /// An error that is not the protocol's.
    #[error(transparent)]
    App(#[from] AppError),
}

impl TusError {
    /// A malformed request, in words for the person who reads the client's message.
    pub fn malformed(words: impl Into<String>) -> Self {
        Self::Malformed(words.into())
    }

    /// The status of every error and its word for machines; no wildcard.
    fn status(&self) -> (u16, &'static str) {
        match self {
            Self::Version => (412, "unsupported_version"),
            Self::SignInRequired => (401, "sign_in_required"),
            Self::NotFound => (404, "not_found"),
            Self::Gone(_) => (410, "gone"),
            Self::Malformed(_) => (400, "malformed"),
            Self::WrongOffset { .. } => (409, "wrong_offset"),
            Self::Conflict(_) => (409, "conflict"),
            Self::Busy => (423, "busy"),
            Self::TakenOver => (423, "taken_over"),
            Self::TooLong => (413, "longer_than_declared"),
            Self::TooLarge => (413, "too_large"),
            Self::StudioFull => (413, "studio_full"),
            Self::TooManyUnfinished => (413, "too_many_unfinished"),
            Self::NoRoom => (507, "no_room"),
            Self::MediaType => (415, "unsupported_media_type"),
            Self::ChecksumMismatch => (460, "checksum_mismatch"),
            Self::Idle => (408, "idle"),
            Self::Broken => (400, "broken"),
            Self::WrongRoot(_) => (422, "wrong_root"),
            Self::Method { .. } => (405, "method_not_allowed"),
            Self::App(error) => (error.status().as_u16(), error.facts().code),
        }
    }
}

impl From<sqlx::Error> for TusError {
    fn from(error: sqlx::Error) -> Self {
        Self::App(error.into())
    }
}

impl From<std::io::Error> for TusError {
    /// A full disk is news for the client; everything else is our fault.
    fn from(error: std::io::Error) -> Self {
        if is_full(&error) {
            Self::NoRoom
        } else {
            Self::App(error.into())
        }
    }
}

impl From<tokio::task::JoinError> for TusError {
    fn from(error: tokio::task::JoinError) -> Self {
        Self::App(AppError::Internal(error.into()))
    }
}

/// Whether an error means that the disk, or our share of it, is used up.
pub(super) fn is_full(error: &std::io::Error) -> bool {
    use std::io::ErrorKind;
    matches!(
        error.kind(),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded
    )
}

impl IntoResponse for TusError {
    fn into_response(self) -> Response {
        let (status, code) = self.status();
        let status = StatusCode::from_u16(status).expect("the table holds valid statuses");
        let message = match &self {
            Self::App(error) => Words::english().note(&error.facts().message).to_string(),
            own => own.to_string(),
        };
        let body = serde_json::json!({ "error": code, "message": message });
        let mut answer = (status, Json(body)).into_response();
        let headers = answer.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        match self {
            Self::Version => {
                headers.insert("tus-version", HeaderValue::from_static("1.0.0"));
            }
            Self::SignInRequired => {
                headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            Self::WrongOffset { actual } => {
                headers.insert("upload-offset", HeaderValue::from(actual));
            }
            Self::Busy | Self::TakenOver => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            }
            Self::Method { allow } => {
                headers.insert(header::ALLOW, HeaderValue::from_static(allow));
            }
            Self::App(error) => {
                if let AppError::Internal(cause) = &error {
                    tracing::error!("internal error in an upload: {cause:#}");
                }
                if let AppError::Unavailable(_) = &error {
                    headers.insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
                }
            }
            _ => {}
        }
        answer
    }
}

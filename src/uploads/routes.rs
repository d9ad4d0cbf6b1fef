//! The protocol's requests and answers. Methods are told apart here and not by the router, since
//! `X-HTTP-Method-Override` may change them.

use axum::Extension;
use axum::Json;
use axum::Router;
use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::extract::Path;
use axum::extract::Request;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::Method;
use axum::http::StatusCode;
use axum::http::header;
use axum::http::request::Parts;
use axum::middleware;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::any;
use axum::routing::get;
use axum::routing::post;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::json;

use crate::kernel::ids::StudioId;
use crate::kernel::ids::UploadId;
use crate::platform::AppError;
use crate::platform::AppState;
use crate::sealed::Root;
use crate::studios::NotAMember;
use crate::studios::StudioMember;
use crate::uploads::append;
use crate::uploads::append::Append;
use crate::uploads::checksum;
use crate::uploads::checksum::Checksum;
use crate::uploads::creation;
use crate::uploads::creation::Creation;
use crate::uploads::error::TusError;
use crate::uploads::finish;
use crate::uploads::head;
use crate::uploads::metadata::digits;
use crate::uploads::model::MAX_LENGTH;
use crate::uploads::model::Upload;
use crate::uploads::model::UploadState;
use crate::uploads::terminate;
use crate::uploads::writers::Writers;

const VERSION: HeaderValue = HeaderValue::from_static("1.0.0");
const EXTENSIONS: &str = "creation,creation-with-upload,checksum,termination,expiration";
const OFFSET_STREAM: &str = "application/offset+octet-stream";

/// The routes of the protocol, and those around it that a client needs.
pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/studio/uploads", any(collection))
        .route("/studio/uploads/ingest-key", get(ingest_key))
        .route("/studio/uploads/{id}", any(resource))
        .route("/studio/uploads/{id}/finish", post(finish_upload))
        .route("/studio/uploads/{id}/status", get(status))
        .layer(middleware::map_response(name_version))
        .layer(Extension(Writers::default()))
}

/// `Tus-Resumable` on every answer but that to OPTIONS, which names all versions instead.
async fn name_version(mut answer: Response) -> Response {
    if !answer.headers().contains_key("tus-extension") {
        answer.headers_mut().insert("tus-resumable", VERSION);
    }
    answer
}

async fn collection(
    State(state): State<AppState>,
    Extension(writers): Extension<Writers>,
    request: Request,
) -> Result<Response, TusError> {
    let (mut parts, body) = request.into_parts();
    match method(&parts)? {
        Method::OPTIONS => Ok(options()),
        Method::POST => {
            check_version(&parts.headers)?;
            let studio = studio(&mut parts, &state).await?;
            create(&state, &writers, studio, &parts.headers, body).await
        }
        _ => Err(TusError::Method {
            allow: "OPTIONS, POST",
        }),
    }
}

async fn resource(
    State(state): State<AppState>,
    Extension(writers): Extension<Writers>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response, TusError> {
    let (mut parts, body) = request.into_parts();
    let method = method(&parts)?;
    if method == Method::OPTIONS {
        return Ok(options());
    }
    if ![Method::HEAD, Method::PATCH, Method::DELETE].contains(&method) {
        return Err(TusError::Method {
            allow: "OPTIONS, HEAD, PATCH, DELETE",
        });
    }
    check_version(&parts.headers)?;
    let studio = studio(&mut parts, &state).await?;
    let id = id.parse().map_err(|_| TusError::NotFound)?;
    match method {
        Method::PATCH => patch(&state, &writers, studio, id, &parts.headers, body).await,
        Method::DELETE => {
            terminate::terminate(&state, &writers, studio, id).await?;
            Ok(StatusCode::NO_CONTENT.into_response())
        }
        _ => {
            let upload = head::head(&state, &writers, studio, id).await?;
            Ok((StatusCode::OK, progress(&upload, true)).into_response())
        }
    }
}

fn options() -> Response {
    let headers = [
        ("tus-version", "1.0.0".to_owned()),
        ("tus-extension", EXTENSIONS.to_owned()),
        ("tus-max-size", MAX_LENGTH.to_string()),
        ("tus-checksum-algorithm", checksum::ALGORITHMS.to_owned()),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

async fn create(
    state: &AppState,
    writers: &Writers,
    studio: StudioId,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, TusError> {
    let brings_bytes = text(headers, header::CONTENT_TYPE.as_str())? == Some(OFFSET_STREAM);
    let first = brings_bytes.then(|| checksum_of(headers)).transpose()?;
    let metadata = text(headers, "upload-metadata")?;
    let request = Creation {
        studio,
        length: declared_length(headers)?,
        metadata: metadata.ok_or_else(|| TusError::malformed("Upload-Metadata is missing."))?,
    };
    let mut upload = creation::create(state, request).await?;
    if let Some(checksum) = first {
        let length = content_length(headers);
        let request = Append {
            studio,
            upload: upload.id,
            offset: upload.offset,
            length,
            checksum,
        };
        upload = append_first(state, writers, upload, request, body).await?;
    }
    let location = format!("/studio/uploads/{}", upload.id);
    let location = HeaderValue::from_str(&location).expect("ids are ASCII");
    let mut answer = (StatusCode::CREATED, progress(&upload, false)).into_response();
    answer.headers_mut().insert(header::LOCATION, location);
    Ok(answer)
}

/// Bytes that came with the creation. The upload exists now, so whatever stops them half-way is
/// told by the offset; bytes that were damaged on the way are told as such, and nothing is kept.
async fn append_first(
    state: &AppState,
    writers: &Writers,
    upload: Upload,
    request: Append,
    body: Body,
) -> Result<Upload, TusError> {
    let (studio, id) = (request.studio, request.upload);
    match append::append(state, writers, request, body).await {
        Ok(upload) => Ok(upload),
        Err(error @ (TusError::ChecksumMismatch | TusError::TooLong)) if upload.offset == 0 => {
            terminate::terminate(state, writers, studio, id).await?;
            Err(error)
        }
        Err(TusError::App(error)) => Err(error.into()),
        Err(_) => head::read(state, studio, id).await,
    }
}

async fn patch(
    state: &AppState,
    writers: &Writers,
    studio: StudioId,
    upload: UploadId,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, TusError> {
    head::read(state, studio, upload).await?; // first of all, whether there is such an upload
    if text(headers, header::CONTENT_TYPE.as_str())? != Some(OFFSET_STREAM) {
        return Err(TusError::MediaType);
    }
    let offset = text(headers, "upload-offset")?.and_then(digits);
    let offset = offset.ok_or_else(|| TusError::malformed("Upload-Offset must be a number."))?;
    let (length, checksum) = (content_length(headers), checksum_of(headers)?);
    let request = Append {
        studio,
        upload,
        offset,
        length,
        checksum,
    };
    let upload = append::append(state, writers, request, body).await?;
    Ok((StatusCode::NO_CONTENT, progress(&upload, false)).into_response())
}

/// What the studio's client sealed.
#[derive(Deserialize)]
struct FinishRequest {
    root: String,
}

async fn finish_upload(
    State(state): State<AppState>,
    Extension(writers): Extension<Writers>,
    Path(id): Path<String>,
    member: Result<StudioMember, NotAMember>,
    body: Result<Json<FinishRequest>, axum::extract::rejection::JsonRejection>,
) -> Result<Response, TusError> {
    let studio = member.map_err(refusal)?.studio().id;
    let id = id.parse().map_err(|_| TusError::NotFound)?;
    let words = "Send the root as JSON: {\"root\": \"64 hexadecimal digits\"}.";
    let root = body
        .ok()
        .and_then(|Json(request)| request.root.parse::<Root>().ok());
    let root = root.ok_or_else(|| TusError::malformed(words))?;
    let upload = finish::finish(&state, &writers, studio, id, root).await?;
    Ok(shown(&upload))
}

async fn status(
    State(state): State<AppState>,
    Path(id): Path<String>,
    member: Result<StudioMember, NotAMember>,
) -> Result<Response, TusError> {
    let studio = member.map_err(refusal)?.studio().id;
    let id = id.parse().map_err(|_| TusError::NotFound)?;
    Ok(shown(&head::read(&state, studio, id).await?))
}

async fn ingest_key(
    State(state): State<AppState>,
    member: Result<StudioMember, NotAMember>,
) -> Result<Response, TusError> {
    member.map_err(refusal)?;
    let key = URL_SAFE_NO_PAD.encode(state.keyring.ingest_key().public_key());
    Ok((
        [(header::CACHE_CONTROL, "no-store")],
        Json(json!({ "public_key": key })),
    )
        .into_response())
}

/// An upload as JSON.
fn shown(upload: &Upload) -> Response {
    let body = json!({
        "upload": upload.id,
        "container": upload.container,
        "state": upload.state.as_str(),
        "offset": upload.offset,
        "length": upload.ciphertext_length,
        "root": upload.root.map(|root| root.to_string()),
    });
    ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

/// How far an upload is, in the protocol's headers.
fn progress(upload: &Upload, whole: bool) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("upload-offset", HeaderValue::from(upload.offset));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if upload.state == UploadState::Receiving {
        let expires = HeaderValue::from_str(&upload.expires_at.http_date());
        headers.insert("upload-expires", expires.expect("dates are ASCII"));
    }
    if whole {
        headers.insert("upload-length", HeaderValue::from(upload.ciphertext_length));
        let metadata = HeaderValue::from_str(&upload.metadata);
        headers.insert(
            "upload-metadata",
            metadata.expect("it came in as a header of ASCII"),
        );
    }
    headers
}

async fn studio(parts: &mut Parts, state: &AppState) -> Result<StudioId, TusError> {
    let member = StudioMember::from_request_parts(parts, state)
        .await
        .map_err(refusal)?;
    Ok(member.studio().id)
}

/// What a machine is told where a person would be sent to sign in.
fn refusal(error: NotAMember) -> TusError {
    match AppError::from(error) {
        AppError::SignInRequired { .. } => TusError::SignInRequired,
        AppError::NotFound => TusError::NotFound,
        other => TusError::App(other),
    }
}

fn method(parts: &Parts) -> Result<Method, TusError> {
    match text(&parts.headers, "x-http-method-override")? {
        Some(name) if parts.method == Method::POST => name
            .parse()
            .map_err(|_| TusError::malformed("X-HTTP-Method-Override names no method.")),
        _ => Ok(parts.method.clone()),
    }
}

fn check_version(headers: &HeaderMap) -> Result<(), TusError> {
    match headers.get("tus-resumable") {
        Some(version) if version == VERSION => Ok(()),
        _ => Err(TusError::Version),
    }
}

fn declared_length(headers: &HeaderMap) -> Result<u64, TusError> {
    if headers.contains_key("upload-defer-length") {
        let words = "The length must be known when an upload is created.";
        return Err(TusError::malformed(words));
    }
    let length = text(headers, "upload-length")?.and_then(digits);
    length.ok_or_else(|| TusError::malformed("Upload-Length must be a number of bytes."))
}

fn checksum_of(headers: &HeaderMap) -> Result<Option<Checksum>, TusError> {
    text(headers, "upload-checksum")?
        .map(Checksum::parse)
        .transpose()
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    text(headers, header::CONTENT_LENGTH.as_str())
        .ok()
        .flatten()
        .and_then(digits)
}

/// The one value of a header.
fn text<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, TusError> {
    let mut values = headers.get_all(name).iter();
    let first = values.next().map(HeaderValue::to_str).transpose();
    let first = first.map_err(|_| TusError::malformed(format!("{name} must be plain ASCII.")))?;
    if values.next().is_some() {
        return Err(TusError::malformed(format!("{name} must be sent once.")));
    }
    Ok(first)
}

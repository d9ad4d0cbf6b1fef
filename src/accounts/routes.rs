//! Pages of people. Handlers extract, call one function and answer.

use axum::Router;
use axum::extract::Form;
use axum::extract::Query;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::HeaderName;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::response::Redirect;
use axum::response::Response;
use axum::routing::get;
use axum::routing::post;
use tower_sessions::Session;

use crate::accounts::extract::MaybeSignedIn;
use crate::accounts::form::NextQuery;
use crate::accounts::form::SignInFields;
use crate::accounts::form::SignUpFields;
use crate::accounts::password::Password;
use crate::accounts::routes_account;
use crate::accounts::routes_links;
use crate::accounts::sessions;
use crate::accounts::sessions::Welcomed;
use crate::accounts::sign_in;
use crate::accounts::sign_up;
use crate::accounts::views;
use crate::kernel::text::EmailAddress;
use crate::platform::AppError;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::platform::web::ClientAddress;
use crate::platform::web::FormErrors;
use crate::platform::web::Page;

/// Tells the browser to forget what it kept of this site: stored pages, databases, workers. Not
/// cookies, since that would sign people out of the operator's other sites as well.
pub const CLEAR_SITE_DATA: (HeaderName, HeaderValue) = (
    HeaderName::from_static("clear-site-data"),
    HeaderValue::from_static("\"cache\", \"storage\""),
);

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/signup", get(show_sign_up).post(create))
        .route("/signup/done", get(welcome))
        .route("/login", get(show_sign_in).post(sign_in))
        .route("/logout", post(sign_out))
        .merge(routes_links::router())
        .merge(routes_account::router())
}

/// A form that was refused: shown again, with 422.
pub(super) fn refused(view: impl IntoResponse) -> Response {
    (StatusCode::UNPROCESSABLE_ENTITY, view).into_response()
}

async fn show_sign_up(
    page: Page,
    MaybeSignedIn(person): MaybeSignedIn,
    Query(query): Query<NextQuery>,
) -> Response {
    let next = query.path();
    if person.is_some() {
        return Redirect::to(next.as_str()).into_response();
    }
    let fields = SignUpFields {
        next: next.as_str().to_owned(),
        ..SignUpFields::default()
    };
    views::SignUp::new(page, FormErrors::new(), fields).into_response()
}

async fn create(
    State(state): State<AppState>,
    page: Page,
    session: Session,
    from: ClientAddress,
    headers: HeaderMap,
    Form(fields): Form<SignUpFields>,
) -> AppResult<Response> {
    let prepared = match sign_up::prepare(&state, &fields, from).await? {
        Ok(prepared) => prepared,
        Err(errors) => return Ok(refused(views::SignUp::new(page, errors, fields))),
    };
    let mut tx = state.db.begin_write().await?;
    let signed = prepared
        .complete(&mut tx, &page.words, &state.config.public_url, state.now())
        .await?;
    tx.commit().await?;
    sessions::start_welcome(&session, &signed, &headers, &fields.email, &fields.path()).await?;
    Ok(Redirect::to("/signup/done").into_response())
}

/// Shown without a name in the header, so that it looks the same to everybody.
async fn welcome(mut page: Page, session: Session) -> AppResult<Response> {
    let Some(Welcomed { email, next }) = sessions::welcomed(&session).await? else {
        return Ok(Redirect::to("/").into_response());
    };
    page.identity = None;
    Ok(views::Welcome { page, email, next }.into_response())
}

async fn show_sign_in(
    page: Page,
    MaybeSignedIn(person): MaybeSignedIn,
    Query(query): Query<NextQuery>,
) -> Response {
    let next = query.path();
    if person.is_some() {
        return Redirect::to(next.as_str()).into_response();
    }
    views::SignIn::new(page, FormErrors::new(), String::new(), &next).into_response()
}

async fn sign_in(
    State(state): State<AppState>,
    page: Page,
    session: Session,
    from: ClientAddress,
    headers: HeaderMap,
    Form(fields): Form<SignInFields>,
) -> AppResult<Response> {
    let next = fields.path();
    let mut errors = FormErrors::new();
    if let Some(email) = errors.take("email", EmailAddress::parse(&fields.email)) {
        let password = Password::typed(fields.password);
        if let Some(account) = sign_in::sign_in(&state, &email, password, from).await? {
            sessions::start_session(&session, &account, &headers).await?;
            return Ok(Redirect::to(next.as_str()).into_response());
        }
        errors.add("password", "fault-the-address-or-the-password");
    }
    Ok(refused(views::SignIn::new(
        page,
        errors,
        fields.email,
        &next,
    )))
}

async fn sign_out(session: Session) -> Result<Response, AppError> {
    sessions::end_session(&session).await?;
    Ok(([CLEAR_SITE_DATA], Redirect::to("/")).into_response())
}

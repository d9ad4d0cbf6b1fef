//! Pages behind links from mails, and the page that asks for one.

use axum::Router;
use axum::extract::Form;
use axum::extract::Query;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::get;

use crate::accounts::change;
use crate::accounts::form::ForgotFields;
use crate::accounts::form::LinkFields;
use crate::accounts::form::ResetFields;
use crate::accounts::link;
use crate::accounts::model::Purpose;
use crate::accounts::password::Password;
use crate::accounts::reset;
use crate::accounts::routes::refused;
use crate::accounts::views;
use crate::kernel::text::EmailAddress;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::platform::web::ClientAddress;
use crate::platform::web::FormErrors;
use crate::platform::web::Page;

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/account/verify", get(show_verify).post(verify))
        .route("/account/forgot", get(show_forgot).post(forgot))
        .route("/account/reset", get(show_reset).post(reset))
        .route("/account/email/confirm", get(show_move).post(move_address))
}

/// A link that was used, or is too old.
fn over(page: Page, link: &'static str, label: &'static str) -> Response {
    let view = views::Outcome {
        page,
        heading: "outcome-this-link-is-over",
        words: "outcome-it-was-used-before-or".into(),
        link,
        label,
    };
    (StatusCode::GONE, view).into_response()
}

async fn show_verify(
    State(state): State<AppState>,
    page: Page,
    Query(LinkFields { token }): Query<LinkFields>,
) -> AppResult<Response> {
    if !link::works(&state, &token, Purpose::Verify).await? {
        return Ok(over(page, "/account", "outcome-go-to-your-account"));
    }
    Ok(views::UseLink {
        page,
        heading: "outcome-confirm-your-address",
        words: "outcome-one-click-and-your-e",
        action: "/account/verify",
        button: "mail-confirm-button",
        token,
    }
    .into_response())
}

async fn verify(
    State(state): State<AppState>,
    page: Page,
    Form(LinkFields { token }): Form<LinkFields>,
) -> AppResult<Response> {
    if !link::verify(&state, &token).await? {
        return Ok(over(page, "/account", "outcome-go-to-your-account"));
    }
    let studio = page
        .identity
        .as_ref()
        .is_some_and(|identity| identity.has_studio);
    let (link, label) = if studio {
        ("/studio", "welcome-go-to-the-studio")
    } else {
        ("/", "welcome-go-to-the-films")
    };
    let words = "outcome-your-e-mail-address-is".into();
    Ok(views::Outcome {
        page,
        heading: "welcome-thank-you",
        words,
        link,
        label,
    }
    .into_response())
}

async fn show_forgot(page: Page) -> views::Forgot {
    views::Forgot {
        page,
        errors: FormErrors::new(),
        email: String::new(),
        sent: false,
    }
}

async fn forgot(
    State(state): State<AppState>,
    page: Page,
    from: ClientAddress,
    Form(ForgotFields { email }): Form<ForgotFields>,
) -> AppResult<Response> {
    let mut errors = FormErrors::new();
    let Some(address) = errors.take("email", EmailAddress::parse(&email)) else {
        return Ok(refused(views::Forgot {
            page,
            errors,
            email,
            sent: false,
        }));
    };
    reset::ask(&state, &page.words, &address, from).await?;
    Ok(views::Forgot {
        page,
        errors,
        email: address.to_string(),
        sent: true,
    }
    .into_response())
}

async fn show_reset(
    State(state): State<AppState>,
    page: Page,
    Query(LinkFields { token }): Query<LinkFields>,
) -> AppResult<Response> {
    if !link::works(&state, &token, Purpose::Reset).await? {
        return Ok(over(page, "/account/forgot", "outcome-ask-for-a-new-link"));
    }
    Ok(views::Reset {
        page,
        errors: FormErrors::new(),
        token,
    }
    .into_response())
}

async fn reset(
    State(state): State<AppState>,
    page: Page,
    Form(ResetFields { token, password }): Form<ResetFields>,
) -> AppResult<Response> {
    match reset::reset(&state, &page.words, &token, Password::typed(password)).await? {
        reset::Outcome::LinkOver => Ok(over(page, "/account/forgot", "outcome-ask-for-a-new-link")),
        reset::Outcome::Refused(errors) => Ok(refused(views::Reset {
            page,
            errors,
            token,
        })),
        reset::Outcome::Done => Ok(views::Outcome {
            page,
            heading: "outcome-your-password-is-changed",
            words: "outcome-every-device-was-signed-out".into(),
            link: "/login",
            label: "base-sign-in",
        }
        .into_response()),
    }
}

async fn show_move(
    State(state): State<AppState>,
    page: Page,
    Query(LinkFields { token }): Query<LinkFields>,
) -> AppResult<Response> {
    if !link::works(&state, &token, Purpose::Move).await? {
        return Ok(over(page, "/account", "outcome-go-to-your-account"));
    }
    Ok(views::UseLink {
        page,
        heading: "outcome-confirm-your-new-address",
        words: "outcome-from-then-on-you-sign",
        action: "/account/email/confirm",
        button: "mail-move-button",
        token,
    }
    .into_response())
}

async fn move_address(
    State(state): State<AppState>,
    page: Page,
    Form(LinkFields { token }): Form<LinkFields>,
) -> AppResult<Response> {
    if !change::move_address(&state, &page.words, &token).await? {
        return Ok(over(page, "/account", "outcome-go-to-your-account"));
    }
    Ok(views::Outcome {
        page,
        heading: "outcome-your-address-is-changed",
        words: "outcome-you-sign-in-with-the".into(),
        link: "/account",
        label: "outcome-go-to-your-account",
    }
    .into_response())
}

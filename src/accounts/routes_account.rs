//! The account page of a person, and what can be changed there.

use axum::Router;
use axum::extract::Form;
use axum::extract::Query;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::IntoResponse;
use axum::response::Redirect;
use axum::response::Response;
use axum::routing::get;
use axum::routing::post;
use serde::Deserialize;
use tower_sessions::Session;

use crate::accounts::change;
use crate::accounts::extract::SignedIn;
use crate::accounts::form::EmailFields;
use crate::accounts::form::PasswordFields;
use crate::accounts::form::SessionFields;
use crate::accounts::link;
use crate::accounts::password::Password;
use crate::accounts::routes::refused;
use crate::accounts::sessions;
use crate::accounts::views;
use crate::kernel::Note;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::platform::web::ClientAddress;
use crate::platform::web::FormErrors;
use crate::platform::web::Page;

pub(super) fn router() -> Router<AppState> {
    Router::new()
        .route("/account", get(show))
        .route("/account/verify/again", post(verify_again))
        .route(
            "/account/password",
            get(show_password).post(change_password),
        )
        .route("/account/email", get(show_email).post(change_email))
        .route("/account/sessions/end", post(end_session))
        .route("/account/sessions/end-others", post(end_others))
}

/// What was just done, as a word of the address; the page says it in a sentence.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Done {
    done: String,
}

impl Done {
    fn sentence(&self) -> &'static str {
        match self.done.as_str() {
            "password" => "outcome-your-password-is-changed-and",
            "mail" => "outcome-the-mail-is-on-its",
            "ended" => "outcome-that-device-is-signed-out",
            "others" => "outcome-every-other-device-is-signed",
            _ => "",
        }
    }
}

fn done(what: &str) -> Response {
    Redirect::to(&format!("/account?done={what}")).into_response()
}

async fn show(
    State(state): State<AppState>,
    page: Page,
    person: SignedIn,
    session: Session,
    Query(query): Query<Done>,
) -> AppResult<Response> {
    let seen = sessions::of_person(&state, &person, &session).await?;
    Ok(views::Account::new(page, query.sentence(), &person, seen).into_response())
}

async fn verify_again(
    State(state): State<AppState>,
    page: Page,
    person: SignedIn,
) -> AppResult<Response> {
    link::verify_again(&state, &page.words, person.account()).await?;
    Ok(done("mail"))
}

async fn show_password(page: Page, person: SignedIn) -> views::ChangePassword {
    let email = person.email().to_string();
    views::ChangePassword {
        page,
        errors: FormErrors::new(),
        email,
    }
}

async fn change_password(
    State(state): State<AppState>,
    page: Page,
    person: SignedIn,
    session: Session,
    from: ClientAddress,
    headers: HeaderMap,
    Form(fields): Form<PasswordFields>,
) -> AppResult<Response> {
    let current = Password::typed(fields.current_password);
    let new = Password::typed(fields.password);
    match change::password(&state, &page.words, &person, current, new, from).await? {
        Ok(account) => {
            sessions::start_session(&session, &account, &headers).await?;
            Ok(done("password"))
        }
        Err(errors) => {
            let email = person.email().to_string();
            Ok(refused(views::ChangePassword {
                page,
                errors,
                email,
            }))
        }
    }
}

async fn show_email(page: Page, person: SignedIn) -> views::ChangeEmail {
    let current = person.email().to_string();
    views::ChangeEmail {
        page,
        errors: FormErrors::new(),
        current,
        email: String::new(),
    }
}

async fn change_email(
    State(state): State<AppState>,
    page: Page,
    person: SignedIn,
    from: ClientAddress,
    Form(fields): Form<EmailFields>,
) -> AppResult<Response> {
    let current = Password::typed(fields.current_password);
    match change::ask_to_move(&state, &page.words, &person, &fields.email, current, from).await? {
        Ok(email) => Ok(views::Outcome {
            page,
            heading: "forgot-look-into-your-mail",
            words: Note::new("outcome-we-have-sent-a-link").with("email", email.as_str()),
            link: "/account",
            label: "outcome-back-to-your-account",
        }
        .into_response()),
        Err(errors) => {
            let current = person.email().to_string();
            Ok(refused(views::ChangeEmail {
                page,
                errors,
                current,
                email: fields.email,
            }))
        }
    }
}

async fn end_session(
    State(state): State<AppState>,
    person: SignedIn,
    Form(fields): Form<SessionFields>,
) -> AppResult<Response> {
    sessions::end_one(&state, &person, &fields.session).await?;
    Ok(done("ended"))
}

async fn end_others(
    State(state): State<AppState>,
    person: SignedIn,
    session: Session,
    headers: HeaderMap,
) -> AppResult<Response> {
    sessions::end_others(&state, &person, &session, &headers).await?;
    Ok(done("others"))
}

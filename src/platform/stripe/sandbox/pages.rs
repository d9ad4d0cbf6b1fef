//! The hosted payment page: what a buyer sees instead of Stripe's. Works without JavaScript.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::Router;
use axum::extract::Path;
use axum::extract::Query;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::Html;
use axum::response::IntoResponse;
use axum::response::Redirect;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use crate::kernel::Currency;
use crate::kernel::Money;

use super::accounts;
use super::cards;
use super::pay::Tried;
use super::records::IntentState;
use super::records::Session;
use super::records::SessionState;
use super::shared::Shared;

const STYLE: &str = include_str!("../../../../templates/stripe_sandbox/sandbox.css");

pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/pay/sandbox.css", get(style))
        .route("/pay/{session}", get(show).post(pay))
        .route(
            "/pay/{session}/challenge",
            get(show_challenge).post(answer_challenge),
        )
}

/// The page with the order and the card form.
#[derive(Template)]
#[template(path = "stripe_sandbox/pay.html")]
struct PayPage {
    order: OrderLines,
    number: String,
    message: Option<String>,
    numbers: Vec<NumberRow>,
    countries: Vec<CountryRow>,
    cancel_url: Option<String>,
}

/// The bank's page.
#[derive(Template)]
#[template(path = "stripe_sandbox/challenge.html")]
struct ChallengePage {
    order: OrderLines,
}

/// What is left to say when nothing can be paid.
#[derive(Template)]
#[template(path = "stripe_sandbox/notice.html")]
struct NoticePage {
    heading: &'static str,
    text: &'static str,
    back: Option<String>,
}

struct OrderLines {
    session: String,
    name: String,
    description: Option<String>,
    email: Option<String>,
    total: String,
}

struct CountryRow {
    code: &'static str,
    name: &'static str,
}

struct NumberRow {
    number: String,
    bare: &'static str,
    label: &'static str,
}

impl OrderLines {
    fn of(session: &Session) -> Self {
        Self {
            session: session.id.clone(),
            name: session.product_name.clone(),
            description: session.product_description.clone(),
            email: session.customer_email.clone(),
            total: amount(session.amount, &session.currency),
        }
    }
}

/// An amount as people read it.
pub(super) fn amount(minor: i64, currency: &str) -> String {
    match Currency::parse(currency) {
        Ok(currency) => Money::new(minor, currency).to_string(),
        Err(_) => format!("{minor} {currency}"),
    }
}

#[derive(Deserialize)]
struct Prefill {
    number: Option<String>,
}

async fn show(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Query(prefill): Query<Prefill>,
) -> Response {
    let session = shared.change(|till| till.books.sessions.get(&id).cloned());
    match session {
        Some(session) if session.status == SessionState::Open => {
            pay_page(&session, prefill.number, None)
        }
        Some(session) if session.status == SessionState::Complete => notice(
            StatusCode::OK,
            "This order is paid",
            "There is nothing left to do here.",
            Some(
                session
                    .success_url
                    .replace("{CHECKOUT_SESSION_ID}", &session.id),
            ),
        ),
        Some(session) => expired(session.cancel_url),
        None => unknown(),
    }
}

#[derive(Deserialize)]
struct Typed {
    number: String,
    country: Option<String>,
}

async fn pay(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Form(typed): Form<Typed>,
) -> Response {
    let (tried, session) = shared.change(|till| {
        (
            till.pay(&id, &typed.number, typed.country.as_deref()),
            till.books.sessions.get(&id).cloned(),
        )
    });
    after(tried, session, Some(typed.number))
}

async fn show_challenge(State(shared): State<Arc<Shared>>, Path(id): Path<String>) -> Response {
    let waiting = shared.change(|till| {
        let session = till.books.sessions.get(&id)?.clone();
        let intent = till.books.intents.get(session.intent.as_ref()?)?;
        (intent.status == IntentState::RequiresAction).then_some(session)
    });
    match waiting {
        Some(session) => {
            let page = ChallengePage {
                order: OrderLines::of(&session),
            };
            html(StatusCode::OK, &page, &session.success_url)
        }
        None => Redirect::to(&format!("/pay/{id}")).into_response(),
    }
}

#[derive(Deserialize)]
struct Answer {
    answer: String,
}

async fn answer_challenge(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Form(form): Form<Answer>,
) -> Response {
    let (tried, session) = shared.change(|till| {
        let tried = till.answer_challenge(&id, form.answer == "approve");
        (tried, till.books.sessions.get(&id).cloned())
    });
    after(tried, session, None)
}

/// Shows where a try to pay led.
fn after(tried: Tried, session: Option<Session>, number: Option<String>) -> Response {
    let Some(session) = session else {
        return unknown();
    };
    match tried {
        Tried::Finished(to) => Redirect::to(&to).into_response(),
        Tried::Challenge => Redirect::to(&format!("/pay/{}/challenge", session.id)).into_response(),
        Tried::Failed(why) => pay_page(&session, number, Some(why)),
        Tried::Expired => expired(session.cancel_url),
        Tried::Unknown => unknown(),
    }
}

fn pay_page(session: &Session, number: Option<String>, message: Option<String>) -> Response {
    let euro = session.currency == "eur";
    let offered = cards::NUMBERS
        .iter()
        .filter(|known| euro || !known.is_account());
    let status = match message {
        Some(_) => StatusCode::PAYMENT_REQUIRED,
        None => StatusCode::OK,
    };
    let page = PayPage {
        order: OrderLines::of(session),
        number: number.unwrap_or_else(|| cards::NUMBERS[0].spaced()),
        message,
        numbers: offered
            .map(|known| NumberRow {
                number: known.spaced(),
                bare: known.number,
                label: known.label,
            })
            .collect(),
        countries: accounts::COUNTRIES
            .iter()
            .map(|(code, _, name)| CountryRow { code, name })
            .collect(),
        cancel_url: session.cancel_url.clone(),
    };
    html(status, &page, &session.success_url)
}

fn expired(back: Option<String>) -> Response {
    let text = "The time to pay is over and nothing was charged. Start again in the shop.";
    notice(
        StatusCode::GONE,
        "This payment page has expired",
        text,
        back,
    )
}

pub(super) fn unknown() -> Response {
    let text = "Check the address, or start again in the shop.";
    notice(
        StatusCode::NOT_FOUND,
        "There is no such payment page",
        text,
        None,
    )
}

fn notice(
    status: StatusCode,
    heading: &'static str,
    text: &'static str,
    back: Option<String>,
) -> Response {
    html(
        status,
        &NoticePage {
            heading,
            text,
            back,
        },
        "",
    )
}

/// Answers with a page under a strict policy. Browsers hold `form-action` against the redirect
/// after the form too, so the shop's origin must be named.
pub(super) fn html(status: StatusCode, page: &impl Template, success_url: &str) -> Response {
    let Ok(body) = page.render() else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let shop = url::Url::parse(success_url).map(|url| url.origin().ascii_serialization());
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src data:; form-action 'self' {}; \
         frame-ancestors 'none'; base-uri 'none'",
        shop.unwrap_or_default()
    );
    let mut response = (status, Html(body)).into_response();
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    response
}

async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], STYLE)
}

//! The questions that Stripe asks the owner of a connected account, in one page.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::Router;
use axum::extract::Path;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::response::Redirect;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use super::accounts;
use super::accounts::Change;
use super::pages;
use super::shared::Shared;

pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new().route("/connect/{token}", get(show).post(answer))
}

#[derive(Template)]
#[template(path = "stripe_sandbox/onboarding.html")]
struct OnboardingPage {
    token: String,
    account: String,
    email: Option<String>,
    countries: Vec<Country>,
}

struct Country {
    code: &'static str,
    name: &'static str,
    chosen: bool,
}

/// A link opens once; who comes again, or too late, is sent for a new one.
async fn show(State(shared): State<Arc<Shared>>, Path(token): Path<String>) -> Response {
    let opened = shared.change(|till| {
        let now = till.now;
        till.books.next();
        let link = till.books.links.get_mut(&token)?;
        let fresh = !link.visited && link.expires_at > now;
        link.visited = true;
        let account = till.books.accounts.get(&link.account)?.clone();
        Some((fresh, link.clone(), account))
    });
    match opened {
        None => pages::unknown(),
        Some((false, link, _)) => Redirect::to(&link.refresh_url).into_response(),
        Some((true, link, account)) => {
            let countries = accounts::COUNTRIES.iter();
            let page = OnboardingPage {
                token,
                countries: countries
                    .map(|(code, _, name)| Country {
                        code,
                        name,
                        chosen: *code == account.country,
                    })
                    .collect(),
                account: account.id,
                email: account.email,
            };
            pages::html(StatusCode::OK, &page, &link.return_url)
        }
    }
}

#[derive(Deserialize)]
struct Answer {
    country: String,
    then: Then,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Then {
    /// Everything is answered, and right.
    Finish,
    /// Everything is answered, and Stripe still looks at it.
    Submit,
    /// Not now.
    Leave,
}

async fn answer(
    State(shared): State<Arc<Shared>>,
    Path(token): Path<String>,
    Form(answer): Form<Answer>,
) -> Response {
    let Ok(currency) = accounts::currency_of(&answer.country) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let link = shared.change(|till| {
        let link = till.books.links.get_mut(&token)?;
        let closed = std::mem::replace(&mut link.closed, true);
        let link = link.clone();
        if !closed && answer.then != Then::Leave {
            let change = Change {
                charges_enabled: Some(answer.then == Then::Finish),
                details_submitted: Some(true),
                country: Some((answer.country, currency)),
                refuses: None,
            };
            till.change_account(&link.account, change);
        }
        Some(link)
    });
    match link {
        Some(link) => Redirect::to(&link.return_url).into_response(),
        None => pages::unknown(),
    }
}

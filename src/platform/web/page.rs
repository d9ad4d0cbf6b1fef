//! The frame around every page: who is signed in, where we are, how to link.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header;
use axum::http::request::Parts;

use crate::kernel::Money;
use crate::kernel::Note;
use crate::kernel::Time;
use crate::platform::AppState;
use crate::platform::words::Rich;
use crate::platform::words::Said;
use crate::platform::words::Words;

/// Who a page is shown to; put into the request by `accounts::identify`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageIdentity {
    /// The name in the header.
    pub name: String,
    /// Whether the portal is offered.
    pub has_studio: bool,
    /// Whether the back office is offered.
    pub is_operator: bool,
}

/// What the base template needs. Every page's view has one as its field `page`.
#[derive(Clone, Debug)]
pub struct Page {
    /// Who is signed in.
    pub identity: Option<PageIdentity>,
    /// The path of the request, to mark the current link and to come back after signing in.
    pub path: String,
    /// The store's own origin, for canonical links and Open Graph.
    pub origin: String,
    /// Whether this is the demo, which says so on every page.
    pub demo: bool,
    /// What stands in the search field of the header.
    pub search: String,
    /// The reader's language, and how dates, prices and numbers are written for them.
    pub words: Words,
}

impl Page {
    /// The frame for a path, outside a request (tests and samples).
    pub fn sample(path: &str) -> Self {
        Self {
            identity: None,
            path: path.to_owned(),
            origin: "https://films.example".to_owned(),
            demo: false,
            search: String::new(),
            words: Words::english(),
        }
    }

    /// A message without arguments.
    pub fn t<'a>(&'a self, key: &'a str) -> &'a str {
        self.words.t(key)
    }

    /// A message with arguments.
    pub fn say<'a>(&'a self, key: &'a str) -> Said<'a> {
        self.words.say(key)
    }

    /// A sentence that was noted before the reader was known.
    pub fn note<'a>(&'a self, note: &'a Note) -> Said<'a> {
        self.words.note(note)
    }

    /// A price as the reader writes it. Templates pass references.
    pub fn price(&self, money: &Money) -> String {
        self.words.price(*money)
    }

    /// A number as the reader writes it.
    pub fn number(&self, number: &i64) -> String {
        self.words.number(*number)
    }

    /// A day as the reader writes it.
    pub fn date(&self, at: &Time) -> String {
        self.words.date(*at)
    }

    /// A minute as the reader writes it, in UTC.
    pub fn minute(&self, at: &Time) -> String {
        self.words.minute(*at)
    }

    /// A message with links or emphasis inside.
    pub fn rich<'a>(&'a self, key: &'a str) -> Rich<'a> {
        self.words.rich(key)
    }

    /// The full address of this page, without its query.
    pub fn canonical(&self) -> String {
        format!("{}{}", self.origin, self.path)
    }

    /// Whether somebody is signed in.
    pub fn signed_in(&self) -> bool {
        self.identity.is_some()
    }

    /// Whether a link of the navigation leads to where we are.
    pub fn is_at(&self, path: &str) -> bool {
        self.path == path
    }

    /// URL of a file below `static`, with its hash in the name.
    pub fn asset(&self, name: &str) -> &'static str {
        crate::platform::web::assets::asset(name)
    }

    /// The frame of a request outside handlers.
    pub fn of_parts(parts: &Parts, state: &AppState) -> Self {
        Self {
            identity: parts.extensions.get::<PageIdentity>().cloned(),
            path: parts.uri.path().to_owned(),
            origin: state.config.public_url.origin().to_owned(),
            demo: state.config.demo,
            search: String::new(),
            words: words_for(&parts.headers, state),
        }
    }
}

/// The words for whoever sent these headers.
pub fn words_for(headers: &HeaderMap, state: &AppState) -> Words {
    let accepted = headers.get(header::ACCEPT_LANGUAGE);
    let accepted = accepted.and_then(|accepted| accepted.to_str().ok());
    state.catalog.choose(accepted.unwrap_or(""))
}

impl FromRequestParts<AppState> for Page {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        Ok(Self::of_parts(parts, state))
    }
}

//! The frame around every page: who is signed in, where we are, how to link.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::platform::AppState;

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
        }
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
        }
    }
}

impl FromRequestParts<AppState> for Page {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        Ok(Self::of_parts(parts, state))
    }
}

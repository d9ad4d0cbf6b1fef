//! Who is asking: extractors and the middleware behind the header of every page.

use axum::extract::FromRequestParts;
use axum::extract::Request;
use axum::extract::State;
use axum::http::Method;
use axum::http::header;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::IntoResponse;
use axum::response::Response;
use tower_sessions::Session;

use crate::accounts::model::Account;
use crate::accounts::model::LocalPath;
use crate::accounts::sessions;
use crate::kernel::ids::AccountId;
use crate::kernel::text::DisplayName;
use crate::kernel::text::EmailAddress;
use crate::platform::AppError;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::platform::web::page::PageIdentity;
use crate::platform::web::session;

/// Somebody whose session was checked. As an extractor it asks everybody else to sign in.
#[derive(Clone, Debug)]
pub struct SignedIn {
    account: Account,
}

/// The same, for pages that also serve visitors.
#[derive(Clone, Debug)]
pub struct MaybeSignedIn(pub Option<SignedIn>);

impl SignedIn {
    /// Only a check of the session comes here.
    pub(super) const fn checked(account: Account) -> Self {
        Self { account }
    }

    /// The person's id.
    pub const fn account_id(&self) -> AccountId {
        self.account.id
    }

    /// The person's address.
    pub const fn email(&self) -> &EmailAddress {
        &self.account.email
    }

    /// The person's name.
    pub const fn name(&self) -> &DisplayName {
        &self.account.name
    }

    /// Whether the address was confirmed.
    pub const fn email_verified(&self) -> bool {
        self.account.email_verified
    }

    /// Whether the person runs the store.
    pub const fn is_operator(&self) -> bool {
        self.account.is_operator
    }

    /// Whether the person works for a studio.
    pub const fn has_studio(&self) -> bool {
        self.account.has_studio
    }

    /// The account as a whole.
    pub const fn account(&self) -> &Account {
        &self.account
    }

    fn page_identity(&self) -> PageIdentity {
        PageIdentity {
            name: self.account.name.to_string(),
            has_studio: self.account.has_studio,
            is_operator: self.account.is_operator,
        }
    }
}

impl FromRequestParts<AppState> for SignedIn {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> AppResult<Self> {
        let found = MaybeSignedIn::from_request_parts(parts, state).await?.0;
        found.ok_or_else(|| AppError::SignInRequired {
            back: way_back(parts, state),
        })
    }
}

/// Somebody who runs the store. For everybody else who is signed in, there is nothing here.
#[derive(Clone, Debug)]
pub struct Operator(SignedIn);

impl Operator {
    /// The operator's id.
    pub const fn account_id(&self) -> AccountId {
        self.0.account_id()
    }
}

impl FromRequestParts<AppState> for Operator {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> AppResult<Self> {
        let person = SignedIn::from_request_parts(parts, state).await?;
        if person.is_operator() {
            return Ok(Self(person));
        }
        Err(AppError::NotFound)
    }
}

impl FromRequestParts<AppState> for MaybeSignedIn {
    type Rejection = AppError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> AppResult<Self> {
        if let Some(seen) = parts.extensions.get::<Self>() {
            return Ok(seen.clone()); // `identify` has checked this request already
        }
        let checked = match parts.extensions.get::<Session>() {
            Some(session) => Self(sessions::check(state, session).await?),
            None => Self(None),
        };
        parts.extensions.insert(checked.clone());
        Ok(checked)
    }
}

/// Middleware: checks the session once, for the header of the page and for the extractors. A
/// request without our cookie costs nothing.
pub async fn identify(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if !session::has_cookie(request.headers()) {
        return next.run(request).await;
    }
    let (mut parts, body) = request.into_parts();
    let checked = match MaybeSignedIn::from_request_parts(&mut parts, &state).await {
        Ok(checked) => checked,
        Err(error) => return error.into_response(),
    };
    let identity = checked.0.as_ref().map(SignedIn::page_identity);
    if let Some(identity) = identity.clone() {
        parts.extensions.insert(identity);
    }
    let mut answer = next.run(Request::from_parts(parts, body)).await;
    if let Some(identity) = identity {
        answer.extensions_mut().insert(identity); // for the page of an error
    }
    answer
}

/// Where a person goes on after signing in: the page that was asked for, or the page whose form
/// was sent.
pub fn way_back(parts: &Parts, state: &AppState) -> String {
    let asked = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    if matches!(parts.method, Method::GET | Method::HEAD) {
        return LocalPath::or(asked, "/").as_str().to_owned();
    }
    let referer = parts
        .headers
        .get(header::REFERER)
        .and_then(|value| value.to_str().ok());
    let path = referer.and_then(|url| url.strip_prefix(state.config.public_url.origin()));
    LocalPath::or(path.unwrap_or("/"), "/").as_str().to_owned()
}

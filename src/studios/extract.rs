//! Who acts for a studio: a member with a session, or a program with an API token.

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header;
use axum::http::request::Parts;
use axum::response::IntoResponse;
use axum::response::Redirect;
use axum::response::Response;

use crate::accounts::MaybeSignedIn;
use crate::accounts::SignedIn;
use crate::accounts::TokenHash;
use crate::accounts::way_back;
use crate::platform::AppError;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::platform::web::errors::wants_json;
use crate::studios::model::Role;
use crate::studios::model::Studio;
use crate::studios::model::TOKEN_MARK;
use crate::studios::model::is_use_worth_noting;
use crate::studios::store;
use crate::studios::store::LiveToken;

/// The right to act for a studio.
#[derive(Clone, Debug)]
pub struct StudioMember {
    studio: Studio,
    actor: Actor,
}

/// Who acts.
#[derive(Clone, Debug)]
enum Actor {
    Person { person: Box<SignedIn>, role: Role },
    Program { name: String },
}

/// Why somebody may not act for a studio.
#[derive(Debug)]
pub enum NotAMember {
    /// Neither a session nor a token; a person signs in and comes back.
    SignedOut {
        /// Where to come back to.
        back: String,
        /// Whether the answer goes to a program.
        machine: bool,
    },
    /// A token that is none of ours, or was revoked.
    UnknownToken,
    /// Somebody without a studio.
    NoStudio {
        /// Whether the answer goes to a program.
        machine: bool,
    },
    /// The question could not be answered.
    Failed(AppError),
}

impl StudioMember {
    /// The studio.
    pub const fn studio(&self) -> &Studio {
        &self.studio
    }

    /// The person, unless a program acts.
    pub fn account(&self) -> Option<&SignedIn> {
        match &self.actor {
            Actor::Person { person, .. } => Some(person),
            Actor::Program { .. } => None,
        }
    }

    /// The name of the person, or of the program's token.
    pub fn member_name(&self) -> &str {
        match &self.actor {
            Actor::Person { person, .. } => person.name().as_str(),
            Actor::Program { name } => name,
        }
    }

    /// Whether this is an owner; programs never are.
    pub fn is_owner(&self) -> bool {
        matches!(
            self.actor,
            Actor::Person {
                role: Role::Owner,
                ..
            }
        )
    }

    /// The person, for pages about people and tokens, which no program may use.
    pub(super) fn person(&self) -> AppResult<&SignedIn> {
        self.account()
            .ok_or(AppError::Forbidden("error-an-api-token-cannot-do"))
    }

    /// The person, if an owner.
    pub(super) fn owner(&self) -> AppResult<&SignedIn> {
        let person = self.person()?;
        if self.is_owner() {
            return Ok(person);
        }
        Err(AppError::Forbidden("error-only-an-owner-of-the"))
    }
}

/// The right of a person to act for a studio: for money, and for who bought or shares. A token for
/// uploads lies on a machine for films, and whoever finds it there is to find no more than that.
#[derive(Clone, Debug)]
pub struct StudioPerson(StudioMember);

impl StudioPerson {
    /// The same as a member.
    pub const fn member(&self) -> &StudioMember {
        &self.0
    }

    /// The studio.
    pub const fn studio(&self) -> &Studio {
        self.0.studio()
    }
}

impl FromRequestParts<AppState> for StudioPerson {
    type Rejection = NotAMember;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, NotAMember> {
        let member = StudioMember::from_request_parts(parts, state).await?;
        member.person().map_err(NotAMember::Failed)?;
        Ok(Self(member))
    }
}

impl FromRequestParts<AppState> for StudioMember {
    type Rejection = NotAMember;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, NotAMember> {
        if let Some(token) = bearer(&parts.headers) {
            return by_token(state, token).await;
        }
        let machine = is_machine(&parts.headers);
        let MaybeSignedIn(person) = MaybeSignedIn::from_request_parts(parts, state)
            .await
            .map_err(NotAMember::Failed)?;
        let Some(person) = person else {
            return Err(NotAMember::SignedOut {
                back: way_back(parts, state),
                machine,
            });
        };
        let mut conn = state.db.read().await?;
        match store::membership_of(&mut conn, person.account_id()).await? {
            Some(place) => {
                let actor = Actor::Person {
                    person: Box::new(person),
                    role: place.role,
                };
                Ok(Self {
                    studio: place.studio,
                    actor,
                })
            }
            None => Err(NotAMember::NoStudio { machine }),
        }
    }
}

async fn by_token(state: &AppState, presented: &str) -> Result<StudioMember, NotAMember> {
    if !presented.starts_with(TOKEN_MARK) {
        return Err(NotAMember::UnknownToken);
    }
    let hash = TokenHash::of(presented);
    let found = store::live_token(&mut *state.db.read().await?, &hash).await?;
    let LiveToken { token, studio } = found.ok_or(NotAMember::UnknownToken)?;
    let now = state.now();
    if is_use_worth_noting(token.last_used_at, now) {
        let mut tx = state.db.begin_write().await?;
        store::note_use(&mut tx, token.id, now).await?;
        tx.commit().await?;
    }
    Ok(StudioMember {
        studio,
        actor: Actor::Program {
            name: token.name.to_string(),
        },
    })
}

/// The token of `Authorization: Bearer …`; the scheme's letters may be of either case.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Programs get statuses where people are led on: whoever asks for JSON, and tus clients.
fn is_machine(headers: &HeaderMap) -> bool {
    wants_json(headers) || headers.contains_key("tus-resumable")
}

impl From<sqlx::Error> for NotAMember {
    fn from(error: sqlx::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<NotAMember> for AppError {
    fn from(refusal: NotAMember) -> Self {
        match refusal {
            NotAMember::SignedOut { back, .. } => Self::SignInRequired { back },
            NotAMember::UnknownToken => Self::SignInRequired {
                back: "/studio".to_owned(),
            },
            NotAMember::NoStudio { .. } => Self::NotFound,
            NotAMember::Failed(error) => error,
        }
    }
}

impl IntoResponse for NotAMember {
    fn into_response(self) -> Response {
        match self {
            Self::NoStudio { machine: false } => Redirect::to("/studio/signup").into_response(),
            Self::SignedOut { machine: true, .. } | Self::UnknownToken => {
                let mut answer = AppError::from(self).into_response();
                *answer.status_mut() = StatusCode::UNAUTHORIZED;
                let scheme = HeaderValue::from_static("Bearer realm=\"studio\"");
                answer
                    .headers_mut()
                    .insert(header::WWW_AUTHENTICATE, scheme);
                answer.headers_mut().remove(header::LOCATION);
                answer
            }
            other => AppError::from(other).into_response(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(value: &'static str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, HeaderValue::from_static(value));
        bearer(&headers).map(str::to_owned)
    }

    #[test]
    fn a_bearer_token_is_read_as_the_rfc_writes_it() {
        assert_eq!(token("Bearer mat_x").as_deref(), Some("mat_x"));
        assert_eq!(token("bearer  mat_x ").as_deref(), Some("mat_x"));
        assert_eq!(token("Basic mat_x"), None);
        assert_eq!(token("Bearer"), None);
    }
}

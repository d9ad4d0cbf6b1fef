//! API tokens: made, shown once, revoked.

use crate::accounts::SecretToken;
use crate::accounts::SignedIn;
use crate::accounts::TokenHash;
use crate::kernel::Time;
use crate::kernel::ids::AccountId;
use crate::kernel::ids::StudioId;
use crate::kernel::ids::TokenId;
use crate::kernel::text::DisplayName;
use crate::platform::AppError;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::platform::db::Conn;
use crate::platform::web::FormErrors;
use crate::studios::model::MAX_TOKENS;
use crate::studios::model::PREFIX_CHARS;
use crate::studios::model::Studio;
use crate::studios::model::TOKEN_MARK;
use crate::studios::model::Token;
use crate::studios::store;

/// Makes a token and returns its secret, which nothing can show again.
pub(super) async fn create(
    state: &AppState,
    studio: &Studio,
    by: &SignedIn,
    name: &str,
) -> AppResult<Result<String, FormErrors>> {
    let mut errors = FormErrors::new();
    let name = errors.take("name", DisplayName::parse(name));
    let name = match errors.or(name) {
        Ok(name) => name,
        Err(errors) => return Ok(Err(errors)),
    };
    let mut tx = state.db.begin_write().await?;
    if store::tokens_of(&mut tx, studio.id).await?.len() >= MAX_TOKENS {
        let full = "fault-there-are-too-many-tokens";
        return Ok(Err(FormErrors::one("name", full)));
    }
    let secret = issue(&mut tx, studio.id, by.account_id(), name, state.now()).await?;
    tx.commit().await?;
    Ok(Ok(secret))
}

/// Makes a token that acts for a studio. The caller commits.
pub(super) async fn issue(
    tx: &mut Conn,
    studio: StudioId,
    by: AccountId,
    name: DisplayName,
    now: Time,
) -> Result<String, sqlx::Error> {
    let (secret, token) = fresh(name, now);
    store::insert_token(tx, studio, by, &token, &TokenHash::of(&secret)).await?;
    tracing::info!(%studio, token = %token.id, "made an API token");
    Ok(secret)
}

/// A new secret and what is kept beside its hash.
fn fresh(name: DisplayName, now: Time) -> (String, Token) {
    let mut rng = rand::rng();
    let secret = format!("{TOKEN_MARK}{}", SecretToken::new(&mut rng).reveal());
    let token = Token {
        id: TokenId::new(now, &mut rng),
        name,
        prefix: secret[..PREFIX_CHARS].to_owned(), // ASCII, see SecretToken
        created_at: now,
        last_used_at: None,
    };
    (secret, token)
}

/// Ends a token of the studio.
pub(super) async fn revoke(state: &AppState, studio: &Studio, id: &str) -> AppResult<()> {
    let id: TokenId = id.parse().map_err(|_| AppError::NotFound)?;
    let mut tx = state.db.begin_write().await?;
    if store::revoke(&mut tx, studio.id, id, state.now()).await? == 0 {
        return Err(AppError::NotFound);
    }
    tx.commit().await?;
    tracing::info!(studio = %studio.id, token = %id, "revoked an API token");
    Ok(())
}

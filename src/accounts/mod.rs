//! People: who signs up, signs in and out, and how the store knows them again.
//!
//! Invariants:
//! - A password is kept as argon2id with its parameters; a link or a token as SHA-256 only.
//! - [`SignedIn`] exists only where a live session of the account's present epoch was found.
//! - Signing in makes a new session id. A new password, a reset and "sign out everywhere" open a
//!   new epoch, so no older session survives, not even one that is being written at that moment.
//! - Sign-in, sign-up and reset answer alike, and do alike, whether an address is known or not.
//! - An account that was erased keeps its row, because fiscal records name it; nothing in the row
//!   says whose it was, and no password opens it.
//! - Opening a link with GET changes nothing; only its form, sent by POST, uses it up.

use std::time::Duration;

use axum::Router;

use crate::platform::AppState;
use crate::platform::jobs::Runner;

mod change;
mod erase;
mod extract;
mod form;
mod letters;
mod limits;
mod link;
mod model;
mod operator;
mod password;
mod reset;
mod routes;
mod routes_account;
mod routes_links;
mod sessions;
mod sign_in;
mod sign_up;
mod store;
mod token;
mod views;

pub use erase::erase;
pub use erase::farewell;
pub use erase::is_erased;
pub use extract::MaybeSignedIn;
pub use extract::Operator;
pub use extract::SignedIn;
pub use extract::identify;
pub use extract::way_back;
pub use form::SignUpFields;
pub use model::Account;
pub use model::LocalPath;
pub use model::NewAccount;
pub use model::SignIn;
pub use operator::MadeOperator;
pub use operator::make_operator;
pub use password::Password;
pub use password::PasswordHash;
pub use routes::CLEAR_SITE_DATA;
pub use sessions::devices_of;
pub use sessions::end_session;
pub use sessions::start_session;
pub use sessions::start_welcome;
pub use sign_in::confirm_password;
pub use sign_up::Prepared;
pub use sign_up::Signed;
pub use sign_up::create_account;
pub use sign_up::faults as sign_up_faults;
pub use sign_up::prepare as prepare_sign_up;
pub use token::SecretToken;
pub use token::TokenHash;

use crate::kernel::ids::AccountId;
use crate::kernel::text::EmailAddress;
use crate::platform::db::Conn;

/// The pages of people.
pub fn router() -> Router<AppState> {
    routes::router()
}

/// The background work of this slice.
pub fn register(runner: &mut Runner, state: &AppState) {
    let of_reset = state.clone();
    runner.on(reset::ASKED, move |asked| {
        let state = of_reset.clone();
        async move { reset::send_link(&state, asked).await }
    });
    let of_sweep = state.clone();
    runner.every("accounts.sweep", Duration::from_secs(3600), move || {
        let state = of_sweep.clone();
        async move {
            link::forget_expired(&state).await?;
            sign_in::forget_old(&state).await
        }
    });
}

/// The account of an id.
pub async fn account_by_id(conn: &mut Conn, id: AccountId) -> Result<Option<Account>, sqlx::Error> {
    store::account_by_id(conn, id).await
}

/// The account of an address.
pub async fn account_by_email(
    conn: &mut Conn,
    email: &EmailAddress,
) -> Result<Option<Account>, sqlx::Error> {
    Ok(store::known_by_email(conn, email)
        .await?
        .map(|known| known.account))
}

/// When and from where an account was signed in to, the oldest first.
pub async fn sign_ins(conn: &mut Conn, account: AccountId) -> Result<Vec<SignIn>, sqlx::Error> {
    store::sign_ins(conn, account).await
}

/// Notes whether a person works for a studio, so that the header of a page knows without asking.
pub async fn set_has_studio(
    tx: &mut Conn,
    id: AccountId,
    has_studio: bool,
) -> Result<u64, sqlx::Error> {
    store::set_has_studio(tx, id, has_studio).await
}

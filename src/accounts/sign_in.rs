//! Signing in.

use std::time::Duration;

use crate::accounts::limits;
use crate::accounts::model::Account;
use crate::accounts::password::Password;
use crate::accounts::password::PasswordHash;
use crate::accounts::store;
use crate::accounts::store::Known;
use crate::kernel::text::EmailAddress;
use crate::platform::AppError;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::platform::jobs::JobResult;
use crate::platform::web::ClientAddress;

/// The account behind an address and its password; `None` for an unknown address as well as for a
/// wrong password, after the same work.
pub(super) async fn sign_in(
    state: &AppState,
    email: &EmailAddress,
    password: Password,
    from: ClientAddress,
) -> AppResult<Option<Account>> {
    limits::count_guess(state, email, from).await?;
    let known = store::known_by_email(&mut *state.db.read().await?, email).await?;
    let owner = open(state, known, password).await?;
    match &owner {
        Some(account) => {
            note(state, account, from).await?;
            tracing::info!(account = %account.id, "signed in");
        }
        None => tracing::info!(from = %from.limit_key(), "a sign-in was refused"),
    }
    Ok(owner)
}

/// Sign-ins are evidence when a payment is disputed, and forgotten when none can be any more.
const KEPT_FOR: Duration = Duration::from_secs(540 * 24 * 60 * 60);

async fn note(state: &AppState, account: &Account, from: ClientAddress) -> AppResult<()> {
    let mut tx = state.db.begin_write().await?;
    store::note_sign_in(&mut tx, account.id, state.now(), &from.0.to_string()).await?;
    Ok(tx.commit().await?)
}

/// Forgets sign-ins of long ago; a periodic job.
pub(super) async fn forget_old(state: &AppState) -> JobResult {
    let mut tx = state.db.begin_write().await?;
    store::delete_sign_ins(&mut tx, state.now().before(KEPT_FOR)).await?;
    Ok(tx.commit().await?)
}

/// Whether the person at the keyboard knows the account's password; for changes that matter.
pub async fn confirm_password(
    state: &AppState,
    account: &Account,
    password: Password,
    from: ClientAddress,
) -> AppResult<bool> {
    limits::count_guess(state, &account.email, from).await?;
    let known = store::known_by_id(&mut *state.db.read().await?, account.id).await?;
    Ok(open(state, known, password).await?.is_some())
}

async fn open(
    state: &AppState,
    known: Option<Known>,
    password: Password,
) -> AppResult<Option<Account>> {
    let weighed = state
        .heavy(move || weigh(known, &password))
        .await
        .map_err(AppError::Internal)?;
    let Some(opened) = weighed else {
        return Ok(None);
    };
    if let Some(fresh) = &opened.fresh {
        let mut tx = state.db.begin_write().await?;
        let old = &opened.known.password;
        store::replace_hash(&mut tx, opened.known.account.id, old, fresh).await?;
        tx.commit().await?;
    }
    Ok(Some(opened.known.account))
}

/// An account whose password was typed.
struct Opened {
    known: Known,
    /// A hash by today's parameters, where the stored one is of earlier ones.
    fresh: Option<PasswordHash>,
}

fn weigh(known: Option<Known>, password: &Password) -> Option<Opened> {
    let right = password.matches(known.as_ref().map(|known| &known.password));
    let known = known.filter(|_| right)?;
    // Only the owner waits for the second hash, and only once.
    let fresh = known
        .password
        .is_outdated()
        .then(|| password.hash().ok())
        .flatten();
    Some(Opened { known, fresh })
}

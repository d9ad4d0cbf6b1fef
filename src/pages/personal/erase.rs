//! Erase: each part of the store forgets a person, all at once or not at all.

use crate::accounts;
use crate::accounts::Password;
use crate::accounts::SignedIn;
use crate::checkout;
use crate::library;
use crate::platform::AppError;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::platform::mail;
use crate::platform::web::ClientAddress;
use crate::platform::words::Words;
use crate::playback;
use crate::studios;

/// Why an account is not erased; nothing changed then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The password is not theirs.
    WrongPassword,
    /// Their studio would have no owner left.
    OnlyOwner,
}

/// Erases the account of whoever is signed in and knows its password. Payments that are under way
/// do not stand in the way; they settle by what is known of their orders.
pub(super) async fn erase(
    state: &AppState,
    words: &Words,
    person: &SignedIn,
    password: Password,
    from: ClientAddress,
) -> AppResult<Result<(), Refusal>> {
    if !accounts::confirm_password(state, person.account(), password, from).await? {
        return Ok(Err(Refusal::WrongPassword));
    }
    let (now, id, email) = (state.now(), person.account_id(), person.email());
    let farewell = accounts::farewell(words, &state.config.public_url, person.account())?;
    let mut tx = state.db.begin_write().await?;
    if accounts::erase(&mut tx, id, now).await? == 0 {
        return Err(AppError::NotFound); // done a moment ago, by another device
    }
    if studios::leave(&mut tx, id, email, now).await?.is_err() {
        return Ok(Err(Refusal::OnlyOwner));
    }
    checkout::erase_buyer(&mut tx, id, now).await?;
    library::forget_viewer(&mut tx, id).await?;
    playback::forget_viewer(&mut tx, id).await?;
    mail::forget(&mut tx, email).await?;
    mail::queue(&mut tx, &farewell, now).await?;
    tx.commit().await?;
    tracing::info!(account = %id, "erased an account");
    Ok(Ok(()))
}

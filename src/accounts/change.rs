//! Changes that a thief would make first: the password and the address. Both ask for the present
//! password, and the address that was in use is told.

use crate::accounts::extract::SignedIn;
use crate::accounts::letters;
use crate::accounts::limits;
use crate::accounts::link;
use crate::accounts::model::Account;
use crate::accounts::model::Purpose;
use crate::accounts::password::Password;
use crate::accounts::sessions;
use crate::accounts::sign_in::confirm_password;
use crate::accounts::sign_up::strength;
use crate::accounts::store;
use crate::accounts::token::TokenHash;
use crate::kernel::text::EmailAddress;
use crate::platform::AppError;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::platform::db::is_unique_violation;
use crate::platform::mail;
use crate::platform::web::ClientAddress;
use crate::platform::web::FormErrors;
use crate::platform::words::Words;

const WRONG: &str = "fault-this-is-not-your-present";

/// Sets a new password and ends every session; returns the account in its new epoch.
pub(super) async fn password(
    state: &AppState,
    words: &Words,
    person: &SignedIn,
    current: Password,
    typed: Password,
    from: ClientAddress,
) -> AppResult<Result<Account, FormErrors>> {
    let hints = vec![person.name().to_string(), person.email().to_string()];
    if let Err(fault) = strength(state, typed.clone(), hints).await? {
        return Ok(Err(FormErrors::one("password", fault)));
    }
    if !confirm_password(state, person.account(), current, from).await? {
        return Ok(Err(FormErrors::one("current_password", WRONG)));
    }
    let hashed = state
        .heavy(move || typed.hash())
        .await
        .map_err(AppError::Internal)?;
    let hash = hashed.map_err(AppError::internal)?;
    let (now, id) = (state.now(), person.account_id());
    let mut tx = state.db.begin_write().await?;
    let epoch = store::set_password(&mut tx, id, &hash)
        .await?
        .ok_or(AppError::NotFound)?;
    sessions::end_all(&mut tx, id).await?;
    store::delete_links(&mut tx, id, Purpose::Reset).await?;
    let letter = letters::password_changed(words, &state.config.public_url, person.account(), now);
    mail::queue(&mut tx, &letter.to(person.email().clone())?, now).await?;
    tx.commit().await?;
    tracing::info!(account = %id, "changed a password");
    Ok(Ok(Account {
        session_epoch: epoch,
        ..person.account().clone()
    }))
}

/// Sends a link to a new address; the account moves there when it is opened. The answer is the
/// same for an address of another account, whose owner alone learns of it.
pub(super) async fn ask_to_move(
    state: &AppState,
    words: &Words,
    person: &SignedIn,
    email: &str,
    current: Password,
    from: ClientAddress,
) -> AppResult<Result<EmailAddress, FormErrors>> {
    let mut errors = FormErrors::new();
    let email = errors.take("email", EmailAddress::parse(email));
    if email.as_ref() == Some(person.email()) {
        errors.add("email", "fault-this-is-your-address-already");
    }
    let email = match errors.or(email) {
        Ok(email) => email,
        Err(errors) => return Ok(Err(errors)),
    };
    if !confirm_password(state, person.account(), current, from).await? {
        return Ok(Err(FormErrors::one("current_password", WRONG)));
    }
    let now = state.now();
    let mut tx = state.db.begin_write().await?;
    if limits::may_mail(&mut tx, &email, now).await? {
        let token = link::issue(&mut tx, person.account_id(), &email, Purpose::Move, now).await?;
        let letter = letters::confirm_move(words, &state.config.public_url, &token);
        mail::queue(&mut tx, &letter.to(email.clone())?, now).await?;
    }
    tx.commit().await?;
    Ok(Ok(email))
}

/// Moves the account of a link to the address it was sent to, and tells the old one. False when
/// the link is over, or when the address has an account of its own.
pub(super) async fn move_address(state: &AppState, words: &Words, token: &str) -> AppResult<bool> {
    let now = state.now();
    let mut tx = state.db.begin_write().await?;
    let taken = store::take_link(&mut tx, &TokenHash::of(token), Purpose::Move, now).await?;
    let Some(linked) = taken else {
        return Ok(false);
    };
    let before = store::account_by_id(&mut tx, linked.account)
        .await?
        .ok_or(AppError::NotFound)?;
    match store::set_email(&mut tx, linked.account, &linked.email, now).await {
        Ok(1) => {}
        Ok(_) => return Ok(false),
        Err(error) if is_unique_violation(&error) => return Ok(false),
        Err(error) => return Err(error.into()),
    }
    for purpose in [Purpose::Verify, Purpose::Reset, Purpose::Move] {
        store::delete_links(&mut tx, linked.account, purpose).await?; // they went to the old address
    }
    let letter = letters::address_moved(words, &before, &linked.email);
    mail::queue(&mut tx, &letter.to(before.email.clone())?, now).await?;
    tx.commit().await?;
    tracing::info!(account = %linked.account, "moved to another address");
    Ok(true)
}

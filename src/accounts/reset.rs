//! A forgotten password: a link by mail, good for an hour and for one new password.

use serde::Deserialize;
use serde::Serialize;

use crate::accounts::letters;
use crate::accounts::limits;
use crate::accounts::link;
use crate::accounts::model::Purpose;
use crate::accounts::password::Password;
use crate::accounts::sessions;
use crate::accounts::sign_up::strength;
use crate::accounts::store;
use crate::accounts::token::TokenHash;
use crate::kernel::text::EmailAddress;
use crate::platform::AppError;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::platform::jobs;
use crate::platform::jobs::JobResult;
use crate::platform::mail;
use crate::platform::web::ClientAddress;
use crate::platform::web::FormErrors;
use crate::platform::words::Words;

/// The kind of the job that looks whether an address has an account. The request itself does not
/// look, so its answer and its time cannot tell.
pub(super) const ASKED: &str = "accounts.reset_asked";

/// Payload of [`ASKED`].
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Asked {
    email: String,
    /// Whose words the mail is in, as [`Words::reader`] names them.
    #[serde(default)]
    reader: String,
}

/// Takes note that somebody forgot the password of an address.
pub(super) async fn ask(
    state: &AppState,
    words: &Words,
    email: &EmailAddress,
    from: ClientAddress,
) -> AppResult<()> {
    limits::count_ask(state, from).await?;
    let now = state.now();
    let mut tx = state.db.begin_write().await?;
    let asked = Asked {
        email: email.to_string(),
        reader: words.reader(),
    };
    jobs::enqueue(&mut tx, ASKED, &asked, now, now).await?;
    Ok(tx.commit().await?)
}

/// Sends the link, if there is an account. Runs as a job.
pub(super) async fn send_link(state: &AppState, asked: Asked) -> JobResult {
    let Ok(email) = EmailAddress::parse(&asked.email) else {
        return Ok(());
    };
    let now = state.now();
    let mut tx = state.db.begin_write().await?;
    let known = store::known_by_email(&mut tx, &email).await?;
    if let Some(known) = known
        && limits::may_mail(&mut tx, &email, now).await?
    {
        let token = link::issue(&mut tx, known.account.id, &email, Purpose::Reset, now).await?;
        let letter = letters::reset_password(
            &state.catalog.choose(&asked.reader),
            &state.config.public_url,
            &known.account,
            &token,
        );
        mail::queue(&mut tx, &letter.to(email)?, now).await?;
    }
    Ok(tx.commit().await?)
}

/// How a reset ended.
pub(super) enum Outcome {
    /// The new password stands, and every older session is over.
    Done,
    /// The password is not taken; the link still works.
    Refused(FormErrors),
    /// The link was used, or its hour is over.
    LinkOver,
}

/// Sets a new password for the holder of a link.
pub(super) async fn reset(
    state: &AppState,
    words: &Words,
    token: &str,
    typed: Password,
) -> AppResult<Outcome> {
    if !link::works(state, token, Purpose::Reset).await? {
        return Ok(Outcome::LinkOver);
    }
    if let Err(fault) = strength(state, typed.clone(), Vec::new()).await? {
        return Ok(Outcome::Refused(FormErrors::one("password", fault)));
    }
    let hashed = state
        .heavy(move || typed.hash())
        .await
        .map_err(AppError::Internal)?;
    let hash = hashed.map_err(AppError::internal)?;
    let now = state.now();
    let mut tx = state.db.begin_write().await?;
    let taken = store::take_link(&mut tx, &TokenHash::of(token), Purpose::Reset, now).await?;
    let Some(linked) = taken else {
        return Ok(Outcome::LinkOver);
    };
    store::set_password(&mut tx, linked.account, &hash).await?;
    store::mark_verified(&mut tx, linked.account, &linked.email, now).await?; // the mail arrived
    sessions::end_all(&mut tx, linked.account).await?;
    store::delete_links(&mut tx, linked.account, Purpose::Reset).await?;
    store::delete_links(&mut tx, linked.account, Purpose::Move).await?;
    let account = store::account_by_id(&mut tx, linked.account)
        .await?
        .ok_or(AppError::NotFound)?;
    let letter = letters::password_changed(words, &state.config.public_url, &account, now);
    mail::queue(&mut tx, &letter.to(account.email.clone())?, now).await?;
    tx.commit().await?;
    tracing::info!(account = %account.id, "reset a password");
    Ok(Outcome::Done)
}

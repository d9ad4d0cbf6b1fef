//! Links in mails: made, used once, forgotten.

use crate::accounts::letters;
use crate::accounts::limits;
use crate::accounts::model::Account;
use crate::accounts::model::Purpose;
use crate::accounts::store;
use crate::accounts::store::Linked;
use crate::accounts::token::SecretToken;
use crate::accounts::token::TokenHash;
use crate::kernel::Time;
use crate::kernel::ids::AccountId;
use crate::kernel::text::EmailAddress;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::platform::db::Conn;
use crate::platform::jobs::JobResult;
use crate::platform::mail;
use crate::platform::words::Words;

/// Makes a link for an account, to be sent to `email`.
pub(super) async fn issue(
    tx: &mut Conn,
    account: AccountId,
    email: &EmailAddress,
    purpose: Purpose,
    now: Time,
) -> Result<SecretToken, sqlx::Error> {
    let token = SecretToken::new(&mut rand::rng());
    let to = Linked {
        account,
        email: email.clone(),
    };
    store::insert_link(
        tx,
        &token.hash(),
        purpose,
        &to,
        now.after(purpose.lifetime()),
    )
    .await?;
    Ok(token)
}

/// Whether a link would still work. Looking does not use it up: mail scanners open every link.
pub(super) async fn works(state: &AppState, token: &str, purpose: Purpose) -> AppResult<bool> {
    let mut conn = state.db.read().await?;
    Ok(store::link_works(&mut conn, &TokenHash::of(token), purpose, state.now()).await?)
}

/// Confirms the address that a link was sent to; false when the link is over.
pub(super) async fn verify(state: &AppState, token: &str) -> AppResult<bool> {
    let now = state.now();
    let mut tx = state.db.begin_write().await?;
    let taken = store::take_link(&mut tx, &TokenHash::of(token), Purpose::Verify, now).await?;
    let Some(linked) = taken else {
        return Ok(false);
    };
    let verified = store::mark_verified(&mut tx, linked.account, &linked.email, now).await?;
    store::delete_links(&mut tx, linked.account, Purpose::Verify).await?;
    tx.commit().await?;
    tracing::info!(account = %linked.account, "confirmed an address");
    Ok(verified == 1)
}

/// Sends the link that confirms the account's address once more.
pub(super) async fn verify_again(
    state: &AppState,
    words: &Words,
    account: &Account,
) -> AppResult<()> {
    if account.email_verified {
        return Ok(());
    }
    let now = state.now();
    let mut tx = state.db.begin_write().await?;
    if limits::may_mail(&mut tx, &account.email, now).await? {
        let token = issue(&mut tx, account.id, &account.email, Purpose::Verify, now).await?;
        let letter = letters::confirm_address(words, &state.config.public_url, &token);
        mail::queue(&mut tx, &letter.to(account.email.clone())?, now).await?;
    }
    Ok(tx.commit().await?)
}

/// Removes links that are over; a periodic job.
pub(super) async fn forget_expired(state: &AppState) -> JobResult {
    let mut tx = state.db.begin_write().await?;
    store::delete_expired_links(&mut tx, state.now()).await?;
    Ok(tx.commit().await?)
}

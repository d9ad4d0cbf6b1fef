//! Erase: what is left of an account is a stand-in that names nobody.

use crate::accounts::letters;
use crate::accounts::model::Account;
use crate::accounts::password::PasswordHash;
use crate::accounts::sessions;
use crate::accounts::store;
use crate::kernel::Time;
use crate::kernel::ids::AccountId;
use crate::kernel::text::EmailAddress;
use crate::platform::config::PublicUrl;
use crate::platform::db::Conn;
use crate::platform::mail::Message;
use crate::platform::words::Words;

/// Forgets who a person is: name, address, password, links, sign-ins and sessions. Their address
/// can be used for a new account at once. The caller commits.
pub async fn erase(tx: &mut Conn, id: AccountId, now: Time) -> Result<u64, sqlx::Error> {
    let address = EmailAddress::of_nobody(id);
    let done = store::erase(tx, id, &address, &PasswordHash::nobody(), now).await?;
    store::delete_all_links(tx, id).await?;
    store::delete_sign_ins_of(tx, id).await?;
    sessions::end_all(tx, id).await?;
    Ok(done)
}

/// The last mail to somebody who left.
pub fn farewell(words: &Words, url: &PublicUrl, account: &Account) -> askama::Result<Message> {
    letters::erased(words, url, account).to(account.email.clone())
}

/// Whether an account was erased.
pub async fn is_erased(conn: &mut Conn, id: AccountId) -> Result<bool, sqlx::Error> {
    store::is_erased(conn, id).await
}

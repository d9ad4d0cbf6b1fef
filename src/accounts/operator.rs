//! Operators: people who run the store.

use crate::accounts::model::NewAccount;
use crate::accounts::password::Password;
use crate::accounts::sign_up::create_account;
use crate::accounts::store;
use crate::accounts::token::SecretToken;
use crate::kernel::Time;
use crate::kernel::text::DisplayName;
use crate::kernel::text::EmailAddress;
use crate::platform::db::Db;

/// How somebody became an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MadeOperator {
    /// They had an account.
    Promoted,
    /// They got one, with a password that nobody knows.
    Created,
}

/// Makes an operator of the account of an address, or a new account for it.
pub async fn make_operator(
    db: &Db,
    email: &EmailAddress,
    now: Time,
) -> anyhow::Result<MadeOperator> {
    let secret = SecretToken::new(&mut rand::rng());
    let password = Password::typed(secret.reveal().to_owned()).hash()?;
    let mut tx = db.begin_write().await?;
    let new = NewAccount {
        email: email.clone(),
        name: DisplayName::parse("Operator").expect("a name"),
        password,
        email_verified: false,
    };
    let made = match create_account(&mut tx, &new, now).await? {
        Some(_) => MadeOperator::Created,
        None => MadeOperator::Promoted,
    };
    store::set_operator(&mut tx, email).await?;
    tx.commit().await?;
    Ok(made)
}

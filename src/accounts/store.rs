//! SQL of accounts and their links.

use sqlx::Row;
use sqlx::any::AnyRow;

use crate::accounts::model::Account;
use crate::accounts::model::NewAccount;
use crate::accounts::model::Purpose;
use crate::accounts::model::SignIn;
use crate::accounts::password::PasswordHash;
use crate::accounts::token::TokenHash;
use crate::kernel::Time;
use crate::kernel::ids::AccountId;
use crate::kernel::text::DisplayName;
use crate::kernel::text::EmailAddress;
use crate::platform::db::Conn;
use crate::platform::db::corrupt;
use crate::platform::db::parsed;

/// An account with what only checking a password needs.
pub(super) struct Known {
    pub(super) account: Account,
    pub(super) password: PasswordHash,
}

/// Whom a link was for.
pub(super) struct Linked {
    pub(super) account: AccountId,
    pub(super) email: EmailAddress,
}

fn account(row: &AnyRow) -> Result<Account, sqlx::Error> {
    let name: String = row.try_get("name")?;
    Ok(Account {
        id: parsed("account.id", row.try_get("id")?)?,
        email: email("account.email", row.try_get("email")?)?,
        name: DisplayName::parse(&name).map_err(|_| corrupt("account.name", &name))?,
        email_verified: row
            .try_get::<Option<i64>, _>("email_verified_at")?
            .is_some(),
        is_operator: row.try_get::<i64, _>("is_operator")? == 1,
        has_studio: row.try_get::<i64, _>("has_studio")? == 1,
        created_at: Time::from_millis(row.try_get("created_at")?),
        session_epoch: row.try_get("session_epoch")?,
    })
}

fn known(row: &AnyRow) -> Result<Known, sqlx::Error> {
    let password = parsed("account.password_hash", row.try_get("password_hash")?)?;
    Ok(Known {
        account: account(row)?,
        password,
    })
}

fn email(column: &str, value: &str) -> Result<EmailAddress, sqlx::Error> {
    EmailAddress::parse(value).map_err(|_| corrupt(column, value))
}

/// Adds an account; 0 when the address has one already.
pub(super) async fn insert_account(
    tx: &mut Conn,
    id: AccountId,
    new: &NewAccount,
    now: Time,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "INSERT INTO account (id, email, name, password_hash, email_verified_at, created_at)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (email) DO NOTHING",
    )
    .bind(id.to_string())
    .bind(new.email.as_str())
    .bind(new.name.as_str())
    .bind(new.password.as_str())
    .bind(new.email_verified.then_some(now.millis()))
    .bind(now.millis())
    .execute(tx)
    .await?;
    Ok(done.rows_affected())
}

pub(super) async fn account_by_id(
    conn: &mut Conn,
    id: AccountId,
) -> Result<Option<Account>, sqlx::Error> {
    let row = sqlx::query("SELECT * FROM account WHERE id = $1")
        .bind(id.to_string())
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(account).transpose()
}

pub(super) async fn known_by_id(
    conn: &mut Conn,
    id: AccountId,
) -> Result<Option<Known>, sqlx::Error> {
    let row = sqlx::query("SELECT * FROM account WHERE id = $1")
        .bind(id.to_string())
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(known).transpose()
}

pub(super) async fn known_by_email(
    conn: &mut Conn,
    email: &EmailAddress,
) -> Result<Option<Known>, sqlx::Error> {
    let row = sqlx::query("SELECT * FROM account WHERE email = $1")
        .bind(email.as_str())
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(known).transpose()
}

/// Sets a password that its owner chose, and ends every session by opening a new epoch; returns
/// that epoch.
pub(super) async fn set_password(
    tx: &mut Conn,
    id: AccountId,
    hash: &PasswordHash,
) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar(
        "UPDATE account SET password_hash = $2, session_epoch = session_epoch + 1
         WHERE id = $1 RETURNING session_epoch",
    )
    .bind(id.to_string())
    .bind(hash.as_str())
    .fetch_optional(tx)
    .await
}

/// Replaces the hash of the same password, unless the password changed meanwhile.
pub(super) async fn replace_hash(
    tx: &mut Conn,
    id: AccountId,
    old: &PasswordHash,
    new: &PasswordHash,
) -> Result<u64, sqlx::Error> {
    let done =
        sqlx::query("UPDATE account SET password_hash = $3 WHERE id = $1 AND password_hash = $2")
            .bind(id.to_string())
            .bind(old.as_str())
            .bind(new.as_str())
            .execute(tx)
            .await?;
    Ok(done.rows_affected())
}

/// Opens a new epoch of sessions and returns it.
pub(super) async fn next_epoch(tx: &mut Conn, id: AccountId) -> Result<Option<i64>, sqlx::Error> {
    sqlx::query_scalar(
        "UPDATE account SET session_epoch = session_epoch + 1 WHERE id = $1 RETURNING session_epoch",
    )
    .bind(id.to_string())
    .fetch_optional(tx)
    .await
}

/// Notes that the address was confirmed, if it is still the account's.
pub(super) async fn mark_verified(
    tx: &mut Conn,
    id: AccountId,
    email: &EmailAddress,
    now: Time,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE account SET email_verified_at = COALESCE(email_verified_at, $3)
         WHERE id = $1 AND email = $2",
    )
    .bind(id.to_string())
    .bind(email.as_str())
    .bind(now.millis())
    .execute(tx)
    .await?;
    Ok(done.rows_affected())
}

/// Moves an account to a confirmed address; 0 when another account has it.
pub(super) async fn set_email(
    tx: &mut Conn,
    id: AccountId,
    email: &EmailAddress,
    now: Time,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE account SET email = $2, email_verified_at = $3
         WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM account WHERE email = $2 AND id <> $1)",
    )
    .bind(id.to_string())
    .bind(email.as_str())
    .bind(now.millis())
    .execute(tx)
    .await?;
    Ok(done.rows_affected())
}

pub(super) async fn set_has_studio(
    tx: &mut Conn,
    id: AccountId,
    has_studio: bool,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query("UPDATE account SET has_studio = $2 WHERE id = $1")
        .bind(id.to_string())
        .bind(i64::from(has_studio))
        .execute(tx)
        .await?;
    Ok(done.rows_affected())
}

pub(super) async fn insert_link(
    tx: &mut Conn,
    hash: &TokenHash,
    purpose: Purpose,
    to: &Linked,
    expires_at: Time,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO account_link (token_hash, account_id, purpose, email, expires_at)
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(hash.as_bytes())
    .bind(to.account.to_string())
    .bind(purpose.as_str())
    .bind(to.email.as_str())
    .bind(expires_at.millis())
    .execute(tx)
    .await
    .map(drop)
}

/// Whether a link would still work; changes nothing.
pub(super) async fn link_works(
    conn: &mut Conn,
    hash: &TokenHash,
    purpose: Purpose,
    now: Time,
) -> Result<bool, sqlx::Error> {
    let found: Option<i64> = sqlx::query_scalar(
        "SELECT expires_at FROM account_link
         WHERE token_hash = $1 AND purpose = $2 AND expires_at > $3",
    )
    .bind(hash.as_bytes())
    .bind(purpose.as_str())
    .bind(now.millis())
    .fetch_optional(conn)
    .await?;
    Ok(found.is_some())
}

/// Uses up a link; the second of two callers gets nothing.
pub(super) async fn take_link(
    tx: &mut Conn,
    hash: &TokenHash,
    purpose: Purpose,
    now: Time,
) -> Result<Option<Linked>, sqlx::Error> {
    let row = sqlx::query(
        "DELETE FROM account_link WHERE token_hash = $1 AND purpose = $2 AND expires_at > $3
         RETURNING account_id, email",
    )
    .bind(hash.as_bytes())
    .bind(purpose.as_str())
    .bind(now.millis())
    .fetch_optional(tx)
    .await?;
    row.map(|row| {
        Ok(Linked {
            account: parsed("account_link.account_id", row.try_get("account_id")?)?,
            email: email("account_link.email", row.try_get("email")?)?,
        })
    })
    .transpose()
}

/// Makes every link of a purpose worthless.
pub(super) async fn delete_links(
    tx: &mut Conn,
    account: AccountId,
    purpose: Purpose,
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM account_link WHERE account_id = $1 AND purpose = $2")
        .bind(account.to_string())
        .bind(purpose.as_str())
        .execute(tx)
        .await
        .map(drop)
}

pub(super) async fn delete_expired_links(tx: &mut Conn, now: Time) -> Result<u64, sqlx::Error> {
    let done = sqlx::query("DELETE FROM account_link WHERE expires_at <= $1")
        .bind(now.millis())
        .execute(tx)
        .await?;
    Ok(done.rows_affected())
}

pub(super) async fn note_sign_in(
    tx: &mut Conn,
    account: AccountId,
    at: Time,
    address: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO sign_in (account_id, signed_in_at, address) VALUES ($1, $2, $3)")
        .bind(account.to_string())
        .bind(at.millis())
        .bind(address)
        .execute(tx)
        .await
        .map(drop)
}

pub(super) async fn sign_ins(
    conn: &mut Conn,
    account: AccountId,
) -> Result<Vec<SignIn>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT signed_in_at, address FROM sign_in WHERE account_id = $1 ORDER BY signed_in_at",
    )
    .bind(account.to_string())
    .fetch_all(conn)
    .await?;
    let read = |row: &AnyRow| {
        Ok(SignIn {
            at: Time::from_millis(row.try_get("signed_in_at")?),
            address: row.try_get("address")?,
        })
    };
    rows.iter().map(read).collect()
}

pub(super) async fn delete_sign_ins(tx: &mut Conn, before: Time) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM sign_in WHERE signed_in_at < $1")
        .bind(before.millis())
        .execute(tx)
        .await
        .map(drop)
}

pub(super) async fn set_operator(tx: &mut Conn, email: &EmailAddress) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE account SET is_operator = 1 WHERE email = $1")
        .bind(email.as_str())
        .execute(tx)
        .await
        .map(drop)
}

/// Puts a stand-in in the place of a person, in a new epoch of sessions; 0 when that was done before.
pub(super) async fn erase(
    tx: &mut Conn,
    id: AccountId,
    address: &EmailAddress,
    password: &PasswordHash,
    now: Time,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE account SET email = $2, name = 'Erased', password_hash = $3, email_verified_at = NULL,
             is_operator = 0, has_studio = 0, session_epoch = session_epoch + 1, erased_at = $4
         WHERE id = $1 AND erased_at IS NULL",
    )
    .bind(id.to_string())
    .bind(address.as_str())
    .bind(password.as_str())
    .bind(now.millis())
    .execute(tx)
    .await?;
    Ok(done.rows_affected())
}

pub(super) async fn delete_all_links(tx: &mut Conn, account: AccountId) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM account_link WHERE account_id = $1")
        .bind(account.to_string())
        .execute(tx)
        .await
        .map(drop)
}

pub(super) async fn delete_sign_ins_of(
    tx: &mut Conn,
    account: AccountId,
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM sign_in WHERE account_id = $1")
        .bind(account.to_string())
        .execute(tx)
        .await
        .map(drop)
}

pub(super) async fn is_erased(conn: &mut Conn, account: AccountId) -> Result<bool, sqlx::Error> {
    let found: Option<i64> =
        sqlx::query_scalar("SELECT erased_at FROM account WHERE id = $1 AND erased_at IS NOT NULL")
            .bind(account.to_string())
            .fetch_optional(conn)
            .await?;
    Ok(found.is_some())
}

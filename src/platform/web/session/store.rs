//! SQL of the session table.

use sqlx::Row as _;

use crate::kernel::Time;
use crate::kernel::ids::AccountId;
use crate::platform::db::Conn;
use crate::platform::db::corrupt;

pub(super) struct Row {
    pub(super) data: String,
    pub(super) created_at: Time,
    pub(super) expires_at: Time,
}

/// One session of a person, for the list on the account page.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Hash of its token, to tell which one is the reader's own.
    pub token_hash: Vec<u8>,
    /// What it holds, as JSON.
    pub data: serde_json::Value,
    /// When it began.
    pub created_at: Time,
}

pub(super) async fn upsert(
    tx: &mut Conn,
    hash: &[u8],
    account: Option<&str>,
    data: &str,
    now: Time,
    expires_at: Time,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO session (token_hash, account_id, data, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (token_hash) DO UPDATE
         SET account_id = excluded.account_id, data = excluded.data,
             expires_at = excluded.expires_at",
    )
    .bind(hash)
    .bind(account)
    .bind(data)
    .bind(now.millis())
    .bind(expires_at.millis())
    .execute(tx)
    .await
    .map(drop)
}

pub(super) async fn load(conn: &mut Conn, hash: &[u8]) -> Result<Option<Row>, sqlx::Error> {
    let row = sqlx::query("SELECT data, created_at, expires_at FROM session WHERE token_hash = $1")
        .bind(hash)
        .fetch_optional(conn)
        .await?;
    row.map(|row| {
        Ok(Row {
            data: row.try_get("data")?,
            created_at: Time::from_millis(row.try_get("created_at")?),
            expires_at: Time::from_millis(row.try_get("expires_at")?),
        })
    })
    .transpose()
}

pub(super) async fn extend(tx: &mut Conn, hash: &[u8], until: Time) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE session SET expires_at = $2 WHERE token_hash = $1")
        .bind(hash)
        .bind(until.millis())
        .execute(tx)
        .await
        .map(drop)
}

pub(super) async fn delete(tx: &mut Conn, hash: &[u8]) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM session WHERE token_hash = $1")
        .bind(hash)
        .execute(tx)
        .await
        .map(drop)
}

pub(super) async fn delete_of_account(
    tx: &mut Conn,
    account: AccountId,
    keep: &[u8],
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query("DELETE FROM session WHERE account_id = $1 AND token_hash <> $2")
        .bind(account.to_string())
        .bind(keep)
        .execute(tx)
        .await?;
    Ok(done.rows_affected())
}

pub(super) async fn delete_one_of_account(
    tx: &mut Conn,
    account: AccountId,
    hash: &[u8],
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query("DELETE FROM session WHERE account_id = $1 AND token_hash = $2")
        .bind(account.to_string())
        .bind(hash)
        .execute(tx)
        .await?;
    Ok(done.rows_affected())
}

pub(super) async fn delete_expired(
    tx: &mut Conn,
    now: Time,
    began_before: Time,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query("DELETE FROM session WHERE expires_at <= $1 OR created_at <= $2")
        .bind(now.millis())
        .bind(began_before.millis())
        .execute(tx)
        .await?;
    Ok(done.rows_affected())
}

/// The sessions of an account, newest first.
pub async fn list_of_account(
    conn: &mut Conn,
    account: AccountId,
    now: Time,
) -> Result<Vec<Listed>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT token_hash, data, created_at FROM session
         WHERE account_id = $1 AND expires_at > $2 ORDER BY created_at DESC LIMIT 100",
    )
    .bind(account.to_string())
    .bind(now.millis())
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            let data: String = row.try_get("data")?;
            Ok(Listed {
                token_hash: row.try_get("token_hash")?,
                data: serde_json::from_str(&data).map_err(|_| corrupt("session.data", &data))?,
                created_at: Time::from_millis(row.try_get("created_at")?),
            })
        })
        .collect()
}

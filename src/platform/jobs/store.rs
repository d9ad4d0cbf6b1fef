//! SQL of the job table.

use sqlx::Row;

use crate::kernel::Time;
use crate::kernel::ids::JobId;
use crate::platform::db::Conn;

/// A job this process holds the lease of.
pub(super) struct Claimed {
    pub(super) id: String,
    pub(super) kind: String,
    pub(super) payload: String,
    pub(super) attempts: i64,
}

/// What waits and what was given up, for the operator and `/metrics`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backlog {
    /// Jobs that wait or run.
    pub waiting: i64,
    /// Jobs whose last try failed and that are tried again, periodic ones included.
    pub failing: i64,
    /// Jobs given up after too many tries.
    pub failed: i64,
}

/// Counts the jobs.
pub async fn backlog(conn: &mut Conn) -> Result<Backlog, sqlx::Error> {
    let row = sqlx::query(
        "SELECT COUNT(*) AS total, COUNT(failed_at) AS failed,
             COUNT(CASE WHEN failed_at IS NULL THEN last_error END) AS failing
         FROM job",
    )
    .fetch_one(conn)
    .await?;
    let (total, failed): (i64, i64) = (row.try_get("total")?, row.try_get("failed")?);
    Ok(Backlog {
        waiting: total - failed,
        failing: row.try_get("failing")?,
        failed,
    })
}

pub(super) async fn insert(
    tx: &mut Conn,
    id: JobId,
    kind: &str,
    unique_key: Option<&str>,
    payload: &str,
    run_at: Time,
    now: Time,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "INSERT INTO job (id, kind, unique_key, payload, run_at, created_at)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (unique_key) DO NOTHING",
    )
    .bind(id.to_string())
    .bind(kind)
    .bind(unique_key)
    .bind(payload)
    .bind(run_at.millis())
    .bind(now.millis())
    .execute(tx)
    .await?;
    Ok(done.rows_affected())
}

pub(super) async fn any_due(conn: &mut Conn, now: Time) -> Result<bool, sqlx::Error> {
    let due: i64 = sqlx::query_scalar(
        "SELECT CASE WHEN EXISTS (SELECT 1 FROM job WHERE failed_at IS NULL
            AND run_at <= $1 AND leased_until <= $1) THEN 1 ELSE 0 END",
    )
    .bind(now.millis())
    .fetch_one(conn)
    .await?;
    Ok(due == 1)
}

pub(super) async fn claim(
    tx: &mut Conn,
    now: Time,
    until: Time,
) -> Result<Option<Claimed>, sqlx::Error> {
    // The condition stands in the UPDATE too: of two nodes that see the same row, one changes it.
    let row = sqlx::query(
        "UPDATE job SET leased_until = $2, attempts = attempts + 1
         WHERE id = (SELECT id FROM job WHERE failed_at IS NULL AND run_at <= $1
                     AND leased_until <= $1 ORDER BY run_at LIMIT 1)
           AND leased_until <= $1
         RETURNING id, kind, payload, attempts",
    )
    .bind(now.millis())
    .bind(until.millis())
    .fetch_optional(tx)
    .await?;
    row.map(|row| {
        Ok(Claimed {
            id: row.try_get("id")?,
            kind: row.try_get("kind")?,
            payload: row.try_get("payload")?,
            attempts: row.try_get("attempts")?,
        })
    })
    .transpose()
}

pub(super) async fn renew(tx: &mut Conn, id: &str, until: Time) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE job SET leased_until = $2 WHERE id = $1")
        .bind(id)
        .bind(until.millis())
        .execute(tx)
        .await
        .map(drop)
}

pub(super) async fn delete(tx: &mut Conn, id: &str) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM job WHERE id = $1")
        .bind(id)
        .execute(tx)
        .await
        .map(drop)
}

pub(super) async fn rearm(tx: &mut Conn, id: &str, run_at: Time) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE job SET run_at = $2, leased_until = 0, attempts = 0, last_error = NULL
         WHERE id = $1",
    )
    .bind(id)
    .bind(run_at.millis())
    .execute(tx)
    .await
    .map(drop)
}

pub(super) async fn note_failure(
    tx: &mut Conn,
    id: &str,
    error: &str,
    run_at: Time,
    give_up: bool,
    now: Time,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE job SET last_error = $2, run_at = $3, leased_until = 0, failed_at = $4
         WHERE id = $1",
    )
    .bind(id)
    .bind(error)
    .bind(run_at.millis())
    .bind(give_up.then_some(now.millis()))
    .execute(tx)
    .await
    .map(drop)
}

//! SQL of leases and positions.

use sqlx::Row;
use sqlx::any::AnyRow;
use uuid::Uuid;

use crate::kernel::Time;
use crate::kernel::ids::AccountId;
use crate::kernel::ids::TitleId;
use crate::platform::db::Conn;
use crate::platform::db::parsed;
use crate::playback::model::Lease;
use crate::playback::model::Position;
use crate::sealed::ContainerId;

fn lease(row: &AnyRow) -> Result<Lease, sqlx::Error> {
    let text = |column: &str| row.try_get::<String, _>(column);
    Ok(Lease {
        id: parsed("lease.id", &text("id")?)?,
        account: parsed("lease.account_id", &text("account_id")?)?,
        title: parsed("lease.title_id", &text("title_id")?)?,
        container: parsed("lease.container", &text("container")?)?,
        public_key: row.try_get("public_key")?,
        device: text("device")?,
        periods_lent: row.try_get("periods_lent")?,
        created_at: Time::from_millis(row.try_get("created_at")?),
        expires_at: Time::from_millis(row.try_get("expires_at")?),
    })
}

pub(super) async fn insert(tx: &mut Conn, lease: &Lease) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO lease (id, account_id, title_id, container, public_key, device, periods_lent,
            created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(lease.id.to_string())
    .bind(lease.account.to_string())
    .bind(lease.title.to_string())
    .bind(lease.container.to_string())
    .bind(lease.public_key.as_slice())
    .bind(&lease.device)
    .bind(lease.periods_lent)
    .bind(lease.created_at.millis())
    .bind(lease.expires_at.millis())
    .execute(tx)
    .await
    .map(drop)
}

/// A lease that lives and is this account's.
pub(super) async fn live_lease(
    conn: &mut Conn,
    id: Uuid,
    account: AccountId,
    now: Time,
) -> Result<Option<Lease>, sqlx::Error> {
    let row =
        sqlx::query("SELECT * FROM lease WHERE id = $1 AND account_id = $2 AND expires_at > $3")
            .bind(id.to_string())
            .bind(account.to_string())
            .bind(now.millis())
            .fetch_optional(conn)
            .await?;
    row.as_ref().map(lease).transpose()
}

/// Every lease of an account that lives, the oldest first.
pub(super) async fn live_leases(
    conn: &mut Conn,
    account: AccountId,
    now: Time,
) -> Result<Vec<Lease>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT * FROM lease WHERE account_id = $1 AND expires_at > $2
         ORDER BY created_at LIMIT 100",
    )
    .bind(account.to_string())
    .bind(now.millis())
    .fetch_all(conn)
    .await?;
    rows.iter().map(lease).collect()
}

pub(super) async fn renew(
    tx: &mut Conn,
    id: Uuid,
    expires_at: Time,
    more_periods: i64,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE lease SET expires_at = $2, periods_lent = periods_lent + $3 WHERE id = $1",
    )
    .bind(id.to_string())
    .bind(expires_at.millis())
    .bind(more_periods)
    .execute(tx)
    .await?;
    Ok(done.rows_affected())
}

pub(super) async fn delete(
    tx: &mut Conn,
    id: Uuid,
    account: AccountId,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query("DELETE FROM lease WHERE id = $1 AND account_id = $2")
        .bind(id.to_string())
        .bind(account.to_string())
        .execute(tx)
        .await?;
    Ok(done.rows_affected())
}

pub(super) async fn delete_expired(tx: &mut Conn, now: Time) -> Result<u64, sqlx::Error> {
    let done = sqlx::query("DELETE FROM lease WHERE expires_at <= $1")
        .bind(now.millis())
        .execute(tx)
        .await?;
    Ok(done.rows_affected())
}

/// Whether an account holds a live lease of a container.
pub(super) async fn holds_lease(
    conn: &mut Conn,
    account: AccountId,
    container: ContainerId,
    now: Time,
) -> Result<bool, sqlx::Error> {
    let holds: i64 = sqlx::query_scalar(
        "SELECT CASE WHEN EXISTS (SELECT 1 FROM lease
            WHERE account_id = $1 AND container = $2 AND expires_at > $3) THEN 1 ELSE 0 END",
    )
    .bind(account.to_string())
    .bind(container.to_string())
    .bind(now.millis())
    .fetch_one(conn)
    .await?;
    Ok(holds == 1)
}

pub(super) async fn save_position(
    tx: &mut Conn,
    account: AccountId,
    title: TitleId,
    seconds: i64,
    now: Time,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO watch_position (account_id, title_id, seconds, updated_at)
         VALUES ($1, $2, $3, $4)
         ON CONFLICT (account_id, title_id) DO UPDATE
         SET seconds = excluded.seconds, updated_at = excluded.updated_at",
    )
    .bind(account.to_string())
    .bind(title.to_string())
    .bind(seconds)
    .bind(now.millis())
    .execute(tx)
    .await
    .map(drop)
}

/// Where a viewer stopped in a film; 0 for one never begun.
pub(super) async fn position(
    conn: &mut Conn,
    account: AccountId,
    title: TitleId,
) -> Result<i64, sqlx::Error> {
    let found: Option<i64> = sqlx::query_scalar(
        "SELECT seconds FROM watch_position WHERE account_id = $1 AND title_id = $2",
    )
    .bind(account.to_string())
    .bind(title.to_string())
    .fetch_optional(conn)
    .await?;
    Ok(found.unwrap_or(0))
}

/// Where a viewer stopped in each film, the one watched last first.
pub async fn positions_of(
    conn: &mut Conn,
    account: AccountId,
) -> Result<Vec<Position>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT title_id, seconds, updated_at FROM watch_position
         WHERE account_id = $1 ORDER BY updated_at DESC LIMIT 1000",
    )
    .bind(account.to_string())
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(Position {
                title: parsed(
                    "watch_position.title_id",
                    &row.try_get::<String, _>("title_id")?,
                )?,
                seconds: row.try_get("seconds")?,
                updated_at: Time::from_millis(row.try_get("updated_at")?),
            })
        })
        .collect()
}

/// Ends every lease of a viewer and forgets every position.
pub(super) async fn delete_of_viewer(tx: &mut Conn, viewer: AccountId) -> Result<(), sqlx::Error> {
    for statement in [
        "DELETE FROM lease WHERE account_id = $1",
        "DELETE FROM watch_position WHERE account_id = $1",
    ] {
        sqlx::query(statement)
            .bind(viewer.to_string())
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}

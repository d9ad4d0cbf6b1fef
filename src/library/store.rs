//! SQL of the library.

use sqlx::Row;
use sqlx::any::AnyRow;
use uuid::Uuid;

use crate::kernel::Time;
use crate::kernel::ids::AccountId;
use crate::kernel::ids::EntitlementId;
use crate::kernel::ids::TitleId;
use crate::platform::db;
use crate::platform::db::Conn;
use crate::platform::db::parsed;

use super::model::Entitlement;
use super::viewing::Viewing;

fn entitlement_of(row: &AnyRow) -> Result<Entitlement, sqlx::Error> {
    Ok(Entitlement {
        viewer: parsed("account_id", row.try_get::<&str, _>("account_id")?)?,
        title: parsed("title_id", row.try_get::<&str, _>("title_id")?)?,
        order: parsed("order_id", row.try_get::<&str, _>("order_id")?)?,
        standing: parsed("state", row.try_get::<&str, _>("state")?)?,
        granted_at: db::time(row.try_get("granted_at")?),
    })
}

pub(super) async fn upsert(
    tx: &mut Conn,
    id: EntitlementId,
    entitlement: &Entitlement,
    now: Time,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO entitlement
             (id, account_id, title_id, order_id, state, granted_at, changed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (order_id) DO UPDATE
             SET state = excluded.state, changed_at = excluded.changed_at",
    )
    .bind(id.to_string())
    .bind(entitlement.viewer.to_string())
    .bind(entitlement.title.to_string())
    .bind(entitlement.order.to_string())
    .bind(entitlement.standing.word())
    .bind(entitlement.granted_at.millis())
    .bind(now.millis())
    .execute(tx)
    .await
    .map(drop)
}

/// The best right of a viewer to a film, the oldest first among equals.
pub(super) async fn entitlement(
    conn: &mut Conn,
    viewer: AccountId,
    title: TitleId,
) -> Result<Option<Entitlement>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT account_id, title_id, order_id, state, granted_at FROM entitlement
         WHERE account_id = $1 AND title_id = $2 ORDER BY granted_at, id",
    )
    .bind(viewer.to_string())
    .bind(title.to_string())
    .fetch_all(conn)
    .await?;
    let rights: Result<Vec<_>, _> = rows.iter().map(entitlement_of).collect();
    Ok(rights?.into_iter().min_by_key(|right| right.standing))
}

/// The films a viewer may watch, the newest first.
pub async fn of_viewer(
    conn: &mut Conn,
    viewer: AccountId,
) -> Result<Vec<Entitlement>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT account_id, title_id, order_id, state, granted_at FROM entitlement
         WHERE account_id = $1 AND state = 'owned' ORDER BY granted_at DESC, id DESC",
    )
    .bind(viewer.to_string())
    .fetch_all(conn)
    .await?;
    rows.iter().map(entitlement_of).collect()
}

/// Every right there is, for the audit.
pub async fn all(conn: &mut Conn) -> Result<Vec<Entitlement>, sqlx::Error> {
    let rows =
        sqlx::query("SELECT account_id, title_id, order_id, state, granted_at FROM entitlement")
            .fetch_all(conn)
            .await?;
    rows.iter().map(entitlement_of).collect()
}

fn viewing_of(row: &AnyRow) -> Result<Viewing, sqlx::Error> {
    Ok(Viewing {
        lease: parsed("lease_id", row.try_get::<&str, _>("lease_id")?)?,
        viewer: parsed("account_id", row.try_get::<&str, _>("account_id")?)?,
        title: parsed("title_id", row.try_get::<&str, _>("title_id")?)?,
        device: row.try_get("device")?,
        address: row.try_get("address")?,
        begun_at: db::time(row.try_get("begun_at")?),
        last_at: db::time(row.try_get("last_at")?),
        position_seconds: row.try_get("position_seconds")?,
        watched_seconds: row.try_get("watched_seconds")?,
    })
}

pub(super) async fn insert_viewing(tx: &mut Conn, viewing: &Viewing) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO viewing (lease_id, account_id, title_id, device, address, begun_at, last_at,
                              position_seconds, watched_seconds)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(viewing.lease.to_string())
    .bind(viewing.viewer.to_string())
    .bind(viewing.title.to_string())
    .bind(&viewing.device)
    .bind(&viewing.address)
    .bind(viewing.begun_at.millis())
    .bind(viewing.last_at.millis())
    .bind(viewing.position_seconds)
    .bind(viewing.watched_seconds)
    .execute(tx)
    .await
    .map(drop)
}

pub(super) async fn viewing(conn: &mut Conn, lease: Uuid) -> Result<Option<Viewing>, sqlx::Error> {
    let row = sqlx::query("SELECT * FROM viewing WHERE lease_id = $1")
        .bind(lease.to_string())
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(viewing_of).transpose()
}

pub(super) async fn update_viewing(tx: &mut Conn, viewing: &Viewing) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE viewing SET last_at = $2, position_seconds = $3, watched_seconds = $4
         WHERE lease_id = $1",
    )
    .bind(viewing.lease.to_string())
    .bind(viewing.last_at.millis())
    .bind(viewing.position_seconds)
    .bind(viewing.watched_seconds)
    .execute(tx)
    .await
    .map(drop)
}

pub(super) async fn viewings(
    conn: &mut Conn,
    viewer: AccountId,
    title: TitleId,
) -> Result<Vec<Viewing>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT * FROM viewing WHERE account_id = $1 AND title_id = $2
         ORDER BY begun_at, lease_id",
    )
    .bind(viewer.to_string())
    .bind(title.to_string())
    .fetch_all(conn)
    .await?;
    rows.iter().map(viewing_of).collect()
}

pub(super) async fn delete_viewings(tx: &mut Conn, before: Time) -> Result<u64, sqlx::Error> {
    let done = sqlx::query("DELETE FROM viewing WHERE last_at < $1")
        .bind(before.millis())
        .execute(tx)
        .await?;
    Ok(done.rows_affected())
}

pub(super) async fn viewings_of(
    conn: &mut Conn,
    viewer: AccountId,
) -> Result<Vec<Viewing>, sqlx::Error> {
    let rows =
        sqlx::query("SELECT * FROM viewing WHERE account_id = $1 ORDER BY begun_at, lease_id")
            .bind(viewer.to_string())
            .fetch_all(conn)
            .await?;
    rows.iter().map(viewing_of).collect()
}

pub(super) async fn delete_viewings_of(
    tx: &mut Conn,
    viewer: AccountId,
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM viewing WHERE account_id = $1")
        .bind(viewer.to_string())
        .execute(tx)
        .await
        .map(drop)
}

//! SQL of the library.

use sqlx::Row;
use sqlx::any::AnyRow;

use crate::kernel::Time;
use crate::kernel::ids::AccountId;
use crate::kernel::ids::EntitlementId;
use crate::kernel::ids::TitleId;
use crate::platform::db;
use crate::platform::db::Conn;
use crate::platform::db::parsed;

use super::model::Entitlement;

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

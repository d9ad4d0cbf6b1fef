//! SQL of the library.

use sqlx::Row;
use sqlx::any::AnyRow;

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
        granted_at: db::time(row.try_get("granted_at")?),
    })
}

pub(super) async fn insert(
    tx: &mut Conn,
    id: EntitlementId,
    entitlement: &Entitlement,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "INSERT INTO entitlement (id, account_id, title_id, order_id, granted_at)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
    )
    .bind(id.to_string())
    .bind(entitlement.viewer.to_string())
    .bind(entitlement.title.to_string())
    .bind(entitlement.order.to_string())
    .bind(entitlement.granted_at.millis())
    .execute(tx)
    .await?;
    Ok(done.rows_affected())
}

pub(super) async fn entitlement(
    conn: &mut Conn,
    viewer: AccountId,
    title: TitleId,
) -> Result<Option<Entitlement>, sqlx::Error> {
    let row = sqlx::query(
        "SELECT account_id, title_id, order_id, granted_at FROM entitlement
         WHERE account_id = $1 AND title_id = $2",
    )
    .bind(viewer.to_string())
    .bind(title.to_string())
    .fetch_optional(conn)
    .await?;
    row.as_ref().map(entitlement_of).transpose()
}

/// A viewer's films, the newest first.
pub async fn of_viewer(
    conn: &mut Conn,
    viewer: AccountId,
) -> Result<Vec<Entitlement>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT account_id, title_id, order_id, granted_at FROM entitlement
         WHERE account_id = $1 ORDER BY granted_at DESC, id DESC",
    )
    .bind(viewer.to_string())
    .fetch_all(conn)
    .await?;
    rows.iter().map(entitlement_of).collect()
}

/// Every right there is, for the audit.
pub async fn all(conn: &mut Conn) -> Result<Vec<Entitlement>, sqlx::Error> {
    let rows = sqlx::query("SELECT account_id, title_id, order_id, granted_at FROM entitlement")
        .fetch_all(conn)
        .await?;
    rows.iter().map(entitlement_of).collect()
}

//! SQL of refunds and disputes.

use sqlx::Row;
use sqlx::any::AnyRow;

use crate::kernel::Time;
use crate::kernel::ids::OrderId;
use crate::kernel::ids::RefundId;
use crate::platform::db;
use crate::platform::db::Conn;
use crate::platform::db::parsed;

use super::model::AskedBy;
use super::model::KnownDispute;
use super::model::KnownRefund;
use super::model::Sums;

fn refund_of(row: &AnyRow) -> Result<KnownRefund, sqlx::Error> {
    Ok(KnownRefund {
        id: parsed("id", row.try_get::<&str, _>("id")?)?,
        provider_id: row.try_get("provider_id")?,
        amount: row.try_get("amount_minor")?,
        state: parsed("state", row.try_get::<&str, _>("state")?)?,
    })
}

pub(super) async fn refunds(
    conn: &mut Conn,
    order: OrderId,
) -> Result<Vec<KnownRefund>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT id, provider_id, amount_minor, state FROM refund WHERE order_id = $1 ORDER BY id",
    )
    .bind(order.to_string())
    .fetch_all(conn)
    .await?;
    rows.iter().map(refund_of).collect()
}

/// A refund, its order, and who asked for it.
pub(super) async fn refund_by_id(
    conn: &mut Conn,
    id: RefundId,
) -> Result<Option<(KnownRefund, OrderId, AskedBy)>, sqlx::Error> {
    let row = sqlx::query(
        "SELECT id, provider_id, amount_minor, state, order_id, asked_by FROM refund
         WHERE id = $1",
    )
    .bind(id.to_string())
    .fetch_optional(conn)
    .await?;
    let read = |row: &AnyRow| {
        let order = parsed("order_id", row.try_get::<&str, _>("order_id")?)?;
        let by = parsed("asked_by", row.try_get::<&str, _>("asked_by")?)?;
        Ok((refund_of(row)?, order, by))
    };
    row.as_ref().map(read).transpose()
}

/// Writes a refund, or how it stands now.
pub(super) async fn keep_refund(
    tx: &mut Conn,
    order: OrderId,
    refund: &KnownRefund,
    asked_by: AskedBy,
    now: Time,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO refund
             (id, order_id, provider_id, amount_minor, state, asked_by, asked_at, changed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7)
         ON CONFLICT (id) DO UPDATE SET provider_id = excluded.provider_id,
             state = excluded.state, changed_at = excluded.changed_at",
    )
    .bind(refund.id.to_string())
    .bind(order.to_string())
    .bind(refund.provider_id.as_deref())
    .bind(refund.amount)
    .bind(refund.state.word())
    .bind(asked_by.word())
    .bind(now.millis())
    .execute(tx)
    .await
    .map(drop)
}

pub(super) async fn disputes(
    conn: &mut Conn,
    order: OrderId,
) -> Result<Vec<KnownDispute>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT id, provider_id, amount_minor, state, movements, evidence_due_at
         FROM dispute WHERE order_id = $1 ORDER BY id",
    )
    .bind(order.to_string())
    .fetch_all(conn)
    .await?;
    let read = |row: &AnyRow| {
        let due: Option<i64> = row.try_get("evidence_due_at")?;
        Ok(KnownDispute {
            id: parsed("id", row.try_get::<&str, _>("id")?)?,
            provider_id: row.try_get("provider_id")?,
            amount: row.try_get("amount_minor")?,
            state: parsed("state", row.try_get::<&str, _>("state")?)?,
            movements: row.try_get("movements")?,
            evidence_due: due.map(db::time),
        })
    };
    rows.iter().map(read).collect()
}

/// Writes a dispute, or how it stands now.
pub(super) async fn keep_dispute(
    tx: &mut Conn,
    order: OrderId,
    dispute: &KnownDispute,
    reason: &str,
    opened_at: Time,
    now: Time,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO dispute (id, order_id, provider_id, amount_minor, state, reason, movements,
                              evidence_due_at, opened_at, changed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT (id) DO UPDATE SET state = excluded.state, movements = excluded.movements,
             evidence_due_at = excluded.evidence_due_at, changed_at = excluded.changed_at",
    )
    .bind(dispute.id.to_string())
    .bind(order.to_string())
    .bind(&dispute.provider_id)
    .bind(dispute.amount)
    .bind(dispute.state.word())
    .bind(reason)
    .bind(dispute.movements)
    .bind(dispute.evidence_due.map(Time::millis))
    .bind(opened_at.millis())
    .bind(now.millis())
    .execute(tx)
    .await
    .map(drop)
}

/// Notes the sums at the order, and since when all of it has gone back.
pub(super) async fn note_sums(
    tx: &mut Conn,
    order: OrderId,
    sums: Sums,
    returned_at: Option<Time>,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE orders SET refunded_minor = $2, lost_minor = $3, withheld_minor = $4,
             returned_at = $5
         WHERE id = $1",
    )
    .bind(order.to_string())
    .bind(sums.refunded)
    .bind(sums.lost)
    .bind(sums.withheld)
    .bind(returned_at.map(Time::millis))
    .execute(tx)
    .await
    .map(drop)
}

/// Whether a refund or dispute is noted as it stands now.
pub(super) async fn is_noted(
    conn: &mut Conn,
    provider_id: &str,
    state: &str,
) -> Result<bool, sqlx::Error> {
    let found: i64 = sqlx::query_scalar(
        "SELECT CASE WHEN EXISTS (SELECT 1 FROM refund WHERE provider_id = $1 AND state = $2)
                       OR EXISTS (SELECT 1 FROM dispute WHERE provider_id = $1 AND state = $2)
                THEN 1 ELSE 0 END",
    )
    .bind(provider_id)
    .bind(state)
    .fetch_one(conn)
    .await?;
    Ok(found == 1)
}

/// Orders whose sums are not those of their refunds and disputes.
pub async fn audit_sums(conn: &mut Conn) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT id FROM orders o
         WHERE refunded_minor <> (SELECT COALESCE(SUM(amount_minor), 0) FROM refund
                   WHERE order_id = o.id AND state IN ('pending', 'succeeded'))
            OR lost_minor <> (SELECT COALESCE(SUM(amount_minor), 0) FROM dispute
                   WHERE order_id = o.id AND state = 'lost')
            OR withheld_minor <> (SELECT COALESCE(SUM(amount_minor), 0) FROM dispute
                   WHERE order_id = o.id AND state = 'open')",
    )
    .fetch_all(conn)
    .await
}

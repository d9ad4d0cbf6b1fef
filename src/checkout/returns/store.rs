//! SQL of refunds and disputes.

use sqlx::Row;
use sqlx::any::AnyRow;

use crate::accounts::TokenHash;
use crate::kernel::BasisPoints;
use crate::kernel::Currency;
use crate::kernel::Money;
use crate::kernel::Time;
use crate::kernel::ids::AccountId;
use crate::kernel::ids::DisputeId;
use crate::kernel::ids::OrderId;
use crate::kernel::ids::RefundId;
use crate::kernel::ids::StudioId;
use crate::platform::db;
use crate::platform::db::Conn;
use crate::platform::db::corrupt;
use crate::platform::db::parsed;
use crate::platform::stripe::ConnectedAccount;

use super::model::AskedBy;
use super::model::DisputeLine;
use super::model::KnownDispute;
use super::model::KnownRefund;
use super::model::RefundLine;
use super::model::Sums;

fn refund_of(row: &AnyRow) -> Result<KnownRefund, sqlx::Error> {
    Ok(KnownRefund {
        id: parsed("id", row.try_get::<&str, _>("id")?)?,
        provider_id: row.try_get("provider_id")?,
        amount: row.try_get("amount_minor")?,
        state: parsed("state", row.try_get::<&str, _>("state")?)?,
        out_booked: row.try_get::<i64, _>("out_booked")? == 1,
        back_booked: row.try_get::<i64, _>("back_booked")? == 1,
    })
}

pub(super) async fn refunds(
    conn: &mut Conn,
    order: OrderId,
) -> Result<Vec<KnownRefund>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT id, provider_id, amount_minor, state, out_booked, back_booked FROM refund
         WHERE order_id = $1 ORDER BY id",
    )
    .bind(order.to_string())
    .fetch_all(conn)
    .await?;
    rows.iter().map(refund_of).collect()
}

/// Refunds that are with the buyer or on their way, by the provider's name and in minor units.
pub async fn counting(conn: &mut Conn, order: OrderId) -> Result<Vec<(String, i64)>, sqlx::Error> {
    let known = refunds(conn, order).await?.into_iter();
    let counting = known.filter(|refund| refund.state.counts());
    Ok(counting
        .filter_map(|refund| Some((refund.provider_id?, refund.amount)))
        .collect())
}

/// A refund with its circumstances.
pub(super) struct Wish {
    pub(super) refund: KnownRefund,
    pub(super) order: OrderId,
    pub(super) by: AskedBy,
    pub(super) asked_at: Time,
}

pub(super) async fn refund_by_id(
    conn: &mut Conn,
    id: RefundId,
) -> Result<Option<Wish>, sqlx::Error> {
    let row = sqlx::query(
        "SELECT id, provider_id, amount_minor, state, out_booked, back_booked, order_id, asked_by,
                asked_at
         FROM refund
         WHERE id = $1",
    )
    .bind(id.to_string())
    .fetch_optional(conn)
    .await?;
    let read = |row: &AnyRow| {
        Ok(Wish {
            refund: refund_of(row)?,
            order: parsed("order_id", row.try_get::<&str, _>("order_id")?)?,
            by: parsed("asked_by", row.try_get::<&str, _>("asked_by")?)?,
            asked_at: db::time(row.try_get("asked_at")?),
        })
    };
    row.as_ref().map(read).transpose()
}

/// Refunds of a seller's orders that were asked for before a moment and not made, the oldest
/// first.
pub(super) async fn waiting_refunds(
    conn: &mut Conn,
    seller: Option<&ConnectedAccount>,
    before: Time,
    most: i64,
) -> Result<Vec<RefundId>, sqlx::Error> {
    let ids: Vec<String> = sqlx::query_scalar(
        "SELECT r.id FROM refund r JOIN orders o ON o.id = r.order_id
         WHERE r.state = 'requested' AND r.asked_at < $1 AND COALESCE(o.seller_account, '') = $2
         ORDER BY r.asked_at LIMIT $3",
    )
    .bind(before.millis())
    .bind(seller.map_or("", ConnectedAccount::as_str))
    .bind(most)
    .fetch_all(conn)
    .await?;
    ids.iter().map(|id| parsed("id", id)).collect()
}

/// Notes that the provider said no, unless it is known by now that the refund was made.
pub(super) async fn refuse_refund(
    tx: &mut Conn,
    id: RefundId,
    now: Time,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE refund SET state = 'refused', changed_at = $2
         WHERE id = $1 AND state = 'requested'",
    )
    .bind(id.to_string())
    .bind(now.millis())
    .execute(tx)
    .await
    .map(drop)
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
             (id, order_id, provider_id, amount_minor, state, asked_by, asked_at, changed_at,
              out_booked, back_booked)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9)
         ON CONFLICT (id) DO UPDATE SET provider_id = excluded.provider_id,
             state = excluded.state, changed_at = excluded.changed_at,
             out_booked = excluded.out_booked, back_booked = excluded.back_booked",
    )
    .bind(refund.id.to_string())
    .bind(order.to_string())
    .bind(refund.provider_id.as_deref())
    .bind(refund.amount)
    .bind(refund.state.word())
    .bind(asked_by.word())
    .bind(now.millis())
    .bind(i64::from(refund.out_booked))
    .bind(i64::from(refund.back_booked))
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

fn money_of(row: &AnyRow) -> Result<Money, sqlx::Error> {
    let code: &str = row.try_get("currency")?;
    let currency = Currency::parse(code).map_err(|_| corrupt("currency", code))?;
    Ok(Money::new(row.try_get("amount_minor")?, currency))
}

/// Refunds of an order for people, the oldest first.
pub async fn refund_lines(conn: &mut Conn, order: OrderId) -> Result<Vec<RefundLine>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT r.provider_id, r.amount_minor, o.currency, r.state, r.asked_by, r.asked_at
         FROM refund r JOIN orders o ON o.id = r.order_id
         WHERE r.order_id = $1 ORDER BY r.id",
    )
    .bind(order.to_string())
    .fetch_all(conn)
    .await?;
    let read = |row: &AnyRow| {
        Ok(RefundLine {
            provider_id: row.try_get("provider_id")?,
            amount: money_of(row)?,
            state: parsed("state", row.try_get::<&str, _>("state")?)?,
            by: parsed("asked_by", row.try_get::<&str, _>("asked_by")?)?,
            asked_at: db::time(row.try_get("asked_at")?),
        })
    };
    rows.iter().map(read).collect()
}

fn dispute_line_of(row: &AnyRow) -> Result<DisputeLine, sqlx::Error> {
    let time =
        |column: &str| Ok::<_, sqlx::Error>(row.try_get::<Option<i64>, _>(column)?.map(db::time));
    Ok(DisputeLine {
        id: parsed("id", row.try_get::<&str, _>("id")?)?,
        order: parsed("order_id", row.try_get::<&str, _>("order_id")?)?,
        provider_id: row.try_get("provider_id")?,
        amount: money_of(row)?,
        state: parsed("state", row.try_get::<&str, _>("state")?)?,
        reason: row.try_get("reason")?,
        evidence_due: time("evidence_due_at")?,
        opened_at: db::time(row.try_get("opened_at")?),
        submitted_at: time("submitted_at")?,
    })
}

/// Disputes of an order for people, the oldest first.
pub async fn dispute_lines(
    conn: &mut Conn,
    order: OrderId,
) -> Result<Vec<DisputeLine>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT d.id, d.order_id, d.provider_id, d.amount_minor, o.currency, d.state, d.reason,
                d.evidence_due_at, d.opened_at, e.submitted_at
         FROM dispute d JOIN orders o ON o.id = d.order_id
         LEFT JOIN dispute_evidence e ON e.dispute_id = d.id
         WHERE d.order_id = $1 ORDER BY d.id",
    )
    .bind(order.to_string())
    .fetch_all(conn)
    .await?;
    rows.iter().map(dispute_line_of).collect()
}

/// What was asked for and Stripe has not taken up yet, in minor units.
pub(super) async fn requested(conn: &mut Conn, order: OrderId) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT CAST(COALESCE(SUM(amount_minor), 0) AS BIGINT) FROM refund
         WHERE order_id = $1 AND state = 'requested'",
    )
    .bind(order.to_string())
    .fetch_one(conn)
    .await
}

/// A studio's own terms.
pub(super) async fn terms(
    conn: &mut Conn,
    studio: StudioId,
) -> Result<Option<BasisPoints>, sqlx::Error> {
    let found: Option<i64> =
        sqlx::query_scalar("SELECT watched_bp FROM refund_terms WHERE studio_id = $1")
            .bind(studio.to_string())
            .fetch_optional(conn)
            .await?;
    let read = |points: i64| {
        let share = u16::try_from(points).ok().and_then(BasisPoints::new);
        share.ok_or_else(|| corrupt("watched_bp", "a share"))
    };
    found.map(read).transpose()
}

pub(super) async fn set_terms(
    tx: &mut Conn,
    studio: StudioId,
    share: BasisPoints,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO refund_terms (studio_id, watched_bp) VALUES ($1, $2)
         ON CONFLICT (studio_id) DO UPDATE SET watched_bp = excluded.watched_bp",
    )
    .bind(studio.to_string())
    .bind(i64::from(share.points()))
    .execute(tx)
    .await
    .map(drop)
}

pub(super) async fn note_withdrawal(
    tx: &mut Conn,
    order: OrderId,
    now: Time,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO withdrawal (order_id, declared_at) VALUES ($1, $2)
         ON CONFLICT (order_id) DO NOTHING",
    )
    .bind(order.to_string())
    .bind(now.millis())
    .execute(tx)
    .await
    .map(drop)
}

pub(super) async fn insert_link(
    tx: &mut Conn,
    token: &TokenHash,
    order: OrderId,
    expires_at: Time,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO withdrawal_link (token_hash, order_id, expires_at) VALUES ($1, $2, $3)",
    )
    .bind(token.as_bytes())
    .bind(order.to_string())
    .bind(expires_at.millis())
    .execute(tx)
    .await
    .map(drop)
}

pub(super) async fn order_of_link(
    conn: &mut Conn,
    token: &TokenHash,
    now: Time,
) -> Result<Option<OrderId>, sqlx::Error> {
    let found: Option<String> = sqlx::query_scalar(
        "SELECT order_id FROM withdrawal_link WHERE token_hash = $1 AND expires_at > $2",
    )
    .bind(token.as_bytes())
    .bind(now.millis())
    .fetch_optional(conn)
    .await?;
    found.map(|id| parsed("order_id", &id)).transpose()
}

/// Uses a link up; its order.
pub(super) async fn take_link(
    tx: &mut Conn,
    token: &TokenHash,
    now: Time,
) -> Result<Option<OrderId>, sqlx::Error> {
    let found: Option<String> = sqlx::query_scalar(
        "DELETE FROM withdrawal_link WHERE token_hash = $1 AND expires_at > $2
         RETURNING order_id",
    )
    .bind(token.as_bytes())
    .bind(now.millis())
    .fetch_optional(tx)
    .await?;
    found.map(|id| parsed("order_id", &id)).transpose()
}

pub(super) async fn forget_links(tx: &mut Conn, now: Time) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM withdrawal_link WHERE expires_at <= $1")
        .bind(now.millis())
        .execute(tx)
        .await
        .map(drop)
}

/// Writes evidence down, unless some was written before.
pub(super) async fn insert_evidence(
    tx: &mut Conn,
    dispute: DisputeId,
    evidence: &str,
    now: Time,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO dispute_evidence (dispute_id, evidence, asked_at) VALUES ($1, $2, $3)
         ON CONFLICT (dispute_id) DO NOTHING",
    )
    .bind(dispute.to_string())
    .bind(evidence)
    .bind(now.millis())
    .execute(tx)
    .await
    .map(drop)
}

pub(super) async fn evidence(conn: &mut Conn, dispute: DisputeId) -> Result<String, sqlx::Error> {
    sqlx::query_scalar("SELECT evidence FROM dispute_evidence WHERE dispute_id = $1")
        .bind(dispute.to_string())
        .fetch_one(conn)
        .await
}

pub(super) async fn mark_submitted(
    tx: &mut Conn,
    dispute: DisputeId,
    now: Time,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE dispute_evidence SET submitted_at = $2 WHERE dispute_id = $1")
        .bind(dispute.to_string())
        .bind(now.millis())
        .execute(tx)
        .await
        .map(drop)
}

/// Makes worthless every link that was sent to a buyer.
pub(in crate::checkout) async fn delete_links_of(
    tx: &mut Conn,
    buyer: AccountId,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "DELETE FROM withdrawal_link
         WHERE order_id IN (SELECT id FROM orders WHERE account_id = $1)",
    )
    .bind(buyer.to_string())
    .execute(tx)
    .await
    .map(drop)
}

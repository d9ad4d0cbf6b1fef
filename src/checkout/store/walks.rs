//! SQL of the walks that compare orders with Stripe: what they ask about, where they ended, and what
//! they found.

use std::time::Duration;

use sqlx::Row;
use sqlx::any::AnyRow;

use crate::checkout::model::Order;
use crate::checkout::reconcile::Reconciled;
use crate::checkout::runs::Run;
use crate::kernel::Time;
use crate::platform::db;
use crate::platform::db::Conn;
use crate::platform::db::corrupt;
use crate::platform::stripe::ConnectedAccount;

use super::order_of;
use super::seller_bind;

/// A bank debit is decided long before.
const PENDING_FOR: Duration = Duration::from_secs(30 * 24 * 60 * 60);

fn seller_text(seller: Option<&ConnectedAccount>) -> &str {
    seller_bind(seller).unwrap_or_default()
}

/// Orders of a seller that may still be paid, the oldest first.
pub(in crate::checkout) async fn unsettled(
    conn: &mut Conn,
    seller: Option<&ConnectedAccount>,
    most: i64,
) -> Result<Vec<Order>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT * FROM orders WHERE state IN ('open', 'pending') AND session_id IS NOT NULL
             AND COALESCE(seller_account, '') = $1
         ORDER BY created_at LIMIT $2",
    )
    .bind(seller_text(seller))
    .bind(most)
    .fetch_all(conn)
    .await?;
    rows.iter().map(order_of).collect()
}

/// Orders of a seller paid since a moment of which it is not known what the provider kept.
pub(in crate::checkout) async fn without_fee(
    conn: &mut Conn,
    seller: Option<&ConnectedAccount>,
    since: Time,
    most: i64,
) -> Result<Vec<Order>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT * FROM orders WHERE paid_at >= $1 AND fee_posted_at IS NULL
             AND COALESCE(seller_account, '') = $2
         ORDER BY paid_at LIMIT $3",
    )
    .bind(since.millis())
    .bind(seller_text(seller))
    .bind(most)
    .fetch_all(conn)
    .await?;
    rows.iter().map(order_of).collect()
}

/// Orders of a seller with refunds or disputes that are not at their end, the oldest first.
pub(in crate::checkout) async fn returning(
    conn: &mut Conn,
    seller: Option<&ConnectedAccount>,
    most: i64,
) -> Result<Vec<Order>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT * FROM orders WHERE id IN
             (SELECT order_id FROM refund WHERE state IN ('requested', 'pending')
              UNION SELECT order_id FROM dispute WHERE state IN ('warning', 'open'))
             AND COALESCE(seller_account, '') = $1
         ORDER BY created_at LIMIT $2",
    )
    .bind(seller_text(seller))
    .bind(most)
    .fetch_all(conn)
    .await?;
    rows.iter().map(order_of).collect()
}

/// When the last comparison of an account that came to its end had begun.
pub(in crate::checkout) async fn mark_of(
    conn: &mut Conn,
    seller: Option<&ConnectedAccount>,
) -> Result<Option<Time>, sqlx::Error> {
    let mark: Option<i64> =
        sqlx::query_scalar("SELECT walked_at FROM payment_mark WHERE account = $1")
            .bind(mark_name(seller))
            .fetch_optional(conn)
            .await?;
    Ok(mark.map(db::time))
}

/// Moves the mark of an account; never back.
pub(in crate::checkout) async fn set_mark(
    tx: &mut Conn,
    seller: Option<&ConnectedAccount>,
    walked_at: Time,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO payment_mark (account, walked_at) VALUES ($1, $2)
         ON CONFLICT (account) DO UPDATE SET walked_at = excluded.walked_at
         WHERE payment_mark.walked_at < excluded.walked_at",
    )
    .bind(mark_name(seller))
    .bind(walked_at.millis())
    .execute(tx)
    .await
    .map(drop)
}

/// The name of an account in the tables of what was compared.
pub(in crate::checkout) fn mark_name(seller: Option<&ConnectedAccount>) -> &str {
    seller_bind(seller).unwrap_or("operator")
}

/// Closes open orders whose time is over and whose payment page nobody ever got.
pub(in crate::checkout) async fn close_abandoned(
    tx: &mut Conn,
    now: Time,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE orders SET state = 'expired'
         WHERE state = 'open' AND session_id IS NULL AND session_expires_at < $1",
    )
    .bind(now.millis())
    .execute(tx)
    .await?;
    Ok(done.rows_affected())
}

/// The same for those with a page at an account that is cut off: nobody can ask about them. A debit
/// may still be under way, for some weeks; what comes later is taken all the same.
pub(in crate::checkout) async fn close_stranded(
    tx: &mut Conn,
    seller: &ConnectedAccount,
    now: Time,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE orders SET state = 'expired'
         WHERE seller_account = $1 AND session_expires_at < $2
           AND (state = 'open' OR (state = 'pending' AND created_at < $3))",
    )
    .bind(seller.as_str())
    .bind(now.millis())
    .bind(now.before(PENDING_FOR).millis())
    .execute(tx)
    .await?;
    Ok(done.rows_affected())
}

/// Notes a run of the comparison, and forgets all but the last hundred.
pub(in crate::checkout) async fn note_run(tx: &mut Conn, run: &Run) -> Result<(), sqlx::Error> {
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    sqlx::query(
        "INSERT INTO reconcile_run (began_at, ended_at, asked, mended, failed, differing)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (began_at) DO NOTHING",
    )
    .bind(run.began_at.millis())
    .bind(run.ended_at.millis())
    .bind(count(run.found.asked))
    .bind(count(run.found.mended))
    .bind(count(run.found.failed))
    .bind(count(run.found.differing))
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "DELETE FROM reconcile_run WHERE began_at NOT IN
             (SELECT began_at FROM reconcile_run ORDER BY began_at DESC LIMIT 100)",
    )
    .execute(tx)
    .await
    .map(drop)
}

pub(in crate::checkout) async fn runs(conn: &mut Conn) -> Result<Vec<Run>, sqlx::Error> {
    let rows = sqlx::query("SELECT * FROM reconcile_run ORDER BY began_at DESC LIMIT 12")
        .fetch_all(conn)
        .await?;
    let read = |row: &AnyRow| {
        let count = |column: &str| {
            let number: i64 = row.try_get(column)?;
            usize::try_from(number).map_err(|_| corrupt("reconcile_run", column))
        };
        Ok(Run {
            began_at: db::time(row.try_get("began_at")?),
            ended_at: db::time(row.try_get("ended_at")?),
            found: Reconciled {
                asked: count("asked")?,
                mended: count("mended")?,
                failed: count("failed")?,
                differing: count("differing")?,
            },
        })
    };
    rows.iter().map(read).collect()
}

pub(in crate::checkout) async fn marks(
    conn: &mut Conn,
) -> Result<Vec<(String, Time)>, sqlx::Error> {
    let rows = sqlx::query("SELECT account, walked_at FROM payment_mark ORDER BY account")
        .fetch_all(conn)
        .await?;
    let read = |row: &AnyRow| Ok((row.try_get("account")?, db::time(row.try_get("walked_at")?)));
    rows.iter().map(read).collect()
}

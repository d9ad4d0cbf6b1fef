//! SQL of the provider's lines.

use std::collections::BTreeMap;

use sqlx::Row;
use sqlx::any::AnyRow;

use crate::kernel::Currency;
use crate::kernel::Money;
use crate::kernel::Time;
use crate::kernel::ids::OrderId;
use crate::platform::db;
use crate::platform::db::Conn;
use crate::platform::db::corrupt;
use crate::platform::db::parsed;
use crate::platform::stripe::BalanceTransaction;

use super::model::Difference;

/// Keeps a line, unless it is kept already.
pub(super) async fn keep(
    tx: &mut Conn,
    account: &str,
    line: &BalanceTransaction,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO balance_line (id, account, kind, category, source, currency, amount_minor,
                                   fee_minor, application_fee_minor, net_minor, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (id) DO NOTHING",
    )
    .bind(&line.id)
    .bind(account)
    .bind(&line.kind)
    .bind(&line.category)
    .bind(line.source.as_deref())
    .bind(line.net.currency().code())
    .bind(line.amount.minor())
    .bind(line.fee.minor())
    .bind(line.application_fee.minor())
    .bind(line.net.minor())
    .bind(line.created.millis())
    .execute(tx)
    .await
    .map(drop)
}

/// Orders with lines of an account since a moment that were not compared yet, and those lines.
pub(super) async fn to_compare(
    conn: &mut Conn,
    account: &str,
    since: Time,
) -> Result<BTreeMap<OrderId, Vec<String>>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT l.id, o.id AS order_id FROM balance_line l JOIN orders o ON o.charge_id = l.source
         WHERE l.account = $1 AND l.compared = 0 AND l.created_at >= $2
         UNION ALL
         SELECT l.id, r.order_id FROM balance_line l JOIN refund r ON r.provider_id = l.source
         WHERE l.account = $1 AND l.compared = 0 AND l.created_at >= $2
         UNION ALL
         SELECT l.id, d.order_id FROM balance_line l JOIN dispute d ON d.provider_id = l.source
         WHERE l.account = $1 AND l.compared = 0 AND l.created_at >= $2",
    )
    .bind(account)
    .bind(since.millis())
    .fetch_all(conn)
    .await?;
    let mut lines: BTreeMap<OrderId, Vec<String>> = BTreeMap::new();
    for row in &rows {
        let order = parsed("order_id", row.try_get::<&str, _>("order_id")?)?;
        lines.entry(order).or_default().push(row.try_get("id")?);
    }
    Ok(lines)
}

/// Notes that lines were held against the books of their order.
pub(super) async fn mark_compared(tx: &mut Conn, lines: &[String]) -> Result<(), sqlx::Error> {
    for line in lines {
        sqlx::query("UPDATE balance_line SET compared = 1 WHERE id = $1")
            .bind(line)
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}

fn money(row: &AnyRow, column: &str) -> Result<Money, sqlx::Error> {
    let code: &str = row.try_get("currency")?;
    let currency = Currency::parse(code).map_err(|_| corrupt("currency", code))?;
    Ok(Money::new(row.try_get(column)?, currency))
}

/// What the lines of an order sum up to, a sum per currency.
pub(super) async fn sums_of_order(
    conn: &mut Conn,
    order: OrderId,
) -> Result<Vec<Money>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT currency, CAST(SUM(net_minor) AS BIGINT) AS minor FROM balance_line
         WHERE source IN (SELECT charge_id FROM orders WHERE id = $1
                          UNION SELECT provider_id FROM refund WHERE order_id = $1
                          UNION SELECT provider_id FROM dispute WHERE order_id = $1)
         GROUP BY currency",
    )
    .bind(order.to_string())
    .fetch_all(conn)
    .await?;
    rows.iter().map(|row| money(row, "minor")).collect()
}

/// As [`sums_of_order`], for every order that has lines.
pub(super) async fn sums_of_all(
    conn: &mut Conn,
) -> Result<BTreeMap<OrderId, Vec<Money>>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT s.order_id, l.currency, CAST(SUM(l.net_minor) AS BIGINT) AS minor
         FROM balance_line l
         JOIN (SELECT charge_id AS source, id AS order_id FROM orders WHERE charge_id IS NOT NULL
               UNION ALL SELECT provider_id, order_id FROM refund WHERE provider_id IS NOT NULL
               UNION ALL SELECT provider_id, order_id FROM dispute) s ON s.source = l.source
         GROUP BY s.order_id, l.currency",
    )
    .fetch_all(conn)
    .await?;
    let mut sums: BTreeMap<OrderId, Vec<Money>> = BTreeMap::new();
    for row in &rows {
        let order = parsed("order_id", row.try_get::<&str, _>("order_id")?)?;
        sums.entry(order).or_default().push(money(row, "minor")?);
    }
    Ok(sums)
}

/// When the last comparison of each account that came to its end had begun.
pub(super) async fn marks(conn: &mut Conn) -> Result<BTreeMap<String, Time>, sqlx::Error> {
    let rows = sqlx::query("SELECT account, walked_at FROM payment_mark")
        .fetch_all(conn)
        .await?;
    let read = |row: &AnyRow| Ok((row.try_get("account")?, db::time(row.try_get("walked_at")?)));
    rows.iter().map(read).collect()
}

/// Orders that differed when they were last compared.
pub(super) async fn differing(conn: &mut Conn) -> Result<Vec<OrderId>, sqlx::Error> {
    let ids: Vec<String> = sqlx::query_scalar("SELECT DISTINCT order_id FROM balance_difference")
        .fetch_all(conn)
        .await?;
    ids.iter().map(|id| parsed("order_id", id)).collect()
}

/// Notes what differs of an order now, and forgets what does not any more.
pub(super) async fn note_differences(
    tx: &mut Conn,
    order: OrderId,
    unequal: &[(Money, Money)],
    now: Time,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE balance_difference SET seen_at = 0 WHERE order_id = $1")
        .bind(order.to_string())
        .execute(&mut *tx)
        .await?;
    for (books, provider) in unequal {
        sqlx::query(
            "INSERT INTO balance_difference
                 (order_id, currency, books_minor, provider_minor, found_at, seen_at)
             VALUES ($1, $2, $3, $4, $5, $5)
             ON CONFLICT (order_id, currency) DO UPDATE SET books_minor = excluded.books_minor,
                 provider_minor = excluded.provider_minor, seen_at = excluded.seen_at",
        )
        .bind(order.to_string())
        .bind(books.currency().code())
        .bind(books.minor())
        .bind(provider.minor())
        .bind(now.millis())
        .execute(&mut *tx)
        .await?;
    }
    sqlx::query("DELETE FROM balance_difference WHERE order_id = $1 AND seen_at = 0")
        .bind(order.to_string())
        .execute(tx)
        .await
        .map(drop)
}

/// What differs between our books and the provider's, the oldest first.
pub async fn differences(conn: &mut Conn) -> Result<Vec<Difference>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT order_id, currency, books_minor, provider_minor, found_at, seen_at
         FROM balance_difference ORDER BY found_at, order_id, currency",
    )
    .fetch_all(conn)
    .await?;
    let read = |row: &AnyRow| {
        Ok(Difference {
            order: parsed("order_id", row.try_get::<&str, _>("order_id")?)?,
            books: money(row, "books_minor")?,
            provider: money(row, "provider_minor")?,
            found_at: db::time(row.try_get("found_at")?),
            seen_at: db::time(row.try_get("seen_at")?),
        })
    };
    rows.iter().map(read).collect()
}

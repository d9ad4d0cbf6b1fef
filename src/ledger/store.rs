//! SQL of the books. There is no UPDATE and no DELETE, and the database refuses them too.

use std::collections::BTreeMap;

use sqlx::AssertSqlSafe;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::kernel::Currency;
use crate::kernel::Money;
use crate::kernel::Time;
use crate::kernel::ids::OrderId;
use crate::kernel::ids::StudioId;
use crate::kernel::ids::TitleId;
use crate::kernel::ids::TransferId;
use crate::platform::db;
use crate::platform::db::Conn;
use crate::platform::db::corrupt;
use crate::platform::db::parsed;

use super::model::Line;
use super::model::Movement;
use super::model::Purpose;
use super::model::Transfer;

/// One line of a transfer, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Posting {
    /// What caused the transfer: `sale:order_…`, `refund:re_…`.
    pub cause: String,
    /// When it was posted.
    pub posted_at: Time,
    /// Where the money came from.
    pub from: Purpose,
    /// Where it went.
    pub to: Purpose,
    /// How much.
    pub amount: Money,
}

/// Everything that was posted for an order, in order.
pub async fn postings_of_order(
    conn: &mut Conn,
    order: OrderId,
) -> Result<Vec<Posting>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT t.cause, t.posted_at, f.purpose AS from_purpose, g.purpose AS to_purpose,
                e.currency, e.amount_minor
         FROM ledger_transfer t JOIN ledger_entry e ON e.transfer_id = t.id
         JOIN ledger_account f ON f.id = e.from_account
         JOIN ledger_account g ON g.id = e.to_account
         WHERE t.order_id = $1 ORDER BY t.posted_at, t.id, e.line",
    )
    .bind(order.to_string())
    .fetch_all(conn)
    .await?;
    let read = |row: &AnyRow| {
        let code: &str = row.try_get("currency")?;
        let currency = Currency::parse(code).map_err(|_| corrupt("currency", code))?;
        Ok(Posting {
            cause: row.try_get("cause")?,
            posted_at: db::time(row.try_get("posted_at")?),
            from: parsed("from_purpose", row.try_get::<&str, _>("from_purpose")?)?,
            to: parsed("to_purpose", row.try_get::<&str, _>("to_purpose")?)?,
            amount: Money::new(row.try_get("amount_minor")?, currency),
        })
    };
    rows.iter().map(read).collect()
}

fn account_id(studio: StudioId, purpose: Purpose, currency: Currency) -> String {
    format!("{studio}:{}:{}", purpose.word(), currency.code())
}

/// `($1, $2, $3), ($4, …`: places for so many rows of so many columns.
pub(super) fn places(rows: usize, columns: usize) -> String {
    let row = |row: usize| {
        let places = (1..=columns).map(|column| format!("${}", row * columns + column));
        format!("({})", places.collect::<Vec<_>>().join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

/// Makes the accounts that a transfer is the first to use.
pub(super) async fn open_accounts(tx: &mut Conn, transfer: &Transfer) -> Result<(), sqlx::Error> {
    let ends = transfer.lines.iter().flat_map(|line| {
        let currency = line.amount.currency();
        [line.from, line.to].map(|purpose| ((purpose, currency.code()), currency))
    });
    let wanted: BTreeMap<_, _> = ends.collect();
    let sql = format!(
        "INSERT INTO ledger_account (id, studio_id, purpose, currency) VALUES {}
         ON CONFLICT (id) DO NOTHING",
        places(wanted.len(), 4)
    );
    let mut query = sqlx::query(AssertSqlSafe(sql)); // only places were put together
    for ((purpose, code), currency) in wanted {
        query = query
            .bind(account_id(transfer.studio, purpose, currency))
            .bind(transfer.studio.to_string())
            .bind(purpose.word())
            .bind(code);
    }
    query.execute(tx).await.map(drop)
}

/// Rows written: 0 when the cause was posted before.
pub(super) async fn insert_transfer(
    tx: &mut Conn,
    id: TransferId,
    transfer: &Transfer,
    now: Time,
) -> Result<u64, sqlx::Error> {
    let lines = i64::try_from(transfer.lines.len()).expect("a transfer has a handful of lines");
    let done = sqlx::query(
        "INSERT INTO ledger_transfer
             (id, cause, kind, studio_id, title_id, order_id, line_count, posted_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (cause) DO NOTHING",
    )
    .bind(id.to_string())
    .bind(transfer.cause_text())
    .bind(transfer.cause.kind())
    .bind(transfer.studio.to_string())
    .bind(transfer.title.to_string())
    // Empty for shares, which are of a month and of no order.
    .bind(
        transfer
            .order
            .map_or_else(String::new, |order| order.to_string()),
    )
    .bind(lines)
    .bind(now.millis())
    .execute(tx)
    .await?;
    Ok(done.rows_affected())
}

/// Writes all movements of a transfer.
pub(super) async fn insert_entries(
    tx: &mut Conn,
    id: TransferId,
    transfer: &Transfer,
) -> Result<(), sqlx::Error> {
    let sql = format!(
        "INSERT INTO ledger_entry
             (transfer_id, line, from_account, to_account, currency, amount_minor)
         VALUES {}",
        places(transfer.lines.len(), 6)
    );
    let mut query = sqlx::query(AssertSqlSafe(sql)); // only places were put together
    for (line, number) in transfer.lines.iter().zip(1_i64..) {
        let currency = line.amount.currency();
        query = query
            .bind(id.to_string())
            .bind(number)
            .bind(account_id(transfer.studio, line.from, currency))
            .bind(account_id(transfer.studio, line.to, currency))
            .bind(currency.code())
            .bind(line.amount.minor());
    }
    query.execute(tx).await.map(drop)
}

/// The movements of the transfer of a cause; none if it was not posted.
pub(super) async fn lines_of_cause(conn: &mut Conn, cause: &str) -> Result<Vec<Line>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT f.purpose AS source, g.purpose AS target, e.currency, e.amount_minor AS minor
         FROM ledger_transfer t
         JOIN ledger_entry e ON e.transfer_id = t.id
         JOIN ledger_account f ON f.id = e.from_account
         JOIN ledger_account g ON g.id = e.to_account
         WHERE t.cause = $1 ORDER BY e.line",
    )
    .bind(cause)
    .fetch_all(conn)
    .await?;
    let read = |row: &AnyRow| {
        Ok(Line {
            from: parsed("source", row.try_get::<&str, _>("source")?)?,
            to: parsed("target", row.try_get::<&str, _>("target")?)?,
            amount: Money::new(row.try_get("minor")?, currency(row)?),
        })
    };
    rows.iter().map(read).collect()
}

fn currency(row: &AnyRow) -> Result<Currency, sqlx::Error> {
    let code: String = row.try_get("currency")?;
    Currency::parse(&code).map_err(|_| corrupt("currency", &code))
}

/// What an order left in a balance, a sum per currency.
#[derive(Clone, Debug)]
pub struct Left {
    /// When its last transfer was posted.
    pub last: Time,
    sums: Vec<(Purpose, Money)>,
}

impl Left {
    /// The sums; the operator's share is in them if the account is the operator's own.
    pub fn sums(&self, is_own: bool) -> Vec<Money> {
        let kept = self
            .sums
            .iter()
            .filter(|(purpose, _)| is_own || *purpose != Purpose::OperatorFee);
        kept.map(|(_, sum)| *sum).collect()
    }
}

/// What an order left in the balance of the account that sold it, a sum per currency and purpose.
/// The operator's share is in them if the account is the operator's own.
pub async fn left_by(
    conn: &mut Conn,
    order: OrderId,
    is_own: bool,
) -> Result<Vec<Money>, sqlx::Error> {
    let rows = sqlx::query(AssertSqlSafe(left("WHERE t.order_id = $1"))) // nothing of others in it
        .bind(order.to_string())
        .fetch_all(conn)
        .await?;
    Ok(left_of(&rows)?
        .remove(&order)
        .map_or(Vec::new(), |left| left.sums(is_own)))
}

/// What every order left.
pub async fn left_by_all(conn: &mut Conn) -> Result<BTreeMap<OrderId, Left>, sqlx::Error> {
    let rows = sqlx::query(AssertSqlSafe(left("WHERE t.kind <> 'shares'"))) // nothing of others in it
        .fetch_all(conn)
        .await?;
    left_of(&rows)
}

fn left(which: &str) -> String {
    by_account(
        "t.order_id, a.currency, a.purpose, MAX(t.posted_at) AS last, CAST(SUM(gain) AS BIGINT) AS minor",
        &format!("{which} GROUP BY t.order_id, a.currency, a.purpose"),
    )
}

/// A question to every entry as its two accounts see it: the transfer `t`, the account `a`, and
/// `gain`, what the entry brought to that account. PostgreSQL answers a join with "either account"
/// by trying every pair, so each entry is taken twice, once from each side.
fn by_account(what: &str, which: &str) -> String {
    let gain = "(s.side * e.amount_minor)";
    format!(
        "SELECT {}
         FROM ledger_transfer t
         JOIN ledger_entry e ON e.transfer_id = t.id
         CROSS JOIN (SELECT 1 AS side UNION ALL SELECT -1) s
         JOIN ledger_account a ON a.id = CASE s.side WHEN 1 THEN e.to_account ELSE e.from_account END
         {}",
        what.replace("gain", gain),
        which.replace("gain", gain)
    )
}

fn left_of(rows: &[AnyRow]) -> Result<BTreeMap<OrderId, Left>, sqlx::Error> {
    let mut all: BTreeMap<OrderId, Left> = BTreeMap::new();
    for row in rows {
        let order = parsed("order_id", row.try_get::<&str, _>("order_id")?)?;
        let purpose: Purpose = parsed("purpose", row.try_get::<&str, _>("purpose")?)?;
        let last = db::time(row.try_get("last")?);
        let sum = Money::new(row.try_get("minor")?, currency(row)?);
        let left = all.entry(order).or_insert_with(|| Left {
            last,
            sums: Vec::new(),
        });
        left.last = left.last.max(last);
        if purpose.is_in_balance() {
            left.sums.push((purpose, sum));
        }
    }
    Ok(all)
}

/// Begins an era of a title.
pub(super) async fn insert_era(
    tx: &mut Conn,
    title: TitleId,
    number: i64,
    begins_at: Time,
) -> Result<(), sqlx::Error> {
    sqlx::query("INSERT INTO ledger_era (title_id, number, begins_at) VALUES ($1, $2, $3)")
        .bind(title.to_string())
        .bind(number)
        .bind(begins_at.millis())
        .execute(tx)
        .await
        .map(drop)
}

/// Each studio and the first moment at which something was posted for it.
pub(super) async fn studios(conn: &mut Conn) -> Result<Vec<(StudioId, Time)>, sqlx::Error> {
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "SELECT studio_id, MIN(posted_at) FROM ledger_transfer GROUP BY studio_id ORDER BY 1",
    )
    .fetch_all(conn)
    .await?;
    let read =
        |(studio, at): (String, i64)| Ok((parsed("studio_id", &studio)?, Time::from_millis(at)));
    rows.into_iter().map(read).collect()
}

/// Sums of what moved between two accounts of a film, by the era of the sale it goes back to. What
/// closed months owe to participants is left out: it follows from these sums.
pub(super) async fn movements(
    conn: &mut Conn,
    studio: StudioId,
    since: Option<Time>,
    from: Time,
    until: Time,
) -> Result<Vec<Movement>, sqlx::Error> {
    let rows = sqlx::query(
        "WITH moved AS MATERIALIZED (
             SELECT t.id, t.title_id,
                    CASE WHEN t.posted_at >= $2 THEN 1 ELSE 0 END AS inside,
                    CASE WHEN NOT EXISTS (SELECT 1 FROM ledger_era e WHERE e.title_id = t.title_id)
                         THEN 0
                         ELSE COALESCE((SELECT e.number FROM ledger_era e
                              WHERE e.title_id = t.title_id AND e.begins_at <=
                                  CASE WHEN t.kind = 'sale' THEN t.posted_at
                                       ELSE (SELECT MIN(s.posted_at) FROM ledger_transfer s
                                             WHERE s.order_id = t.order_id AND s.kind = 'sale')
                                  END
                              ORDER BY e.begins_at DESC, e.number DESC LIMIT 1), 0)
                    END AS era
             FROM ledger_transfer t
             WHERE t.studio_id = $1 AND t.posted_at >= $4 AND t.posted_at < $3
               AND t.kind <> 'shares')
         SELECT m.title_id, m.inside, m.era, e.currency, e.from_account, e.to_account,
                CAST(SUM(e.amount_minor) AS BIGINT) AS minor, COUNT(*) AS entries
         FROM moved m JOIN ledger_entry e ON e.transfer_id = m.id
         GROUP BY m.title_id, m.inside, m.era, e.currency, e.from_account, e.to_account",
    )
    .bind(studio.to_string())
    .bind(from.millis())
    .bind(until.millis())
    .bind(since.map_or(i64::MIN, Time::millis))
    .fetch_all(conn)
    .await?;
    let read = |row: &AnyRow| {
        Ok(Movement {
            title: parsed("title_id", row.try_get::<&str, _>("title_id")?)?,
            inside: row.try_get::<i64, _>("inside")? == 1,
            era: row.try_get("era")?,
            from: purpose_of(row.try_get("from_account")?)?,
            to: purpose_of(row.try_get("to_account")?)?,
            amount: Money::new(row.try_get("minor")?, currency(row)?),
            entries: row.try_get("entries")?,
        })
    };
    rows.iter().map(read).collect()
}

/// The purpose in the id of an account, `studio_…:purpose:CUR`.
fn purpose_of(account: &str) -> Result<Purpose, sqlx::Error> {
    let word = account.split(':').nth(1).unwrap_or_default();
    parsed("from_account", word)
}

/// Every sale in the books: the order and what was paid for it.
pub async fn sold(conn: &mut Conn) -> Result<Vec<(OrderId, Money)>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT t.order_id, e.currency, e.amount_minor
         FROM ledger_transfer t
         JOIN ledger_entry e ON e.transfer_id = t.id
         JOIN ledger_account a ON a.id = e.from_account AND a.purpose = 'customer'
         WHERE t.kind = 'sale'",
    )
    .fetch_all(conn)
    .await?;
    let read = |row: &AnyRow| {
        let order = parsed("order_id", row.try_get::<&str, _>("order_id")?)?;
        Ok((
            order,
            Money::new(row.try_get("amount_minor")?, currency(row)?),
        ))
    };
    rows.iter().map(read).collect()
}

/// What a sale owed to tax offices, and what of both went back by refunds, in minor units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owed {
    /// The order.
    pub order: OrderId,
    /// What was paid.
    pub paid: Money,
    /// The tax in it.
    pub tax: Money,
    /// What went back to the buyer.
    pub returned: Money,
    /// The tax in that.
    pub tax_returned: Money,
}

/// The same of every order, as the entries have it.
pub async fn owed_by_orders(conn: &mut Conn) -> Result<Vec<Owed>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT t.order_id, e.currency,
             CAST(SUM(CASE WHEN f.purpose = 'customer' THEN e.amount_minor ELSE 0 END) AS BIGINT)
                 AS paid,
             CAST(SUM(CASE WHEN g.purpose = 'tax' AND f.purpose = 'gross' THEN e.amount_minor
                           ELSE 0 END) AS BIGINT) AS tax,
             CAST(SUM(CASE WHEN g.purpose = 'refunds' THEN e.amount_minor
                           WHEN f.purpose = 'refunds' THEN -e.amount_minor
                           ELSE 0 END) AS BIGINT) AS returned,
             CAST(SUM(CASE WHEN g.purpose = 'refunds' AND f.purpose = 'tax' THEN e.amount_minor
                           WHEN f.purpose = 'refunds' AND g.purpose = 'tax' THEN -e.amount_minor
                           ELSE 0 END) AS BIGINT) AS tax_returned
         FROM ledger_transfer t
         JOIN ledger_entry e ON e.transfer_id = t.id
         JOIN ledger_account f ON f.id = e.from_account
         JOIN ledger_account g ON g.id = e.to_account
         WHERE t.kind IN ('sale', 'refund', 'refund_failed')
           AND (f.purpose IN ('customer', 'gross', 'refunds') OR g.purpose = 'refunds')
         GROUP BY t.order_id, e.currency",
    )
    .fetch_all(conn)
    .await?;
    let read = |row: &AnyRow| {
        let currency = currency(row)?;
        let sum = |column: &str| {
            let minor: i64 = row.try_get(column)?;
            Ok::<_, sqlx::Error>(Money::new(minor, currency))
        };
        Ok(Owed {
            order: parsed("order_id", row.try_get::<&str, _>("order_id")?)?,
            paid: sum("paid")?,
            tax: sum("tax")?,
            returned: sum("returned")?,
            tax_returned: sum("tax_returned")?,
        })
    };
    rows.iter().map(read).collect()
}

pub(super) async fn transfers_with_wrong_lines(
    conn: &mut Conn,
) -> Result<Vec<(String, i64, i64)>, sqlx::Error> {
    sqlx::query_as(
        "SELECT t.cause, t.line_count, COUNT(e.line)
         FROM ledger_transfer t LEFT JOIN ledger_entry e ON e.transfer_id = t.id
         GROUP BY t.cause, t.line_count HAVING COUNT(e.line) <> t.line_count",
    )
    .fetch_all(conn)
    .await
}

pub(super) async fn transfers_leaving_gross(
    conn: &mut Conn,
) -> Result<Vec<(String, String)>, sqlx::Error> {
    let sql = by_account(
        "t.cause, a.currency",
        "WHERE a.purpose = 'gross' GROUP BY t.cause, a.currency HAVING SUM(gain) <> 0",
    );
    sqlx::query_as(AssertSqlSafe(sql)) // put together from words of ours
        .fetch_all(conn)
        .await
}

pub(super) async fn currencies_out_of_balance(
    conn: &mut Conn,
) -> Result<Vec<(String, i64)>, sqlx::Error> {
    let sql = by_account(
        "a.currency, CAST(SUM(gain) AS BIGINT)",
        "GROUP BY a.currency HAVING SUM(gain) <> 0",
    );
    sqlx::query_as(AssertSqlSafe(sql)) // put together from words of ours
        .fetch_all(conn)
        .await
}

pub(super) async fn entries_of_foreign_accounts(
    conn: &mut Conn,
) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT t.cause
         FROM ledger_transfer t
         JOIN ledger_entry e ON e.transfer_id = t.id
         LEFT JOIN ledger_account f ON f.id = e.from_account
         LEFT JOIN ledger_account g ON g.id = e.to_account
         WHERE f.id IS NULL OR g.id IS NULL
            OR f.studio_id <> t.studio_id OR g.studio_id <> t.studio_id
            OR f.currency <> e.currency OR g.currency <> e.currency",
    )
    .fetch_all(conn)
    .await
}

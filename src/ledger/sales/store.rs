//! SQL of the figures of transfers.

use sqlx::AssertSqlSafe;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::kernel::Currency;
use crate::kernel::Money;
use crate::kernel::Time;
use crate::kernel::ids::TransferId;
use crate::ledger::model::Facets;
use crate::ledger::model::Transfer;
use crate::ledger::store::places;
use crate::platform::db::Conn;
use crate::platform::db::corrupt;
use crate::platform::db::parsed;

use super::model::DaySales;
use super::model::Sales;
use super::model::SalesLine;
use super::model::Scope;

/// Columns of a row of figures.
const COLUMNS: usize = 16;
const DAY_MILLIS: i64 = 24 * 60 * 60 * 1_000;

/// Writes the figures of a transfer.
pub(in crate::ledger) async fn insert_figures(
    tx: &mut Conn,
    id: TransferId,
    transfer: &Transfer,
    facets: &Facets,
    figures: &[Sales],
    now: Time,
) -> Result<(), sqlx::Error> {
    let sql = format!(
        "INSERT INTO ledger_figure
             (transfer_id, currency, studio_id, title_id, posted_at, territory, source, kind, orders,
              gross_minor, tax_minor, provider_fee_minor, operator_fee_minor, returned_minor,
              exchanged_minor, net_minor)
         VALUES {}",
        places(figures.len(), COLUMNS)
    );
    let mut query = sqlx::query(AssertSqlSafe(sql)); // only places were put together
    for sales in figures {
        query = query
            .bind(id.to_string())
            .bind(sales.net.currency().code())
            .bind(transfer.studio.to_string())
            .bind(transfer.title.to_string())
            .bind(now.millis())
            .bind(facets.territory.as_deref().unwrap_or_default())
            .bind(facets.source.to_string())
            .bind(facets.kind.as_str())
            .bind(sales.orders)
            .bind(sales.gross.minor())
            .bind(sales.tax.minor())
            .bind(sales.provider_fee.minor())
            .bind(sales.operator_fee.minor())
            .bind(sales.returned.minor())
            .bind(sales.exchanged.minor())
            .bind(sales.net.minor());
    }
    query.execute(tx).await.map(drop)
}

/// Sums of all amounts, for whatever they are grouped by.
macro_rules! summed {
    ($by:literal) => {
        concat!(
            "SELECT ",
            $by,
            ", currency, CAST(SUM(orders) AS BIGINT) AS orders,
                 CAST(SUM(gross_minor) AS BIGINT) AS gross, CAST(SUM(tax_minor) AS BIGINT) AS tax,
                 CAST(SUM(provider_fee_minor) AS BIGINT) AS provider_fee,
                 CAST(SUM(operator_fee_minor) AS BIGINT) AS operator_fee,
                 CAST(SUM(returned_minor) AS BIGINT) AS returned,
                 CAST(SUM(exchanged_minor) AS BIGINT) AS exchanged,
                 CAST(SUM(net_minor) AS BIGINT) AS net
             FROM ledger_figure
             WHERE studio_id = $1 AND posted_at >= $2 AND posted_at < $3
               AND ($4 = '' OR title_id = $4)
             GROUP BY ",
            $by,
            ", currency"
        )
    };
}

async fn summed(
    conn: &mut Conn,
    scope: &Scope,
    sql: &'static str,
) -> Result<Vec<AnyRow>, sqlx::Error> {
    sqlx::query(sql)
        .bind(scope.studio.to_string())
        .bind(scope.from.map_or(i64::MIN, Time::millis))
        .bind(scope.until.map_or(i64::MAX, Time::millis))
        .bind(scope.title.map_or_else(String::new, |id| id.to_string()))
        .fetch_all(conn)
        .await
}

fn sales_of(row: &AnyRow) -> Result<Sales, sqlx::Error> {
    let code: &str = row.try_get("currency")?;
    let currency = Currency::parse(code).map_err(|_| corrupt("currency", code))?;
    let money = |column: &str| Ok::<_, sqlx::Error>(Money::new(row.try_get(column)?, currency));
    Ok(Sales {
        orders: row.try_get("orders")?,
        gross: money("gross")?,
        tax: money("tax")?,
        provider_fee: money("provider_fee")?,
        operator_fee: money("operator_fee")?,
        returned: money("returned")?,
        exchanged: money("exchanged")?,
        net: money("net")?,
    })
}

pub(super) async fn lines(conn: &mut Conn, scope: &Scope) -> Result<Vec<SalesLine>, sqlx::Error> {
    let rows = summed(conn, scope, summed!("title_id, territory, source, kind")).await?;
    let read = |row: &AnyRow| {
        let territory: String = row.try_get("territory")?;
        Ok(SalesLine {
            title: parsed("title_id", row.try_get::<&str, _>("title_id")?)?,
            facets: Facets {
                territory: Some(territory).filter(|code| !code.is_empty()),
                source: parsed("source", row.try_get::<&str, _>("source")?)?,
                kind: parsed("kind", row.try_get::<&str, _>("kind")?)?,
            },
            sales: sales_of(row)?,
        })
    };
    rows.iter().map(read).collect()
}

/// The sums of everything, per currency.
pub(super) async fn totals(conn: &mut Conn, scope: &Scope) -> Result<Vec<Sales>, sqlx::Error> {
    let rows = summed(conn, scope, summed!("studio_id")).await?;
    rows.iter().map(sales_of).collect()
}

pub(super) async fn days(conn: &mut Conn, scope: &Scope) -> Result<Vec<DaySales>, sqlx::Error> {
    let rows = summed(conn, scope, summed!("posted_at / 86400000")).await?;
    let read = |row: &AnyRow| {
        let day: i64 = row.try_get(0)?;
        Ok(DaySales {
            day: Time::from_millis(day * DAY_MILLIS),
            sales: sales_of(row)?,
        })
    };
    rows.iter().map(read).collect()
}

/// Transfers whose figures are not what their entries say.
pub(in crate::ledger) async fn transfers_with_wrong_figures(
    conn: &mut Conn,
) -> Result<Vec<String>, sqlx::Error> {
    // Each entry counts on both of its sides; figures count against them, so all must be zero.
    sqlx::query_scalar(
        "SELECT DISTINCT (SELECT cause FROM ledger_transfer WHERE id = x.transfer_id) FROM (
             SELECT e.transfer_id, e.currency,
                 CASE WHEN t.kind = 'sale' AND e.line = 1 AND s.side = 1 THEN 1 ELSE 0 END AS orders,
                 CASE WHEN a.purpose = 'customer' THEN -s.side * e.amount_minor ELSE 0 END AS gross,
                 CASE WHEN a.purpose = 'tax' THEN s.side * e.amount_minor ELSE 0 END AS tax,
                 CASE WHEN a.purpose IN ('provider_fee', 'dispute_fees')
                      THEN s.side * e.amount_minor ELSE 0 END AS provider_fee,
                 CASE WHEN a.purpose = 'operator_fee'
                      THEN s.side * e.amount_minor ELSE 0 END AS operator_fee,
                 CASE WHEN a.purpose IN ('refunds', 'disputes')
                      THEN s.side * e.amount_minor ELSE 0 END AS returned,
                 CASE WHEN a.purpose = 'exchange'
                      THEN s.side * e.amount_minor ELSE 0 END AS exchanged,
                 CASE WHEN a.purpose IN ('studio_net', 'participant')
                      THEN s.side * e.amount_minor ELSE 0 END AS net
             FROM ledger_transfer t
             JOIN ledger_entry e ON e.transfer_id = t.id
             CROSS JOIN (SELECT 1 AS side UNION ALL SELECT -1) s
             JOIN ledger_account a
               ON a.id = CASE s.side WHEN 1 THEN e.to_account ELSE e.from_account END
             UNION ALL
             SELECT transfer_id, currency, -orders, -gross_minor, -tax_minor, -provider_fee_minor,
                 -operator_fee_minor, -returned_minor, -exchanged_minor, -net_minor
             FROM ledger_figure) x
         GROUP BY x.transfer_id, x.currency
         HAVING SUM(x.orders) <> 0 OR SUM(x.gross) <> 0 OR SUM(x.tax) <> 0
             OR SUM(x.provider_fee) <> 0 OR SUM(x.operator_fee) <> 0 OR SUM(x.returned) <> 0
             OR SUM(x.exchanged) <> 0 OR SUM(x.net) <> 0",
    )
    .fetch_all(conn)
    .await
}

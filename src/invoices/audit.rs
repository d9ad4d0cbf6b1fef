//! Audit: are the series without gaps, and do the documents say what the books say?

use std::collections::BTreeMap;

use super::model::Issued;
use super::model::Kind;
use super::model::year_of;
use super::store;
use super::store::Columns;
use super::store::Counter;
use crate::kernel::ids::OrderId;
use crate::ledger;
use crate::ledger::Owed;
use crate::platform::db::Conn;

/// Everything that is wrong with the documents, one sentence each; empty when all is well.
pub async fn audit(conn: &mut Conn) -> Result<Vec<String>, sqlx::Error> {
    let all = store::all(conn).await?;
    let counters = store::counters(conn).await?;
    let mut faults = series_faults(&all, &counters);
    faults.extend(all.iter().filter_map(|(issued, columns)| {
        let same = says_its_columns(issued, columns);
        (!same).then(|| format!("{} does not say what its columns say", issued.id))
    }));
    if !all.is_empty() {
        let owed = ledger::owed_by_orders(conn).await?;
        faults.extend(sum_faults(&all, &owed));
    }
    Ok(faults)
}

fn series_faults(all: &[(Issued, Columns)], counters: &[Counter]) -> Vec<String> {
    let mut numbers: BTreeMap<(String, String, i64), Vec<i64>> = BTreeMap::new();
    for (issued, columns) in all {
        let series = (
            issued.studio.to_string(),
            columns.series.clone(),
            issued.year,
        );
        numbers.entry(series).or_default().push(issued.number);
    }
    let mut faults = Vec::new();
    for (studio, series, year, last) in counters {
        let found = numbers.remove(&(studio.clone(), series.clone(), *year));
        if !(1..=*last).eq(found.unwrap_or_default()) {
            faults.push(format!(
                "the {series} series of {studio} in {year} is not 1 to {last} without gaps"
            ));
        }
    }
    let uncounted = numbers.into_keys();
    faults.extend(uncounted.map(|(studio, series, year)| {
        format!("the {series} series of {studio} in {year} has no counter")
    }));
    faults
}

fn says_its_columns(issued: &Issued, columns: &Columns) -> bool {
    let document = &issued.document;
    let amounts = [document.net, document.tax, document.gross];
    document.kind.word() == columns.kind
        && document.kind.series().word() == columns.series
        && document.currency == columns.currency
        && amounts == columns.amounts
        && document.net + document.tax == document.gross
        && document.issued_at == columns.issued_at
        && document.order.to_string() == columns.order
        && document.refund == columns.refund
        && issued.year == year_of(document.issued())
        && document.number.ends_with(&issued.number.to_string())
}

/// Currency, what the invoice says of gross and tax, and what credit notes took back of them.
#[derive(Default)]
struct Said<'a> {
    currency: &'a str,
    invoiced: (i64, i64),
    credited: (i64, i64),
}

fn sum_faults(all: &[(Issued, Columns)], owed: &[Owed]) -> Vec<String> {
    let mut said: BTreeMap<OrderId, Said<'_>> = BTreeMap::new();
    for (issued, _) in all {
        let document = &issued.document;
        let said = said.entry(document.order).or_default();
        said.currency = &document.currency;
        if document.kind == Kind::Invoice {
            said.invoiced = (document.gross, document.tax);
        } else {
            said.credited.0 -= document.gross;
            said.credited.1 -= document.tax;
        }
    }
    let mut booked: BTreeMap<(OrderId, &str), &Owed> = BTreeMap::new();
    for owed in owed {
        booked.insert((owed.order, owed.paid.currency().code()), owed);
    }
    let differs = |order: &OrderId, said: &Said<'_>| {
        booked.get(&(*order, said.currency)).is_none_or(|owed| {
            said.invoiced != (owed.paid.minor(), owed.tax.minor())
                || said.credited != (owed.returned.minor(), owed.tax_returned.minor())
        })
    };
    let different = said.iter().filter(|(order, said)| differs(order, said));
    different
        .map(|(order, _)| format!("the documents of {order} do not add up to what the books say"))
        .collect()
}

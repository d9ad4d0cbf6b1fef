//! What the studio sold: the table, the picture of it, and the file.

use std::collections::HashMap;

use crate::catalog;
use crate::kernel::Money;
use crate::kernel::ids::TitleId;
use crate::ledger;
use crate::ledger::DaySales;
use crate::ledger::Sales;
use crate::pages::studio_portal::days;
use crate::pages::studio_portal::days::Picture;
use crate::pages::studio_portal::views::Bar;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::studios::Studio;

/// Films the picture shows; the table shows all.
const MOST_BARS: usize = 8;
/// Width of the longest bar, in thousandths.
const LONGEST_BAR: i64 = 1_000;

/// One line of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SalesLine {
    pub(super) title: String,
    pub(super) sales: Sales,
}

/// The sales of a studio.
#[derive(Clone, Debug, Default)]
pub(super) struct SalesOfStudio {
    /// Sums, one a currency.
    pub(super) totals: Vec<Sales>,
    /// Sums per film and currency.
    pub(super) lines: Vec<SalesLine>,
    /// Sums of the last days, per day and currency.
    pub(super) days: Vec<DaySales>,
    /// What this looks like.
    pub(super) picture: Option<Picture>,
}

/// Reads the books of a studio.
pub(super) async fn sales_of(state: &AppState, studio: &Studio) -> AppResult<SalesOfStudio> {
    let mut conn = state.db.read().await?;
    let totals = ledger::sales_of_studio(&mut conn, studio.id).await?;
    let by_title = ledger::sales_by_title(&mut conn, studio.id).await?;
    let mut ids: Vec<TitleId> = by_title.iter().map(|line| line.title).collect();
    ids.sort_unstable();
    ids.dedup();
    let now = state.now();
    let days = ledger::sales_by_day(&mut conn, studio.id, days::since(now)).await?;
    let picture = days::main_currency(&totals).and_then(|main| days::picture(&days, main, now));
    let titles = catalog::titles_by_ids(&mut conn, &ids).await?;
    let names: HashMap<TitleId, String> = titles
        .iter()
        .map(|title| (title.id, title.name().to_owned()))
        .collect();
    let name = |id: TitleId| names.get(&id).cloned().unwrap_or_else(|| id.to_string());
    let lines = by_title
        .into_iter()
        .map(|line| SalesLine {
            title: name(line.title),
            sales: line.sales,
        })
        .collect();
    Ok(SalesOfStudio {
        totals,
        lines,
        days,
        picture,
    })
}

impl SalesOfStudio {
    /// The films that brought most in the currency that brought most, as bars.
    pub(super) fn bars(&self) -> Vec<Bar> {
        let Some(main) = self.totals.iter().max_by_key(|total| total.orders) else {
            return Vec::new();
        };
        let currency = main.net.currency();
        let mut lines: Vec<_> = self
            .lines
            .iter()
            .filter(|line| line.sales.net.currency() == currency && line.sales.net.minor() > 0)
            .collect();
        lines.sort_by_key(|line| std::cmp::Reverse(line.sales.net.minor()));
        lines.truncate(MOST_BARS);
        let most = lines.first().map_or(1, |line| line.sales.net.minor());
        let bar = |line: &&SalesLine| Bar {
            title: line.title.clone(),
            net: line.sales.net,
            width: scaled(line.sales.net, most),
        };
        lines.iter().map(bar).collect()
    }

    /// The table as a file of RFC 4180.
    pub(super) fn csv(&self) -> String {
        let mut csv =
            "film,currency,orders,gross,tax,payment_fees,store_fee,returned,exchanged,net\r\n"
                .to_owned();
        for SalesLine { title, sales } in &self.lines {
            let amounts = amounts(sales);
            let (code, orders) = (sales.net.currency().code(), sales.orders);
            csv.push_str(&format!("{},{code},{orders},{amounts}\r\n", quoted(title)));
        }
        csv
    }

    /// The days as a file of RFC 4180.
    pub(super) fn days_csv(&self) -> String {
        let mut csv =
            "day,currency,gross,tax,payment_fees,store_fee,returned,exchanged,net\r\n".to_owned();
        for DaySales { day, sales } in &self.days {
            let (date, code) = (day.date(), sales.net.currency().code());
            csv.push_str(&format!("{date},{code},{}\r\n", amounts(sales)));
        }
        csv
    }
}

fn amounts(sales: &Sales) -> String {
    let amounts = [
        sales.gross,
        sales.tax,
        sales.provider_fee,
        sales.operator_fee,
        sales.returned,
        sales.exchanged,
        sales.net,
    ];
    amounts.map(Money::number).join(",")
}

fn scaled(net: Money, most: i64) -> i64 {
    let width = i128::from(net.minor()) * i128::from(LONGEST_BAR) / i128::from(most.max(1));
    i64::try_from(width).unwrap_or(LONGEST_BAR).max(2)
}

/// A text in quotes. A spreadsheet would run what begins like a formula, so that gets an
/// apostrophe in front.
fn quoted(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let mark = if formula { "'" } else { "" };
    format!("\"{mark}{}\"", text.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Currency;

    fn line(title: &str, net: i64, code: &str) -> SalesLine {
        let money = |minor| Money::new(minor, Currency::parse(code).unwrap());
        SalesLine {
            title: title.to_owned(),
            sales: Sales {
                orders: 1,
                gross: money(net + 60),
                tax: money(0),
                returned: money(0),
                exchanged: money(0),
                provider_fee: money(59),
                operator_fee: money(1),
                net: money(net),
            },
        }
    }

    #[test]
    fn the_file_is_safe_to_open() {
        let sales = SalesOfStudio {
            totals: Vec::new(),
            lines: vec![
                line("=1+1, \"Night\"", 939, "USD"),
                line("Été", 1_140, "JPY"),
            ],
            ..SalesOfStudio::default()
        };
        let csv = sales.csv();
        let rows: Vec<_> = csv.split("\r\n").collect();
        assert_eq!(
            rows[1],
            "\"'=1+1, \"\"Night\"\"\",USD,1,9.99,0.00,0.59,0.01,0.00,0.00,9.39"
        );
        assert_eq!(rows[2], "\"Été\",JPY,1,1200,0,59,1,0,0,1140");
    }

    #[test]
    fn bars_are_of_one_currency_and_scaled_to_the_longest() {
        let lines = vec![
            line("a", 100, "USD"),
            line("b", 400, "USD"),
            line("c", 9, "EUR"),
        ];
        let totals = vec![
            lines[2].sales,
            Sales {
                orders: 2,
                ..lines[0].sales
            },
        ];
        let bars = SalesOfStudio {
            totals,
            lines,
            ..SalesOfStudio::default()
        }
        .bars();
        let widths: Vec<_> = bars
            .iter()
            .map(|bar| (bar.title.as_str(), bar.width))
            .collect();
        assert_eq!(widths, [("b", LONGEST_BAR), ("a", LONGEST_BAR / 4)]);
        assert!(SalesOfStudio::default().bars().is_empty());
    }
}

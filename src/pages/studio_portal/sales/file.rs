//! The tables as files of RFC 4180, with plain numbers and words that are the same in every language.

use crate::kernel::Money;
use crate::ledger::DaySales;
use crate::ledger::Sales;
use crate::platform::csv::Table;

use super::SalesOfStudio;
use super::tables::Dimension;

const AMOUNTS: [&str; 7] = [
    "gross",
    "tax",
    "payment_fees",
    "store_fee",
    "returned",
    "exchanged",
    "net",
];

/// One table.
pub(super) fn table(sales: &SalesOfStudio, dimension: Dimension) -> String {
    let mut csv = Table::begin();
    csv.line(
        [dimension.word(), "currency", "orders"]
            .into_iter()
            .chain(AMOUNTS),
    );
    for row in sales.rows(dimension) {
        let (code, orders) = (row.sales.net.currency().code(), row.sales.orders);
        let about = [row.about.word(), code.to_owned(), orders.to_string()];
        csv.line(about.into_iter().chain(amounts(&row.sales)));
    }
    csv.finish()
}

/// Every day.
pub(super) fn days(sales: &SalesOfStudio) -> String {
    let mut csv = Table::begin();
    csv.line(["day", "currency"].into_iter().chain(AMOUNTS));
    for DaySales { day, sales } in &sales.days {
        let about = [day.date(), sales.net.currency().code().to_owned()];
        csv.line(about.into_iter().chain(amounts(sales)));
    }
    csv.finish()
}

fn amounts(sales: &Sales) -> [String; 7] {
    let amounts = [
        sales.gross,
        sales.tax,
        sales.provider_fee,
        sales.operator_fee,
        sales.returned,
        sales.exchanged,
        sales.net,
    ];
    amounts.map(Money::number)
}

#[cfg(test)]
mod tests {
    use super::super::tables::About;
    use super::super::tables::Row;
    use super::super::tables::tests::film;
    use super::super::tables::tests::sales;
    use super::*;
    use crate::kernel::Source;

    #[test]
    fn the_file_is_safe_to_open() {
        let rows = vec![
            film("=1+1, \"Night\"", 939, "USD"),
            film("Été", 1_140, "JPY"),
        ];
        let sales = SalesOfStudio {
            tables: vec![(Dimension::Film, rows)],
            ..SalesOfStudio::default()
        };
        let csv = table(&sales, Dimension::Film);
        let rows: Vec<_> = csv.split("\r\n").collect();
        assert_eq!(
            rows[1],
            r#""'=1+1, ""Night""","USD","1","9.99","0.00","0.59","0.01","0.00","0.00","9.39""#
        );
        assert_eq!(
            rows[2],
            r#""Été","JPY","1","1200","0","59","1","0","0","1140""#
        );
        assert!(table(&sales, Dimension::Kind).ends_with("\"net\"\r\n"));
    }

    #[test]
    fn a_file_names_rows_for_programs() {
        let row = |about| Row {
            about,
            sales: sales(939, "USD"),
        };
        let tables = vec![
            (
                Dimension::Territory,
                vec![
                    row(About::Territory(Some("DE".to_owned()))),
                    row(About::Territory(None)),
                ],
            ),
            (
                Dimension::Source,
                vec![row(About::Source(Source::tag("-cmd").unwrap()))],
            ),
        ];
        let sales = SalesOfStudio {
            tables,
            ..SalesOfStudio::default()
        };
        let territories = table(&sales, Dimension::Territory);
        for row in [r#""DE","USD","1","9.99""#, r#""unknown","USD""#] {
            assert!(territories.contains(row), "{territories}");
        }
        let sources = table(&sales, Dimension::Source);
        assert!(sources.contains("\r\n\"tag:-cmd\",\"USD\",\"1\","));
    }
}

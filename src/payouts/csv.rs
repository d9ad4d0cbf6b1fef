//! The tables of a statement as RFC 4180, with plain numbers. The words are the same in every
//! language, since programs read them.

use super::statement::Figures;
use super::statement::FilmLine;
use super::statement::Named;
use super::statement::ShareLine;
use super::statement::Statement;
use super::statement::number_of;
use super::year::YearStatement;
use crate::platform::csv::Table;

/// How every file begins.
pub(super) const START: &str = "\"statement\",";

/// A month.
pub(super) fn of_month(statement: &Statement) -> String {
    let mut csv = Csv(Table::begin());
    csv.line(["statement", &statement.month, state(statement.draft)]);
    csv.head(
        &statement.store,
        &statement.studio,
        statement.about(),
        &statement.currency,
    );
    csv.line(["number", &statement.number.to_string()]);
    csv.line(["made at", &statement.made_at]);
    csv.line(["previous sha256", &statement.previous]);
    csv.line(["opening", &statement.number_of(statement.opening)]);
    csv.films(&statement.films, &statement.total, statement.decimals);
    csv.shares(&statement.shares, statement.decimals);
    csv.line(["closing", &statement.number_of(statement.closing)]);
    csv.0.finish()
}

/// A year: its months, then the same by film.
pub(super) fn of_year(year: &YearStatement) -> String {
    let mut csv = Csv(Table::begin());
    csv.line(["statement", &year.year, state(year.draft)]);
    csv.head(&year.store, &year.studio, year.about(), &year.currency);
    csv.line(["made at", &year.made_at]);
    csv.line(["opening", &year.number_of(year.opening)]);
    let header = ["month", "number", "opening"].into_iter().chain(FIGURES);
    csv.line(header.chain(["closing", "sha256"]));
    for month in &year.months {
        let mut row = vec![
            month.month.clone(),
            month.number.to_string(),
            year.number_of(month.opening),
        ];
        row.extend(figures(&month.figures, year.decimals));
        row.extend([year.number_of(month.closing), month.sha256.clone()]);
        csv.line(row);
    }
    csv.films(&year.films, &year.total, year.decimals);
    csv.shares(&year.shares, year.decimals);
    csv.line(["closing", &year.number_of(year.closing)]);
    csv.0.finish()
}

const fn state(is_draft: bool) -> &'static str {
    if is_draft { "draft" } else { "closed" }
}

/// The names of the columns of figures.
const FIGURES: [&str; 11] = [
    "sold",
    "gross",
    "tax",
    "store fee",
    "payment fees",
    "refunds",
    "disputes",
    "dispute fees",
    "exchanged",
    "net",
    "shares",
];

struct Csv(Table);

impl Csv {
    fn line<S: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = S>) {
        self.0.line(cells);
    }

    fn head(&mut self, store: &str, studio: &Named, about: &Named, currency: &str) {
        self.line(["store", store]);
        self.line(["studio", &studio.name]);
        self.line(["account of", &about.name]);
        self.line(["currency", currency]);
    }

    fn films(&mut self, films: &[FilmLine], total: &Figures, decimals: u32) {
        self.line(["film"].into_iter().chain(FIGURES));
        for line in films {
            self.figures(&line.film.name, &line.figures, decimals);
        }
        self.figures("total", total, decimals);
    }

    fn figures(&mut self, name: &str, sums: &Figures, decimals: u32) {
        let mut row = vec![name.to_owned()];
        row.extend(figures(sums, decimals));
        self.line(row);
    }

    fn shares(&mut self, shares: &[ShareLine], decimals: u32) {
        if !shares.is_empty() {
            self.line(["share of film", "participant", "amount"]);
        }
        for share in shares {
            let amount = number_of(share.amount, decimals);
            self.line([&share.film.name, &share.participant.name, &amount]);
        }
    }
}

fn figures(figures: &Figures, decimals: u32) -> Vec<String> {
    let mut cells = vec![figures.sold.to_string()];
    cells.extend(amounts(figures).map(|minor| number_of(minor, decimals)));
    cells
}

/// The amounts of a line in the order of the header.
pub(super) fn amounts(figures: &Figures) -> [i64; 10] {
    [
        figures.gross,
        figures.tax,
        figures.operator_fee,
        figures.provider_fee,
        figures.refunds,
        figures.disputes,
        figures.dispute_fees,
        figures.exchanged,
        figures.net,
        figures.shares,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payouts::statement::tests::sample;

    #[test]
    fn a_table_holds_every_figure_once() {
        let table = of_month(&sample());
        assert!(table.starts_with(START));
        let film = "\"Small Hours\",\"2\",\"20.00\",\"2.00\",\"0.90\",\"1.10\",\"5.00\",\"0.00\",\"0.00\",\"0.00\",\"11.00\",\"4.00\"";
        assert!(table.contains(film), "{table}");
        assert!(table.contains("\"Lantern, \"\"Reel\"\" & Sons\""));
        assert!(table.contains("\"opening\",\"-1.00\""));
        assert!(table.ends_with("\"closing\",\"6.00\"\r\n"));
    }
}

//! The tables of a statement as RFC 4180, with plain numbers. The words are the same in every
//! language, since programs read them.

use super::statement::Figures;
use super::statement::Statement;

/// How every file begins.
pub(super) const START: &str = "\"statement\",";

/// Everything for people; the proof follows after it.
pub(super) fn table(statement: &Statement) -> String {
    let mut csv = String::new();
    let mut line = |cells: &[&str]| {
        let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
        csv.push_str(&cells.join(","));
        csv.push_str("\r\n");
    };
    let number = |minor| statement.number_of(minor);
    let state = if statement.draft { "draft" } else { "closed" };
    line(&["statement", &statement.month, state]);
    line(&["store", &statement.store]);
    line(&["studio", &statement.studio.name]);
    line(&["account of", &statement.about().name]);
    line(&["currency", &statement.currency]);
    line(&["number", &statement.number.to_string()]);
    line(&["made at", &statement.made_at]);
    line(&["previous sha256", &statement.previous]);
    line(&["opening", &number(statement.opening)]);
    line(&[
        "film",
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
    ]);
    let mut sums = |name: &str, figures: &Figures| {
        let cells: Vec<String> = amounts(figures).map(number).to_vec();
        let mut row = vec![name.to_owned(), figures.sold.to_string()];
        row.extend(cells);
        let row: Vec<&str> = row.iter().map(String::as_str).collect();
        line(&row);
    };
    for film in &statement.films {
        sums(&film.film.name, &film.figures);
    }
    sums("total", &statement.total);
    if !statement.shares.is_empty() {
        line(&["share of film", "participant", "amount"]);
    }
    for share in &statement.shares {
        line(&[
            &share.film.name,
            &share.participant.name,
            &number(share.amount),
        ]);
    }
    line(&["closing", &number(statement.closing)]);
    csv
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

/// A text in quotes. A spreadsheet would run what begins like a formula, so that gets an
/// apostrophe in front; a plain number is none. A line stays a line.
fn quoted(text: &str) -> String {
    let is_number = text.parse::<f64>().is_ok();
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number;
    let mark = if formula { "'" } else { "" };
    let text = text.replace(['\r', '\n'], " ").replace('"', "\"\"");
    format!("\"{mark}{text}\"")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payouts::statement::tests::sample;

    #[test]
    fn a_table_holds_every_figure_once() {
        let table = table(&sample());
        assert!(table.starts_with(START));
        let film = "\"Small Hours\",\"2\",\"20.00\",\"2.00\",\"0.90\",\"1.10\",\"5.00\",\"0.00\",\"0.00\",\"0.00\",\"11.00\",\"4.00\"";
        assert!(table.contains(film), "{table}");
        assert!(table.contains("\"Lantern, \"\"Reel\"\" & Sons\""));
        assert!(table.contains("\"opening\",\"-1.00\""));
        assert!(table.ends_with("\"closing\",\"6.00\"\r\n"));
    }

    #[test]
    fn a_name_is_never_a_formula_and_never_a_second_line() {
        assert_eq!(quoted("=1+1\r\nx"), "\"'=1+1  x\"");
        assert_eq!(quoted("-5.00"), "\"-5.00\"");
    }
}

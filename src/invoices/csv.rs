//! A year of documents as RFC 4180. The words are the same in every language, since programs and
//! accountants' templates read them.

use super::model::Issued;
use crate::kernel::Time;

/// One line a document, by number, after a line of names.
pub(super) fn table(documents: &[Issued]) -> String {
    let mut csv = String::new();
    let mut line = |cells: &[&str]| {
        let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
        csv.push_str(&cells.join(","));
        csv.push_str("\r\n");
    };
    line(&[
        "number", "kind", "issued", "supplied", "order", "buyer", "country", "vat id", "film",
        "currency", "net", "tax", "gross", "invoice", "payment", "refund",
    ]);
    for Issued { document, .. } in documents {
        let number = |minor| {
            let money = document.money(minor);
            money.map_or_else(|| minor.to_string(), |money| money.number())
        };
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let invoice = document.invoice.as_ref();
        line(&[
            &document.number,
            document.kind.word(),
            &document.issued().date(),
            &Time::from_millis(document.supplied_at).date(),
            &document.order.to_string(),
            &document.buyer.name,
            &document.buyer.country,
            &text(&document.buyer.vat_id),
            &document.film,
            &document.currency,
            &number(document.net),
            &number(document.tax),
            &number(document.gross),
            invoice.map_or("", |invoice| invoice.number.as_str()),
            &text(&document.payment),
            &text(&document.refund),
        ]);
    }
    csv
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

    #[test]
    fn a_buyer_is_never_a_formula_and_never_a_second_line() {
        assert_eq!(quoted("=1+1\r\nx"), "\"'=1+1  x\"");
        assert_eq!(quoted("-5.00"), "\"-5.00\"");
        assert_eq!(quoted("Lantern, \"Reel\""), "\"Lantern, \"\"Reel\"\"\"");
    }
}

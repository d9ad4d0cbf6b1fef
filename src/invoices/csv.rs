//! A year of documents as RFC 4180. The words are the same in every language, since programs and
//! accountants' templates read them.

use super::model::Issued;
use crate::kernel::Time;
use crate::platform::csv::Table;

/// One line a document, by number, after a line of names.
pub(super) fn table(documents: &[Issued]) -> String {
    let mut csv = Table::begin();
    csv.line([
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
        csv.line([
            document.number.as_str(),
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
    csv.finish()
}

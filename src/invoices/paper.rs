//! A document in words: the lines of its page, and the same as PDF.

use super::model::Document;
use super::model::Kind;
use super::model::Party;
use crate::kernel::Time;
use crate::platform::pdf::Column;
use crate::platform::pdf::Paper;
use crate::platform::pdf::PdfError;
use crate::platform::pdf::Table;
use crate::platform::words::Words;

/// Everything that a document shows, in the words of its reader.
pub(super) struct Sheet {
    pub(super) title: String,
    /// What a credit note or correction is for.
    pub(super) about: Option<String>,
    /// Who sells and who buys: label and lines, the first of them the name.
    pub(super) parties: [(String, Vec<String>); 2],
    pub(super) facts: Vec<(String, String)>,
    /// Headers of the one line's cells.
    pub(super) columns: Vec<String>,
    pub(super) cells: Vec<String>,
    pub(super) total: Vec<String>,
    pub(super) notes: Vec<String>,
    pub(super) issued: Time,
}

impl Sheet {
    pub(super) fn of(words: &Words, document: &Document) -> Self {
        let title = words
            .say(title_key(document.kind))
            .with("number", document.number.as_str());
        let label = |key: &str| words.t(key).to_owned();
        Self {
            title: title.to_string(),
            about: about(words, document),
            parties: [
                (label("invoice-seller"), party(words, &document.seller)),
                (label("invoice-buyer"), party(words, &document.buyer)),
            ],
            facts: facts(words, document),
            columns: COLUMNS.map(label).to_vec(),
            cells: cells(words, document),
            total: total(words, document),
            notes: notes(words, document),
            issued: document.issued(),
        }
    }

    /// The same as PDF. It depends on the document alone, so it is the same bytes each time.
    pub(super) fn pdf(&self, words: &Words) -> Result<Vec<u8>, PdfError> {
        let mut paper = Paper::new(&self.title, words.lang(), self.issued);
        paper.heading(&self.title);
        if let Some(about) = &self.about {
            paper.text(about);
        }
        let block = |(label, lines): &(String, Vec<String>)| {
            let lines = lines.iter().cloned();
            [label.clone()].into_iter().chain(lines).collect::<Vec<_>>()
        };
        paper.columns(&[block(&self.parties[0]), block(&self.parties[1])]);
        let facts = self.facts.iter();
        let facts: Vec<(&str, String)> = facts
            .map(|(label, fact)| (label.as_str(), fact.clone()))
            .collect();
        paper.facts(&facts);
        paper.table(self.table());
        for note in &self.notes {
            paper.text(note);
        }
        let about = format!("{} · {}", self.parties[0].1[0], self.title);
        let footer = words.clone();
        let whole = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        paper.footer(move |number, of| {
            let page = footer
                .say("statement-page-of")
                .with("page", whole(number))
                .with("pages", whole(of));
            format!("{about} · {page}")
        });
        paper.finish()
    }

    fn table(&self) -> Table {
        let mut columns = vec![Column::text(&self.columns[0])];
        columns.extend(self.columns[1..].iter().map(|title| Column::number(title)));
        Table::new(columns)
            .row(self.cells.iter().cloned())
            .total(self.total.iter().cloned())
    }
}

/// The headers of the line.
const COLUMNS: [&str; 6] = [
    "invoice-what",
    "invoice-quantity",
    "invoice-net",
    "invoice-rate",
    "invoice-tax",
    "invoice-gross",
];

/// The key of the title of a kind, with its number as argument.
pub(super) const fn title_key(kind: Kind) -> &'static str {
    match kind {
        Kind::Invoice => "invoice-title",
        Kind::CreditNote => "invoice-credit-note-title",
        Kind::Correction => "invoice-correction-title",
    }
}

/// The key of the name of a kind.
pub(super) const fn kind_key(kind: Kind) -> &'static str {
    match kind {
        Kind::Invoice => "invoice-kind-invoice",
        Kind::CreditNote => "invoice-kind-credit-note",
        Kind::Correction => "invoice-kind-correction",
    }
}

fn party(words: &Words, party: &Party) -> Vec<String> {
    let mut lines = vec![party.name.clone()];
    lines.extend(party.lines.iter().cloned());
    lines.push(words.country(&party.country));
    let mut add = |key, text: &Option<String>| {
        lines.extend(
            text.as_ref()
                .map(|text| format!("{}: {text}", words.t(key))),
        );
    };
    add("invoice-vat-id", &party.vat_id);
    add("invoice-registration", &party.registration);
    add("invoice-email", &party.email);
    lines
}

fn about(words: &Words, document: &Document) -> Option<String> {
    let key = match document.kind {
        Kind::Invoice => return None,
        Kind::CreditNote => "invoice-about-credit-note",
        Kind::Correction => "invoice-about-correction",
    };
    let invoice = document.invoice.as_ref()?;
    let issued = words.date(Time::from_millis(invoice.issued_at));
    let note = document.credit_note.as_ref();
    let note = note.map_or("–", |note| note.number.as_str());
    let said = words
        .say(key)
        .with("invoice", invoice.number.as_str())
        .with("date", issued)
        .with("note", note);
    Some(said.to_string())
}

fn facts(words: &Words, document: &Document) -> Vec<(String, String)> {
    let supplied = Time::from_millis(document.supplied_at);
    let mut facts = vec![
        ("invoice-number", document.number.clone()),
        ("invoice-issued", words.date(document.issued())),
        ("invoice-supplied", words.date(supplied)),
        ("invoice-paid", words.date(supplied)),
    ];
    if let Some(payment) = &document.payment {
        facts.push(("invoice-payment", payment.clone()));
    }
    if let Some(refund) = &document.refund {
        facts.push(("invoice-refund", refund.clone()));
    }
    facts.push(("order-order", document.order.to_string()));
    if let Some(place) = &document.place {
        facts.push(("invoice-place", words.country(place)));
    }
    let facts = facts.into_iter();
    facts
        .map(|(key, fact)| (words.t(key).to_owned(), fact))
        .collect()
}

/// An amount as the reader writes it.
fn price(words: &Words, document: &Document, minor: i64) -> String {
    let money = document.money(minor);
    money.map_or_else(|| minor.to_string(), |money| words.price(money))
}

fn rate(words: &Words, document: &Document) -> String {
    match document.tax_rate {
        // A finer rate (there are some in the United States) would be shown rounded, so it is not.
        Some(thousandths) if document.tax != 0 && thousandths % 10 == 0 => {
            format!("{}\u{a0}%", words.percent(thousandths / 10))
        }
        _ => "–".to_owned(),
    }
}

fn cells(words: &Words, document: &Document) -> Vec<String> {
    let what = match document.kind {
        Kind::Invoice => "invoice-licence",
        Kind::CreditNote => "invoice-licence-refunded",
        Kind::Correction => "invoice-licence-restored",
    };
    let what = words.say(what).with("film", document.film.as_str());
    let price = |minor| price(words, document, minor);
    vec![
        what.to_string(),
        words.number(1),
        price(document.net),
        rate(words, document),
        price(document.tax),
        price(document.gross),
    ]
}

fn total(words: &Words, document: &Document) -> Vec<String> {
    let price = |minor| price(words, document, minor);
    vec![
        words.t("invoice-total").to_owned(),
        String::new(),
        price(document.net),
        String::new(),
        price(document.tax),
        price(document.gross),
    ]
}

fn notes(words: &Words, document: &Document) -> Vec<String> {
    let key = if document.tax == 0 {
        "invoice-no-tax"
    } else {
        "invoice-tax-included"
    };
    let said = words.say(key).with("currency", document.currency.as_str());
    let mut notes = vec![said.to_string()];
    notes.extend(document.note.lines().map(str::to_owned));
    notes.retain(|note| !note.trim().is_empty());
    notes
}

//! The pages of this slice. Those of one document come twice: for who bought and for who sold.

use askama::Template;
use askama_web::WebTemplate;

use super::form::BuyerFields;
use super::form::SellerFields;
use super::model::Issued;
use super::model::Kind;
use super::model::Series;
use super::paper::Sheet;
use super::paper::kind_key;
use super::paper::title_key;
use crate::kernel::Country;
use crate::kernel::Money;
use crate::kernel::Time;
use crate::platform::web::FormErrors;
use crate::platform::web::Page;
use crate::platform::words::Words;

/// Where a studio says what its invoices say of it.
#[derive(Template, WebTemplate)]
#[template(path = "invoices/seller.html")]
pub(super) struct ShowSeller {
    pub(super) page: Page,
    pub(super) countries: Vec<(Country, String)>,
    pub(super) errors: FormErrors,
    pub(super) fields: SellerFields,
    pub(super) is_owner: bool,
    /// Whether there are details already.
    pub(super) is_given: bool,
    /// They were just written.
    pub(super) saved: bool,
}

/// The form of who buys, on its way to an invoice.
#[derive(Clone, Debug)]
pub struct Ask {
    countries: Vec<(Country, String)>,
    errors: FormErrors,
    fields: BuyerFields,
    /// Where it goes, and where one comes from.
    action: String,
    back: String,
    film: String,
    /// The studio has given its details; without them there is no form.
    has_seller: bool,
    /// Where the studio can be asked for its details.
    contact: Option<String>,
}

impl Ask {
    /// The form with what is known, or what was typed.
    pub fn new(page: &Page, fields: BuyerFields, errors: FormErrors, film: &str) -> Self {
        let back = page.path.trim_end_matches("/invoice").to_owned();
        Self {
            countries: page.words.countries(),
            errors,
            fields,
            action: page.path.clone(),
            back,
            film: film.to_owned(),
            has_seller: true,
            contact: None,
        }
    }

    /// No form, because the studio has not said what is to stand on an invoice.
    #[must_use]
    pub fn without_seller(self, contact: Option<String>) -> Self {
        Self {
            has_seller: false,
            contact,
            ..self
        }
    }
}

/// The same for who bought.
#[derive(Template, WebTemplate)]
#[template(path = "invoices/ask.html")]
pub struct AskBuyer {
    page: Page,
    ask: Ask,
}

/// The same for who sold.
#[derive(Template, WebTemplate)]
#[template(path = "invoices/ask_in_portal.html")]
pub struct AskStudio {
    page: Page,
    ask: Ask,
}

impl AskBuyer {
    /// The page.
    pub const fn new(page: Page, ask: Ask) -> Self {
        Self { page, ask }
    }
}

impl AskStudio {
    /// The page.
    pub const fn new(page: Page, ask: Ask) -> Self {
        Self { page, ask }
    }
}

/// A link to a document.
#[derive(Clone, Debug)]
pub struct Link {
    /// Its kind and number, in words.
    pub title: String,
    /// Its page.
    pub href: String,
}

/// The links to documents of an order, for its buyer.
pub fn links_for_buyer(words: &Words, documents: &[Issued]) -> Vec<Link> {
    let link = |issued: &Issued| {
        let order = issued.document.order;
        let href = match issued.document.kind {
            Kind::Invoice => format!("/orders/{order}/invoice"),
            Kind::CreditNote | Kind::Correction => {
                format!("/orders/{order}/credit-notes/{}", issued.id)
            }
        };
        link_to(words, issued, href)
    };
    documents.iter().map(link).collect()
}

/// The same for the studio.
pub fn links_for_studio(words: &Words, documents: &[Issued]) -> Vec<Link> {
    let link = |issued: &Issued| link_to(words, issued, format!("/studio/invoices/{}", issued.id));
    documents.iter().map(link).collect()
}

fn link_to(words: &Words, issued: &Issued, href: String) -> Link {
    let title = words
        .say(title_key(issued.document.kind))
        .with("number", issued.document.number.as_str());
    Link {
        title: title.to_string(),
        href,
    }
}

/// One document, to be looked at.
struct Shown {
    sheet: Sheet,
    /// The language it is in.
    lang: String,
    dir: &'static str,
    /// The address of its page, to which `.pdf` is added.
    address: String,
    back: String,
    /// The other documents of the order.
    others: Vec<Link>,
}

impl Shown {
    fn new(words: &Words, issued: &Issued, links: Vec<Link>, back: String, path: &str) -> Self {
        let sheet = Sheet::of(words, &issued.document);
        let others = links.into_iter().filter(|link| link.href != path);
        Self {
            lang: words.lang().to_owned(),
            dir: words.dir(),
            address: path.to_owned(),
            back,
            others: others.collect(),
            sheet,
        }
    }
}

/// A document for who bought. `words` are those of the document, the page has its own.
#[derive(Template, WebTemplate)]
#[template(path = "invoices/document.html")]
pub struct ShowToBuyer {
    page: Page,
    shown: Shown,
}

impl ShowToBuyer {
    /// The page of a document, with links to the others of the order.
    pub fn new(page: Page, words: &Words, issued: &Issued, all: &[Issued]) -> Self {
        let links = links_for_buyer(&page.words, all);
        let back = format!("/orders/{}", issued.document.order);
        let shown = Shown::new(words, issued, links, back, &page.path);
        Self { page, shown }
    }
}

/// A document for who sold.
#[derive(Template, WebTemplate)]
#[template(path = "invoices/document_in_portal.html")]
pub struct ShowToStudio {
    page: Page,
    shown: Shown,
}

impl ShowToStudio {
    /// The page of a document, with links to the others of the order.
    pub fn new(page: Page, words: &Words, issued: &Issued, all: &[Issued]) -> Self {
        let links = links_for_studio(&page.words, all);
        let back = format!("/studio/orders/{}", issued.document.order);
        let shown = Shown::new(words, issued, links, back, &page.path);
        Self { page, shown }
    }
}

/// One document in the list of a year.
pub(super) struct Line {
    id: String,
    number: String,
    kind: &'static str,
    issued: Time,
    buyer: String,
    net: Money,
    tax: Money,
    gross: Money,
}

/// A year of documents.
#[derive(Template, WebTemplate)]
#[template(path = "invoices/list.html")]
pub(super) struct List {
    page: Page,
    year: i64,
    years: Vec<i64>,
    lines: Vec<Line>,
    /// First and last number of each series, and the words for what lies between them.
    ranges: Vec<(&'static str, String, String)>,
    has_seller: bool,
}

impl List {
    pub(super) fn new(
        page: Page,
        year: i64,
        years: Vec<i64>,
        documents: &[Issued],
        has_seller: bool,
    ) -> Self {
        let range = |series: Series, key| {
            let all = documents.iter();
            let all: Vec<&Issued> = all
                .filter(|one| one.document.kind.series() == series)
                .collect();
            let whole = (1..).zip(&all).all(|(number, one)| one.number == number);
            let key = if whole { key } else { "invoices-gap" };
            let number = |one: &&Issued| one.document.number.clone();
            Some((key, number(all.first()?), number(all.last()?)))
        };
        let ranges = [
            range(Series::Invoice, "invoices-range"),
            range(Series::Credit, "invoices-credit-range"),
        ];
        Self {
            page,
            year,
            years,
            lines: documents.iter().filter_map(line).collect(),
            ranges: ranges.into_iter().flatten().collect(),
            has_seller,
        }
    }
}

impl List {
    fn is_year(&self, year: &i64) -> bool {
        self.year == *year
    }
}

fn line(issued: &Issued) -> Option<Line> {
    let document = &issued.document;
    Some(Line {
        id: issued.id.to_string(),
        number: document.number.clone(),
        kind: kind_key(document.kind),
        issued: document.issued(),
        buyer: document.buyer.name.clone(),
        net: document.money(document.net)?,
        tax: document.money(document.tax)?,
        gross: document.money(document.gross)?,
    })
}

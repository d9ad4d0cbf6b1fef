//! What an invoice or a credit note says; pure.

use std::str::FromStr;

use serde::Deserialize;
use serde::Serialize;

use crate::kernel::Country;
use crate::kernel::Currency;
use crate::kernel::Money;
use crate::kernel::Time;
use crate::kernel::ids::InvoiceId;
use crate::kernel::ids::OrderId;
use crate::kernel::ids::StudioId;
use crate::ledger::Terms;

/// What a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// For a sale.
    Invoice,
    /// For a refund: takes back a part of an invoice, or all of it.
    CreditNote,
    /// For a refund that failed: takes back a credit note.
    Correction,
}

/// Not a kind of document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a kind of document")]
pub struct KindFault;

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Invoice, Self::CreditNote, Self::Correction];

    /// The word in the database.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Invoice => "invoice",
            Self::CreditNote => "credit_note",
            Self::Correction => "correction",
        }
    }

    /// The series that counts it. What changes invoices has a series of its own, because some
    /// countries ask for one (Spain) and none forbids it.
    pub const fn series(self) -> Series {
        match self {
            Self::Invoice => Series::Invoice,
            Self::CreditNote | Self::Correction => Series::Credit,
        }
    }
}

impl FromStr for Kind {
    type Err = KindFault;

    fn from_str(word: &str) -> Result<Self, KindFault> {
        let found = Self::ALL.into_iter().find(|kind| kind.word() == word);
        found.ok_or(KindFault)
    }
}

/// What is counted together, for each studio and year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Series {
    /// Invoices.
    Invoice,
    /// Credit notes and their corrections.
    Credit,
}

impl Series {
    /// The word in the database.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Invoice => "invoice",
            Self::Credit => "credit",
        }
    }

    /// A number as the document shows it. No two of a studio are the same, whatever the prefix.
    pub fn label(self, prefix: &str, year: i64, number: i64) -> String {
        let mark = match self {
            Self::Invoice => "",
            Self::Credit => "C",
        };
        format!("{prefix}{year}-{mark}{number:04}")
    }
}

/// The year whose numbers a document gets.
pub fn year_of(at: Time) -> i64 {
    i64::from(at.to_offset().year())
}

/// Who sells or buys, as the document says it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Party {
    /// The legal name.
    pub name: String,
    /// The lines of the address, without the country.
    pub lines: Vec<String>,
    /// ISO 3166.
    pub country: String,
    /// For the value added tax.
    pub vat_id: Option<String>,
    /// The number in a register of companies.
    pub registration: Option<String>,
    /// Where questions go.
    pub email: Option<String>,
}

/// What a studio's documents say of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seller {
    /// The legal name.
    pub name: String,
    /// One line or two.
    pub street: String,
    /// May be empty where a country has none.
    pub postal_code: String,
    /// The city.
    pub city: String,
    /// The country.
    pub country: Country,
    /// For the value added tax.
    pub vat_id: Option<String>,
    /// The number in a register of companies.
    pub registration: Option<String>,
    /// Where questions go.
    pub email: Option<String>,
    /// Stands before every number; may be empty.
    pub prefix: String,
    /// Stands below every document; may be empty.
    pub note: String,
}

impl Seller {
    /// As a document names it.
    pub fn party(&self) -> Party {
        Party {
            name: self.name.clone(),
            lines: address(&self.street, &self.postal_code, &self.city),
            country: self.country.code().to_owned(),
            vat_id: self.vat_id.clone(),
            registration: self.registration.clone(),
            email: self.email.clone(),
        }
    }
}

/// The lines of an address.
pub(super) fn address(street: &str, postal_code: &str, city: &str) -> Vec<String> {
    let place = format!("{postal_code} {city}");
    let lines = street.lines().chain([place.as_str()]);
    let lines = lines.map(str::trim).filter(|line| !line.is_empty());
    lines.map(str::to_owned).collect()
}

/// Another document that one speaks of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// Its number.
    pub number: String,
    /// When it was issued, in milliseconds.
    pub issued_at: i64,
}

/// All that a document says. It is written once and never changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// What it is.
    pub kind: Kind,
    /// Its number.
    pub number: String,
    /// When it was issued, in milliseconds.
    pub issued_at: i64,
    /// Who sells.
    pub seller: Party,
    /// Who buys.
    pub buyer: Party,
    /// The film.
    pub film: String,
    /// The order.
    pub order: OrderId,
    /// When it was paid and could be watched, in milliseconds.
    pub supplied_at: i64,
    /// The payment's name at the provider.
    pub payment: Option<String>,
    /// The refund's name at the provider.
    pub refund: Option<String>,
    /// The invoice that a credit note or correction changes.
    pub invoice: Option<Named>,
    /// The credit note that a correction takes back.
    pub credit_note: Option<Named>,
    /// ISO 4217.
    pub currency: String,
    /// Without the tax, in minor units; below zero in a credit note, as the other two.
    pub net: i64,
    /// The tax.
    pub tax: i64,
    /// Both.
    pub gross: i64,
    /// Its rate in thousandths of a percent, where it is known.
    pub tax_rate: Option<i64>,
    /// The country that two proofs of place agree on.
    pub place: Option<String>,
    /// What the studio says on all of its documents.
    pub note: String,
    /// Whose words it is in, as `Words::reader` names them.
    pub reader: String,
}

impl Document {
    /// An amount in its currency; plain minor units where that is none we know.
    pub fn money(&self, minor: i64) -> Option<Money> {
        let currency = Currency::parse(&self.currency).ok()?;
        Some(Money::new(minor, currency))
    }

    /// The name by which others speak of it.
    pub(super) fn named(&self) -> Named {
        Named {
            number: self.number.clone(),
            issued_at: self.issued_at,
        }
    }

    /// When it was issued.
    pub const fn issued(&self) -> Time {
        Time::from_millis(self.issued_at)
    }
}

/// A document with its place in the tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    /// Its id.
    pub id: InvoiceId,
    /// Whose it is.
    pub studio: StudioId,
    /// Its year and number in its series.
    pub year: i64,
    /// The number.
    pub number: i64,
    /// What it says.
    pub document: Document,
}

/// Amounts of a document, which add up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Amounts {
    pub(super) net: i64,
    pub(super) tax: i64,
    pub(super) gross: i64,
}

impl Amounts {
    /// Of the sale; the price includes the tax.
    pub(super) fn of_sale(terms: &Terms) -> Self {
        let (gross, tax) = (terms.paid.minor(), terms.tax.minor());
        Self {
            net: gross - tax,
            tax,
            gross,
        }
    }

    /// Of what brings the sum of refunds from one to another, with the tax as the books have it;
    /// below zero for a refund, above for one that failed.
    pub(super) fn between(terms: &Terms, before: i64, after: i64) -> Self {
        let gross = before - after;
        let tax = -terms.tax_between(before, after).minor();
        Self {
            net: gross - tax,
            tax,
            gross,
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::kernel::ids::TitleId;
    use crate::ledger::Facets;
    use proptest::prelude::*;

    fn terms(paid: i64, tax: i64) -> Terms {
        let usd = |minor| Money::new(minor, Currency::parse("USD").unwrap());
        let nil = uuid::Uuid::nil();
        Terms {
            order: OrderId::from_uuid(nil),
            studio: StudioId::from_uuid(nil),
            title: TitleId::from_uuid(nil),
            paid: usd(paid),
            tax: usd(tax),
            operator: usd(0),
            facets: Facets::default(),
        }
    }

    #[test]
    fn a_number_shows_its_series_and_year() {
        assert_eq!(Series::Invoice.label("", 2026, 7), "2026-0007");
        assert_eq!(Series::Credit.label("LF-", 2026, 12_345), "LF-2026-C12345");
        // A prefix that looks like a mark makes no two numbers the same.
        assert_ne!(
            Series::Invoice.label("C", 2026, 1),
            Series::Credit.label("", 2026, 1)
        );
    }

    #[test]
    fn the_year_is_that_of_utc() {
        let end = Time::from_seconds(1_798_761_599); // 2026-12-31 23:59:59
        assert_eq!(year_of(end), 2026);
        assert_eq!(year_of(Time::from_millis(end.millis() + 1_000)), 2027);
    }

    #[test]
    fn an_address_has_no_empty_lines() {
        assert_eq!(
            address("1 Pier Road\n\n", "", "Porto"),
            ["1 Pier Road", "Porto"]
        );
        assert_eq!(address("", "8000", "Graz"), ["8000 Graz"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]
        /// Refunds come and some fail; an invoice may be asked for at any moment, and then stands
        /// beside one credit note for each refund that counts.
        #[test]
        fn documents_add_up_and_never_give_back_more_than_was_sold(
            paid in 1_i64..100_000, tax_share in 0_i64..=100,
            steps in prop::collection::vec((any::<bool>(), 1_i64..50_000, 0_usize..8), 0..12),
            asked_at in 0_usize..12,
        ) {
            let terms = terms(paid, paid * tax_share / 100);
            let sale = Amounts::of_sale(&terms);
            prop_assert_eq!(sale.net + sale.tax, sale.gross);
            let (mut counting, mut documents): (Vec<i64>, Vec<Amounts>) = (Vec::new(), Vec::new());
            for (at, (fails, amount, which)) in steps.into_iter().enumerate() {
                let before: i64 = counting.iter().sum();
                if at == asked_at {
                    let mut sum = 0;
                    documents.clear();
                    for refund in &counting {
                        documents.push(Amounts::between(&terms, sum, sum + refund));
                        sum += refund;
                    }
                }
                if fails && !counting.is_empty() {
                    counting.remove(which % counting.len());
                } else if before < paid {
                    counting.push(amount.min(paid - before));
                } else {
                    continue;
                }
                documents.push(Amounts::between(&terms, before, counting.iter().sum()));
                for one in &documents {
                    prop_assert_eq!(one.net + one.tax, one.gross);
                    prop_assert!(one.net.signum() * one.gross.signum() >= 0);
                    prop_assert!(one.tax.signum() * one.gross.signum() >= 0);
                }
                let sum = |of: fn(&Amounts) -> i64| documents.iter().map(of).sum::<i64>();
                let returned: i64 = counting.iter().sum();
                if at >= asked_at || asked_at >= 12 {
                    prop_assert_eq!(sum(|one| one.gross), -returned);
                    prop_assert_eq!(-sum(|one| one.tax), terms.tax_between(0, returned).minor());
                    prop_assert!(-sum(|one| one.net) <= sale.net && -sum(|one| one.tax) <= sale.tax);
                }
                if returned == paid {
                    prop_assert_eq!(-sum(|one| one.net), sale.net, "all of it is all of it");
                }
            }
        }
    }
}

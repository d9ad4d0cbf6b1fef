//! The two forms: what a studio's invoices say of it, and who the buyer is. What was typed is kept
//! when something is wrong.

use serde::Deserialize;

use super::model::Party;
use super::model::Seller;
use super::model::address;
use super::vat;
use crate::kernel::Country;
use crate::kernel::Note;
use crate::kernel::text::DisplayName;
use crate::kernel::text::EmailAddress;
use crate::kernel::text::Prose;
use crate::kernel::text::TextFault;
use crate::platform::web::FormErrors;

/// Longest prefix of a number.
const MOST_PREFIX: usize = 12;
/// Longest note below a document.
const MOST_NOTE: usize = 500;

/// What a studio typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct SellerFields {
    /// The legal name.
    pub name: String,
    /// First line of the street.
    pub street: String,
    /// Second line.
    pub street2: String,
    /// Postal code.
    pub postal_code: String,
    /// City.
    pub city: String,
    /// Country, by code.
    pub country: String,
    /// VAT number.
    pub vat_id: String,
    /// Number in a register.
    pub registration: String,
    /// E-mail for questions.
    pub email: String,
    /// What stands before numbers.
    pub prefix: String,
    /// What stands below documents.
    pub note: String,
}

/// What a buyer typed, or the studio for them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct BuyerFields {
    /// Name of a person or a company.
    pub name: String,
    /// First line of the street.
    pub street: String,
    /// Second line.
    pub street2: String,
    /// Postal code.
    pub postal_code: String,
    /// City.
    pub city: String,
    /// Country, by code.
    pub country: String,
    /// VAT number.
    pub vat_id: String,
}

/// A line that may be left empty.
fn line(errors: &mut FormErrors, field: &'static str, text: &str) -> String {
    match DisplayName::parse(text) {
        Ok(line) => line.to_string(),
        Err(TextFault::Empty) => String::new(),
        Err(fault) => {
            errors.add(field, fault);
            String::new()
        }
    }
}

/// A line that is needed.
fn needed(errors: &mut FormErrors, field: &'static str, text: &str) -> String {
    let parsed = errors.take(field, DisplayName::parse(text));
    parsed.map_or_else(String::new, |line| line.to_string())
}

fn optional(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

fn street(errors: &mut FormErrors, one: &str, two: &str) -> String {
    let (one, two) = (line(errors, "street", one), line(errors, "street2", two));
    format!("{one}\n{two}").trim().to_owned()
}

fn vat_id(errors: &mut FormErrors, text: &str, country: Option<Country>) -> Option<String> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let country = country?; // its own fault is noted, and the number cannot be judged without it
    errors.take("vat_id", vat::parse(text, country))
}

impl SellerFields {
    /// As they are now.
    pub(super) fn of(seller: &Seller) -> Self {
        let mut street = seller.street.lines();
        let mut next = || street.next().unwrap_or_default().to_owned();
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        Self {
            name: seller.name.clone(),
            street: next(),
            street2: next(),
            postal_code: seller.postal_code.clone(),
            city: seller.city.clone(),
            country: seller.country.code().to_owned(),
            vat_id: text(&seller.vat_id),
            registration: text(&seller.registration),
            email: text(&seller.email),
            prefix: seller.prefix.clone(),
            note: seller.note.clone(),
        }
    }

    /// Reads them. In the European Union, where the shop works out no tax, an invoice must say why
    /// there is none.
    pub fn parse(&self, collects_tax: bool) -> Result<Seller, FormErrors> {
        let mut errors = FormErrors::new();
        let name = needed(&mut errors, "name", &self.name);
        if self.street.trim().is_empty() {
            errors.add("street", TextFault::Empty);
        }
        let street = street(&mut errors, &self.street, &self.street2);
        let postal_code = line(&mut errors, "postal_code", &self.postal_code);
        let city = needed(&mut errors, "city", &self.city);
        let country = errors.take("country", Country::parse(&self.country));
        let vat_id = vat_id(&mut errors, &self.vat_id, country);
        let registration = optional(line(&mut errors, "registration", &self.registration));
        let email = match self.email.trim() {
            "" => None,
            typed => errors.take("email", EmailAddress::parse(typed)),
        };
        let prefix = prefix(&mut errors, &self.prefix);
        let note = note(&mut errors, &self.note);
        if !collects_tax
            && note.is_empty()
            && country.is_some_and(Country::is_in_european_union)
            && !errors.has("note")
        {
            errors.add("note", "fault-invoice-note");
        }
        let seller = country.map(|country| Seller {
            name,
            street,
            postal_code,
            city,
            country,
            vat_id,
            registration,
            email: email.map(|email| email.to_string()),
            prefix,
            note,
        });
        errors.or(seller)
    }
}

fn prefix(errors: &mut FormErrors, text: &str) -> String {
    let text = text.trim();
    let fine = |c: char| c.is_ascii_alphanumeric() || "-/.".contains(c);
    if text.chars().count() > MOST_PREFIX {
        errors.add("prefix", TextFault::TooLong(MOST_PREFIX));
    } else if !text.chars().all(fine) {
        errors.add("prefix", "fault-invoice-prefix");
    }
    text.to_owned()
}

fn note(errors: &mut FormErrors, text: &str) -> String {
    let parsed = match Prose::parse(text) {
        Ok(note) if note.as_str().chars().count() > MOST_NOTE => Err(TextFault::TooLong(MOST_NOTE)),
        Ok(note) => Ok(note.to_string()),
        Err(TextFault::Empty) => Ok(String::new()),
        Err(fault) => Err(fault),
    };
    errors.take("note", parsed).unwrap_or_default()
}

impl BuyerFields {
    /// What is known before anybody types: a name and the country.
    pub fn known(name: &str, country: Option<&str>) -> Self {
        Self {
            name: name.to_owned(),
            country: country.unwrap_or_default().to_owned(),
            ..Self::default()
        }
    }

    /// Reads them. A private buyer needs no more than name and country; a number for the value
    /// added tax wants an address beside it.
    pub fn parse(&self) -> Result<Party, FormErrors> {
        let mut errors = FormErrors::new();
        let name = needed(&mut errors, "name", &self.name);
        let street = street(&mut errors, &self.street, &self.street2);
        let postal_code = line(&mut errors, "postal_code", &self.postal_code);
        let city = line(&mut errors, "city", &self.city);
        let country = errors.take("country", Country::parse(&self.country));
        let vat_id = vat_id(&mut errors, &self.vat_id, country);
        let lines = address(&street, &postal_code, &city);
        if vat_id.is_some() {
            let missing = Note::new("fault-invoice-address");
            for (field, text) in [("street", &street), ("city", &city)] {
                if text.is_empty() && !errors.has(field) {
                    errors.add(field, missing.clone());
                }
            }
        }
        let party = country.map(|country| Party {
            name,
            lines,
            country: country.code().to_owned(),
            vat_id,
            registration: None,
            email: None,
        });
        errors.or(party)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seller() -> SellerFields {
        SellerFields {
            name: "Lantern Films GmbH".to_owned(),
            street: "Hauptstraße 1".to_owned(),
            city: "Berlin".to_owned(),
            postal_code: "10115".to_owned(),
            country: "DE".to_owned(),
            vat_id: "de 123456789".to_owned(),
            ..SellerFields::default()
        }
    }

    #[test]
    fn a_seller_reads_back_as_typed() {
        let read = seller().parse(true).unwrap();
        assert_eq!(read.vat_id.as_deref(), Some("DE123456789"));
        assert_eq!(read.party().lines, ["Hauptstraße 1", "10115 Berlin"]);
        assert_eq!(SellerFields::of(&read).parse(true).unwrap(), read);
    }

    #[test]
    fn each_wrong_field_is_named() {
        let wrong = SellerFields {
            vat_id: "FR1".to_owned(),
            email: "nobody".to_owned(),
            prefix: "A B".to_owned(),
            note: "x".repeat(MOST_NOTE + 1),
            ..seller()
        };
        let errors = wrong.parse(true).unwrap_err();
        let fields: Vec<_> = errors.all().iter().map(|(field, _)| *field).collect();
        assert_eq!(fields, ["vat_id", "email", "prefix", "note"]);
        let errors = SellerFields::default().parse(true).unwrap_err();
        let fields: Vec<_> = errors.all().iter().map(|(field, _)| *field).collect();
        assert_eq!(fields, ["name", "street", "city", "country"]);
    }

    #[test]
    fn without_tax_an_invoice_of_the_union_says_why() {
        assert!(seller().parse(false).unwrap_err().has("note"));
        let american = SellerFields {
            country: "US".to_owned(),
            ..seller()
        };
        assert!(american.parse(false).is_ok());
        let exempt = SellerFields {
            note: "VAT exempt, § 19 UStG".to_owned(),
            ..seller()
        };
        assert!(exempt.parse(false).is_ok());
    }

    #[test]
    fn a_private_buyer_needs_name_and_country_and_a_business_an_address() {
        let private = BuyerFields::known("Ada", Some("AT"));
        assert_eq!(private.parse().unwrap().lines, Vec::<String>::new());
        let business = BuyerFields {
            vat_id: "ATU12345678".to_owned(),
            ..private
        };
        let errors = business.parse().unwrap_err();
        assert!(errors.has("street") && errors.has("city"));
        let nobody = BuyerFields::known("", None).parse().unwrap_err();
        assert!(nobody.has("name") && nobody.has("country"));
    }
}

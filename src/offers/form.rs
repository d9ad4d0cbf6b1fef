//! The form of an offer: what was typed, and what it means.

use serde::Deserialize;

use crate::kernel::Currency;
use crate::kernel::Money;
use crate::kernel::Note;
use crate::offers::OfferKind;
use crate::offers::checked_price;
use crate::platform::web::FormErrors;

/// Currencies one may sell in, the usual ones first. Left out are those in which amounts follow
/// rules of their own at the payment provider.
pub const SOLD_IN: [(&str, &str); 20] = [
    ("USD", "currency-usd"),
    ("EUR", "currency-eur"),
    ("GBP", "currency-gbp"),
    ("AED", "currency-aed"),
    ("AUD", "currency-aud"),
    ("BRL", "currency-brl"),
    ("CAD", "currency-cad"),
    ("CHF", "currency-chf"),
    ("CZK", "currency-czk"),
    ("DKK", "currency-dkk"),
    ("HKD", "currency-hkd"),
    ("INR", "currency-inr"),
    ("JPY", "currency-jpy"),
    ("KRW", "currency-krw"),
    ("MXN", "currency-mxn"),
    ("NOK", "currency-nok"),
    ("NZD", "currency-nzd"),
    ("PLN", "currency-pln"),
    ("SEK", "currency-sek"),
    ("SGD", "currency-sgd"),
];

/// A form as typed. Every field may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct OfferFields {
    /// `buy`.
    pub kind: String,
    /// A number such as `9.99`.
    pub price: String,
    /// ISO 4217.
    pub currency: String,
}

impl OfferFields {
    /// What was typed, checked; or what to mend, field by field. An offer that names no kind is
    /// one to buy.
    pub fn parse(&self) -> Result<(OfferKind, Money), FormErrors> {
        let mut errors = FormErrors::new();
        let kind = match self.kind.trim() {
            "" => "buy",
            word => word,
        };
        let kind = errors.take("kind", kind.parse::<OfferKind>());
        let currency = errors.take("currency", currency(&self.currency));
        let price = currency.and_then(|currency| errors.take("price", self.price_in(currency)));
        errors.or(kind.zip(price))
    }

    fn price_in(&self, currency: Currency) -> Result<Money, Note> {
        if self.price.trim().is_empty() {
            return Err("fault-please-write-a-price".into());
        }
        let price = Money::parse(&self.price, currency)?;
        Ok(checked_price(price)?)
    }
}

fn currency(code: &str) -> Result<Currency, &'static str> {
    let known = |currency: &Currency| SOLD_IN.iter().any(|(code, _)| *code == currency.code());
    let currency = Currency::parse(code).ok().filter(known);
    currency.ok_or("fault-please-choose-a-currency-from")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(price: &str, currency: &str) -> OfferFields {
        OfferFields {
            kind: "buy".to_owned(),
            price: price.to_owned(),
            currency: currency.to_owned(),
        }
    }

    #[test]
    fn a_price_is_read_in_its_currency() {
        let (kind, price) = fields("9,99", "EUR").parse().unwrap();
        assert_eq!(
            (kind, price.to_string().as_str()),
            (OfferKind::Buy, "€9.99")
        );
        assert_eq!(fields("1200", "jpy").parse().unwrap().1.minor(), 1200);
    }

    #[test]
    fn each_wrong_field_says_what_to_mend() {
        let fault =
            |price, currency, field| fields(price, currency).parse().unwrap_err().english(field);
        assert!(fault("", "USD", "price").contains("write a price"));
        assert!(fault("ten", "USD", "price").starts_with("Write the amount"));
        assert!(fault("-1", "USD", "price").starts_with("Write the amount"));
        assert!(fault("9.999", "USD", "price").contains("decimals"));
        assert!(fault("9.99", "JPY", "price").contains("decimals"));
        assert!(fault("0.49", "USD", "price").contains("$0.50"));
        assert!(fault("1000000", "USD", "price").contains("that large"));
        assert!(fault("9.99", "", "currency").contains("list"));
        assert!(fault("9.99", "KWD", "currency").contains("list"));
        let rent = OfferFields {
            kind: "rent".to_owned(),
            ..fields("1", "USD")
        };
        assert!(rent.parse().unwrap_err().has("kind"));
    }
}

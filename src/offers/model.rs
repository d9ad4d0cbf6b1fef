//! What an offer is, and which prices it may have.

use std::str::FromStr;

use crate::kernel::Currency;
use crate::kernel::Money;
use crate::kernel::Note;
use crate::kernel::Time;
use crate::kernel::ids::OfferId;
use crate::kernel::ids::TitleId;

/// A price on a title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Its id.
    pub id: OfferId,
    /// What it sells.
    pub title_id: TitleId,
    /// What the buyer gets.
    pub kind: OfferKind,
    /// What the buyer pays, everything included.
    pub price: Money,
    /// When another price took its place.
    pub retired_at: Option<Time>,
}

impl Offer {
    /// Whether it can be bought.
    pub const fn is_live(&self) -> bool {
        self.retired_at.is_none()
    }
}

/// What a buyer gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OfferKind {
    /// To watch as often as one likes, for good.
    #[default]
    Buy,
}

impl OfferKind {
    /// How the table and the form write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Buy => "buy",
        }
    }
}

impl FromStr for OfferKind {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "buy" => Ok(Self::Buy),
            _ => Err("fault-please-choose-what-is-sold"),
        }
    }
}

/// Why a price cannot be charged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PriceFault {
    /// The payment provider refuses less.
    #[error("The payment provider takes no payments below {0}.")]
    TooLow(Money),
    /// More than eight digits.
    #[error("The payment provider takes no payments that large.")]
    TooHigh,
    /// The payment provider counts this currency in other units than ISO 4217 does.
    #[error("The payment provider counts {0} in other units than everybody else.")]
    OtherUnits(Currency),
    /// The currency's smallest coin is ten of its units.
    #[error("In this currency the last digit must be 0.")]
    OddUnits,
}

impl From<PriceFault> for Note {
    fn from(fault: PriceFault) -> Self {
        match fault {
            PriceFault::TooLow(value) => {
                Self::new("fault-the-payment-provider-takes-no").with("value", value)
            }
            PriceFault::TooHigh => Self::new("fault-the-payment-provider-takes-no-2"),
            PriceFault::OtherUnits(currency) => {
                Self::new("fault-the-payment-provider-counts").with("currency", currency.code())
            }
            PriceFault::OddUnits => Self::new("fault-in-this-currency-the-last"),
        }
    }
}

/// ISO 4217 gives the ariary two decimals, krona and shilling none; Stripe takes the first without
/// and the others with two. A price would be charged a hundred times too high, or too low.
const COUNTED_OTHERWISE: [&str; 3] = ["MGA", "ISK", "UGX"];

/// Checks a price against what Stripe charges (its documentation, "Supported currencies"): at
/// most eight digits, a minimum by currency, and three-decimal currencies in tens.
pub fn checked_price(price: Money) -> Result<Money, PriceFault> {
    if COUNTED_OTHERWISE.contains(&price.currency().code()) {
        return Err(PriceFault::OtherUnits(price.currency()));
    }
    let least = Money::new(least_minor(price.currency()), price.currency());
    if price.minor() < least.minor() {
        return Err(PriceFault::TooLow(least));
    }
    if price.minor() > 99_999_999 {
        return Err(PriceFault::TooHigh);
    }
    if price.currency().exponent() == 3 && price.minor() % 10 != 0 {
        return Err(PriceFault::OddUnits);
    }
    Ok(price)
}

/// Least charge in minor units. Where Stripe publishes none, about half a dollar.
fn least_minor(currency: Currency) -> i64 {
    match currency.code() {
        "GBP" => 30,
        "DKK" => 250,
        "NOK" | "SEK" => 300,
        "CZK" => 1_500,
        "HUF" => 17_500,
        "PLN" | "AED" | "MYR" => 200,
        "HKD" => 400,
        "MXN" | "THB" => 1_000,
        _ => match currency.exponent() {
            0 => 50,
            3 => 200,
            _ => 50,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(minor: i64, code: &str) -> Result<i64, PriceFault> {
        let money = Money::new(minor, Currency::parse(code).unwrap());
        checked_price(money).map(Money::minor)
    }

    #[test]
    fn prices_the_provider_refuses_are_refused_here() {
        assert_eq!(checked(50, "USD"), Ok(50));
        assert!(matches!(checked(49, "USD"), Err(PriceFault::TooLow(_))));
        assert!(matches!(checked(0, "JPY"), Err(PriceFault::TooLow(_))));
        assert_eq!(checked(30, "GBP"), Ok(30));
        assert_eq!(checked(99_999_999, "USD"), Ok(99_999_999));
        assert_eq!(checked(100_000_000, "USD"), Err(PriceFault::TooHigh));
        assert_eq!(checked(5_001, "KWD"), Err(PriceFault::OddUnits));
        assert_eq!(checked(5_000, "KWD"), Ok(5_000));
        for code in ["MGA", "ISK", "UGX"] {
            let refused = checked(10_000, code);
            assert!(matches!(refused, Err(PriceFault::OtherUnits(_))), "{code}");
        }
    }
}

//! Money: integers that know their currency. No float touches it.

use std::fmt;

use crate::kernel::Note;

/// An ISO 4217 currency.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency(iso_currency::Currency);

/// Why a text is no money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyFault {
    /// Not an ISO 4217 code of a currency with minor units.
    #[error("not a currency we know")]
    UnknownCurrency,
    /// Not a plain decimal number.
    #[error("write the amount as a plain number, such as 9.99")]
    NotANumber,
    /// More decimals than the currency has.
    #[error("the currency does not have that many decimals")]
    TooPrecise,
    /// Beyond what the store handles.
    #[error("the amount is too large")]
    TooLarge,
    /// Two currencies in one sum.
    #[error("the amounts are in two currencies")]
    MixedCurrencies,
}

impl From<MoneyFault> for Note {
    fn from(fault: MoneyFault) -> Self {
        match fault {
            MoneyFault::UnknownCurrency => Self::new("fault-not-a-currency-we-know"),
            MoneyFault::NotANumber => Self::new("fault-write-the-amount-as-a"),
            MoneyFault::TooPrecise => Self::new("fault-the-currency-does-not-have"),
            MoneyFault::TooLarge => Self::new("fault-the-amount-is-too-large"),
            MoneyFault::MixedCurrencies => Self::new("fault-the-amounts-are-in-two"),
        }
    }
}

impl Currency {
    /// Reads a code such as `USD` or `usd`.
    pub fn parse(code: &str) -> Result<Self, MoneyFault> {
        let currency = iso_currency::Currency::from_code(&code.trim().to_ascii_uppercase())
            .ok_or(MoneyFault::UnknownCurrency)?;
        currency
            .exponent()
            .map(|_| Self(currency))
            .ok_or(MoneyFault::UnknownCurrency)
    }

    /// The code in capitals, `USD`.
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// The code as Stripe writes it, `usd`.
    pub fn stripe_code(self) -> String {
        self.code().to_ascii_lowercase()
    }

    /// Decimals of the currency: 2 for USD, 0 for JPY, 3 for KWD.
    pub fn exponent(self) -> u32 {
        u32::from(self.0.exponent().unwrap_or(2))
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// A share in hundredths of a percent, 0 to 10,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BasisPoints(u16);

impl BasisPoints {
    /// The whole.
    pub const WHOLE: Self = Self(10_000);
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// A share of at most the whole.
    pub fn new(points: u16) -> Option<Self> {
        (points <= 10_000).then_some(Self(points))
    }

    /// The share as a number between 0 and 10,000.
    pub const fn points(self) -> u16 {
        self.0
    }
}

/// An amount in minor units (cents) of one currency. May be negative in a ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

impl Money {
    /// `minor` units of `currency`.
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Reads a price a person typed: `9.99`, `1200`. No sign, no thousands separators.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyFault> {
        let text = text.trim().replace(',', ".");
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty() || !digits(whole) || !digits(fraction) || text.ends_with('.') {
            return Err(MoneyFault::NotANumber);
        }
        let exponent = currency.exponent() as usize;
        if fraction.len() > exponent {
            return Err(MoneyFault::TooPrecise);
        }
        let padded = format!("{whole}{fraction:0<exponent$}");
        let minor = padded.parse::<i64>().map_err(|_| MoneyFault::TooLarge)?;
        Ok(Self { minor, currency })
    }

    /// The amount in minor units.
    pub const fn minor(self) -> i64 {
        self.minor
    }

    /// The currency of the amount.
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// The sum, refused when the currencies differ or the number overflows.
    pub fn plus(self, other: Self) -> Result<Self, MoneyFault> {
        if self.currency != other.currency {
            return Err(MoneyFault::MixedCurrencies);
        }
        let minor = self
            .minor
            .checked_add(other.minor)
            .ok_or(MoneyFault::TooLarge)?;
        Ok(Self { minor, ..self })
    }

    /// The difference, under the same rules as [`Money::plus`].
    pub fn minus(self, other: Self) -> Result<Self, MoneyFault> {
        let negated = other.minor.checked_neg().ok_or(MoneyFault::TooLarge)?;
        self.plus(Self {
            minor: negated,
            ..other
        })
    }

    /// Splits into a share and the rest: `share + rest == self`, always. The share is rounded
    /// toward zero, so a fee never takes a cent that it is not owed.
    pub fn split(self, share: BasisPoints) -> (Self, Self) {
        let part = i128::from(self.minor) * i128::from(share.points()) / 10_000;
        let part = i64::try_from(part).expect("a share is not larger than the whole");
        (
            Self {
                minor: part,
                ..self
            },
            Self {
                minor: self.minor - part,
                ..self
            },
        )
    }

    /// Divides into shares that add up to the whole, by largest remainder: everyone gets what is
    /// theirs rounded toward zero, and what is left goes unit by unit to the largest remainders.
    /// Equal remainders are taken in the order of the keys, so the order of the list changes
    /// nothing. `None` if the shares are not the whole together.
    pub fn shared<K: Ord + Copy>(self, shares: &[(K, BasisPoints)]) -> Option<Vec<(K, Self)>> {
        let whole: u64 = shares
            .iter()
            .map(|(_, share)| u64::from(share.points()))
            .sum();
        if whole != u64::from(BasisPoints::WHOLE.points()) {
            return None;
        }
        let exact = |share: BasisPoints| i128::from(self.minor) * i128::from(share.points());
        let mut parts: Vec<(K, Self)> = shares
            .iter()
            .map(|(key, share)| (*key, self.split(*share).0))
            .collect();
        let given: i128 = parts.iter().map(|(_, part)| i128::from(part.minor)).sum();
        let left = usize::try_from((i128::from(self.minor) - given).unsigned_abs())
            .expect("less than a unit a share is left");
        let mut order: Vec<usize> = (0..shares.len()).collect();
        order.sort_by_key(|at| {
            let remainder = (exact(shares[*at].1) % 10_000).unsigned_abs();
            (std::cmp::Reverse(remainder), shares[*at].0)
        });
        for at in order.into_iter().take(left) {
            parts[at].1.minor += self.minor.signum();
        }
        Some(parts)
    }

    /// The number alone, with the decimals of the currency: `9.99`, `1200`.
    pub fn number(self) -> String {
        let exponent = self.currency.exponent();
        let scale = 10_u64.pow(exponent);
        let (sign, magnitude) = (
            if self.minor < 0 { "-" } else { "" },
            self.minor.unsigned_abs(),
        );
        if exponent == 0 {
            return format!("{sign}{magnitude}");
        }
        let width = exponent as usize;
        format!("{sign}{}.{:0width$}", magnitude / scale, magnitude % scale)
    }
}

impl fmt::Display for Money {
    /// `$9.99`, `€9.99`, `£9.99`; other currencies with their code, `JPY 1200`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.number();
        let (sign, magnitude) = number
            .strip_prefix('-')
            .map_or(("", &*number), |rest| ("-", rest));
        match self.currency.code() {
            "USD" => write!(f, "{sign}${magnitude}"),
            "EUR" => write!(f, "{sign}€{magnitude}"),
            "GBP" => write!(f, "{sign}£{magnitude}"),
            code => write!(f, "{sign}{code}\u{a0}{magnitude}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn currency(code: &str) -> Currency {
        Currency::parse(code).unwrap()
    }

    #[test]
    fn prices_are_read_with_the_decimals_of_their_currency() {
        let usd = currency("usd");
        assert_eq!(Money::parse("9.99", usd), Ok(Money::new(999, usd)));
        assert_eq!(Money::parse(" 9,9 ", usd), Ok(Money::new(990, usd)));
        assert_eq!(Money::parse("9.999", usd), Err(MoneyFault::TooPrecise));
        assert_eq!(Money::parse("-1", usd), Err(MoneyFault::NotANumber));
        assert_eq!(Money::parse("1.", usd), Err(MoneyFault::NotANumber));
        assert_eq!(Money::parse("", usd), Err(MoneyFault::NotANumber));
        assert_eq!(
            Money::parse("99999999999999999999", usd),
            Err(MoneyFault::TooLarge)
        );
        assert_eq!(
            Money::parse("1200", currency("JPY")),
            Ok(Money::new(1200, currency("JPY")))
        );
        assert_eq!(
            Money::parse("1.2", currency("JPY")),
            Err(MoneyFault::TooPrecise)
        );
        assert_eq!(
            Money::parse("1.234", currency("KWD")),
            Ok(Money::new(1234, currency("KWD")))
        );
        assert_eq!(Currency::parse("XYZ"), Err(MoneyFault::UnknownCurrency));
        assert_eq!(Currency::parse("XAU"), Err(MoneyFault::UnknownCurrency));
    }

    #[test]
    fn amounts_are_written_as_people_write_them() {
        assert_eq!(Money::new(999, currency("USD")).to_string(), "$9.99");
        assert_eq!(Money::new(-5, currency("EUR")).to_string(), "-€0.05");
        assert_eq!(
            Money::new(1200, currency("JPY")).to_string(),
            "JPY\u{a0}1200"
        );
        assert_eq!(Money::new(1234, currency("KWD")).number(), "1.234");
    }

    #[test]
    fn equal_remainders_go_by_key() {
        let third = BasisPoints::new(3_333).unwrap();
        let more = BasisPoints::new(3_334).unwrap();
        let parts = Money::new(100, currency("USD"))
            .shared(&[("c", third), ("a", third), ("b", more)])
            .unwrap();
        let parts: Vec<_> = parts
            .iter()
            .map(|(key, part)| (*key, part.minor()))
            .collect();
        assert_eq!(parts, [("c", 33), ("a", 33), ("b", 34)]);
        let half = BasisPoints::new(5_000).unwrap();
        let parts = Money::new(-1, currency("USD")).shared(&[("b", half), ("a", half)]);
        let parts: Vec<_> = parts
            .unwrap()
            .iter()
            .map(|(_, part)| part.minor())
            .collect();
        assert_eq!(parts, [0, -1]);
    }

    #[test]
    fn two_currencies_do_not_add() {
        let sum = Money::new(1, currency("USD")).plus(Money::new(1, currency("EUR")));
        assert_eq!(sum, Err(MoneyFault::MixedCurrencies));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]
        #[test]
        fn a_split_loses_no_cent(minor in any::<i64>(), points in 0_u16..=10_000,
                                 code in prop::sample::select(vec!["USD", "JPY", "KWD"])) {
            let whole = Money::new(minor, currency(code));
            let (share, rest) = whole.split(BasisPoints::new(points).unwrap());
            prop_assert_eq!(share.plus(rest), Ok(whole));
            prop_assert!(share.minor().unsigned_abs() <= whole.minor().unsigned_abs());
        }

        #[test]
        fn shares_add_up_whatever_their_order(
            minor in any::<i64>(), cuts in prop::collection::btree_set(1_u16..10_000, 0..12),
            turn in 0_usize..13,
        ) {
            let mut edges: Vec<u16> = cuts.into_iter().collect();
            edges.insert(0, 0);
            edges.push(10_000);
            let shares: Vec<(usize, BasisPoints)> = edges
                .windows(2)
                .enumerate()
                .map(|(key, pair)| (key, BasisPoints::new(pair[1] - pair[0]).unwrap()))
                .collect();
            let whole = Money::new(minor, currency("USD"));
            let parts = whole.shared(&shares).unwrap();
            let sum: i128 = parts.iter().map(|(_, part)| i128::from(part.minor())).sum();
            prop_assert_eq!(sum, i128::from(minor));
            for ((_, part), (_, share)) in parts.iter().zip(&shares) {
                let exact = i128::from(minor) * i128::from(share.points());
                let off = (i128::from(part.minor()) * 10_000 - exact).abs();
                prop_assert!(off < 10_000, "less than a unit from what is theirs");
            }
            let mut turned = shares.clone();
            turned.rotate_left(turn % shares.len());
            let mut again = whole.shared(&turned).unwrap();
            again.sort_by_key(|(key, _)| *key);
            prop_assert_eq!(again, parts);
        }

        #[test]
        fn shares_of_another_sum_are_refused(points in 0_u16..10_000) {
            let whole = Money::new(100, currency("USD"));
            prop_assert_eq!(whole.shared(&[(0, BasisPoints::new(points).unwrap())]), None);
        }

        #[test]
        fn what_is_written_reads_back(minor in 0_i64..=99_999_999,
                                      code in prop::sample::select(vec!["USD", "JPY", "KWD"])) {
            let money = Money::new(minor, currency(code));
            prop_assert_eq!(Money::parse(&money.number(), currency(code)), Ok(money));
        }
    }
}

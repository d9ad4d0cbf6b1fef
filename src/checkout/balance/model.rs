//! What differs; pure.

use std::collections::BTreeMap;

use crate::kernel::Currency;
use crate::kernel::Money;
use crate::kernel::Time;
use crate::kernel::ids::OrderId;

/// What an order left in an account's balance, by our books and by the provider's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The order.
    pub order: OrderId,
    /// By our books.
    pub books: Money,
    /// By the provider's lines, in the same currency.
    pub provider: Money,
    /// When it was seen first.
    pub found_at: Time,
    /// When it was seen last.
    pub seen_at: Time,
}

/// The currencies in which two sets of sums differ, with both sums. A sum that is missing is zero.
pub(super) fn unequal(books: &[Money], provider: &[Money]) -> Vec<(Money, Money)> {
    let mut sums: BTreeMap<&'static str, (Currency, i64, i64)> = BTreeMap::new();
    for sum in books {
        let both = sums.entry(sum.currency().code());
        both.or_insert((sum.currency(), 0, 0)).1 += sum.minor();
    }
    for sum in provider {
        let both = sums.entry(sum.currency().code());
        both.or_insert((sum.currency(), 0, 0)).2 += sum.minor();
    }
    let differ = sums
        .into_values()
        .filter(|(_, ours, theirs)| ours != theirs);
    differ
        .map(|(currency, ours, theirs)| (Money::new(ours, currency), Money::new(theirs, currency)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_equal_only_to_the_last_unit_and_in_every_currency() {
        let money = |minor, code| Money::new(minor, Currency::parse(code).unwrap());
        let (ten, nine) = (money(1_000, "USD"), money(999, "USD"));
        assert_eq!(unequal(&[ten], &[ten]), []);
        assert_eq!(unequal(&[ten, money(0, "EUR")], &[ten]), []);
        assert_eq!(unequal(&[ten], &[nine]), [(ten, nine)]);
        assert_eq!(unequal(&[], &[nine]), [(money(0, "USD"), nine)]);
        let euro = money(1, "EUR");
        assert_eq!(unequal(&[ten, euro], &[ten]), [(euro, money(0, "EUR"))]);
    }
}

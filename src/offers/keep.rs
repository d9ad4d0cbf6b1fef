//! Where a buyer's money goes: the line no other shop shows.

use crate::kernel::BasisPoints;
use crate::kernel::Money;

/// The parts of a price; they sum to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Breakdown {
    /// What the buyer pays.
    pub price: Money,
    /// What the payment provider takes, as far as it can be known before.
    pub payment: Money,
    /// What the operator of this store takes.
    pub store: Money,
    /// What the studio keeps.
    pub studio: Money,
}

/// Stripe's usual share of a domestic card payment: 2.9 % …
const PAYMENT_SHARE: u16 = 290;
/// … and a fixed part of 30 hundredths of the currency's unit.
const PAYMENT_FIXED_HUNDREDTHS: i64 = 30;

/// What a price is made of. The payment part is an estimate for a domestic card; what was really
/// taken stands in the ledger after the sale.
pub fn breakdown(price: Money, store_fee: BasisPoints) -> Breakdown {
    let share = BasisPoints::new(PAYMENT_SHARE).expect("290 is below 10,000");
    // Rounded up, so that we never promise the studio a cent too much.
    let exact = i128::from(price.minor()) * i128::from(share.points());
    let variable = i64::try_from((exact + 9_999) / 10_000).expect("smaller than the price");
    let fixed = match price.currency().exponent() {
        0 => PAYMENT_FIXED_HUNDREDTHS,
        3 => PAYMENT_FIXED_HUNDREDTHS * 10,
        _ => PAYMENT_FIXED_HUNDREDTHS,
    };
    let (store, rest) = price.split(store_fee);
    let payment = Money::new((variable + fixed).min(rest.minor()), price.currency());
    let studio = rest
        .minus(payment)
        .expect("one currency, and no more than the rest");
    Breakdown {
        price,
        payment,
        store,
        studio,
    }
}

impl Breakdown {
    /// A part's share of the price in whole percent, for the width of the bar.
    pub fn percent(&self, part: Money) -> i64 {
        if self.price.minor() == 0 {
            0
        } else {
            part.minor() * 100 / self.price.minor()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Currency;
    use proptest::prelude::*;

    fn usd(minor: i64) -> Money {
        Money::new(minor, Currency::parse("USD").unwrap())
    }

    #[test]
    fn the_example_of_the_front_page() {
        let parts = breakdown(usd(999), BasisPoints::ZERO);
        assert_eq!(
            (parts.studio, parts.payment, parts.store),
            (usd(940), usd(59), usd(0))
        );
    }

    proptest! {
        #[test]
        fn the_parts_sum_to_the_price(minor in 50_i64..=99_999_999, fee in 0_u16..=500,
                                      code in prop::sample::select(vec!["USD", "JPY", "KWD"])) {
            let price = Money::new(minor, Currency::parse(code).unwrap());
            let parts = breakdown(price, BasisPoints::new(fee).unwrap());
            let sum = parts.payment.plus(parts.store).and_then(|sum| sum.plus(parts.studio));
            prop_assert_eq!(sum, Ok(price));
            prop_assert!(parts.studio.minor() >= 0 && parts.payment.minor() >= 0);
        }
    }
}

//! Accounts, causes and the arithmetic of a sale; pure.

use std::fmt;
use std::str::FromStr;

use crate::kernel::BasisPoints;
use crate::kernel::Money;
use crate::kernel::ids::OrderId;
use crate::kernel::ids::StudioId;
use crate::kernel::ids::TitleId;

/// What an account of a studio is for. Each exists once per studio and currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// Outside: what buyers have paid, so its balance is negative.
    Customer,
    /// Passed through by every sale; ends at zero.
    Gross,
    /// Kept by the payment provider.
    ProviderFee,
    /// Kept by the operator of the store.
    OperatorFee,
    /// Kept by the studio.
    StudioNet,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Self; 5] = [
        Self::Customer,
        Self::Gross,
        Self::ProviderFee,
        Self::OperatorFee,
        Self::StudioNet,
    ];

    /// The word in the database.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Gross => "gross",
            Self::ProviderFee => "provider_fee",
            Self::OperatorFee => "operator_fee",
            Self::StudioNet => "studio_net",
        }
    }
}

/// Not a purpose we know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the purpose of an account")]
pub struct PurposeFault;

impl FromStr for Purpose {
    type Err = PurposeFault;

    fn from_str(word: &str) -> Result<Self, PurposeFault> {
        Self::ALL
            .into_iter()
            .find(|purpose| purpose.word() == word)
            .ok_or(PurposeFault)
    }
}

/// Why a transfer exists. Each is posted at most once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// An order was paid.
    Sale(OrderId),
    /// What the provider kept of an order became known.
    ProviderFee(OrderId),
}

impl Cause {
    /// The kind alone.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Sale(_) => "sale",
            Self::ProviderFee(_) => "provider_fee",
        }
    }

    /// The order it is about.
    pub const fn order(self) -> OrderId {
        match self {
            Self::Sale(order) | Self::ProviderFee(order) => order,
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind(), self.order())
    }
}

/// One movement between two accounts of a studio, in the currency of the amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Where it is taken.
    pub from: Purpose,
    /// Where it goes.
    pub to: Purpose,
    /// How much; positive.
    pub amount: Money,
}

/// What is posted at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Why.
    pub cause: Cause,
    /// Whose accounts.
    pub studio: StudioId,
    /// The film it is about.
    pub title: TitleId,
    /// The movements; at least one.
    pub lines: Vec<Line>,
}

impl Transfer {
    /// The transfer of a paid order. Shares are exact: what the operator does not get, the studio
    /// gets, to the last minor unit.
    pub fn sale(
        order: OrderId,
        studio: StudioId,
        title: TitleId,
        paid: Money,
        operator: BasisPoints,
    ) -> Self {
        let (operator_fee, studio_net) = paid.split(operator);
        let parts = [
            (Purpose::Customer, Purpose::Gross, paid),
            (Purpose::Gross, Purpose::OperatorFee, operator_fee),
            (Purpose::Gross, Purpose::StudioNet, studio_net),
        ];
        Self {
            cause: Cause::Sale(order),
            studio,
            title,
            lines: lines(parts),
        }
    }

    /// The same sale together with what the provider kept of it, where that is known at once.
    pub fn and_fee(mut self, fee: Option<Money>) -> Self {
        let parts = fee.map(|fee| [(Purpose::StudioNet, Purpose::ProviderFee, fee)]);
        self.lines.extend(parts.map(lines).into_iter().flatten());
        self
    }

    /// The transfer of what the provider kept, in whatever currency the account is kept.
    pub fn provider_fee(order: OrderId, studio: StudioId, title: TitleId, fee: Money) -> Self {
        let parts = [(Purpose::StudioNet, Purpose::ProviderFee, fee)];
        Self {
            cause: Cause::ProviderFee(order),
            studio,
            title,
            lines: lines(parts),
        }
    }
}

/// Nothing is not moved.
fn lines<const N: usize>(parts: [(Purpose, Purpose, Money); N]) -> Vec<Line> {
    let moving = parts
        .into_iter()
        .filter(|(_, _, amount)| amount.minor() != 0);
    moving
        .map(|(from, to, amount)| Line { from, to, amount })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Currency;
    use crate::kernel::Time;
    use proptest::prelude::*;
    use rand::SeedableRng;

    fn ids() -> (OrderId, StudioId, TitleId) {
        let mut rng = rand::rngs::StdRng::seed_from_u64(1);
        let now = Time::from_seconds(1);
        (
            OrderId::new(now, &mut rng),
            StudioId::new(now, &mut rng),
            TitleId::new(now, &mut rng),
        )
    }

    fn balance(lines: &[Line], purpose: Purpose) -> i64 {
        let side = |way: fn(&Line) -> Purpose| -> i64 {
            lines
                .iter()
                .filter(|line| way(line) == purpose)
                .map(|line| line.amount.minor())
                .sum()
        };
        side(|line| line.to) - side(|line| line.from)
    }

    #[test]
    fn purposes_are_read_as_they_are_written() {
        for purpose in Purpose::ALL {
            assert_eq!(purpose.word().parse(), Ok(purpose));
        }
        assert_eq!("pocket".parse::<Purpose>(), Err(PurposeFault));
    }

    #[test]
    fn a_sale_without_operator_fee_has_no_empty_line() {
        let (order, studio, title) = ids();
        let paid = Money::new(999, Currency::parse("USD").unwrap());
        let sale = Transfer::sale(order, studio, title, paid, BasisPoints::ZERO);
        assert_eq!(sale.lines.len(), 2);
        assert_eq!(balance(&sale.lines, Purpose::StudioNet), 999);
        assert_eq!(sale.cause.to_string(), format!("sale:{order}"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200_000))]
        #[test]
        fn shares_of_a_sale_add_up(
            minor in 1_i64..=99_999_999, points in 0_u16..=500, fee in 0_i64..=99_999_999,
            code in prop::sample::select(vec!["USD", "JPY", "KWD"]),
        ) {
            let (order, studio, title) = ids();
            let currency = Currency::parse(code).unwrap();
            let paid = Money::new(minor, currency);
            let share = BasisPoints::new(points).unwrap();
            let fee = Money::new(fee, currency);
            let sale = Transfer::sale(order, studio, title, paid, share);
            let mut lines = sale.lines.clone();
            lines.extend(Transfer::provider_fee(order, studio, title, fee).lines);
            prop_assert_eq!(&sale.and_fee(Some(fee)).lines, &lines, "at once or later");
            prop_assert!(lines.iter().all(|line| line.amount.minor() > 0));
            let of = |purpose| balance(&lines, purpose);
            prop_assert_eq!(of(Purpose::Customer), -minor);
            prop_assert_eq!(of(Purpose::Gross), 0);
            prop_assert_eq!(
                of(Purpose::ProviderFee) + of(Purpose::OperatorFee) + of(Purpose::StudioNet), minor
            );
            prop_assert_eq!(of(Purpose::OperatorFee), minor * i64::from(points) / 10_000);
        }
    }
}

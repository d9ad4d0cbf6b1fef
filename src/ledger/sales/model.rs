//! Figures: what a transfer means to people who look at sales; pure.

use std::collections::BTreeMap;

use crate::kernel::Currency;
use crate::kernel::Money;
use crate::kernel::Time;
use crate::kernel::ids::StudioId;
use crate::kernel::ids::TitleId;
use crate::kernel::money::MoneyFault;
use crate::ledger::model::Cause;
use crate::ledger::model::Facets;
use crate::ledger::model::Purpose;
use crate::ledger::model::Transfer;

/// Sums of one currency. `gross = tax + provider_fee + operator_fee + returned +
/// exchanged + net`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sales {
    /// Paid orders.
    pub orders: i64,
    /// What buyers paid.
    pub gross: Money,
    /// What is owed to tax offices.
    pub tax: Money,
    /// What the payment provider kept, for payments and for disputes, as far as known.
    pub provider_fee: Money,
    /// What the operator kept.
    pub operator_fee: Money,
    /// What went back to buyers, by refunds and disputes.
    pub returned: Money,
    /// What the provider changed into another currency; below zero where it came from another.
    pub exchanged: Money,
    /// What the studio keeps, its participants included.
    pub net: Money,
}

impl Sales {
    pub(super) fn none(currency: Currency) -> Self {
        let zero = Money::new(0, currency);
        Self {
            orders: 0,
            gross: zero,
            tax: zero,
            provider_fee: zero,
            operator_fee: zero,
            returned: zero,
            exchanged: zero,
            net: zero,
        }
    }

    /// Whether there is nothing to see.
    pub const fn is_nothing(&self) -> bool {
        self.orders == 0
            && self.gross.minor() == 0
            && self.tax.minor() == 0
            && self.provider_fee.minor() == 0
            && self.operator_fee.minor() == 0
            && self.returned.minor() == 0
            && self.exchanged.minor() == 0
            && self.net.minor() == 0
    }

    /// Adds what an account gained. Customers' money is negative there and shown as gross; the
    /// account gross itself is always empty in the end.
    fn add(&mut self, purpose: Purpose, gained: Money) -> Result<(), MoneyFault> {
        let part = match purpose {
            Purpose::Customer => {
                self.gross = self.gross.minus(gained)?;
                return Ok(());
            }
            Purpose::Gross => return Ok(()),
            Purpose::Exchange => &mut self.exchanged,
            Purpose::Tax => &mut self.tax,
            Purpose::ProviderFee | Purpose::DisputeFees => &mut self.provider_fee,
            Purpose::OperatorFee => &mut self.operator_fee,
            Purpose::Refunds | Purpose::Disputes => &mut self.returned,
            Purpose::StudioNet | Purpose::Participant => &mut self.net,
        };
        *part = part.plus(gained)?;
        Ok(())
    }

    /// Both together; they are of one currency.
    pub fn plus(self, other: Self) -> Result<Self, MoneyFault> {
        Ok(Self {
            orders: self.orders + other.orders,
            gross: self.gross.plus(other.gross)?,
            tax: self.tax.plus(other.tax)?,
            provider_fee: self.provider_fee.plus(other.provider_fee)?,
            operator_fee: self.operator_fee.plus(other.operator_fee)?,
            returned: self.returned.plus(other.returned)?,
            exchanged: self.exchanged.plus(other.exchanged)?,
            net: self.net.plus(other.net)?,
        })
    }
}

pub(in crate::ledger) fn overflow(_: MoneyFault) -> sqlx::Error {
    sqlx::Error::Decode("sums of the books overflow".into())
}

/// Which sales are looked at, by when they were posted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Whose.
    pub studio: StudioId,
    /// The first moment that counts.
    pub from: Option<Time>,
    /// The first moment that does not count any more.
    pub until: Option<Time>,
    /// One film alone.
    pub title: Option<TitleId>,
}

impl Scope {
    /// Everything of a studio.
    pub const fn all_of(studio: StudioId) -> Self {
        Self {
            studio,
            from: None,
            until: None,
            title: None,
        }
    }
}

/// The sums of sales that have all facets in common, in one currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SalesLine {
    /// The film.
    pub title: TitleId,
    /// Where the buyers are, how they came, and what they got.
    pub facets: Facets,
    /// The sums.
    pub sales: Sales,
}

/// The sums of one day in one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DaySales {
    /// The beginning of the day, in UTC.
    pub day: Time,
    /// Its sums.
    pub sales: Sales,
}

/// Adds up lines that have a key in common, per currency: never two currencies together.
pub fn sums_by<K: Ord + Clone>(
    lines: &[SalesLine],
    key: impl Fn(&SalesLine) -> K,
) -> Result<Vec<(K, Sales)>, MoneyFault> {
    let mut sums: BTreeMap<(K, &'static str), Sales> = BTreeMap::new();
    for line in lines {
        let currency = line.sales.net.currency();
        let sum = sums
            .entry((key(line), currency.code()))
            .or_insert_with(|| Sales::none(currency));
        *sum = sum.plus(line.sales)?;
    }
    let sums = sums.into_iter().map(|((key, _), sales)| (key, sales));
    Ok(sums.collect())
}

/// The figures of a transfer, one per currency; none for what moves nothing that they show.
pub(in crate::ledger) fn figures(transfer: &Transfer) -> Result<Vec<Sales>, MoneyFault> {
    let mut sums: BTreeMap<&'static str, Sales> = BTreeMap::new();
    for line in &transfer.lines {
        let (amount, currency) = (line.amount, line.amount.currency());
        let sum = sums
            .entry(currency.code())
            .or_insert_with(|| Sales::none(currency));
        sum.add(line.from, Money::new(-amount.minor(), currency))?;
        sum.add(line.to, amount)?;
    }
    let paid_in = transfer.lines.first().map(|line| line.amount.currency());
    if let (Cause::Sale, Some(currency)) = (&transfer.cause, paid_in)
        && let Some(sum) = sums.get_mut(currency.code())
    {
        sum.orders = 1;
    }
    let seen = sums.into_values().filter(|sum| !sum.is_nothing());
    Ok(seen.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Source;
    use crate::ledger::terms::tests::terms;
    use crate::offers::OfferKind;
    use proptest::prelude::*;
    use rand::SeedableRng;

    fn line(territory: &str, title: u64, code: &str, net: i64) -> SalesLine {
        let currency = Currency::parse(code).unwrap();
        let mut rng = rand::rngs::StdRng::seed_from_u64(title);
        SalesLine {
            title: TitleId::new(Time::from_seconds(1), &mut rng),
            facets: Facets {
                territory: Some(territory.to_owned()),
                source: Source::Direct,
                kind: OfferKind::Buy,
            },
            sales: Sales {
                orders: 1,
                gross: Money::new(net, currency),
                net: Money::new(net, currency),
                ..Sales::none(currency)
            },
        }
    }

    #[test]
    fn a_sale_counts_once_and_a_refund_takes_its_parts_back() {
        let terms = terms(999, 166, 500, "USD");
        let sale = figures(&terms.sale(None)).unwrap()[0];
        let parts = [
            sale.gross,
            sale.tax,
            sale.operator_fee,
            sale.returned,
            sale.net,
        ];
        assert_eq!(
            (sale.orders, parts.map(Money::minor)),
            (1, [999, 166, 41, 0, 792])
        );
        let cause = Cause::Refund("re_1".to_owned());
        let refund = figures(&terms.refunded(cause, 0, 999, None)).unwrap()[0];
        let both = sale.plus(refund).unwrap();
        let parts = [
            both.gross,
            both.tax,
            both.operator_fee,
            both.returned,
            both.net,
        ];
        assert_eq!(
            (both.orders, parts.map(Money::minor)),
            (1, [999, 0, 0, 999, 0])
        );
    }

    #[test]
    fn shares_move_nothing_that_is_shown() {
        let terms = terms(999, 0, 0, "USD");
        let owed = Money::new(100, terms.paid.currency());
        let shares = Transfer::shares("s".to_owned(), terms.studio, terms.title, owed);
        assert_eq!(figures(&shares), Ok(Vec::new()));
    }

    proptest! {
        #[test]
        fn sums_by_anything_are_the_sums_of_all(
            drawn in prop::collection::vec((0..4_u64, 0..3_usize, 0..3_usize, -500..5_000_i64), 0..40)
        ) {
            let lines: Vec<SalesLine> = drawn
                .into_iter()
                .map(|(title, territory, code, net)| {
                    line(["DE", "US", "JP"][territory], title, ["USD", "EUR", "JPY"][code], net)
                })
                .collect();
            let all = sums_by(&lines, |_| ()).unwrap();
            let by_film = sums_by(&lines, |line| line.title).unwrap();
            let by_place = sums_by(&lines, |line| line.facets.territory.clone()).unwrap();
            for (_, total) in all {
                let code = total.net.currency();
                let sum = |parts: Vec<Sales>| {
                    let ours = parts.into_iter().filter(|part| part.net.currency() == code);
                    ours.fold(Sales::none(code), |sum, part| sum.plus(part).unwrap())
                };
                prop_assert_eq!(sum(by_film.iter().map(|(_, sales)| *sales).collect()), total);
                prop_assert_eq!(sum(by_place.iter().map(|(_, sales)| *sales).collect()), total);
            }
        }
    }
}

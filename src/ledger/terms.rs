//! Terms: the arithmetic of a sale and of what becomes of it; pure.

use crate::kernel::Money;
use crate::kernel::ids::OrderId;
use crate::kernel::ids::StudioId;
use crate::kernel::ids::TitleId;

use super::model::Cause;
use super::model::Facets;
use super::model::Line;
use super::model::Purpose;
use super::model::Transfer;
use super::model::between;
use super::model::lines;

/// The terms of an order, from which all its transfers follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The order.
    pub order: OrderId,
    /// Whose accounts.
    pub studio: StudioId,
    /// The film it is about.
    pub title: TitleId,
    /// What the buyer paid, tax included.
    pub paid: Money,
    /// The tax in it; of the same currency and at most as much.
    pub tax: Money,
    /// The operator's share of it.
    pub operator: Money,
    /// By what its sale is told apart from others.
    pub facets: Facets,
}

/// What a payment or refund did to the balance at the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settlement {
    /// Before fees, in the currency in which the account is kept; below zero when money left.
    pub amount: Money,
    /// What the provider kept of it; below zero when it came back.
    pub fee: Money,
    /// What the provider handed to the operator of it; below zero when it came back. `None` where
    /// the account is the operator's own.
    pub share: Option<Money>,
}

/// How an amount of an order is divided: tax, operator, studio. They add up to it.
#[derive(Clone, Copy)]
struct Division {
    tax: Money,
    operator: Money,
    studio: Money,
}

impl Terms {
    pub(super) fn transfer(&self, cause: Cause, lines: Vec<Line>) -> Transfer {
        Transfer {
            cause,
            order: Some(self.order),
            studio: self.studio,
            title: self.title,
            facets: Some(self.facets.clone()),
            lines,
        }
    }

    /// The transfer of the paid order, with what the provider did where that is known at once.
    /// Shares are exact: what is not tax and not the operator's is the studio's, to the last unit.
    pub fn sale(&self, settlement: Option<Settlement>) -> Transfer {
        let mut lines = self.sale_lines();
        if let Some(settlement) = settlement {
            settle(&mut lines, settlement);
        }
        self.transfer(Cause::Sale, lines)
    }

    /// The transfer of what the provider did with the paid order, where that came later.
    pub fn provider_fee(&self, settlement: Settlement) -> Transfer {
        let mut lines = self.sale_lines();
        let sold = lines.len();
        settle(&mut lines, settlement);
        self.transfer(Cause::ProviderFee, lines.split_off(sold))
    }

    fn sale_lines(&self) -> Vec<Line> {
        let parts = self.divide(self.paid.minor());
        let parts = [
            (Purpose::Customer, Purpose::Gross, self.paid),
            (Purpose::Gross, Purpose::Tax, parts.tax),
            (Purpose::Gross, Purpose::OperatorFee, parts.operator),
            (Purpose::Gross, Purpose::StudioNet, parts.studio),
        ];
        lines(parts)
    }

    /// The transfer that brings the books from one sum of refunds of the order to another; less
    /// when a refund failed. It depends on the sums alone, so the order in which refunds come
    /// leaves no trace, and a full refund in parts takes back exactly what the sale gave.
    pub fn refunded(
        &self,
        cause: Cause,
        before: i64,
        after: i64,
        settlement: Option<Settlement>,
    ) -> Transfer {
        let (was, is) = (self.divide(before), self.divide(after));
        let parts = [
            (Purpose::Tax, was.tax, is.tax),
            (Purpose::OperatorFee, was.operator, is.operator),
            (Purpose::StudioNet, was.studio, is.studio),
        ];
        let moves = parts.map(|(purpose, was, is)| {
            let more = is.minor() - was.minor();
            between(purpose, Purpose::Refunds, Money::new(more, is.currency()))
        });
        let mut lines = lines(moves);
        if let Some(settlement) = settlement {
            settle(&mut lines, settlement);
        }
        self.transfer(cause, lines)
    }

    /// The tax that a refund of the order takes back when it brings the sum of refunds from one to
    /// another; below zero when it failed.
    pub fn tax_between(&self, before: i64, after: i64) -> Money {
        let tax = self.divide(after).tax.minor() - self.divide(before).tax.minor();
        Money::new(tax, self.paid.currency())
    }

    /// The transfer of what another, whose lines are given, did to the balance.
    pub(super) fn booked(&self, cause: String, mut lines: Vec<Line>, by: Settlement) -> Transfer {
        let posted = lines.len();
        if posted > 0 {
            settle(&mut lines, by);
        }
        self.transfer(Cause::Booked(cause), lines.split_off(posted))
    }

    /// The transfer of one movement of a dispute: money withheld (negative) or given back, and the
    /// fee taken (positive) or given back.
    pub fn disputed(&self, movement: String, amount: Money, fee: Money) -> Transfer {
        let taken = Money::new(-amount.minor(), amount.currency());
        let moves = [
            between(Purpose::StudioNet, Purpose::Disputes, taken),
            between(Purpose::StudioNet, Purpose::DisputeFees, fee),
        ];
        self.transfer(Cause::Dispute(movement), lines(moves))
    }

    /// The parts of the first `minor` units of the order.
    fn divide(&self, minor: i64) -> Division {
        let currency = self.paid.currency();
        let part = Money::new(minor, currency);
        let tax = proportion(self.tax.minor(), minor, self.paid.minor());
        let tax = Money::new(tax, currency);
        let operator = proportion(self.operator.minor(), minor, self.paid.minor());
        let operator = Money::new(operator, currency);
        let studio = Money::new(part.minor() - tax.minor() - operator.minor(), currency);
        Division {
            tax,
            operator,
            studio,
        }
    }
}

/// `of · part / whole`, rounded down; all of it for the whole.
fn proportion(of: i64, part: i64, whole: i64) -> i64 {
    if whole == 0 {
        return 0;
    }
    let exact = i128::from(of) * i128::from(part) / i128::from(whole);
    i64::try_from(exact).expect("a part is not larger than an amount of money")
}

/// Adds what the provider did with the money that some lines move: it kept its fee, handed the
/// operator its share or took it back, and where the account is kept in another currency it changed
/// all of it, so that nothing of the money is left in the first currency.
fn settle(moved: &mut Vec<Line>, settlement: Settlement) {
    let kept_in = settlement.amount.currency();
    let currency = moved.first().map(|line| line.amount.currency());
    if let Some(currency) = currency.filter(|currency| *currency != kept_in) {
        let gained = |purpose| Money::new(gain(moved, purpose), currency);
        let (share, studio) = (
            gained(Purpose::OperatorFee),
            gained(Purpose::StudioNet).minor() + gained(Purpose::Tax).minor(),
        );
        // Tax stays owed in the currency of the sale; the money for it was changed with the rest.
        let (studio, handed_on) = match settlement.share {
            Some(handed_on) => (studio, handed_on),
            None => (studio + share.minor(), Money::new(0, kept_in)),
        };
        let rest = settlement.amount.minor() - handed_on.minor();
        let left = settlement.share.map_or(Money::new(0, currency), |_| share);
        moved.extend(lines([
            between(
                Purpose::StudioNet,
                Purpose::Exchange,
                Money::new(studio, currency),
            ),
            between(Purpose::OperatorFee, Purpose::Exchange, left),
            between(
                Purpose::Exchange,
                Purpose::StudioNet,
                Money::new(rest, kept_in),
            ),
            between(Purpose::Exchange, Purpose::OperatorFee, handed_on),
        ]));
    } else if let Some(handed_on) = settlement.share {
        // A refund made in the provider's dashboard may leave the operator its share.
        let more = handed_on.minor() - gain(moved, Purpose::OperatorFee);
        let more = Money::new(more, kept_in);
        moved.extend(lines([between(
            Purpose::StudioNet,
            Purpose::OperatorFee,
            more,
        )]));
    }
    let fee = between(Purpose::StudioNet, Purpose::ProviderFee, settlement.fee);
    moved.extend(lines([fee]));
}

/// What some lines bring to the account of a purpose, in minor units.
fn gain(lines: &[Line], purpose: Purpose) -> i64 {
    let side = |way: fn(&Line) -> Purpose| -> i64 {
        let ours = lines.iter().filter(|line| way(line) == purpose);
        ours.map(|line| line.amount.minor()).sum()
    };
    side(|line| line.to) - side(|line| line.from)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::kernel::Currency;
    use crate::kernel::Time;
    use proptest::prelude::*;
    use rand::SeedableRng;

    pub(in crate::ledger) fn terms(minor: i64, tax: i64, points: u16, code: &str) -> Terms {
        let mut rng = rand::rngs::StdRng::seed_from_u64(1);
        let now = Time::from_seconds(1);
        let currency = Currency::parse(code).unwrap();
        Terms {
            order: OrderId::new(now, &mut rng),
            studio: StudioId::new(now, &mut rng),
            title: TitleId::new(now, &mut rng),
            paid: Money::new(minor, currency),
            tax: Money::new(tax, currency),
            operator: Money::new((minor - tax) * i64::from(points) / 10_000, currency),
            facets: Facets::default(),
        }
    }

    fn balances(lines: &[Line]) -> Vec<i64> {
        Purpose::ALL.map(|purpose| gain(lines, purpose)).to_vec()
    }

    /// What the lines bring to the balance at the provider, in one currency.
    fn cash(lines: &[Line], currency: Currency, is_own: bool) -> i64 {
        let lines: Vec<Line> = lines
            .iter()
            .copied()
            .filter(|line| line.amount.currency() == currency)
            .collect();
        let operator = if is_own {
            gain(&lines, Purpose::OperatorFee)
        } else {
            0
        };
        gain(&lines, Purpose::Tax) + gain(&lines, Purpose::StudioNet) + operator
    }

    #[test]
    fn a_sale_without_operator_fee_has_no_empty_line() {
        let terms = terms(999, 0, 0, "USD");
        let sale = terms.sale(None);
        assert_eq!(sale.lines.len(), 2);
        assert_eq!(gain(&sale.lines, Purpose::StudioNet), 999);
        assert_eq!(sale.cause_text(), format!("sale:{}", terms.order));
    }

    #[test]
    fn a_refund_takes_from_the_operator_what_the_provider_took() {
        let terms = terms(999, 0, 500, "USD");
        let usd = |minor| Money::new(minor, terms.paid.currency());
        for (share, operator, studio) in [
            (Some(0), 0, -333),
            (Some(-16), -16, -317),
            (Some(-17), -17, -316),
            (None, -16, -317), // the operator's own account
        ] {
            let settlement = Settlement {
                amount: usd(-333),
                fee: usd(0),
                share: share.map(usd),
            };
            let cause = Cause::Refund("re_1".to_owned());
            let lines = terms.refunded(cause, 0, 333, Some(settlement)).lines;
            assert_eq!(gain(&lines, Purpose::OperatorFee), operator, "{share:?}");
            assert_eq!(gain(&lines, Purpose::StudioNet), studio, "{share:?}");
            assert_eq!(gain(&lines, Purpose::Refunds), 333, "{share:?}");
        }
    }

    #[test]
    fn a_dispute_that_is_won_leaves_nothing_but_what_the_bank_keeps() {
        let terms = terms(999, 0, 0, "USD");
        let usd = |minor| Money::new(minor, terms.paid.currency());
        let mut lines = terms
            .disputed("txn_1".to_owned(), usd(-999), usd(1500))
            .lines;
        assert_eq!(gain(&lines, Purpose::Disputes), 999);
        assert_eq!(gain(&lines, Purpose::StudioNet), -2499);
        lines.extend(
            terms
                .disputed("txn_2".to_owned(), usd(999), usd(-1500))
                .lines,
        );
        assert_eq!(balances(&lines), [0; 11]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200_000))]
        #[test]
        fn shares_of_a_sale_add_up(
            minor in 1_i64..=99_999_999, tax_points in 0_i64..=3_000, points in 0_u16..=500,
            fee in 0_i64..=99_999_999, code in prop::sample::select(vec!["USD", "JPY", "KWD"]),
        ) {
            let tax = minor * tax_points / 10_000;
            let terms = terms(minor, tax, points, code);
            let fee = Money::new(fee, terms.paid.currency());
            let kept = Settlement { amount: terms.paid, fee, share: None };
            let mut lines = terms.sale(None).lines;
            lines.extend(terms.provider_fee(kept).lines);
            prop_assert_eq!(&terms.sale(Some(kept)).lines, &lines, "at once or later");
            prop_assert!(lines.iter().all(|line| line.amount.minor() > 0));
            let of = |purpose| gain(&lines, purpose);
            prop_assert_eq!(of(Purpose::Customer), -minor);
            prop_assert_eq!(of(Purpose::Gross), 0);
            prop_assert_eq!(of(Purpose::Tax), tax);
            prop_assert_eq!(
                of(Purpose::Tax) + of(Purpose::ProviderFee) + of(Purpose::OperatorFee)
                    + of(Purpose::StudioNet),
                minor
            );
            let untaxed = minor - tax;
            prop_assert_eq!(of(Purpose::OperatorFee), untaxed * i64::from(points) / 10_000);
        }

        #[test]
        fn refunds_end_where_their_sum_is_whatever_their_way(
            minor in 1_i64..=99_999, tax_points in 0_i64..=3_000, points in 0_u16..=500,
            way in prop::collection::vec(0.0_f64..=1.0, 1..8), full in any::<bool>(),
        ) {
            let terms = terms(minor, minor * tax_points / 10_000, points, "EUR");
            let mut stations: Vec<i64> = way.iter().map(|share| (share * minor as f64) as i64).collect();
            if full {
                stations.push(minor);
            }
            let (mut lines, mut at) = (Vec::new(), 0);
            for station in stations {
                lines.extend(terms.refunded(Cause::Refund("re_1".to_owned()), at, station, None).lines);
                at = station;
            }
            prop_assert!(lines.iter().all(|line| line.amount.minor() > 0));
            let at_once = terms.refunded(Cause::Refund("re_1".to_owned()), 0, at, None).lines;
            prop_assert_eq!(balances(&lines), balances(&at_once));
            prop_assert_eq!(gain(&lines, Purpose::Refunds), at);
            if full {
                lines.extend(terms.sale(None).lines);
                for purpose in [Purpose::Tax, Purpose::OperatorFee, Purpose::StudioNet] {
                    prop_assert_eq!(gain(&lines, purpose), 0, "{:?}", purpose);
                }
            }
        }

        #[test]
        fn books_hold_what_the_balance_gained_in_each_currency(
            minor in 1_i64..=99_999, tax_points in 0_i64..=3_000, points in 0_u16..=500,
            rate in 0.5_f64..=150.0, fee in 0_i64..=500, back in 0.0_f64..=1.0, is_own in any::<bool>(),
        ) {
            let terms = terms(minor, minor * tax_points / 10_000, points, "USD");
            let yen = |minor: i64| Money::new((minor as f64 * rate) as i64, Currency::parse("JPY").unwrap());
            let kept = Settlement {
                amount: yen(minor),
                fee: Money::new(fee, yen(0).currency()),
                share: (!is_own).then(|| yen(terms.operator.minor())),
            };
            let net = |kept: &Settlement| {
                kept.amount.minor() - kept.fee.minor() - kept.share.map_or(0, Money::minor)
            };
            let mut lines = terms.sale(None).lines;
            lines.extend(terms.provider_fee(kept).lines);
            prop_assert_eq!(balances(&lines), balances(&terms.sale(Some(kept)).lines));
            prop_assert_eq!(cash(&lines, terms.paid.currency(), is_own), 0, "all of it was changed");
            prop_assert_eq!(cash(&lines, kept.fee.currency(), is_own), net(&kept));
            let returned = (minor as f64 * back) as i64;
            let share = gain(&terms.refunded(Cause::Refund("re_1".to_owned()), 0, returned, None).lines, Purpose::OperatorFee);
            let given = Settlement {
                amount: yen(-returned),
                fee: Money::new(0, kept.fee.currency()),
                share: (!is_own).then(|| yen(share)),
            };
            lines.extend(terms.refunded(Cause::Refund("re_1".to_owned()), 0, returned, Some(given)).lines);
            prop_assert!(lines.iter().all(|line| line.amount.minor() > 0));
            prop_assert_eq!(cash(&lines, terms.paid.currency(), is_own), 0);
            prop_assert_eq!(cash(&lines, kept.fee.currency(), is_own), net(&kept) + net(&given));
        }
    }
}

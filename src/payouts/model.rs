//! Who shares in a film, and what each gets; pure.

use std::collections::BTreeMap;

use crate::kernel::BasisPoints;
use crate::kernel::Currency;
use crate::kernel::Money;
use crate::kernel::Time;
use crate::kernel::ids::ParticipantId;
use crate::kernel::ids::StudioId;
use crate::kernel::ids::TitleId;
use crate::kernel::text::DisplayName;
use crate::kernel::text::EmailAddress;

/// Somebody who shares in films of a studio.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Participant {
    /// The participant's id.
    pub id: ParticipantId,
    /// Whose films.
    pub studio: StudioId,
    /// How the statements call them.
    pub name: DisplayName,
    /// Where they are reached; nobody else signs in with it.
    pub email: EmailAddress,
    /// Since when, where it is not the first; who signed in before that is signed out.
    pub changed_at: Time,
}

/// Who gets a share. The studio comes first, then participants by age.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Party {
    /// The studio itself.
    Studio,
    /// Somebody it owes to.
    Participant(ParticipantId),
}

/// One share of what a film brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Who.
    pub party: Party,
    /// How much of it; more than nothing.
    pub points: BasisPoints,
}

/// One step before the shares: all of the film's income goes to one until that one has so much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct First {
    /// Who.
    pub party: Party,
    /// How much in all, in the currency it counts for; more than nothing.
    pub amount: Money,
}

/// How a film's income is divided from a moment on, until the next split begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// The film.
    pub title: TitleId,
    /// Counts the splits of the film, from 1.
    pub number: i64,
    /// The first sale it is for.
    pub valid_from: Time,
    /// What is recouped first, in this order.
    pub firsts: Vec<First>,
    /// Who shares in the rest; the whole together.
    pub shares: Vec<Share>,
}

/// Why shares are no split; nothing is written then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SplitFault {
    /// Not 10,000 basis points together.
    #[error("the shares are {0} basis points together, not 10000")]
    NotWhole(u32),
    /// A share of nothing.
    #[error("a share is nothing")]
    Nothing,
    /// The same party has two shares, or recoups twice in a currency.
    #[error("somebody is named twice")]
    Twice,
    /// It would change what sales already made have brought.
    #[error("the split begins in the past")]
    Past,
}

impl Split {
    /// Whether it gives a party anything.
    pub fn names(&self, party: Party) -> bool {
        let recoups = self.firsts.iter().any(|first| first.party == party);
        recoups || self.shares.iter().any(|share| share.party == party)
    }

    /// Whether it may be appended at a moment.
    pub fn check(&self, now: Time) -> Result<(), SplitFault> {
        let sum: u32 = self
            .shares
            .iter()
            .map(|share| u32::from(share.points.points()))
            .sum();
        if sum != u32::from(BasisPoints::WHOLE.points()) {
            return Err(SplitFault::NotWhole(sum));
        }
        let empty = self
            .shares
            .iter()
            .any(|share| share.points == BasisPoints::ZERO);
        if empty || self.firsts.iter().any(|first| first.amount.minor() <= 0) {
            return Err(SplitFault::Nothing);
        }
        let mut parties: Vec<Party> = self.shares.iter().map(|share| share.party).collect();
        let mut firsts: Vec<_> = self
            .firsts
            .iter()
            .map(|first| (first.party, first.amount.currency().code()))
            .collect();
        if has_twins(&mut parties) || has_twins(&mut firsts) {
            return Err(SplitFault::Twice);
        }
        if self.valid_from < now {
            return Err(SplitFault::Past);
        }
        Ok(())
    }

    /// Divides what sales under this split have brought, given what each party had recouped of
    /// sales under earlier ones.
    fn divide(&self, income: Money, recouped: &mut BTreeMap<Party, i64>) -> BTreeMap<Party, i64> {
        let mut parts: BTreeMap<Party, i64> = BTreeMap::new();
        let mut left = income.minor();
        for first in &self.firsts {
            if first.amount.currency() != income.currency() {
                continue;
            }
            let had = recouped.entry(first.party).or_default();
            let owed = (first.amount.minor() - *had).max(0);
            let taken = owed.min(left.max(0));
            *had += taken;
            left -= taken;
            *parts.entry(first.party).or_default() += taken;
        }
        let shares: Vec<_> = self
            .shares
            .iter()
            .map(|share| (share.party, share.points))
            .collect();
        let rest = Money::new(left, income.currency())
            .shared(&shares)
            .expect("a split that was written is whole");
        for (party, part) in rest {
            *parts.entry(party).or_default() += part.minor();
        }
        parts
    }
}

fn has_twins<T: Ord>(things: &mut [T]) -> bool {
    things.sort_unstable();
    things.windows(2).any(|pair| pair[0] == pair[1])
}

/// The number of the split that a sale falls under: the last that began by then, of several that
/// begin together the newest. Zero stands for none, where all is the studio's.
pub fn split_at(splits: &[Split], at: Time) -> i64 {
    let begun = splits.iter().filter(|split| split.valid_from <= at);
    let last = begun.max_by_key(|split| (split.valid_from, split.number));
    last.map_or(0, |split| split.number)
}

/// What each party has of a film in one currency, given what the sales under each split have
/// brought so far (by the number of the split).
///
/// It depends on these sums alone. So neither the order of events nor the month in which one
/// becomes known leaves a trace: a sale given back takes exactly what it had given, and a party's
/// month is what it has at the month's end less what it had before.
pub fn divided(
    splits: &[Split],
    income: &BTreeMap<i64, i64>,
    currency: Currency,
) -> BTreeMap<Party, i64> {
    let mut parts: BTreeMap<Party, i64> = BTreeMap::new();
    let mut recouped = BTreeMap::new();
    let mut in_order: Vec<&Split> = splits.iter().collect();
    in_order.sort_by_key(|split| (split.valid_from, split.number));
    if let Some(undivided) = income.get(&0) {
        parts.insert(Party::Studio, *undivided);
    }
    for split in in_order {
        let Some(minor) = income.get(&split.number) else {
            continue;
        };
        let income = Money::new(*minor, currency);
        for (party, part) in split.divide(income, &mut recouped) {
            *parts.entry(party).or_default() += part;
        }
    }
    parts
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: Time = Time::from_seconds(1_800_000_000);

    fn usd() -> Currency {
        Currency::parse("USD").unwrap()
    }

    fn party(number: u128) -> Party {
        match number {
            0 => Party::Studio,
            number => Party::Participant(ParticipantId::from_uuid(uuid::Uuid::from_u128(number))),
        }
    }

    fn points(points: u16) -> BasisPoints {
        BasisPoints::new(points).unwrap()
    }

    fn split(number: i64, day: i64, firsts: &[(u128, i64)], shares: &[(u128, u16)]) -> Split {
        let first = |(who, minor): &(u128, i64)| First {
            party: party(*who),
            amount: Money::new(*minor, usd()),
        };
        let share = |(who, size): &(u128, u16)| Share {
            party: party(*who),
            points: points(*size),
        };
        Split {
            title: TitleId::from_uuid(uuid::Uuid::nil()),
            number,
            valid_from: Time::from_seconds(1_800_000_000 + day * 86_400),
            firsts: firsts.iter().map(first).collect(),
            shares: shares.iter().map(share).collect(),
        }
    }

    fn of(parts: &BTreeMap<Party, i64>) -> Vec<i64> {
        parts.values().copied().collect()
    }

    #[test]
    fn a_split_must_be_whole_and_name_everyone_once() {
        let check =
            |firsts: &[(u128, i64)], shares: &[(u128, u16)]| split(1, 0, firsts, shares).check(NOW);
        assert_eq!(check(&[(1, 5)], &[(0, 4_000), (1, 6_000)]), Ok(()));
        assert_eq!(check(&[], &[(0, 9_999)]), Err(SplitFault::NotWhole(9_999)));
        assert_eq!(
            check(&[], &[(0, 9_999), (1, 2)]),
            Err(SplitFault::NotWhole(10_001))
        );
        assert_eq!(check(&[], &[]), Err(SplitFault::NotWhole(0)));
        assert_eq!(check(&[], &[(0, 10_000), (1, 0)]), Err(SplitFault::Nothing));
        assert_eq!(check(&[(1, 0)], &[(0, 10_000)]), Err(SplitFault::Nothing));
        assert_eq!(
            check(&[], &[(1, 5_000), (1, 5_000)]),
            Err(SplitFault::Twice)
        );
        assert_eq!(
            check(&[(1, 5), (1, 7)], &[(0, 10_000)]),
            Err(SplitFault::Twice)
        );
        assert_eq!(
            split(1, -1, &[], &[(0, 10_000)]).check(NOW),
            Err(SplitFault::Past)
        );
    }

    #[test]
    fn a_sale_falls_under_the_newest_split_that_had_begun() {
        let whole: &[(u128, u16)] = &[(0, 10_000)];
        let splits = [
            split(1, 0, &[], whole),
            split(2, 10, &[], whole),
            split(3, 5, &[], whole),
            split(4, 10, &[], whole),
        ];
        let at = |day: i64| split_at(&splits, Time::from_seconds(1_800_000_000 + day * 86_400));
        assert_eq!(
            [at(-1), at(0), at(4), at(5), at(9), at(10), at(99)],
            [0, 1, 1, 3, 3, 4, 4]
        );
    }

    #[test]
    fn what_is_recouped_first_comes_before_the_shares() {
        let splits = [split(
            1,
            0,
            &[(1, 1_000), (2, 500)],
            &[(0, 5_000), (1, 5_000)],
        )];
        let have = |minor| of(&divided(&splits, &BTreeMap::from([(1, minor)]), usd()));
        assert_eq!(have(0), [0, 0, 0]);
        assert_eq!(have(999), [0, 999, 0]);
        assert_eq!(have(1_200), [0, 1_000, 200]);
        assert_eq!(have(1_501), [1, 1_000, 500], "a tie goes to the studio");
        assert_eq!(have(2_500), [500, 1_500, 500]);
        assert_eq!(have(-3), [-2, -1, 0], "what was lost is shared too");
        let other = Currency::parse("EUR").unwrap();
        let euros = divided(&splits, &BTreeMap::from([(1, 1_000)]), other);
        assert_eq!(
            of(&euros),
            [500, 500],
            "the step counts for its own currency"
        );
    }

    #[test]
    fn a_new_split_counts_what_was_recouped_under_the_old_one() {
        let splits = [
            split(1, 0, &[(1, 1_000)], &[(0, 10_000)]),
            split(2, 9, &[(1, 1_500)], &[(0, 10_000)]),
        ];
        let have = |one, two| {
            of(&divided(
                &splits,
                &BTreeMap::from([(1, one), (2, two)]),
                usd(),
            ))
        };
        assert_eq!(have(600, 600), [0, 1_200]);
        assert_eq!(have(600, 1_000), [100, 1_500]);
        assert_eq!(have(100, 1_000), [0, 1_100], "a sale given back makes room");
    }

    #[test]
    fn without_a_split_all_is_the_studios() {
        let parts = divided(&[], &BTreeMap::from([(0, 77)]), usd());
        assert_eq!(parts, BTreeMap::from([(Party::Studio, 77)]));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]
        #[test]
        fn parts_always_add_up(
            incomes in prop::collection::vec(-50_000_i64..=50_000, 1..4),
            cuts in prop::collection::vec(1_u16..9_999, 3),
            firsts in prop::collection::vec((0_u128..4, 1_i64..30_000), 0..3),
        ) {
            let mut firsts = firsts;
            firsts.sort_unstable();
            firsts.dedup_by_key(|(who, _)| *who);
            let splits: Vec<Split> = (1..).zip(&incomes).map(|(number, _)| {
                let cut = cuts[usize::try_from(number - 1).unwrap() % cuts.len()];
                split(number, number, &firsts, &[(0, cut), (2, 10_000 - cut)])
            }).collect();
            let income: BTreeMap<i64, i64> = (1..).zip(incomes.iter().copied()).collect();
            let parts = divided(&splits, &income, usd());
            prop_assert_eq!(parts.values().sum::<i64>(), incomes.iter().sum::<i64>());
        }

        #[test]
        fn months_add_up_to_the_whole_in_any_order(
            steps in prop::collection::vec(-9_999_i64..=20_000, 1..12), months in 1_usize..6,
        ) {
            let splits = [split(1, 0, &[(1, 20_000)], &[(0, 3_333), (1, 3_333), (2, 3_334)])];
            let have = |minor: i64| divided(&splits, &BTreeMap::from([(1, minor)]), usd());
            let mut sum: BTreeMap<Party, i64> = BTreeMap::new();
            let mut so_far = 0;
            for month in steps.chunks(months) {
                let (before, after) = (have(so_far), have(so_far + month.iter().sum::<i64>()));
                so_far += month.iter().sum::<i64>();
                for (party, minor) in after {
                    *sum.entry(party).or_default() += minor - before[&party];
                }
            }
            prop_assert_eq!(sum, have(so_far));
        }
    }
}

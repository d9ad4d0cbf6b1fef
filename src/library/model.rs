//! Rights and where they come from; pure.

use std::str::FromStr;

use crate::kernel::Time;
use crate::kernel::ids::AccountId;
use crate::kernel::ids::OrderId;
use crate::kernel::ids::TitleId;

/// What happened to an order, as far as the right to watch goes. Amounts are in minor units of
/// the order's currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// When the money came, if it did.
    pub paid_at: Option<Time>,
    /// Whether the film was bought by another order already.
    pub surplus: bool,
    /// Whether the account of its buyer was erased.
    pub erased: bool,
    /// What was paid.
    pub price: i64,
    /// What went back, or is on its way back, by refunds that have not failed.
    pub refunded: i64,
    /// What the bank took back for good, by disputes that were lost.
    pub lost: i64,
    /// What the bank withholds, by disputes that are not decided.
    pub withheld: i64,
}

/// What follows from the facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// None, and there never was one.
    Nothing,
    /// To watch, without end.
    Owned {
        /// From when on.
        since: Time,
    },
    /// None while the bank decides.
    Suspended {
        /// Since when it was owned before.
        since: Time,
    },
    /// None any more: all the money went back, or is to go back because it was paid twice; or there
    /// is nobody any more who could watch.
    Ended {
        /// Since when it was owned before.
        since: Time,
    },
}

impl Facts {
    /// The one rule: who paid owns, unless all of the money went back or their account was erased;
    /// and not while the bank withholds what has not gone back. Part of the money does not take the film away.
    pub const fn right(self) -> Right {
        let Some(since) = self.paid_at else {
            return Right::Nothing;
        };
        let gone = self.refunded.saturating_add(self.lost);
        if self.surplus || self.erased || gone >= self.price {
            Right::Ended { since }
        } else if gone.saturating_add(self.withheld) >= self.price {
            Right::Suspended { since }
        } else {
            Right::Owned { since }
        }
    }
}

impl Right {
    /// How the right stands in the library and since when it was owned; `None` if it never was.
    pub const fn standing(self) -> Option<(Standing, Time)> {
        match self {
            Self::Nothing => None,
            Self::Owned { since } => Some((Standing::Owned, since)),
            Self::Suspended { since } => Some((Standing::Suspended, since)),
            Self::Ended { since } => Some((Standing::Ended, since)),
        }
    }
}

/// How a right that was granted once stands now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    /// The film may be watched.
    Owned,
    /// Not while a dispute is open.
    Suspended,
    /// Not any more.
    Ended,
}

impl Standing {
    /// The word in the database.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Owned => "owned",
            Self::Suspended => "suspended",
            Self::Ended => "ended",
        }
    }
}

/// Not a standing we know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the standing of a right")]
pub struct StandingFault;

impl FromStr for Standing {
    type Err = StandingFault;

    fn from_str(word: &str) -> Result<Self, StandingFault> {
        [Self::Owned, Self::Suspended, Self::Ended]
            .into_iter()
            .find(|standing| standing.word() == word)
            .ok_or(StandingFault)
    }
}

/// A right as it stands in the library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entitlement {
    /// Who holds it.
    pub viewer: AccountId,
    /// The film.
    pub title: TitleId,
    /// The order it follows from.
    pub order: OrderId,
    /// How it stands.
    pub standing: Standing,
    /// Since when.
    pub granted_at: Time,
}

/// Why somebody may not watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Never bought.
    #[error("You have not bought this film.")]
    NotBought,
    /// The money went back.
    #[error("Your payment for this film was returned. You can buy it again.")]
    Refunded,
    /// The bank was told that the payment is wrong, and has not decided.
    #[error("Your bank is looking into the payment for this film. Until it decides, it rests.")]
    Suspended,
}

impl Refusal {
    /// The word for machines.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotBought => "not_bought",
            Self::Refunded => "refunded",
            Self::Suspended => "suspended",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SINCE: Time = Time::from_seconds(7);

    fn paid() -> Facts {
        Facts {
            paid_at: Some(SINCE),
            price: 999,
            ..Facts::default()
        }
    }

    #[test]
    fn only_money_that_came_gives_a_right() {
        assert_eq!(Facts::default().right(), Right::Nothing);
        assert_eq!(paid().right(), Right::Owned { since: SINCE });
        let twice = Facts {
            surplus: true,
            ..paid()
        };
        assert_eq!(twice.right(), Right::Ended { since: SINCE });
        let left = Facts {
            erased: true,
            ..paid()
        };
        assert_eq!(left.right(), Right::Ended { since: SINCE });
    }

    #[test]
    fn the_right_follows_the_money() {
        use Standing::*;
        for (refunded, lost, withheld, standing) in [
            (998, 0, 0, Owned),
            (999, 0, 0, Ended),
            (0, 999, 0, Ended),
            (500, 499, 0, Ended),
            (0, 0, 999, Suspended),
            (0, 0, 998, Owned),
            (1, 0, 998, Suspended),
            (500, 0, 100, Owned),
            (999, 0, 999, Ended),
        ] {
            let facts = Facts {
                refunded,
                lost,
                withheld,
                ..paid()
            };
            let (found, since) = facts.right().standing().unwrap();
            assert_eq!((found, since), (standing, SINCE), "{facts:?}");
        }
    }

    #[test]
    fn standings_are_read_as_they_are_written() {
        for standing in [Standing::Owned, Standing::Suspended, Standing::Ended] {
            assert_eq!(standing.word().parse(), Ok(standing));
        }
        assert_eq!("lent".parse::<Standing>(), Err(StandingFault));
    }

    proptest! {
        #[test]
        fn money_that_goes_back_never_gives_a_right(
            price in 1_i64..=1_000, refunded in 0_i64..=1_000, lost in 0_i64..=1_000,
            withheld in 0_i64..=1_000, more in 0_i64..=1_000,
        ) {
            let facts = Facts { price, refunded, lost, withheld, ..paid() };
            let standing = |facts: Facts| facts.right().standing().unwrap().0;
            for worse in [
                Facts { refunded: refunded + more, ..facts },
                Facts { lost: lost + more, ..facts },
                Facts { withheld: withheld + more, ..facts },
            ] {
                prop_assert!(standing(worse) >= standing(facts));
            }
        }
    }
}

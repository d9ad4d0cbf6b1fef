//! Rights and where they come from; pure.

use crate::kernel::Time;
use crate::kernel::ids::AccountId;
use crate::kernel::ids::OrderId;
use crate::kernel::ids::TitleId;

/// What happened to an order, as far as the right to watch goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// When the money came, if it did.
    pub paid_at: Option<Time>,
}

/// What follows from the facts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// None.
    Nothing,
    /// To watch, without end.
    Owned {
        /// From when on.
        since: Time,
    },
}

impl Facts {
    /// The one rule: who paid, owns.
    pub const fn right(self) -> Right {
        match self.paid_at {
            Some(since) => Right::Owned { since },
            None => Right::Nothing,
        }
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
    /// Since when.
    pub granted_at: Time,
}

/// Why somebody may not watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Never bought.
    #[error("You have not bought this film.")]
    NotBought,
}

impl Refusal {
    /// The word for machines.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotBought => "not_bought",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_money_that_came_gives_a_right() {
        assert_eq!(Facts::default().right(), Right::Nothing);
        let since = Time::from_seconds(7);
        assert_eq!(
            Facts {
                paid_at: Some(since)
            }
            .right(),
            Right::Owned { since }
        );
    }
}

//! Refunds and disputes as facts that only grow; pure.

use std::str::FromStr;

use crate::kernel::Money;
use crate::kernel::Time;
use crate::kernel::ids::DisputeId;
use crate::kernel::ids::OrderId;
use crate::kernel::ids::RefundId;
use crate::platform::stripe::Dispute;
use crate::platform::stripe::DisputeStatus;
use crate::platform::stripe::Refund;
use crate::platform::stripe::RefundStatus;

/// Not a word of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the state of a refund or dispute")]
pub struct StateFault;

/// Where a refund stands. Later states never become earlier ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundState {
    /// Written down; Stripe has not answered yet.
    Requested,
    /// Stripe said no; nothing went back.
    Refused,
    /// On its way.
    Pending,
    /// Done, as far as Stripe knows.
    Succeeded,
    /// The bank sent it back.
    Failed,
    /// Called off.
    Canceled,
}

impl RefundState {
    /// Every state.
    pub const ALL: [Self; 6] = [
        Self::Requested,
        Self::Refused,
        Self::Pending,
        Self::Succeeded,
        Self::Failed,
        Self::Canceled,
    ];

    /// The word in the database.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Refused => "refused",
            Self::Pending => "pending",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
        }
    }

    /// Whether the money is with the buyer or on its way there.
    pub const fn counts(self) -> bool {
        matches!(self, Self::Pending | Self::Succeeded)
    }

    const fn rank(self) -> u8 {
        match self {
            Self::Requested => 0,
            Self::Refused => 1,
            Self::Pending => 2,
            Self::Succeeded => 3,
            Self::Failed | Self::Canceled => 4,
        }
    }
}

impl FromStr for RefundState {
    type Err = StateFault;

    fn from_str(word: &str) -> Result<Self, StateFault> {
        let found = Self::ALL.into_iter().find(|state| state.word() == word);
        found.ok_or(StateFault)
    }
}

impl From<RefundStatus> for RefundState {
    fn from(status: RefundStatus) -> Self {
        match status {
            RefundStatus::Pending | RefundStatus::RequiresAction | RefundStatus::Unknown => {
                Self::Pending
            }
            RefundStatus::Succeeded => Self::Succeeded,
            RefundStatus::Failed => Self::Failed,
            RefundStatus::Canceled => Self::Canceled,
        }
    }
}

/// Who asked for a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AskedBy {
    /// Who bought.
    Viewer,
    /// Who sold.
    Studio,
    /// The store itself, for a film that was paid twice.
    Store,
    /// Who runs the store.
    Operator,
    /// Somebody in the provider's dashboard.
    Provider,
}

impl AskedBy {
    /// Everybody.
    pub const ALL: [Self; 5] = [
        Self::Viewer,
        Self::Studio,
        Self::Store,
        Self::Operator,
        Self::Provider,
    ];

    /// The word in the database.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Studio => "studio",
            Self::Store => "store",
            Self::Operator => "operator",
            Self::Provider => "provider",
        }
    }
}

impl FromStr for AskedBy {
    type Err = StateFault;

    fn from_str(word: &str) -> Result<Self, StateFault> {
        let found = Self::ALL.into_iter().find(|by| by.word() == word);
        found.ok_or(StateFault)
    }
}

/// A refund as we have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KnownRefund {
    pub(super) id: RefundId,
    pub(super) provider_id: Option<String>,
    /// In minor units of the order's currency.
    pub(super) amount: i64,
    pub(super) state: RefundState,
    /// Whether nothing is missing in the books of what the refund did to the balance.
    pub(super) out_booked: bool,
    /// The same of its failure.
    pub(super) back_booked: bool,
}

impl KnownRefund {
    /// Whether it is the one that Stripe speaks of.
    fn is(&self, told: &Refund) -> bool {
        match &self.provider_id {
            Some(id) => *id == told.id,
            None => told.refund_id.as_deref() == Some(&*self.id.to_string()),
        }
    }

    /// As it is after Stripe's word; `None` if that is nothing new.
    pub(super) fn told(&self, told: &Refund) -> Option<Self> {
        let state = RefundState::from(told.status);
        let is_later = state.rank() > self.state.rank();
        let (out, back) = (told.balance.is_some(), told.failure_balance.is_some());
        let is_booked = (out && !self.out_booked) || (back && !self.back_booked);
        let after = if is_later { state } else { self.state };
        (is_later || is_booked).then(|| Self {
            provider_id: Some(told.id.clone()),
            state: after,
            out_booked: match (self.state.counts(), after.counts()) {
                (false, true) => out,
                _ => out || self.out_booked,
            },
            back_booked: match (self.state.counts(), after.counts()) {
                (true, false) => back,
                // It went and came back before anybody looked.
                (false, false) if out && self.provider_id.is_none() => back,
                _ => back || self.back_booked,
            },
            ..self.clone()
        })
    }
}

/// The refund among the known that Stripe speaks of.
pub(super) fn find<'a>(known: &'a [KnownRefund], told: &Refund) -> Option<&'a KnownRefund> {
    known.iter().find(|refund| refund.is(told))
}

/// Where a dispute stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisputeState {
    /// The bank only asks; no money left.
    Warning,
    /// The bank withholds the money and has not decided.
    Open,
    /// The money came back.
    Won,
    /// The money is gone.
    Lost,
    /// It came to nothing.
    Closed,
}

impl DisputeState {
    /// Every state.
    pub const ALL: [Self; 5] = [
        Self::Warning,
        Self::Open,
        Self::Won,
        Self::Lost,
        Self::Closed,
    ];

    /// The word in the database.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Open => "open",
            Self::Won => "won",
            Self::Lost => "lost",
            Self::Closed => "closed",
        }
    }

    const fn rank(self) -> u8 {
        match self {
            Self::Warning => 0,
            Self::Open => 1,
            Self::Won | Self::Lost | Self::Closed => 2,
        }
    }
}

impl FromStr for DisputeState {
    type Err = StateFault;

    fn from_str(word: &str) -> Result<Self, StateFault> {
        let found = Self::ALL.into_iter().find(|state| state.word() == word);
        found.ok_or(StateFault)
    }
}

impl From<DisputeStatus> for DisputeState {
    fn from(status: DisputeStatus) -> Self {
        match status {
            DisputeStatus::Warning => Self::Warning,
            DisputeStatus::NeedsResponse | DisputeStatus::UnderReview | DisputeStatus::Unknown => {
                Self::Open
            }
            DisputeStatus::Won => Self::Won,
            DisputeStatus::Lost => Self::Lost,
            DisputeStatus::WarningClosed | DisputeStatus::Prevented => Self::Closed,
        }
    }
}

/// A dispute as we have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KnownDispute {
    pub(super) id: DisputeId,
    pub(super) provider_id: String,
    /// In minor units of the order's currency.
    pub(super) amount: i64,
    pub(super) state: DisputeState,
    /// Movements of the balance it has caused; they only become more.
    pub(super) movements: i64,
    pub(super) evidence_due: Option<Time>,
}

impl KnownDispute {
    /// As it is after Stripe's word; `None` if that is nothing new. Of two words of one rank the
    /// one with more movements is the newer: a loss may still be turned into a win.
    pub(super) fn told(&self, told: &Dispute) -> Option<Self> {
        let state = DisputeState::from(told.status);
        let movements = i64::try_from(told.balance.len()).unwrap_or(i64::MAX);
        let newer = (state.rank(), movements) > (self.state.rank(), self.movements);
        newer.then(|| Self {
            state,
            movements: movements.max(self.movements),
            evidence_due: told.evidence_due,
            ..self.clone()
        })
    }
}

/// A refund, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundLine {
    /// Stripe's name of it, once there is one.
    pub provider_id: Option<String>,
    /// How much.
    pub amount: Money,
    /// Where it stands.
    pub state: RefundState,
    /// Who asked for it.
    pub by: AskedBy,
    /// When.
    pub asked_at: Time,
}

/// A dispute, for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisputeLine {
    /// Our name of it.
    pub id: DisputeId,
    /// The order.
    pub order: OrderId,
    /// Stripe's name of it.
    pub provider_id: String,
    /// How much is contested.
    pub amount: Money,
    /// Where it stands.
    pub state: DisputeState,
    /// The bank's reason, in Stripe's word.
    pub reason: String,
    /// Until when evidence counts.
    pub evidence_due: Option<Time>,
    /// When it was opened.
    pub opened_at: Time,
    /// When evidence was handed in.
    pub submitted_at: Option<Time>,
}

impl DisputeLine {
    /// Whether evidence is wanted, and none was handed in.
    pub fn wants_evidence(&self, now: Time) -> bool {
        let undecided = matches!(self.state, DisputeState::Open | DisputeState::Warning);
        undecided && self.submitted_at.is_none() && self.evidence_due.is_some_and(|due| due > now)
    }
}

/// The sums that the right to watch follows from, in minor units of the order's currency.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sums {
    pub(super) refunded: i64,
    pub(super) lost: i64,
    pub(super) withheld: i64,
}

impl Sums {
    pub(super) fn of(refunds: &[KnownRefund], disputes: &[KnownDispute]) -> Self {
        let counting = refunds.iter().filter(|refund| refund.state.counts());
        let in_state = |state| {
            let those = disputes
                .iter()
                .filter(move |dispute| dispute.state == state);
            those.map(|dispute| dispute.amount).sum()
        };
        Self {
            refunded: counting.map(|refund| refund.amount).sum(),
            lost: in_state(DisputeState::Lost),
            withheld: in_state(DisputeState::Open),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_read_as_they_are_written() {
        for state in RefundState::ALL {
            assert_eq!(state.word().parse(), Ok(state));
        }
        for state in DisputeState::ALL {
            assert_eq!(state.word().parse(), Ok(state));
        }
        assert_eq!("gone".parse::<RefundState>(), Err(StateFault));
        assert_eq!("gone".parse::<DisputeState>(), Err(StateFault));
    }
}

//! Accounts, causes and transfers; pure.

use std::str::FromStr;

use crate::kernel::Money;
use crate::kernel::Source;
use crate::kernel::ids::OrderId;
use crate::kernel::ids::StudioId;
use crate::kernel::ids::TitleId;
use crate::offers::OfferKind;

/// What an account of a studio is for. Each exists once per studio and currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// Outside: what buyers have paid, so its balance is negative.
    Customer,
    /// Passed through by every sale; ends at zero.
    Gross,
    /// Owed to tax offices.
    Tax,
    /// Kept by the payment provider.
    ProviderFee,
    /// Kept by the operator of the store.
    OperatorFee,
    /// Kept by the studio.
    StudioNet,
    /// Owed to those who share in a film.
    Participant,
    /// Given back to buyers.
    Refunds,
    /// Taken back by banks, for a while or for good.
    Disputes,
    /// What the provider takes for a dispute.
    DisputeFees,
    /// Outside: money that the provider changed into the currency in which it keeps the account.
    Exchange,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Self; 11] = [
        Self::Customer,
        Self::Gross,
        Self::Tax,
        Self::ProviderFee,
        Self::OperatorFee,
        Self::StudioNet,
        Self::Participant,
        Self::Refunds,
        Self::Disputes,
        Self::DisputeFees,
        Self::Exchange,
    ];

    /// Whether what it holds lies in the balance at the provider; the operator's share does where
    /// the account is the operator's own.
    pub const fn is_in_balance(self) -> bool {
        matches!(
            self,
            Self::Tax | Self::OperatorFee | Self::StudioNet | Self::Participant
        )
    }

    /// The word in the database.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Gross => "gross",
            Self::Tax => "tax",
            Self::ProviderFee => "provider_fee",
            Self::OperatorFee => "operator_fee",
            Self::StudioNet => "studio_net",
            Self::Participant => "participant",
            Self::Refunds => "refunds",
            Self::Disputes => "disputes",
            Self::DisputeFees => "dispute_fees",
            Self::Exchange => "exchange",
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// An order was paid.
    Sale,
    /// What the provider kept of an order became known.
    ProviderFee,
    /// A refund, by the provider's name of it.
    Refund(String),
    /// A refund that failed in the end, so that the money came back.
    RefundFailed(String),
    /// A movement of a dispute, by the provider's name of it.
    Dispute(String),
    /// What something did to the balance, where that became known later: the cause of that.
    Booked(String),
    /// What a closed month owes to those who share in a film, by the name of its statement.
    Shares(String),
}

impl Cause {
    /// The kind alone.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Sale => "sale",
            Self::ProviderFee => "provider_fee",
            Self::Refund(_) => "refund",
            Self::RefundFailed(_) => "refund_failed",
            Self::Dispute(_) => "dispute",
            Self::Booked(_) => "booked",
            Self::Shares(_) => "shares",
        }
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

/// What moved from one account to another for a film, summed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Movement {
    /// The film.
    pub title: TitleId,
    /// Whether it moved within the asked time, or before.
    pub inside: bool,
    /// The era of the film that the sale belongs to; 0 before the first.
    pub era: i64,
    /// Where it was taken.
    pub from: Purpose,
    /// Where it went.
    pub to: Purpose,
    /// How much in all.
    pub amount: Money,
    /// Entries in the sum.
    pub entries: i64,
}

/// By what a studio tells its sales apart, beside film and day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facets {
    /// The country of the buyer (ISO 3166), where it is known.
    pub territory: Option<String>,
    /// How they came to the film.
    pub source: Source,
    /// What they got.
    pub kind: OfferKind,
}

/// What is posted at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Why.
    pub cause: Cause,
    /// The order it is about; none for shares, which are of a month.
    pub order: Option<OrderId>,
    /// Whose accounts.
    pub studio: StudioId,
    /// The film it is about.
    pub title: TitleId,
    /// By what the sale it belongs to is told apart; none for shares, which only move what the
    /// studio has to those who share in it.
    pub facets: Option<Facets>,
    /// The movements; at least one.
    pub lines: Vec<Line>,
}

impl Transfer {
    /// `sale:order_…`, the text by which a cause is posted once.
    pub fn cause_text(&self) -> String {
        let name = match &self.cause {
            Cause::Sale | Cause::ProviderFee => self
                .order
                .map(|order| order.to_string())
                .unwrap_or_default(),
            Cause::Shares(name) => format!("{name}:{}", self.title),
            Cause::Refund(name)
            | Cause::RefundFailed(name)
            | Cause::Dispute(name)
            | Cause::Booked(name) => name.clone(),
        };
        format!("{}:{name}", self.cause.kind())
    }

    /// What a closed month moves from the studio to those who share in a film (or back, if
    /// negative), by the name of the statement that closed it.
    pub fn shares(statement: String, studio: StudioId, title: TitleId, owed: Money) -> Self {
        Self {
            cause: Cause::Shares(statement),
            order: None,
            studio,
            title,
            facets: None,
            lines: lines([between(Purpose::StudioNet, Purpose::Participant, owed)]),
        }
    }
}

/// A movement from one to the other, or back if the amount is negative.
pub(super) fn between(from: Purpose, to: Purpose, amount: Money) -> (Purpose, Purpose, Money) {
    match amount.minor() {
        minor if minor < 0 => (to, from, Money::new(-minor, amount.currency())),
        _ => (from, to, amount),
    }
}

/// Nothing is not moved.
pub(super) fn lines<const N: usize>(parts: [(Purpose, Purpose, Money); N]) -> Vec<Line> {
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

    #[test]
    fn purposes_are_read_as_they_are_written() {
        for purpose in Purpose::ALL {
            assert_eq!(purpose.word().parse(), Ok(purpose));
        }
        assert_eq!("pocket".parse::<Purpose>(), Err(PurposeFault));
    }
}

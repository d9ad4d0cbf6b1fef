//! What follows a charge: lines of the balance, refunds and disputes.

use serde::Deserialize;
use serde::Serialize;

use super::Metadata;

/// A BalanceTransaction: one change of the balance.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Balance {
    pub id: String,
    #[serde(default)]
    pub made: u64,
    #[serde(default)]
    pub kind: BalanceKind,
    /// The charge, refund or dispute it belongs to.
    #[serde(alias = "charge")]
    pub source: String,
    pub created: i64,
    pub amount: i64,
    pub currency: String,
    /// All fees.
    pub fee: i64,
    /// The platform's share of them.
    #[serde(default)]
    pub application_fee: i64,
    /// The connected account whose balance it is; `None` for the platform's.
    #[serde(default)]
    pub account: Option<String>,
}

/// What changed a balance.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BalanceKind {
    #[default]
    Charge,
    Refund,
    RefundFailure,
    Dispute,
    DisputeReversal,
    ApplicationFee,
    ApplicationFeeRefund,
}

impl BalanceKind {
    /// Stripe's `type` and `reporting_category`; debits have types of their own.
    pub fn words(self, debit: bool) -> (&'static str, &'static str) {
        match (self, debit) {
            (Self::Charge, false) => ("charge", "charge"),
            (Self::Charge, true) => ("payment", "charge"),
            (Self::Refund, false) => ("refund", "refund"),
            (Self::Refund, true) => ("payment_refund", "refund"),
            (Self::RefundFailure, false) => ("refund_failure", "refund_failure"),
            (Self::RefundFailure, true) => ("payment_failure_refund", "refund_failure"),
            (Self::Dispute, _) => ("adjustment", "dispute"),
            (Self::DisputeReversal, _) => ("adjustment", "dispute_reversal"),
            (Self::ApplicationFee, _) => ("application_fee", "platform_earning"),
            (Self::ApplicationFeeRefund, _) => {
                ("application_fee_refund", "platform_earning_refund")
            }
        }
    }
}

/// A Refund.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Refund {
    pub id: String,
    pub made: u64,
    pub created: i64,
    pub charge: String,
    pub amount: i64,
    pub status: RefundState,
    pub reason: Option<String>,
    pub metadata: Metadata,
    pub balance: Option<String>,
    pub failure_balance: Option<String>,
    /// What the platform gave back of its share.
    #[serde(default)]
    pub fee_back: i64,
    /// What becomes of it by itself, and when.
    pub next: Option<(i64, RefundState)>,
}

impl Refund {
    /// Whether the money came back to the account.
    pub fn failed(&self) -> bool {
        self.status == RefundState::Failed
    }
}

/// Where a refund stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundState {
    Pending,
    Succeeded,
    Failed,
}

impl RefundState {
    /// Stripe's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }
}

/// A Dispute.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Dispute {
    pub id: String,
    pub made: u64,
    pub created: i64,
    pub charge: String,
    pub amount: i64,
    pub status: DisputeState,
    pub reason: String,
    /// Lines of the balance, oldest first.
    pub balances: Vec<String>,
    pub evidence: Metadata,
    pub submitted: bool,
    pub due_by: i64,
}

/// Where a dispute stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisputeState {
    WarningNeedsResponse,
    WarningUnderReview,
    WarningClosed,
    NeedsResponse,
    UnderReview,
    Won,
    Lost,
}

impl DisputeState {
    /// Stripe's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::WarningNeedsResponse => "warning_needs_response",
            Self::WarningUnderReview => "warning_under_review",
            Self::WarningClosed => "warning_closed",
            Self::NeedsResponse => "needs_response",
            Self::UnderReview => "under_review",
            Self::Won => "won",
            Self::Lost => "lost",
        }
    }

    /// Whether the bank only asks, or asked.
    pub fn is_warning(self) -> bool {
        let open = [Self::WarningNeedsResponse, Self::WarningUnderReview];
        open.contains(&self) || self == Self::WarningClosed
    }

    /// Whether the shop may still say something.
    pub fn takes_evidence(self) -> bool {
        matches!(self, Self::WarningNeedsResponse | Self::NeedsResponse)
    }

    /// Whether the bank has the money.
    pub fn holds_money(self) -> bool {
        matches!(self, Self::NeedsResponse | Self::UnderReview | Self::Lost)
    }

    /// Whether a bank may decide so from here.
    pub fn may_become(self, to: Self) -> bool {
        match to {
            Self::Won | Self::Lost => matches!(self, Self::NeedsResponse | Self::UnderReview),
            Self::WarningClosed | Self::NeedsResponse => {
                matches!(self, Self::WarningNeedsResponse | Self::WarningUnderReview)
            }
            _ => false,
        }
    }
}

//! What the sandbox remembers. A state file of an older sandbox is read too, so what came later
//! has a default.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

/// Metadata, sorted so that two equal requests look equal.
pub(super) type Metadata = BTreeMap<String, String>;

/// Everything, as it is kept in memory and in the state file.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Books {
    /// By id.
    pub sessions: BTreeMap<String, Session>,
    /// By id.
    pub intents: BTreeMap<String, Intent>,
    /// By id.
    pub charges: BTreeMap<String, Charge>,
    /// By id.
    pub balances: BTreeMap<String, Balance>,
    /// By id.
    pub events: BTreeMap<String, Event>,
    /// By id.
    #[serde(default)]
    pub refunds: BTreeMap<String, Refund>,
    /// By id.
    #[serde(default)]
    pub disputes: BTreeMap<String, Dispute>,
    /// By id.
    #[serde(default)]
    pub accounts: BTreeMap<String, Account>,
    /// By token.
    #[serde(default)]
    pub links: BTreeMap<String, Link>,
    /// By id.
    #[serde(default)]
    pub fees: BTreeMap<String, ApplicationFee>,
    /// Answers kept for their idempotency key.
    pub answers: BTreeMap<String, KeptAnswer>,
    /// Counts everything ever made, so that lists have an order.
    pub made: u64,
    /// Events made since the last look, still to be delivered.
    #[serde(skip)]
    pub outbox: Vec<String>,
}

/// A Checkout Session.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Session {
    pub id: String,
    pub made: u64,
    pub created: i64,
    pub expires_at: i64,
    pub amount: i64,
    pub currency: String,
    pub product_name: String,
    pub product_description: Option<String>,
    pub client_reference_id: Option<String>,
    pub metadata: Metadata,
    pub intent_metadata: Metadata,
    pub customer_email: Option<String>,
    pub success_url: String,
    pub cancel_url: Option<String>,
    pub status: SessionState,
    pub paid: bool,
    pub intent: Option<String>,
    pub livemode: bool,
    /// The connected account that sells; `None` for the platform itself.
    #[serde(default)]
    pub account: Option<String>,
    /// What the platform takes of it.
    #[serde(default)]
    pub application_fee: Option<i64>,
    /// Whether tax is to be worked out.
    #[serde(default)]
    pub automatic_tax: bool,
    /// Where the buyer says they live, once they tried to pay.
    #[serde(default)]
    pub country: Option<String>,
}

/// Where a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum SessionState {
    Open,
    Complete,
    Expired,
}

impl SessionState {
    /// Stripe's word.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Complete => "complete",
            Self::Expired => "expired",
        }
    }
}

/// A PaymentIntent.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Intent {
    pub id: String,
    pub session: String,
    pub created: i64,
    pub status: IntentState,
    pub latest_charge: Option<String>,
    pub failure: Option<Failure>,
    /// The number that waits for the bank's answer.
    pub challenged: Option<String>,
}

/// Where an intent stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum IntentState {
    RequiresPaymentMethod,
    RequiresAction,
    Processing,
    Succeeded,
}

impl IntentState {
    /// Stripe's word.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::RequiresPaymentMethod => "requires_payment_method",
            Self::RequiresAction => "requires_action",
            Self::Processing => "processing",
            Self::Succeeded => "succeeded",
        }
    }
}

/// Why a try failed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Failure {
    pub code: String,
    pub decline_code: Option<String>,
    pub message: String,
}

/// A Charge: one try that reached the bank.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Charge {
    pub id: String,
    pub intent: String,
    pub created: i64,
    pub status: ChargeState,
    pub failure: Option<Failure>,
    pub balance: Option<String>,
    /// Test number it was made with.
    pub number: String,
    pub challenged: bool,
}

/// Where a charge stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ChargeState {
    Pending,
    Succeeded,
    Failed,
}

impl ChargeState {
    /// Stripe's word.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }
}

/// A BalanceTransaction: one change of the balance.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Balance {
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
pub(super) enum BalanceKind {
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
    pub(super) fn words(self, debit: bool) -> (&'static str, &'static str) {
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
pub(super) struct Refund {
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
    pub(super) fn failed(&self) -> bool {
        self.status == RefundState::Failed
    }
}

/// Where a refund stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RefundState {
    Pending,
    Succeeded,
    Failed,
}

impl RefundState {
    /// Stripe's word.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }
}

/// A Dispute.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Dispute {
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
pub(super) enum DisputeState {
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
    pub(super) fn word(self) -> &'static str {
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
    pub(super) fn is_warning(self) -> bool {
        let open = [Self::WarningNeedsResponse, Self::WarningUnderReview];
        open.contains(&self) || self == Self::WarningClosed
    }

    /// Whether the shop may still say something.
    pub(super) fn takes_evidence(self) -> bool {
        matches!(self, Self::WarningNeedsResponse | Self::NeedsResponse)
    }

    /// Whether the bank has the money.
    pub(super) fn holds_money(self) -> bool {
        matches!(self, Self::NeedsResponse | Self::UnderReview | Self::Lost)
    }

    /// Whether a bank may decide so from here.
    pub(super) fn may_become(self, to: Self) -> bool {
        match to {
            Self::Won | Self::Lost => matches!(self, Self::NeedsResponse | Self::UnderReview),
            Self::WarningClosed | Self::NeedsResponse => {
                matches!(self, Self::WarningNeedsResponse | Self::WarningUnderReview)
            }
            _ => false,
        }
    }
}

/// A connected account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Account {
    pub id: String,
    pub created: i64,
    pub email: Option<String>,
    pub country: String,
    pub currency: String,
    pub charges_enabled: bool,
    pub details_submitted: bool,
    /// Whether its owner still lets the platform act for it.
    pub connected: bool,
}

/// A link to the questions for an account's owner.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Link {
    pub token: String,
    pub account: String,
    pub created: i64,
    pub expires_at: i64,
    pub refresh_url: String,
    pub return_url: String,
    /// It opens once.
    pub visited: bool,
    /// The questions were answered, or left.
    pub closed: bool,
}

/// The platform's share of a direct charge.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct ApplicationFee {
    pub id: String,
    pub made: u64,
    pub created: i64,
    pub account: String,
    pub charge: String,
    pub amount: i64,
    pub balance: Option<String>,
    pub refunds: Vec<FeeRefund>,
}

impl ApplicationFee {
    /// What was given back.
    pub(super) fn refunded(&self) -> i64 {
        self.refunds.iter().map(|refund| refund.amount).sum()
    }
}

/// A part of a share that was given back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct FeeRefund {
    pub id: String,
    pub created: i64,
    pub amount: i64,
    pub balance: Option<String>,
}

/// An event and how far its delivery got.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Event {
    pub made: u64,
    pub body: Value,
    pub delivered: bool,
    pub attempts: u32,
}

/// The answer a POST got under an idempotency key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct KeptAnswer {
    /// Path and parameters of the first request.
    pub request: Value,
    pub status: u16,
    pub body: Value,
    pub request_id: String,
}

impl Books {
    /// The next number of the common count.
    pub(super) fn next(&mut self) -> u64 {
        self.made += 1;
        self.made
    }

    /// The session for which an intent was made.
    pub(super) fn session_of_intent(&self, intent: &Intent) -> Option<&Session> {
        self.sessions.get(&intent.session)
    }

    /// The session that was paid by a charge.
    pub(super) fn session_of_charge(&self, charge: &Charge) -> Option<&Session> {
        self.session_of_intent(self.intents.get(&charge.intent)?)
    }

    /// The last try to pay, found by the id of the session, of its intent or its own.
    pub(super) fn charge_of(&self, id: &str) -> Option<&Charge> {
        if let Some(charge) = self.charges.get(id) {
            return Some(charge);
        }
        let session = self.sessions.get(id);
        let intent = session.map_or(Some(id), |session| session.intent.as_deref())?;
        self.charges
            .get(self.intents.get(intent)?.latest_charge.as_ref()?)
    }

    /// What went back of a charge and did not return.
    pub(super) fn refunded(&self, charge: &str) -> i64 {
        let refunds = self.refunds.values();
        refunds
            .filter(|refund| refund.charge == charge && !refund.failed())
            .map(|refund| refund.amount)
            .sum()
    }

    /// The connected account to which an object belongs; `None` for the platform's.
    pub(super) fn account_of(&self, id: &str) -> Option<&str> {
        let of_session = |s: &'_ str| self.sessions.get(s)?.account.as_deref();
        let of_charge = |c: &'_ str| {
            let session = self.session_of_charge(self.charges.get(c)?)?;
            session.account.as_deref()
        };
        match id.split_once('_')?.0 {
            "cs" => of_session(id),
            "pi" => of_session(&self.intents.get(id)?.session),
            "ch" | "py" => of_charge(id),
            "re" | "pyr" => of_charge(&self.refunds.get(id)?.charge),
            "du" => of_charge(&self.disputes.get(id)?.charge),
            "txn" => self.balances.get(id)?.account.as_deref(),
            "acct" => self.accounts.get(id).map(|account| account.id.as_str()),
            "evt" => self.events.get(id)?.body.get("account")?.as_str(),
            _ => None,
        }
    }
}

/// A fresh id in Stripe's style.
pub(super) fn fresh_id(prefix: &str) -> String {
    format!("{prefix}_{}", uuid::Uuid::new_v4().simple())
}

//! What the sandbox remembers: sessions, intents, charges, balance transactions, events.

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

/// A BalanceTransaction: what a charge brought after the fee.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Balance {
    pub id: String,
    pub charge: String,
    pub created: i64,
    pub amount: i64,
    pub currency: String,
    pub fee: i64,
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

    /// The session, its intent and the charge of the last try, if it came that far.
    pub(super) fn session_of_intent(&self, intent: &Intent) -> Option<&Session> {
        self.sessions.get(&intent.session)
    }
}

/// A fresh id in Stripe's style.
pub(super) fn fresh_id(prefix: &str) -> String {
    format!("{prefix}_{}", uuid::Uuid::new_v4().simple())
}

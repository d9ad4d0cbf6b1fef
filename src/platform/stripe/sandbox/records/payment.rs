//! Sessions, intents and charges: what a buyer goes through.

use serde::Deserialize;
use serde::Serialize;

use super::Metadata;

/// A Checkout Session.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Session {
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
pub enum SessionState {
    Open,
    Complete,
    Expired,
}

impl SessionState {
    /// Stripe's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Complete => "complete",
            Self::Expired => "expired",
        }
    }
}

/// A PaymentIntent.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Intent {
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
pub enum IntentState {
    RequiresPaymentMethod,
    RequiresAction,
    Processing,
    Succeeded,
}

impl IntentState {
    /// Stripe's word.
    pub fn word(self) -> &'static str {
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
pub struct Failure {
    pub code: String,
    pub decline_code: Option<String>,
    pub message: String,
}

/// A Charge: one try that reached the bank.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Charge {
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
pub enum ChargeState {
    Pending,
    Succeeded,
    Failed,
}

impl ChargeState {
    /// Stripe's word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }
}

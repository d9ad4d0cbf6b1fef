//! Connected accounts and the platform's share.

use serde::Deserialize;
use serde::Serialize;

/// A connected account.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Account {
    pub id: String,
    pub created: i64,
    pub email: Option<String>,
    pub country: String,
    pub currency: String,
    pub charges_enabled: bool,
    pub details_submitted: bool,
    /// Currencies in which it takes no money.
    #[serde(default)]
    pub refuses: Vec<String>,
    /// Whether its owner still lets the platform act for it.
    pub connected: bool,
}

/// A link to the questions for an account's owner.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Link {
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
pub struct ApplicationFee {
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
    pub fn refunded(&self) -> i64 {
        self.refunds.iter().map(|refund| refund.amount).sum()
    }
}

/// A part of a share that was given back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FeeRefund {
    pub id: String,
    pub created: i64,
    pub amount: i64,
    pub balance: Option<String>,
}

//! What the sandbox remembers. A state file of an older sandbox is read too, so what came later
//! has a default.

mod account;
mod after;
mod payment;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

pub(super) use self::account::Account;
pub(super) use self::account::ApplicationFee;
pub(super) use self::account::FeeRefund;
pub(super) use self::account::Link;
pub(super) use self::after::Balance;
pub(super) use self::after::BalanceKind;
pub(super) use self::after::Dispute;
pub(super) use self::after::DisputeState;
pub(super) use self::after::Refund;
pub(super) use self::after::RefundState;
pub(super) use self::payment::Charge;
pub(super) use self::payment::ChargeState;
pub(super) use self::payment::Failure;
pub(super) use self::payment::Intent;
pub(super) use self::payment::IntentState;
pub(super) use self::payment::Session;
pub(super) use self::payment::SessionState;

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

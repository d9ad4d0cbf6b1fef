//! The records in the hand of someone who changes them: time, balance, events.

use serde_json::Value;
use serde_json::json;

use super::objects;
use super::records::Balance;
use super::records::BalanceKind;
use super::records::Books;
use super::records::Charge;
use super::records::ChargeState;
use super::records::Event;
use super::records::Intent;
use super::records::Session;
use super::records::SessionState;
use super::records::fresh_id;

/// Seconds until something delayed (a debit, a slow refund) comes to its end by itself.
pub(super) const DELAY_SECONDS: i64 = 10;

/// The records together with what every change needs.
pub(super) struct Till<'a> {
    /// The records.
    pub books: &'a mut Books,
    /// Unix seconds.
    pub now: i64,
    /// Where the sandbox is reached.
    pub base_url: &'a str,
    /// API version the events are written in.
    pub api_version: &'a str,
    /// Whether balance transactions come into being with what causes them.
    pub hold_balances: bool,
    /// The connected account for which an API call is made.
    pub account: Option<String>,
}

/// A change of the balance that is to be booked.
pub(super) struct Line {
    pub kind: BalanceKind,
    pub source: String,
    pub amount: i64,
    pub fee: i64,
    pub application_fee: i64,
}

impl Line {
    /// A change without fees.
    pub(super) fn plain(kind: BalanceKind, source: &str, amount: i64) -> Self {
        Self {
            kind,
            source: source.to_owned(),
            amount,
            fee: 0,
            application_fee: 0,
        }
    }
}

impl Till<'_> {
    /// Whether an object belongs to the account that is acted for.
    pub(super) fn is_ours(&self, id: &str) -> bool {
        self.books.account_of(id) == self.account.as_deref()
    }

    /// What happens by itself as time passes: sessions expire, delayed payments end.
    pub(super) fn sweep(&mut self) {
        let now = self.now;
        let due = |s: &&Session| s.status == SessionState::Open && s.expires_at <= now;
        let expired: Vec<String> = self
            .books
            .sessions
            .values()
            .filter(due)
            .map(|s| s.id.clone())
            .collect();
        for id in expired {
            self.expire(&id);
        }
        let ripe =
            |c: &&Charge| c.status == ChargeState::Pending && c.created + DELAY_SECONDS <= now;
        let pending: Vec<String> = self
            .books
            .charges
            .values()
            .filter(ripe)
            .map(|c| c.id.clone())
            .collect();
        for id in pending {
            self.finish_delayed(&id);
        }
        self.sweep_refunds();
    }

    /// Ends an open session unpaid.
    pub(super) fn expire(&mut self, session_id: &str) {
        self.change_session(session_id, |session| session.status = SessionState::Expired);
        self.emit("checkout.session.expired", session_id);
    }

    /// Gives everything that has no balance transaction yet the one it waits for.
    pub(super) fn release_balances(&mut self) {
        let bare = |c: &&Charge| c.status == ChargeState::Succeeded && c.balance.is_none();
        let charges = self.books.charges.values().filter(bare);
        let charges: Vec<String> = charges.map(|c| c.id.clone()).collect();
        for id in charges {
            self.book_charge(&id);
            self.emit("charge.updated", &id);
        }
        let bare = self.books.fees.values().filter(|f| f.balance.is_none());
        let fees: Vec<String> = bare.map(|f| f.id.clone()).collect();
        for id in fees {
            self.book_fee(&id);
        }
        let bare = self.books.refunds.values().filter(|r| r.balance.is_none());
        let refunds: Vec<String> = bare.map(|r| r.id.clone()).collect();
        for id in refunds {
            self.book_refund(&id);
            self.emit("refund.updated", &id);
        }
    }

    /// Books what a charge brought.
    pub(super) fn book_charge(&mut self, charge_id: &str) {
        let Some(amount) = self.amount_of(charge_id) else {
            return;
        };
        let charge = self.books.charges.get(charge_id);
        let session = charge.and_then(|charge| self.books.session_of_charge(charge));
        let application_fee = session.and_then(|s| s.application_fee).unwrap_or_default();
        let line = self.book(Line {
            kind: BalanceKind::Charge,
            source: charge_id.to_owned(),
            amount,
            fee: objects::fee_of(amount) + application_fee,
            application_fee,
        });
        if let Some(charge) = self.books.charges.get_mut(charge_id) {
            charge.balance = line;
        }
    }

    /// Writes a line into the balance of the account its source belongs to, unless balances are
    /// held back.
    pub(super) fn book(&mut self, line: Line) -> Option<String> {
        if self.hold_balances {
            return None;
        }
        let currency = self.currency_of(&line.source)?;
        let balance = Balance {
            id: fresh_id("txn"),
            made: self.books.next(),
            kind: line.kind,
            created: self.now,
            amount: line.amount,
            currency,
            fee: line.fee,
            application_fee: line.application_fee,
            account: self.books.account_of(&line.source).map(str::to_owned),
            source: line.source,
        };
        let id = balance.id.clone();
        self.books.balances.insert(id.clone(), balance);
        Some(id)
    }

    /// What a charge took from the buyer.
    pub(super) fn amount_of(&self, charge_id: &str) -> Option<i64> {
        let charge = self.books.charges.get(charge_id)?;
        Some(self.books.session_of_charge(charge)?.amount)
    }

    /// The currency of a charge or of what followed it.
    fn currency_of(&self, id: &str) -> Option<String> {
        let refund = self.books.refunds.get(id).map(|r| &r.charge);
        let dispute = self.books.disputes.get(id).map(|d| &d.charge);
        let fee = self.books.fees.get(id).map(|f| &f.charge);
        let charge = refund.or(dispute).or(fee).map_or(id, String::as_str);
        let charge = self.books.charges.get(charge)?;
        Some(self.books.session_of_charge(charge)?.currency.clone())
    }

    pub(super) fn change_session(&mut self, id: &str, change: impl FnOnce(&mut Session)) {
        if let Some(session) = self.books.sessions.get_mut(id) {
            change(session);
        }
    }

    pub(super) fn change_intent(&mut self, id: &str, change: impl FnOnce(&mut Intent)) {
        if let Some(intent) = self.books.intents.get_mut(id) {
            change(intent);
        }
    }

    /// Records an event with the object as it is now, and puts it into the outbox.
    pub(super) fn emit(&mut self, kind: &str, object_id: &str) {
        let account = self.books.account_of(object_id).map(str::to_owned);
        self.emit_for(kind, object_id, account);
    }

    /// As [`Till::emit`], about an account that the object does not name.
    pub(super) fn emit_for(&mut self, kind: &str, object_id: &str, account: Option<String>) {
        let Some(object) = objects::by_id(self.books, self.base_url, object_id) else {
            return;
        };
        let id = fresh_id("evt");
        let livemode = object
            .get("livemode")
            .and_then(Value::as_bool)
            .unwrap_or_default();
        let mut body = json!({
            "id": id, "object": "event", "api_version": self.api_version, "created": self.now,
            "data": { "object": object }, "livemode": livemode, "pending_webhooks": 1,
            "request": { "id": null, "idempotency_key": null }, "type": kind,
        });
        // An event of a connected account says whose it is.
        if let Some(account) = account {
            body["account"] = json!(account);
        }
        let made = self.books.next();
        self.books.events.insert(
            id.clone(),
            Event {
                made,
                body,
                delivered: false,
                attempts: 0,
            },
        );
        self.books.outbox.push(id);
    }
}

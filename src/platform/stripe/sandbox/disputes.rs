//! Disputes: opened by a buyer's bank, answered with evidence, decided.

use serde_json::Value;

use super::api;
use super::api::ApiError;
use super::form;
use super::lists;
use super::objects;
use super::params::metadata;
use super::params::text;
use super::records::BalanceKind;
use super::records::Charge;
use super::records::ChargeState;
use super::records::Dispute;
use super::records::DisputeState;
use super::records::fresh_id;
use super::till::Line;
use super::till::Till;

/// What Stripe keeps of each dispute, in minor units, won or lost.
const FEE: i64 = 1500;
/// How long evidence is taken.
const TIME_TO_ANSWER: i64 = 9 * 24 * 60 * 60;
/// As with Stripe's test mode, these texts decide the dispute as soon as they are submitted.
const WINNING: &str = "winning_evidence";
const LOSING: &str = "losing_evidence";

/// What a bank wants.
pub(super) struct Claim {
    /// `None` is the whole charge.
    pub amount: Option<i64>,
    pub reason: String,
    /// Whether the bank only asks and takes no money yet.
    pub inquiry: bool,
}

/// Adds evidence to a dispute, and submits it if that is asked for.
pub(super) fn update(till: &mut Till<'_>, id: &str, params: &Value) -> Result<Value, ApiError> {
    let evidence = objects::EVIDENCE.map(|name| format!("evidence[{name}]"));
    let mut allowed: Vec<&str> = evidence.iter().map(String::as_str).collect();
    allowed.extend(["submit", "expand[]"]);
    if let Some(name) = form::unknown_parameter(params, &allowed) {
        return Err(api::unknown(&name));
    }
    let mut dispute = open_dispute(till, id)?;
    dispute.evidence.extend(metadata(params, "/evidence"));
    if text(params, "/submit").as_deref() == Some("true") {
        dispute.submitted = true;
        dispute.status = match dispute.status {
            DisputeState::WarningNeedsResponse => DisputeState::WarningUnderReview,
            _ => DisputeState::UnderReview,
        };
    }
    let verdict = dispute.evidence.get("uncategorized_text");
    let verdict = match verdict.filter(|_| dispute.submitted).map(String::as_str) {
        Some(WINNING) => Some(DisputeState::Won),
        Some(LOSING) => Some(DisputeState::Lost),
        _ => None,
    };
    till.books.disputes.insert(id.to_owned(), dispute);
    till.emit("charge.dispute.updated", id);
    if let Some(verdict) = verdict {
        till.decide(id, verdict);
    }
    shown(till, id, params)
}

/// Gives a dispute up.
pub(super) fn close(till: &mut Till<'_>, id: &str, params: &Value) -> Result<Value, ApiError> {
    open_dispute(till, id)?;
    till.decide(id, DisputeState::Lost);
    shown(till, id, params)
}

fn open_dispute(till: &Till<'_>, id: &str) -> Result<Dispute, ApiError> {
    let found = till.books.disputes.get(id).filter(|_| till.is_ours(id));
    let dispute = found.ok_or_else(|| ApiError::missing("dispute", id))?;
    if !dispute.status.takes_evidence() {
        let message = "Evidence was submitted, or the dispute is closed.";
        return Err(ApiError::state(message));
    }
    Ok(dispute.clone())
}

fn shown(till: &Till<'_>, id: &str, params: &Value) -> Result<Value, ApiError> {
    let mut object = objects::by_id(till.books, till.base_url, id)
        .ok_or_else(|| ApiError::missing("dispute", id))?;
    lists::expand(till, &mut object, params)?;
    Ok(object)
}

impl Till<'_> {
    /// Opens a dispute as a bank does; its id.
    pub(super) fn dispute(&mut self, charge_id: &str, claim: Claim) -> Result<String, ApiError> {
        let amount = self.disputable(charge_id, claim.amount)?;
        let dispute = Dispute {
            id: fresh_id("du"),
            made: self.books.next(),
            created: self.now,
            charge: charge_id.to_owned(),
            amount,
            status: match claim.inquiry {
                true => DisputeState::WarningNeedsResponse,
                false => DisputeState::NeedsResponse,
            },
            reason: claim.reason,
            balances: Vec::new(),
            evidence: Default::default(),
            submitted: false,
            due_by: self.now + TIME_TO_ANSWER,
        };
        let id = dispute.id.clone();
        self.books.disputes.insert(id.clone(), dispute);
        if claim.inquiry {
            self.emit("charge.dispute.created", &id);
        } else {
            self.book_dispute(&id, BalanceKind::Dispute);
            self.emit("charge.dispute.created", &id);
            self.emit("charge.dispute.funds_withdrawn", &id);
        }
        Ok(id)
    }

    /// The bank's decision; `NeedsResponse` makes a dispute of an inquiry.
    pub(super) fn decide(&mut self, id: &str, to: DisputeState) -> bool {
        let Some(dispute) = self.books.disputes.get_mut(id) else {
            return false;
        };
        if !dispute.status.may_become(to) {
            return false;
        }
        dispute.status = to;
        match to {
            DisputeState::NeedsResponse => {
                self.book_dispute(id, BalanceKind::Dispute);
                self.emit("charge.dispute.updated", id);
                self.emit("charge.dispute.funds_withdrawn", id);
            }
            DisputeState::Won => {
                self.book_dispute(id, BalanceKind::DisputeReversal);
                self.emit("charge.dispute.closed", id);
                self.emit("charge.dispute.funds_reinstated", id);
            }
            _ => self.emit("charge.dispute.closed", id),
        }
        true
    }

    /// Whether a bank still holds money of this charge, or kept it.
    pub(super) fn is_disputed(&self, charge: &Charge) -> bool {
        let of_charge = |d: &&Dispute| d.charge == charge.id;
        let mut disputes = self.books.disputes.values().filter(of_charge);
        disputes.any(|d| d.status.holds_money())
    }

    fn disputable(&self, charge_id: &str, wanted: Option<i64>) -> Result<i64, ApiError> {
        let charge = self.books.charges.get(charge_id);
        let charge = charge.filter(|charge| charge.status == ChargeState::Succeeded);
        let charge = charge.ok_or_else(|| ApiError::missing("charge", charge_id))?;
        let rest = self.amount_of(charge_id).unwrap_or_default() - self.books.refunded(charge_id);
        let amount = wanted.unwrap_or(rest);
        if self.is_disputed(charge) || !(1..=rest).contains(&amount) {
            return Err(ApiError::state(
                "Nothing of this charge is left to dispute.",
            ));
        }
        Ok(amount)
    }

    fn book_dispute(&mut self, id: &str, kind: BalanceKind) {
        let Some(dispute) = self.books.disputes.get(id) else {
            return;
        };
        let (amount, fee) = match kind {
            BalanceKind::Dispute => (-dispute.amount, FEE),
            _ => (dispute.amount, 0),
        };
        let line = self.book(Line {
            kind,
            source: id.to_owned(),
            amount,
            fee,
            application_fee: 0,
        });
        if let Some(dispute) = self.books.disputes.get_mut(id) {
            dispute.balances.extend(line);
        }
    }
}

//! Refunds: made over the API, or by someone in the dashboard, and what becomes of them.

use serde_json::Value;

use super::api;
use super::api::ApiError;
use super::cards;
use super::cards::Aftermath;
use super::form;
use super::lists;
use super::objects;
use super::params::chargeable;
use super::params::integer;
use super::params::metadata;
use super::params::text;
use super::records::BalanceKind;
use super::records::Charge;
use super::records::ChargeState;
use super::records::Metadata;
use super::records::Refund;
use super::records::RefundState;
use super::records::fresh_id;
use super::till::DELAY_SECONDS;
use super::till::Line;
use super::till::Till;

const CREATION: [&str; 7] = [
    "payment_intent",
    "charge",
    "amount",
    "reason",
    "metadata[*]",
    "refund_application_fee",
    "expand[]",
];
const REASONS: [&str; 3] = ["duplicate", "fraudulent", "requested_by_customer"];

/// What is to be refunded.
#[derive(Default)]
pub(super) struct Wanted {
    /// `None` is the whole rest.
    pub amount: Option<i64>,
    pub reason: Option<String>,
    pub metadata: Metadata,
    /// Whether the platform gives its share back in proportion.
    pub with_fee: bool,
}

/// Makes a refund over the API.
pub(super) fn create(till: &mut Till<'_>, params: &Value) -> Result<Value, ApiError> {
    if let Some(name) = form::unknown_parameter(params, &CREATION) {
        return Err(api::unknown(&name));
    }
    let reason = text(params, "/reason");
    if let Some(reason) = reason.as_ref().filter(|r| !REASONS.contains(&r.as_str())) {
        let message = format!("Invalid reason: {reason}");
        return Err(ApiError::parameter(
            "parameter_invalid_enum",
            "reason",
            &message,
        ));
    }
    let wanted = Wanted {
        amount: integer(params, "amount", "/amount")?,
        reason,
        metadata: metadata(params, "/metadata"),
        with_fee: text(params, "/refund_application_fee").as_deref() == Some("true"),
    };
    let charge = named_charge(till, params)?;
    let id = till.refund(&charge, wanted)?;
    let mut object = objects::by_id(till.books, till.base_url, &id)
        .ok_or_else(|| ApiError::missing("refund", &id))?;
    lists::expand(till, &mut object, params)?;
    Ok(object)
}

fn named_charge(till: &Till<'_>, params: &Value) -> Result<String, ApiError> {
    let (what, id) = match (text(params, "/payment_intent"), text(params, "/charge")) {
        (Some(id), None) => ("payment_intent", id),
        (None, Some(id)) => ("charge", id),
        _ => {
            let message = "One of payment_intent and charge must be given.";
            return Err(ApiError::state(message));
        }
    };
    let found = till.books.charge_of(&id).filter(|_| till.is_ours(&id));
    found
        .map(|charge| charge.id.clone())
        .ok_or_else(|| ApiError::missing(what, &id))
}

impl Till<'_> {
    /// Sends money back; the id of the refund.
    pub(super) fn refund(&mut self, charge_id: &str, wanted: Wanted) -> Result<String, ApiError> {
        let charge = self.books.charges.get(charge_id).cloned();
        let charge = charge.ok_or_else(|| ApiError::missing("charge", charge_id))?;
        let amount = self.refundable(&charge, wanted.amount)?;
        if wanted.with_fee && !self.books.fees.values().any(|f| f.charge == charge.id) {
            let message = "The charge has no application fee that could be refunded.";
            return Err(ApiError::state(message));
        }
        let (status, next) = fate(&charge);
        let debit = charge.id.starts_with("py");
        let refund = Refund {
            id: fresh_id(if debit { "pyr" } else { "re" }),
            made: self.books.next(),
            created: self.now,
            charge: charge.id.clone(),
            amount,
            status,
            reason: wanted.reason,
            metadata: wanted.metadata,
            balance: None,
            failure_balance: None,
            fee_back: 0,
            next: next.map(|state| (self.now + DELAY_SECONDS, state)),
        };
        let id = refund.id.clone();
        self.books.refunds.insert(id.clone(), refund);
        if wanted.with_fee {
            let back = self.refund_fee(&charge.id, amount);
            if let Some(refund) = self.books.refunds.get_mut(&id) {
                refund.fee_back = back;
            }
        }
        self.book_refund(&id);
        self.emit("refund.created", &id);
        self.emit("charge.refunded", &charge.id);
        Ok(id)
    }

    /// How much may go back, if that much may.
    fn refundable(&self, charge: &Charge, wanted: Option<i64>) -> Result<i64, ApiError> {
        if charge.status != ChargeState::Succeeded {
            return Err(ApiError::state(
                "The charge brought no money that could go back.",
            ));
        }
        if self.is_disputed(charge) {
            let message = "The charge is disputed; its money is with the buyer's bank.";
            return Err(ApiError::parameter("charge_disputed", "charge", message));
        }
        let paid = self.amount_of(&charge.id).unwrap_or_default();
        let rest = paid - self.books.refunded(&charge.id);
        if rest == 0 {
            let message = "The charge has been refunded already.";
            return Err(ApiError::parameter(
                "charge_already_refunded",
                "charge",
                message,
            ));
        }
        let amount = wanted.unwrap_or(rest);
        let session = self.books.session_of_charge(charge);
        let fits = session.is_some_and(|s| chargeable(amount, &s.currency));
        if !fits || !(1..=rest).contains(&amount) {
            let message = format!("{amount} is not between 1 and the rest of the charge, {rest}.");
            return Err(ApiError {
                param: Some("amount".to_owned()),
                ..ApiError::state(&message)
            });
        }
        Ok(amount)
    }

    /// Books what a refund took.
    pub(super) fn book_refund(&mut self, id: &str) {
        let Some(refund) = self.books.refunds.get(id) else {
            return;
        };
        let line = Line {
            kind: BalanceKind::Refund,
            source: id.to_owned(),
            amount: -refund.amount,
            fee: -refund.fee_back,
            application_fee: -refund.fee_back,
        };
        let booked = self.book(line);
        if let Some(refund) = self.books.refunds.get_mut(id) {
            refund.balance = booked;
        }
    }

    /// Brings a refund to its end, or, when it was done already, lets it come back.
    pub(super) fn end_refund(&mut self, id: &str, to: RefundState) {
        let Some(refund) = self.books.refunds.get_mut(id) else {
            return;
        };
        refund.next = None;
        if refund.failed() || refund.status == to {
            return;
        }
        refund.status = to;
        if to == RefundState::Failed {
            let line = Line::plain(BalanceKind::RefundFailure, id, refund.amount);
            let booked = self.book(line);
            if let Some(refund) = self.books.refunds.get_mut(id) {
                refund.failure_balance = booked;
            }
            self.emit("refund.failed", id);
        }
        self.emit("refund.updated", id);
        self.emit("charge.refund.updated", id);
    }

    /// Ends the refunds whose time has come.
    pub(super) fn sweep_refunds(&mut self) {
        let now = self.now;
        let refunds = self.books.refunds.values();
        let due = refunds.filter_map(|r| r.next.filter(|(at, _)| *at <= now).map(|n| (&r.id, n.1)));
        let due: Vec<_> = due.map(|(id, state)| (id.clone(), state)).collect();
        for (id, state) in due {
            self.end_refund(&id, state);
        }
    }
}

/// How a refund of this charge begins, and what becomes of it by itself.
fn fate(charge: &Charge) -> (RefundState, Option<RefundState>) {
    let known = cards::NUMBERS.iter().find(|n| n.number == charge.number);
    match known.map_or(Aftermath::None, |known| known.aftermath) {
        Aftermath::None | Aftermath::Dispute | Aftermath::Inquiry => (RefundState::Succeeded, None),
        Aftermath::SlowRefund => (RefundState::Pending, Some(RefundState::Succeeded)),
        Aftermath::FailedRefund => (RefundState::Succeeded, Some(RefundState::Failed)),
    }
}

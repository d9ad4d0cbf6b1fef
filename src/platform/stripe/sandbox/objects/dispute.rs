//! Disputes.

use serde_json::Value;
use serde_json::json;

use crate::platform::stripe::sandbox::records::Books;
use crate::platform::stripe::sandbox::records::Dispute;

use super::balance;

/// Every kind of evidence in words that Stripe takes; files are not among them.
pub const EVIDENCE: [&str; 17] = [
    "access_activity_log",
    "billing_address",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "product_description",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "uncategorized_text",
];
const FILES: [&str; 9] = [
    "cancellation_policy",
    "customer_communication",
    "customer_signature",
    "duplicate_charge_documentation",
    "receipt",
    "refund_policy",
    "service_documentation",
    "shipping_documentation",
    "uncategorized_file",
];

/// A Dispute.
pub(super) fn dispute(books: &Books, d: &Dispute) -> Option<Value> {
    let charge = books.charges.get(&d.charge)?;
    let session = books.session_of_charge(charge)?;
    let lines = d.balances.iter().filter_map(|id| books.balances.get(id));
    let lines: Vec<Value> = lines.map(balance::balance).collect();
    let due = d.status.takes_evidence().then_some(d.due_by);
    Some(json!({
        "id": d.id, "object": "dispute", "livemode": session.livemode, "created": d.created,
        "amount": d.amount, "currency": session.currency, "status": d.status.word(),
        "reason": d.reason, "charge": d.charge, "payment_intent": charge.intent,
        "balance_transactions": lines, "evidence": evidence(d), "evidence_details": {
            "due_by": due, "enhanced_eligibility": {}, "has_evidence": !d.evidence.is_empty(),
            "past_due": false, "submission_count": u8::from(d.submitted),
        },
        "enhanced_eligibility_types": [], "is_charge_refundable": d.status.is_warning(),
        "metadata": {}, "payment_method_details": {
            "type": "card",
            "card": {
                "brand": "visa", "network": "visa", "network_reason_code": "10.4",
                "case_type": if d.status.is_warning() { "inquiry" } else { "chargeback" },
            },
        },
    }))
}

fn evidence(d: &Dispute) -> Value {
    let mut all = json!({ "enhanced_evidence": {}, "shipping_tracking_number": null });
    for name in EVIDENCE {
        all[name] = json!(d.evidence.get(name));
    }
    for name in FILES {
        all[name] = Value::Null;
    }
    all
}

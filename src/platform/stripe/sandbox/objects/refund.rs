//! Refunds.

use serde_json::Value;
use serde_json::json;

use crate::platform::stripe::sandbox::records::Books;
use crate::platform::stripe::sandbox::records::Refund;

/// A Refund.
pub(super) fn refund(books: &Books, r: &Refund) -> Option<Value> {
    let charge = books.charges.get(&r.charge)?;
    let session = books.session_of_charge(charge)?;
    let mut object = json!({
        "id": r.id, "object": "refund", "created": r.created, "amount": r.amount,
        "currency": session.currency, "status": r.status.word(), "reason": r.reason,
        "charge": r.charge, "payment_intent": charge.intent, "metadata": r.metadata,
        "balance_transaction": r.balance, "customer": null, "customer_account": null,
        "payment_method": null, "receipt_number": null, "source_transfer_reversal": null,
        "transfer_reversal": null,
    });
    // Stripe leaves these out until there is something to say.
    if let Some(line) = &r.failure_balance {
        object["failure_balance_transaction"] = json!(line);
    }
    if r.failed() {
        object["failure_reason"] = json!("expired_or_canceled_card");
    }
    Some(object)
}

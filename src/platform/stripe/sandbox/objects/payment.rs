//! PaymentIntents and charges.

use serde_json::Value;
use serde_json::json;

use crate::platform::stripe::sandbox::cards;
use crate::platform::stripe::sandbox::cards::TestNumber;
use crate::platform::stripe::sandbox::records::Books;
use crate::platform::stripe::sandbox::records::Charge;
use crate::platform::stripe::sandbox::records::ChargeState;
use crate::platform::stripe::sandbox::records::Failure;
use crate::platform::stripe::sandbox::records::Intent;
use crate::platform::stripe::sandbox::records::IntentState;

use super::merge;
use super::method_types;
use super::session;

/// A PaymentIntent.
pub(super) fn intent(books: &Books, i: &Intent) -> Option<Value> {
    let s = books.session_of_intent(i)?;
    let received = if i.status == IntentState::Succeeded {
        s.amount
    } else {
        0
    };
    let next = (i.status == IntentState::RequiresAction)
        .then(|| json!({ "type": "use_stripe_sdk", "use_stripe_sdk": {} }));
    let facts = json!({
        "id": i.id, "object": "payment_intent", "livemode": s.livemode, "created": i.created,
        "application": s.account.as_ref().map(|_| super::APPLICATION),
        "application_fee_amount": s.application_fee,
        "amount": s.amount, "amount_capturable": 0, "amount_received": received,
        "currency": s.currency, "status": i.status.word(),
        "client_secret": format!("{}_secret_sandbox", i.id),
        "last_payment_error": i.failure.as_ref().map(|f| payment_error(f, i)),
        "latest_charge": i.latest_charge, "metadata": s.intent_metadata, "next_action": next,
        "payment_method_types": method_types(&s.currency),
    });
    Some(merge(facts, unused_of_intent()))
}

fn unused_of_intent() -> Value {
    json!({
        "amount_details": { "tip": {} },
        "automatic_payment_methods": null, "canceled_at": null, "cancellation_reason": null,
        "capture_method": "automatic_async", "confirmation_method": "automatic",
        "customer": null, "customer_account": null, "description": null,
        "excluded_payment_method_types": null, "on_behalf_of": null, "payment_method": null,
        "payment_method_configuration_details": null, "payment_method_options": {
            "card": {
                "installments": null, "mandate_options": null, "network": null,
                "request_three_d_secure": "automatic",
            },
        },
        "processing": null, "receipt_email": null, "review": null, "setup_future_usage": null,
        "shipping": null, "statement_descriptor": null,
        "statement_descriptor_suffix": null, "transfer_data": null, "transfer_group": null,
    })
}

fn payment_error(failure: &Failure, intent: &Intent) -> Value {
    let mut error = json!({
        "type": "card_error", "code": failure.code, "message": failure.message,
    });
    if let Some(decline_code) = &failure.decline_code {
        error["decline_code"] = json!(decline_code);
    }
    if let Some(charge) = &intent.latest_charge {
        error["charge"] = json!(charge);
    }
    error
}

/// A Charge.
pub(super) fn charge(books: &Books, c: &Charge) -> Option<Value> {
    let i = books.intents.get(&c.intent)?;
    let s = books.session_of_intent(i)?;
    let known = cards::NUMBERS
        .iter()
        .find(|known| known.number == c.number)?;
    let succeeded = c.status == ChargeState::Succeeded;
    let refunded = books.refunded(&c.id);
    let fee = books.fees.values().find(|fee| fee.charge == c.id);
    let facts = json!({
        "id": c.id, "object": "charge", "livemode": s.livemode, "created": c.created,
        "amount": s.amount, "amount_captured": if succeeded { s.amount } else { 0 },
        "application": s.account.as_ref().map(|_| super::APPLICATION),
        "application_fee": fee.map(|fee| &fee.id), "application_fee_amount": s.application_fee,
        "disputed": books.disputes.values().any(|d| d.charge == c.id),
        "amount_refunded": refunded, "refunded": succeeded && refunded == s.amount,
        "currency": s.currency, "status": c.status.word(),
        "balance_transaction": c.balance, "billing_details": {
            "address": session::address(s),
            "email": s.customer_email, "name": null, "phone": null, "tax_id": null,
        },
        "captured": succeeded, "failure_code": c.failure.as_ref().map(|f| &f.code),
        "failure_message": c.failure.as_ref().map(|f| &f.message),
        "metadata": s.intent_metadata, "outcome": outcome(c),
        "paid": c.status != ChargeState::Failed, "payment_intent": c.intent,
        "payment_method_details": method_details(known, c.challenged),
    });
    Some(merge(facts, unused_of_charge()))
}

fn unused_of_charge() -> Value {
    json!({
        "calculated_statement_descriptor": "MATINEE SANDBOX", "customer": null,
        "description": null, "failure_balance_transaction": null,
        "fraud_details": {}, "on_behalf_of": null, "payment_method": null, "radar_options": {},
        "receipt_email": null, "receipt_number": null, "receipt_url": null,
        "review": null, "shipping": null, "source_transfer": null,
        "statement_descriptor": null, "statement_descriptor_suffix": null,
        "transfer_data": null, "transfer_group": null,
    })
}

fn outcome(c: &Charge) -> Value {
    let declined = c.status == ChargeState::Failed;
    let reason = c
        .failure
        .as_ref()
        .map(|f| f.decline_code.as_ref().unwrap_or(&f.code));
    json!({
        "advice_code": null, "network_advice_code": null, "network_decline_code": null,
        "network_status": if declined { "declined_by_network" } else { "approved_by_network" },
        "reason": reason, "risk_level": "normal", "risk_score": 1,
        "seller_message": if declined { "Declined in the sandbox." } else { "Payment complete." },
        "type": if declined { "issuer_declined" } else { "authorized" },
    })
}

fn method_details(known: &TestNumber, challenged: bool) -> Value {
    if known.is_account() {
        return json!({
            "type": "sepa_debit",
            "sepa_debit": {
                "bank_code": &known.number[4..12], "branch_code": null, "country": "DE",
                "fingerprint": fingerprint(known), "last4": known.last4(), "mandate": null,
            },
        });
    }
    let three_d_secure = challenged.then(|| {
        json!({
            "authentication_flow": "challenge", "electronic_commerce_indicator": "05",
            "exemption_indicator": null,
            "result": "authenticated", "result_reason": null, "transaction_id": null,
            "version": "2.2.0",
        })
    });
    json!({
        "type": "card",
        "card": {
            "amount_authorized": null, "authorization_code": null, "brand": known.brand,
            "checks": {
                "address_line1_check": null, "address_postal_code_check": null,
                "cvc_check": "pass",
            },
            "country": known.country, "exp_month": 12, "exp_year": 2034,
            "fingerprint": fingerprint(known), "funding": "credit", "installments": null,
            "last4": known.last4(), "mandate": null, "network": known.brand,
            "network_token": null, "network_transaction_id": null,
            "regulated_status": "unregulated", "three_d_secure": three_d_secure, "wallet": null,
        },
    })
}

/// The same for every use of one number, as Stripe's is.
fn fingerprint(known: &TestNumber) -> String {
    format!("sandbox{}", known.last4())
}

//! Stripe's objects, drawn from the records, complete after Stripe's OpenAPI description.

use serde_json::Value;
use serde_json::json;

use super::cards;
use super::cards::TestNumber;
use super::records::Balance;
use super::records::Books;
use super::records::Charge;
use super::records::ChargeState;
use super::records::Event;
use super::records::Failure;
use super::records::Intent;
use super::records::IntentState;
use super::records::Session;
use super::records::SessionState;

/// What the provider keeps of a payment: 2.9 % rounded half up, and 30 minor units; never more
/// than the payment itself.
pub(super) fn fee_of(amount: i64) -> i64 {
    ((amount * 29 + 500) / 1000 + 30).min(amount)
}

/// Looks an object up by its id, as it would be expanded.
pub(super) fn by_id(books: &Books, base_url: &str, id: &str) -> Option<Value> {
    let (prefix, _) = id.split_once('_')?;
    match prefix {
        "cs" => books.sessions.get(id).map(|s| session(s, base_url)),
        "pi" => books.intents.get(id).and_then(|i| intent(books, i)),
        "ch" | "py" => books.charges.get(id).and_then(|c| charge(books, c)),
        "txn" => books.balances.get(id).map(balance),
        "evt" => books.events.get(id).map(event),
        _ => None,
    }
}

/// A Checkout Session.
pub(super) fn session(s: &Session, base_url: &str) -> Value {
    let url = (s.status == SessionState::Open).then(|| format!("{base_url}/pay/{}", s.id));
    let details = s.customer_email.as_ref().map(|email| {
        json!({
            "address": null, "business_name": null, "email": email, "individual_name": null,
            "name": null, "phone": null, "tax_exempt": "none", "tax_ids": null,
        })
    });
    let facts = json!({
        "id": s.id, "object": "checkout.session", "livemode": s.livemode,
        "created": s.created, "expires_at": s.expires_at,
        "mode": "payment", "status": s.status.word(),
        "payment_status": if s.paid { "paid" } else { "unpaid" },
        "amount_subtotal": s.amount, "amount_total": s.amount, "currency": s.currency,
        "total_details": { "amount_discount": 0, "amount_shipping": 0, "amount_tax": 0 },
        "client_reference_id": s.client_reference_id, "metadata": s.metadata,
        "customer_email": s.customer_email, "customer_details": details,
        "payment_intent": s.intent, "success_url": s.success_url, "cancel_url": s.cancel_url,
        "url": url, "payment_method_types": method_types(&s.currency),
    });
    merge(facts, unused_of_session())
}

/// Fields of a session that the store never sets; they look as Stripe shows them then.
fn unused_of_session() -> Value {
    let parties = json!({
        "customer": null, "customer_account": null, "customer_creation": "if_required",
        "setup_intent": null, "subscription": null, "invoice": null, "invoice_creation": null,
        "ui_mode": "hosted_page", "client_secret": null,
        "payment_method_options": {}, "payment_method_collection": "if_required",
        "payment_method_configuration_details": null, "payment_link": null,
        "saved_payment_method_options": null, "discounts": [], "wallet_options": null,
    });
    let page = json!({
        "adaptive_pricing": { "enabled": false }, "after_expiration": null,
        "allow_promotion_codes": null, "automatic_tax": {
            "enabled": false, "liability": null, "provider": null, "status": null,
        },
        "billing_address_collection": null, "collected_information": null,
        "consent": null, "consent_collection": null, "currency_conversion": null,
        "custom_fields": [], "custom_text": {
            "after_submit": null, "shipping_address": null, "submit": null,
            "terms_of_service_acceptance": null,
        },
        "locale": null, "origin_context": null, "permissions": null,
        "phone_number_collection": { "enabled": false }, "recovered_from": null,
        "shipping_address_collection": null, "shipping_cost": null, "shipping_options": [],
        "submit_type": null,
    });
    merge(parties, page)
}

/// The fields of both objects; written in parts because `json!` nests once per field.
fn merge(mut object: Value, more: Value) -> Value {
    if let (Value::Object(fields), Value::Object(more)) = (&mut object, more) {
        fields.extend(more);
    }
    object
}

/// The one line of a session.
pub(super) fn line_item(s: &Session) -> Value {
    let tail = s.id.rsplit('_').next().unwrap_or_default();
    json!({
        "id": format!("li_{tail}"), "object": "item", "description": s.product_name, "quantity": 1,
        "adjustable_quantity": null, "metadata": {}, "currency": s.currency,
        "amount_discount": 0, "amount_subtotal": s.amount, "amount_tax": 0,
        "amount_total": s.amount,
        "price": {
            "id": format!("price_{tail}"), "object": "price", "active": false,
            "billing_scheme": "per_unit", "created": s.created, "currency": s.currency,
            "custom_unit_amount": null, "livemode": s.livemode, "lookup_key": null,
            "metadata": {}, "nickname": null, "product": format!("prod_{tail}"),
            "recurring": null, "tax_behavior": "unspecified", "tiers_mode": null,
            "transform_quantity": null, "type": "one_time", "unit_amount": s.amount,
            "unit_amount_decimal": s.amount.to_string(),
        },
    })
}

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
        "amount_details": { "tip": {} }, "application": null, "application_fee_amount": null,
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
    let facts = json!({
        "id": c.id, "object": "charge", "livemode": s.livemode, "created": c.created,
        "amount": s.amount, "amount_captured": if succeeded { s.amount } else { 0 },
        "amount_refunded": 0, "currency": s.currency, "status": c.status.word(),
        "balance_transaction": c.balance, "billing_details": {
            "address": {
                "city": null, "country": null, "line1": null, "line2": null,
                "postal_code": null, "state": null,
            },
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
        "application": null, "application_fee": null, "application_fee_amount": null,
        "calculated_statement_descriptor": "MATINEE SANDBOX", "customer": null,
        "description": null, "disputed": false, "failure_balance_transaction": null,
        "fraud_details": {}, "on_behalf_of": null, "payment_method": null, "radar_options": {},
        "receipt_email": null, "receipt_number": null, "receipt_url": null, "refunded": false,
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
            "country": "US", "exp_month": 12, "exp_year": 2034,
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

/// A BalanceTransaction.
pub(super) fn balance(b: &Balance) -> Value {
    json!({
        "id": b.id, "object": "balance_transaction", "created": b.created,
        "available_on": b.created, "amount": b.amount, "currency": b.currency,
        "balance_type": "payments", "description": null, "exchange_rate": null,
        "fee": b.fee, "net": b.amount - b.fee,
        "fee_details": [{
            "amount": b.fee, "application": null, "currency": b.currency,
            "description": "Processing fee of the sandbox", "type": "stripe_fee",
        }],
        "reporting_category": "charge", "source": b.charge, "status": "available",
        "type": "charge",
    })
}

/// An event as it is listed and delivered.
pub(super) fn event(e: &Event) -> Value {
    let mut body = e.body.clone();
    body["pending_webhooks"] = json!(i64::from(!e.delivered));
    body
}

/// One page of a list.
pub(super) fn list(data: Vec<Value>, has_more: bool, url: &str) -> Value {
    json!({ "object": "list", "data": data, "has_more": has_more, "url": url })
}

fn method_types(currency: &str) -> &'static [&'static str] {
    if currency == "eur" {
        &["card", "sepa_debit"]
    } else {
        &["card"]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fee_is_rounded_half_up_and_never_above_the_payment() {
        for (amount, fee) in [
            (999, 59),
            (1000, 59),
            (500, 45),
            (517, 45),
            (518, 45),
            (10_000, 320),
        ] {
            assert_eq!(fee_of(amount), fee, "{amount}");
        }
        assert_eq!(fee_of(20), 20);
    }
}

//! Checkout Sessions and their one line.

use serde_json::Value;
use serde_json::json;

use crate::platform::stripe::sandbox::records::Session;
use crate::platform::stripe::sandbox::records::SessionState;
use crate::platform::stripe::sandbox::tax;

use super::merge;
use super::method_types;

/// A Checkout Session.
pub fn session(s: &Session, base_url: &str) -> Value {
    let url = (s.status == SessionState::Open).then(|| format!("{base_url}/pay/{}", s.id));
    let details = s.customer_email.as_ref().map(|email| {
        json!({
            "address": s.country.as_ref().map(|_| address(s)), "business_name": null, "email": email, "individual_name": null,
            "name": null, "phone": null, "tax_exempt": "none", "tax_ids": null,
        })
    });
    let facts = json!({
        "id": s.id, "object": "checkout.session", "livemode": s.livemode,
        "created": s.created, "expires_at": s.expires_at,
        "mode": "payment", "status": s.status.word(),
        "payment_status": if s.paid { "paid" } else { "unpaid" },
        "amount_subtotal": s.amount, "amount_total": s.amount, "currency": s.currency,
        "total_details": {
            "amount_discount": 0, "amount_shipping": 0,
            "amount_tax": tax::of(s).unwrap_or_default(),
        },
        "automatic_tax": automatic_tax(s),
        "client_reference_id": s.client_reference_id, "metadata": s.metadata,
        "customer_email": s.customer_email, "customer_details": details,
        "payment_intent": s.intent, "success_url": s.success_url, "cancel_url": s.cancel_url,
        "url": url, "payment_method_types": method_types(&s.currency),
    });
    merge(facts, unused_of_session())
}

fn automatic_tax(s: &Session) -> Value {
    if !s.automatic_tax {
        return json!({ "enabled": false, "liability": null, "provider": null, "status": null });
    }
    let status = match tax::of(s) {
        Some(_) => "complete",
        None => "requires_location_inputs",
    };
    json!({
        "enabled": true, "liability": { "type": "self" }, "provider": "stripe", "status": status,
    })
}

/// What is known of the buyer's address: the country.
pub(super) fn address(s: &Session) -> Value {
    json!({
        "city": null, "country": s.country, "line1": null, "line2": null, "postal_code": null,
        "state": null,
    })
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
        "allow_promotion_codes": null,
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

/// The one line of a session.
pub fn line_item(s: &Session) -> Value {
    let tail = s.id.rsplit('_').next().unwrap_or_default();
    json!({
        "id": format!("li_{tail}"), "object": "item", "description": s.product_name, "quantity": 1,
        "adjustable_quantity": null, "metadata": {}, "currency": s.currency,
        "amount_discount": 0, "amount_subtotal": s.amount,
        "amount_tax": tax::of(s).unwrap_or_default(),
        "amount_total": s.amount,
        "price": {
            "id": format!("price_{tail}"), "object": "price", "active": false,
            "billing_scheme": "per_unit", "created": s.created, "currency": s.currency,
            "custom_unit_amount": null, "livemode": s.livemode, "lookup_key": null,
            "metadata": {}, "nickname": null, "product": format!("prod_{tail}"),
            "recurring": null, "tax_behavior": if s.automatic_tax { "inclusive" } else { "unspecified" }, "tiers_mode": null,
            "transform_quantity": null, "type": "one_time", "unit_amount": s.amount,
            "unit_amount_decimal": s.amount.to_string(),
        },
    })
}

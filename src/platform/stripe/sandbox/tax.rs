//! Tax as Stripe Tax would work it out, simplified: 20 % within the price in the European Union,
//! none elsewhere.

use serde_json::Value;
use serde_json::json;

use super::records::Session;

const EUROPEAN_UNION: [&str; 27] = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT",
    "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
];

/// The tax within the price of a session; `None` while nobody knows, or asked.
pub(super) fn of(session: &Session) -> Option<i64> {
    let country = session
        .country
        .as_deref()
        .filter(|_| session.automatic_tax)?;
    match EUROPEAN_UNION.contains(&country) {
        // 20 of 120 parts, rounded half up.
        true => Some((session.amount * 20 * 2 + 120) / 240),
        false => Some(0),
    }
}

/// The tax of a session by its rate, as Stripe shows it when asked.
pub(super) fn breakdown(session: &Session) -> Value {
    let tax = of(session).filter(|tax| *tax > 0);
    let taxes: Vec<Value> = tax.into_iter().map(|tax| by_rate(session, tax)).collect();
    json!({ "discounts": [], "taxes": taxes })
}

fn by_rate(session: &Session, tax: i64) -> Value {
    json!({
        "amount": tax, "taxability_reason": "standard_rated",
        "taxable_amount": session.amount - tax,
        "rate": {
            "id": "txr_sandbox", "object": "tax_rate", "active": false,
            "country": session.country, "created": session.created, "description": null,
            "display_name": "VAT", "effective_percentage": 20.0, "flat_amount": null,
            "inclusive": true, "jurisdiction": session.country, "jurisdiction_level": "country",
            "livemode": session.livemode, "metadata": {}, "percentage": 20.0,
            "rate_type": "percentage", "state": null, "tax_type": "vat",
        },
    })
}

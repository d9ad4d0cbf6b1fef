//! Tax as Stripe Tax would work it out, simplified: the standard rate of the buyer's country within
//! the price in the European Union, none elsewhere.

use serde_json::Value;
use serde_json::json;

use super::records::Session;

/// Standard rates in tenths of a percent, as the Commission lists them (Taxes in Europe Database,
/// 2026).
const STANDARD_RATES: [(&str, i64); 27] = [
    ("AT", 200),
    ("BE", 210),
    ("BG", 200),
    ("CY", 190),
    ("CZ", 210),
    ("DE", 190),
    ("DK", 250),
    ("EE", 240),
    ("ES", 210),
    ("FI", 255),
    ("FR", 200),
    ("GR", 240),
    ("HR", 250),
    ("HU", 270),
    ("IE", 230),
    ("IT", 220),
    ("LT", 210),
    ("LU", 170),
    ("LV", 210),
    ("MT", 180),
    ("NL", 210),
    ("PL", 230),
    ("PT", 230),
    ("RO", 210),
    ("SE", 250),
    ("SI", 220),
    ("SK", 230),
];

/// The rate that a session is taxed at, in tenths of a percent; `None` while nobody knows where
/// the buyer is, or asked.
fn rate(session: &Session) -> Option<i64> {
    let country = session
        .country
        .as_deref()
        .filter(|_| session.automatic_tax)?;
    let known = STANDARD_RATES.iter().find(|(code, _)| *code == country);
    Some(known.map_or(0, |(_, rate)| *rate))
}

/// The part of a price that is tax: `rate` of `1000 + rate` parts, rounded half up.
const fn within(price: i64, rate: i64) -> i64 {
    (2 * price * rate + 1000 + rate) / (2 * (1000 + rate))
}

/// The tax within the price of a session; `None` while nobody knows, or asked.
pub(super) fn of(session: &Session) -> Option<i64> {
    Some(within(session.amount, rate(session)?))
}

/// The tax of a session by its rate, as Stripe shows it when asked.
pub(super) fn breakdown(session: &Session) -> Value {
    let rate = rate(session).filter(|rate| *rate > 0);
    let taxes: Vec<Value> = rate.into_iter().map(|rate| at(session, rate)).collect();
    json!({ "discounts": [], "taxes": taxes })
}

fn at(session: &Session, rate: i64) -> Value {
    let tax = within(session.amount, rate);
    let percentage = rate as f64 / 10.0;
    json!({
        "amount": tax, "taxability_reason": "standard_rated",
        "taxable_amount": session.amount - tax,
        "rate": {
            "id": "txr_sandbox", "object": "tax_rate", "active": false,
            "country": session.country, "created": session.created, "description": null,
            "display_name": "VAT", "effective_percentage": percentage, "flat_amount": null,
            "inclusive": true, "jurisdiction": session.country, "jurisdiction_level": "country",
            "livemode": session.livemode, "metadata": {}, "percentage": percentage,
            "rate_type": "percentage", "state": null, "tax_type": "vat",
        },
    })
}

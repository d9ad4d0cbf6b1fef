//! Tax as Stripe Tax would work it out, simplified: 20 % within the price in the European Union,
//! none elsewhere.

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

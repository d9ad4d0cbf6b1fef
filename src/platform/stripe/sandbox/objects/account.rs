//! Connected accounts, links for their owners, and the platform's fees.

use serde_json::Value;
use serde_json::json;

use crate::platform::stripe::sandbox::records::Account;
use crate::platform::stripe::sandbox::records::ApplicationFee;
use crate::platform::stripe::sandbox::records::Books;
use crate::platform::stripe::sandbox::records::Link;

/// The platform, as the application to which accounts are connected.
pub const APPLICATION: &str = "ca_sandbox";

/// An Account.
pub(super) fn account(a: &Account) -> Value {
    let due: &[&str] = match a.details_submitted {
        true => &[],
        false => &["business_type", "external_account", "tos_acceptance.date"],
    };
    let state = if a.charges_enabled {
        "active"
    } else {
        "inactive"
    };
    let requirements = |due: &[&str]| {
        json!({
            "alternatives": [], "current_deadline": null, "currently_due": due,
            "disabled_reason": if a.charges_enabled { None } else { Some("requirements.past_due") },
            "errors": [], "eventually_due": due, "past_due": due, "pending_verification": [],
        })
    };
    json!({
        "id": a.id, "object": "account", "type": "standard", "created": a.created,
        "email": a.email, "country": a.country, "default_currency": a.currency,
        "business_profile": null, "business_type": null, "metadata": {},
        "capabilities": { "card_payments": state, "transfers": state },
        "charges_enabled": a.charges_enabled, "payouts_enabled": a.charges_enabled,
        "details_submitted": a.details_submitted, "requirements": requirements(due),
        "future_requirements": {
            "alternatives": [], "current_deadline": null, "currently_due": [],
            "disabled_reason": null, "errors": [], "eventually_due": [], "past_due": [],
            "pending_verification": [],
        },
        "settings": null,
    })
}

/// The platform.
pub(super) fn application() -> Value {
    json!({ "id": APPLICATION, "object": "application", "name": "Matinee sandbox" })
}

/// An AccountLink.
pub fn link(l: &Link, base_url: &str) -> Value {
    json!({
        "object": "account_link", "created": l.created, "expires_at": l.expires_at,
        "url": format!("{base_url}/connect/{}", l.token),
    })
}

/// An ApplicationFee.
pub(super) fn fee(books: &Books, f: &ApplicationFee) -> Option<Value> {
    let session = books.session_of_charge(books.charges.get(&f.charge)?)?;
    let refunds = f.refunds.iter().map(|r| {
        json!({
            "id": r.id, "object": "fee_refund", "amount": r.amount, "created": r.created,
            "currency": session.currency, "fee": f.id, "balance_transaction": r.balance,
            "metadata": {},
        })
    });
    let url = format!("/v1/application_fees/{}/refunds", f.id);
    Some(json!({
        "id": f.id, "object": "application_fee", "livemode": session.livemode,
        "created": f.created, "account": f.account, "amount": f.amount,
        "amount_refunded": f.refunded(), "refunded": f.refunded() == f.amount,
        "application": APPLICATION, "balance_transaction": f.balance, "charge": f.charge,
        "currency": session.currency, "originating_transaction": null, "fee_source": null,
        "refunds": super::list(refunds.collect(), false, &url),
    }))
}

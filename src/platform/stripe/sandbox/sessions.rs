//! Checkout Sessions over the API.

use serde_json::Value;

use super::accounts;
use super::api;
use super::api::ApiError;
use super::form;
use super::lists;
use super::objects;
use super::params::address;
use super::params::chargeable;
use super::params::currency;
use super::params::integer;
use super::params::metadata;
use super::params::required;
use super::params::text;
use super::records::Session;
use super::records::SessionState;
use super::records::fresh_id;
use super::tax;
use super::till::Till;

/// Every parameter of a creation that the sandbox understands. Anything else is refused, so that
/// nobody believes a parameter worked because the sandbox was silent.
const CREATION: [&str; 19] = [
    "mode",
    "line_items[][quantity]",
    "line_items[][price_data][currency]",
    "line_items[][price_data][unit_amount]",
    "line_items[][price_data][product_data][name]",
    "line_items[][price_data][product_data][description]",
    "line_items[][price_data][tax_behavior]",
    "automatic_tax[enabled]",
    "client_reference_id",
    "metadata[*]",
    "payment_intent_data[metadata][*]",
    "payment_intent_data[application_fee_amount]",
    "customer_email",
    "success_url",
    "cancel_url",
    "expires_at",
    "expand[]",
    "ui_mode",
    "locale",
];
const HALF_AN_HOUR: i64 = 30 * 60;
const A_DAY: i64 = 24 * 60 * 60;
/// What Stripe charges at least and at most, in minor units of two-decimal currencies.
const AMOUNTS: std::ops::RangeInclusive<i64> = 50..=99_999_999;

/// Makes a session.
pub(super) fn create(till: &mut Till<'_>, params: &Value) -> Result<Value, ApiError> {
    if let Some(name) = form::unknown_parameter(params, &CREATION) {
        return Err(api::unknown(&name));
    }
    let mut session = read_session(params, till.now)?;
    session.account.clone_from(&till.account);
    check_seller(till, &session)?;
    session.made = till.books.next();
    let mut object = objects::session(&session, till.base_url);
    till.books.sessions.insert(session.id.clone(), session);
    lists::expand(till, &mut object, params)?;
    Ok(object)
}

/// Whether tax is to be worked out; the sandbox knows prices that include it.
fn automatic_tax(params: &Value) -> Result<bool, ApiError> {
    let wanted = text(params, "/automatic_tax/enabled").as_deref() == Some("true");
    let behavior = text(params, "/line_items/0/price_data/tax_behavior");
    if wanted && behavior.as_deref() != Some("inclusive") {
        let name = "line_items[0][price_data][tax_behavior]";
        let message = "With automatic tax, prices must include it (`inclusive`).";
        return Err(ApiError::parameter("parameter_invalid", name, message));
    }
    Ok(wanted)
}

/// Whether the account may take this amount, and the platform its share.
fn check_seller(till: &Till<'_>, session: &Session) -> Result<(), ApiError> {
    let name = "payment_intent_data[application_fee_amount]";
    let wrong = |message| ApiError::parameter("parameter_invalid", name, message);
    let share = session.application_fee.unwrap_or_default();
    if !chargeable(session.amount, &session.currency) || !chargeable(share, &session.currency) {
        return Err(wrong("Amounts of three decimals must end in 0."));
    }
    if let Some(id) = &session.account
        && accounts::connected(till, id)?
            .refuses
            .contains(&session.currency)
    {
        let name = "line_items[0][price_data][currency]";
        let message = format!("Invalid currency: {}", session.currency);
        return Err(ApiError::parameter("parameter_invalid", name, &message));
    }
    match (&session.account, session.application_fee) {
        (None, Some(_)) => Err(wrong("A share can be taken of a direct charge only.")),
        (Some(_), Some(fee)) if !(1..=session.amount).contains(&fee) => {
            Err(wrong("A share is at least 1 and at most the whole amount."))
        }
        (Some(id), _) if !accounts::connected(till, id)?.charges_enabled => Err(ApiError::state(
            "The account cannot take payments before its owner has finished onboarding.",
        )),
        _ => Ok(()),
    }
}

fn read_session(params: &Value, now: i64) -> Result<Session, ApiError> {
    if required(params, "mode", "/mode")? != "payment" {
        let message = "The sandbox sells single payments only.";
        return Err(ApiError::parameter(
            "parameter_invalid_enum",
            "mode",
            message,
        ));
    }
    let line = "/line_items/0";
    let price = format!("{line}/price_data");
    let quantity = integer(
        params,
        "line_items[0][quantity]",
        &format!("{line}/quantity"),
    )?;
    let unit_name = "line_items[0][price_data][unit_amount]";
    let unit = integer(params, unit_name, &format!("{price}/unit_amount"))?;
    let amount = quantity.unwrap_or(1).checked_mul(unit.unwrap_or_default());
    let amount = amount
        .filter(|amount| AMOUNTS.contains(amount))
        .ok_or_else(|| {
            ApiError::parameter(
                "amount_too_small",
                unit_name,
                "The amount is outside of what can be charged.",
            )
        })?;
    let currency_name = "line_items[0][price_data][currency]";
    let name = "line_items[0][price_data][product_data][name]";
    Ok(Session {
        id: format!("cs_test_{}", fresh_id("").trim_start_matches('_')),
        made: 0,
        created: now,
        expires_at: expiry(params, now)?,
        amount,
        currency: currency(&required(
            params,
            currency_name,
            &format!("{price}/currency"),
        )?)?,
        product_name: required(params, name, &format!("{price}/product_data/name"))?,
        product_description: text(params, &format!("{price}/product_data/description")),
        client_reference_id: text(params, "/client_reference_id"),
        metadata: metadata(params, "/metadata"),
        intent_metadata: metadata(params, "/payment_intent_data/metadata"),
        customer_email: text(params, "/customer_email"),
        success_url: address(params, "success_url", "/success_url")?,
        cancel_url: text(params, "/cancel_url"),
        status: SessionState::Open,
        paid: false,
        intent: None,
        livemode: false,
        account: None,
        automatic_tax: automatic_tax(params)?,
        country: None,
        application_fee: integer(
            params,
            "payment_intent_data[application_fee_amount]",
            "/payment_intent_data/application_fee_amount",
        )?,
    })
}

fn expiry(params: &Value, now: i64) -> Result<i64, ApiError> {
    let at = integer(params, "expires_at", "/expires_at")?.unwrap_or(now + A_DAY);
    // A minute of grace for clocks and travel.
    if (now + HALF_AN_HOUR - 60..=now + A_DAY + 60).contains(&at) {
        return Ok(at);
    }
    let message = "The expires_at timestamp must be 30 minutes to 24 hours from now.";
    Err(ApiError::parameter(
        "parameter_invalid_integer",
        "expires_at",
        message,
    ))
}

/// Ends an open session.
pub(super) fn expire(till: &mut Till<'_>, id: &str) -> Result<Value, ApiError> {
    let ours = till.books.sessions.get(id).filter(|_| till.is_ours(id));
    let state = ours.map(|session| session.status);
    match state.ok_or_else(|| ApiError::missing("checkout.session", id))? {
        SessionState::Open => till.expire(id),
        _ => {
            return Err(ApiError::state(
                "Only open Checkout Sessions can be expired.",
            ));
        }
    }
    objects::by_id(till.books, till.base_url, id)
        .ok_or_else(|| ApiError::missing("checkout.session", id))
}

/// The tax of a session by its rate, for `total_details.breakdown`.
pub(super) fn breakdown(till: &Till<'_>, id: &str) -> Option<Value> {
    till.books.sessions.get(id).map(tax::breakdown)
}

/// The one line of a session, as a list.
pub(super) fn line_items(till: &Till<'_>, id: &str) -> Result<Value, ApiError> {
    let session = till
        .books
        .sessions
        .get(id)
        .ok_or_else(|| ApiError::missing("checkout.session", id))?;
    let url = format!("/v1/checkout/sessions/{id}/line_items");
    Ok(objects::list(
        vec![objects::line_item(session)],
        false,
        &url,
    ))
}

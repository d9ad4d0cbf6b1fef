//! Checkout Sessions over the API, lists, and expansion.

use serde_json::Value;
use serde_json::json;

use super::api;
use super::api::ApiError;
use super::form;
use super::objects;
use super::pay::Till;
use super::records::Metadata;
use super::records::Session;
use super::records::SessionState;
use super::records::fresh_id;

/// Every parameter of a creation that the sandbox understands. Anything else is refused, so that
/// nobody believes a parameter worked because the sandbox was silent.
const CREATION: [&str; 16] = [
    "mode",
    "line_items[][quantity]",
    "line_items[][price_data][currency]",
    "line_items[][price_data][unit_amount]",
    "line_items[][price_data][product_data][name]",
    "line_items[][price_data][product_data][description]",
    "client_reference_id",
    "metadata[*]",
    "payment_intent_data[metadata][*]",
    "customer_email",
    "success_url",
    "cancel_url",
    "expires_at",
    "expand[]",
    "ui_mode",
    "locale",
];
const LISTING: [&str; 8] = [
    "created",
    "created[*]",
    "limit",
    "starting_after",
    "ending_before",
    "status",
    "payment_intent",
    "expand[]",
];
const EVENT_LISTING: [&str; 6] = [
    "created",
    "created[*]",
    "limit",
    "starting_after",
    "type",
    "ending_before",
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
    session.made = till.books.next();
    let mut object = objects::session(&session, till.base_url);
    till.books.sessions.insert(session.id.clone(), session);
    expand(till, &mut object, params)?;
    Ok(object)
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
    })
}

fn text(params: &Value, pointer: &str) -> Option<String> {
    params
        .pointer(pointer)
        .and_then(Value::as_str)
        .map(str::to_owned)
}

fn required(params: &Value, name: &str, pointer: &str) -> Result<String, ApiError> {
    text(params, pointer)
        .filter(|text| !text.is_empty())
        .ok_or_else(|| {
            ApiError::parameter(
                "parameter_missing",
                name,
                &format!("Missing required param: {name}."),
            )
        })
}

fn integer(params: &Value, name: &str, pointer: &str) -> Result<Option<i64>, ApiError> {
    let Some(text) = text(params, pointer) else {
        return Ok(None);
    };
    let message = format!("Invalid integer: {text}");
    let fault = |_| ApiError::parameter("parameter_invalid_integer", name, &message);
    text.parse().map(Some).map_err(fault)
}

fn currency(code: &str) -> Result<String, ApiError> {
    let known = crate::kernel::Currency::parse(code).is_ok();
    let lower = code.bytes().all(|b| b.is_ascii_lowercase());
    (known && lower).then(|| code.to_owned()).ok_or_else(|| {
        let message = format!("Invalid currency: {code}");
        ApiError::parameter("parameter_invalid_enum", "currency", &message)
    })
}

fn address(params: &Value, name: &str, pointer: &str) -> Result<String, ApiError> {
    let text = required(params, name, pointer)?;
    match url::Url::parse(&text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(text),
        _ => Err(ApiError::parameter("url_invalid", name, "Not a valid URL")),
    }
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

fn metadata(params: &Value, pointer: &str) -> Metadata {
    let entries = params.pointer(pointer).and_then(Value::as_object);
    let pairs = entries.into_iter().flatten();
    pairs
        .filter_map(|(k, v)| v.as_str().map(|v| (k.clone(), v.to_owned())))
        .collect()
}

/// Ends an open session.
pub(super) fn expire(till: &mut Till<'_>, id: &str) -> Result<Value, ApiError> {
    let state = till.books.sessions.get(id).map(|session| session.status);
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

/// Sessions, newest first.
pub(super) fn list(till: &Till<'_>, params: &Value) -> Result<Value, ApiError> {
    if let Some(name) = form::unknown_parameter(params, &LISTING) {
        return Err(api::unknown(&name));
    }
    let status = text(params, "/status");
    let intent = text(params, "/payment_intent");
    let matching = till.books.sessions.values().filter(|s| {
        status
            .as_ref()
            .is_none_or(|status| s.status.word() == status)
            && (intent.is_none() || s.intent == intent)
    });
    let rows = matching
        .map(|s| Row {
            made: s.made,
            created: s.created,
            id: &s.id,
        })
        .collect();
    let page = paginate(rows, params, "/v1/checkout/sessions")?;
    finish(till, page, params)
}

/// Events, newest first.
pub(super) fn list_events(till: &Till<'_>, params: &Value) -> Result<Value, ApiError> {
    if let Some(name) = form::unknown_parameter(params, &EVENT_LISTING) {
        return Err(api::unknown(&name));
    }
    let kind = text(params, "/type");
    let matching = till.books.events.iter().filter(|(_, event)| {
        kind.as_ref()
            .is_none_or(|kind| event.body.get("type") == Some(&json!(kind)))
    });
    let created = |body: &Value| {
        body.get("created")
            .and_then(Value::as_i64)
            .unwrap_or_default()
    };
    let rows = matching
        .map(|(id, event)| Row {
            made: event.made,
            created: created(&event.body),
            id,
        })
        .collect();
    let page = paginate(rows, params, "/v1/events")?;
    finish(till, page, params)
}

struct Row<'a> {
    made: u64,
    created: i64,
    id: &'a str,
}

struct Page {
    ids: Vec<String>,
    has_more: bool,
    url: &'static str,
}

fn paginate(mut rows: Vec<Row<'_>>, params: &Value, url: &'static str) -> Result<Page, ApiError> {
    let limit = integer(params, "limit", "/limit")?.unwrap_or(10);
    let limit = usize::try_from(limit)
        .ok()
        .filter(|limit| (1..=100).contains(limit));
    let limit = limit.ok_or_else(|| {
        ApiError::parameter("parameter_invalid_integer", "limit", "limit is 1 to 100")
    })?;
    for (bound, keep) in [
        ("gt", (|at, bound| at > bound) as fn(i64, i64) -> bool),
        ("gte", |at, bound| at >= bound),
        ("lt", |at, bound| at < bound),
        ("lte", |at, bound| at <= bound),
    ] {
        let name = format!("created[{bound}]");
        if let Some(value) = integer(params, &name, &format!("/created/{bound}"))? {
            rows.retain(|row| keep(row.created, value));
        }
    }
    rows.sort_by_key(|row| std::cmp::Reverse(row.made));
    if let Some(after) = text(params, "/starting_after") {
        let at = rows.iter().position(|row| row.id == after);
        let at = at.ok_or_else(|| ApiError::missing("object", &after))?;
        rows.drain(..=at);
    }
    let has_more = rows.len() > limit;
    let ids = rows
        .iter()
        .take(limit)
        .map(|row| row.id.to_owned())
        .collect();
    Ok(Page { ids, has_more, url })
}

fn finish(till: &Till<'_>, page: Page, params: &Value) -> Result<Value, ApiError> {
    let objects = page
        .ids
        .iter()
        .filter_map(|id| objects::by_id(till.books, till.base_url, id));
    let mut list = objects::list(objects.collect(), page.has_more, page.url);
    expand(till, &mut list, params)?;
    Ok(list)
}

/// Replaces ids by their objects along every path of `expand[]`.
pub(super) fn expand(till: &Till<'_>, object: &mut Value, params: &Value) -> Result<(), ApiError> {
    let paths = params.get("expand").and_then(Value::as_array);
    for path in paths.into_iter().flatten().filter_map(Value::as_str) {
        let steps: Vec<&str> = path.split('.').collect();
        walk(till, object, &steps).map_err(|Dead| {
            let message = format!("This property cannot be expanded ({path}).");
            ApiError::parameter("parameter_invalid", "expand", &message)
        })?;
    }
    Ok(())
}

/// The path leads nowhere.
struct Dead;

fn walk(till: &Till<'_>, value: &mut Value, steps: &[&str]) -> Result<(), Dead> {
    let Some((first, rest)) = steps.split_first() else {
        return Ok(());
    };
    if let Value::Array(items) = value {
        return items
            .iter_mut()
            .try_for_each(|item| walk(till, item, steps));
    }
    if *first == "line_items" {
        let id = value.get("id").and_then(Value::as_str).unwrap_or_default();
        value["line_items"] = line_items(till, id).map_err(|_| Dead)?;
    }
    let child = value.get_mut(*first).ok_or(Dead)?;
    if let Some(id) = child.as_str() {
        *child = objects::by_id(till.books, till.base_url, id).ok_or(Dead)?;
    }
    if child.is_null() {
        Ok(())
    } else {
        walk(till, child, rest)
    }
}

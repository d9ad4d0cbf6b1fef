//! Lists, newest first, and expansion.

use serde_json::Value;

use super::api;
use super::api::ApiError;
use super::form;
use super::objects;
use super::params::integer;
use super::params::text;
use super::sessions;
use super::till::Till;

/// What every list takes.
const EVERYWHERE: [&str; 6] = [
    "created",
    "created[*]",
    "limit",
    "starting_after",
    "ending_before",
    "expand[]",
];
/// Fields that Stripe leaves out when they are empty, and that can be expanded all the same.
const SOMETIMES: [&str; 1] = ["failure_balance_transaction"];

/// One object of a list before it is drawn.
pub(super) struct Row {
    pub made: u64,
    pub created: i64,
    pub id: String,
}

impl Row {
    fn new(made: u64, created: i64, id: &str) -> Self {
        let id = id.to_owned();
        Self { made, created, id }
    }
}

/// Sessions.
pub(super) fn sessions(till: &Till<'_>, params: &Value) -> Result<Value, ApiError> {
    let status = text(params, "/status");
    let intent = text(params, "/payment_intent");
    let matching = till
        .books
        .sessions
        .values()
        .filter(|s| fits(&status, s.status.word()) && (intent.is_none() || s.intent == intent));
    let rows = matching.map(|s| Row::new(s.made, s.created, &s.id));
    let own = ["status", "payment_intent"];
    answer(till, params, &own, "/v1/checkout/sessions", rows.collect())
}

/// Refunds.
pub(super) fn refunds(till: &Till<'_>, params: &Value) -> Result<Value, ApiError> {
    let charges = charges_meant(till, params);
    let matching = till.books.refunds.values().filter(|r| charges(&r.charge));
    let rows = matching.map(|r| Row::new(r.made, r.created, &r.id));
    let own = ["charge", "payment_intent"];
    answer(till, params, &own, "/v1/refunds", rows.collect())
}

/// Disputes.
pub(super) fn disputes(till: &Till<'_>, params: &Value) -> Result<Value, ApiError> {
    let charges = charges_meant(till, params);
    let matching = till.books.disputes.values().filter(|d| charges(&d.charge));
    let rows = matching.map(|d| Row::new(d.made, d.created, &d.id));
    let own = ["charge", "payment_intent"];
    answer(till, params, &own, "/v1/disputes", rows.collect())
}

/// The platform's shares.
pub(super) fn application_fees(till: &Till<'_>, params: &Value) -> Result<Value, ApiError> {
    let charge = text(params, "/charge");
    let fees = till
        .books
        .fees
        .values()
        .filter(|f| fits(&charge, &f.charge));
    let rows = fees.map(|f| Row::new(f.made, f.created, &f.id));
    answer(
        till,
        params,
        &["charge"],
        "/v1/application_fees",
        rows.collect(),
    )
}

/// Lines of the balance.
pub(super) fn balance_transactions(till: &Till<'_>, params: &Value) -> Result<Value, ApiError> {
    let (source, currency) = (text(params, "/source"), text(params, "/currency"));
    let kind = text(params, "/type");
    let matching = till.books.balances.values().filter(|b| {
        fits(&source, &b.source)
            && fits(&currency, &b.currency)
            && fits(&kind, b.kind.words(b.source.starts_with("py")).0)
    });
    let rows = matching.map(|b| Row::new(b.made, b.created, &b.id));
    let own = ["source", "currency", "type"];
    answer(
        till,
        params,
        &own,
        "/v1/balance_transactions",
        rows.collect(),
    )
}

/// Events.
pub(super) fn events(till: &Till<'_>, params: &Value) -> Result<Value, ApiError> {
    let kind = text(params, "/type");
    let word = |body: &Value, field: &str| body.get(field).cloned().unwrap_or_default();
    let matching = till.books.events.iter().filter(|(_, event)| {
        fits(
            &kind,
            word(&event.body, "type").as_str().unwrap_or_default(),
        )
    });
    let rows = matching.map(|(id, event)| {
        let created = word(&event.body, "created").as_i64().unwrap_or_default();
        Row::new(event.made, created, id)
    });
    answer(till, params, &["type"], "/v1/events", rows.collect())
}

fn fits(wanted: &Option<String>, word: &str) -> bool {
    wanted.as_ref().is_none_or(|wanted| wanted == word)
}

/// Which charges the filters `charge` and `payment_intent` leave.
fn charges_meant<'a>(till: &'a Till<'_>, params: &Value) -> impl Fn(&str) -> bool + use<'a> {
    let (charge, intent) = (text(params, "/charge"), text(params, "/payment_intent"));
    let books = &*till.books;
    move |id| {
        let of = books.charges.get(id).map(|charge| charge.intent.as_str());
        fits(&charge, id) && fits(&intent, of.unwrap_or_default())
    }
}

/// Draws the page that is asked for, of the objects of the account that is acted for.
fn answer(
    till: &Till<'_>,
    params: &Value,
    own: &[&str],
    url: &'static str,
    mut rows: Vec<Row>,
) -> Result<Value, ApiError> {
    let allowed = [own, &EVERYWHERE[..]].concat();
    if let Some(name) = form::unknown_parameter(params, &allowed) {
        return Err(api::unknown(&name));
    }
    rows.retain(|row| till.is_ours(&row.id));
    let (rows, has_more) = paginate(rows, params)?;
    let objects = rows
        .iter()
        .filter_map(|row| objects::by_id(till.books, till.base_url, &row.id));
    let mut list = objects::list(objects.collect(), has_more, url);
    expand(till, &mut list, params)?;
    Ok(list)
}

fn paginate(mut rows: Vec<Row>, params: &Value) -> Result<(Vec<Row>, bool), ApiError> {
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
    rows.truncate(limit);
    Ok((rows, has_more))
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
        value["line_items"] = sessions::line_items(till, id).map_err(|_| Dead)?;
    }
    if *first == "total_details" && rest == ["breakdown"] {
        let id = value.get("id").and_then(Value::as_str).unwrap_or_default();
        value["total_details"]["breakdown"] = sessions::breakdown(till, id).ok_or(Dead)?;
        return Ok(());
    }
    let Some(child) = value.get_mut(*first) else {
        return SOMETIMES.contains(first).then_some(()).ok_or(Dead);
    };
    if let Some(id) = child.as_str() {
        *child = objects::by_id(till.books, till.base_url, id).ok_or(Dead)?;
    }
    if child.is_null() {
        Ok(())
    } else {
        walk(till, child, rest)
    }
}

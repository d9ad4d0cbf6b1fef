//! Stripe's objects, drawn from the records, complete after Stripe's OpenAPI description.

mod account;
mod balance;
mod dispute;
mod payment;
mod refund;
mod session;

use serde_json::Value;
use serde_json::json;

use super::records::Books;
use super::records::Event;

pub(super) use self::account::APPLICATION;
pub(super) use self::account::link;
pub(super) use self::balance::fee_of;
pub(super) use self::dispute::EVIDENCE;
pub(super) use self::session::line_item;
pub(super) use self::session::session;

/// Looks an object up by its id, as it would be expanded.
pub(super) fn by_id(books: &Books, base_url: &str, id: &str) -> Option<Value> {
    let (prefix, _) = id.split_once('_')?;
    match prefix {
        "cs" => books.sessions.get(id).map(|s| session(s, base_url)),
        "pi" => books
            .intents
            .get(id)
            .and_then(|i| payment::intent(books, i)),
        "ch" | "py" => books
            .charges
            .get(id)
            .and_then(|c| payment::charge(books, c)),
        "txn" => books.balances.get(id).map(balance::balance),
        "re" | "pyr" => books.refunds.get(id).and_then(|r| refund::refund(books, r)),
        "du" => books
            .disputes
            .get(id)
            .and_then(|d| dispute::dispute(books, d)),
        "acct" => books.accounts.get(id).map(account::account),
        "fee" => books.fees.get(id).and_then(|f| account::fee(books, f)),
        "ca" => (id == APPLICATION).then(account::application),
        "evt" => books.events.get(id).map(event),
        _ => None,
    }
}

/// The fields of both objects; written in parts because `json!` nests once per field.
fn merge(mut object: Value, more: Value) -> Value {
    if let (Value::Object(fields), Value::Object(more)) = (&mut object, more) {
        fields.extend(more);
    }
    object
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

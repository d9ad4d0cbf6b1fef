//! Knobs for tests, under `/_sandbox`. They take and give JSON.
//!
//! | call | does |
//! |---|---|
//! | `POST /pay/{session}` `{"card": "4242…", "challenge": "approve", "country": "DE"}` | pays without a browser; no country is that of the card |
//! | `POST /settle/{session}` `{}` | brings a delayed payment to its end now |
//! | `POST /sessions/{session}` `{"amount_total": 1}` | falsifies a session (also `currency`, `order_id`, `livemode`) |
//! | `POST /refund/{id}` `{"amount": 300}` | refunds a payment as someone in the dashboard would (session, intent or charge; no amount is the rest) |
//! | `POST /refunds/{refund}` `{"status": "failed"}` | ends a refund: `succeeded` or `failed`, even after it succeeded |
//! | `POST /dispute/{id}` `{"amount": 300, "reason": "fraudulent", "inquiry": false}` | opens a dispute as a bank does; everything may be left out |
//! | `POST /disputes/{dispute}` `{"status": "won"}` | decides it: `won`, `lost`, `warning_closed`; `needs_response` makes a dispute of an inquiry |
//! | `POST /accounts/{account}` `{"charges_enabled": true}` | changes a connected account (also `details_submitted`, `country`, `refuses` currencies); `{"deauthorize": true}` cuts it off |
//! | `POST /webhooks` `{"deliver": false}` | keeps events back; `true` sends what waits; `{"url": …}` sets the address |
//! | `POST /redeliver/{event}` `{"times": 1000, "parallel": 32}` | delivers one event again and counts the answers |
//! | `POST /balances` `{"hold": true}` | nothing is booked yet; `false` books what waits |
//! | `POST /faults` `{"statuses": [500], "delay_ms": 0}` | the next API calls fail; every call is slowed |
//! | `GET /events` · `GET /requests` | events with their delivery, oldest first · the log |

mod after;

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::Router;
use axum::extract::Path;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::get;
use axum::routing::post;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use crate::platform::stripe::sandbox::delivery;
use crate::platform::stripe::sandbox::objects;
use crate::platform::stripe::sandbox::pay::Tried;
use crate::platform::stripe::sandbox::records::ChargeState;
use crate::platform::stripe::sandbox::shared::Shared;

type Sandbox = State<Arc<Shared>>;

pub(in crate::platform::stripe::sandbox) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/pay/{session}", post(pay))
        .route("/settle/{session}", post(settle))
        .route("/sessions/{session}", post(falsify))
        .route("/webhooks", post(webhooks))
        .route("/redeliver/{event}", post(redeliver))
        .route("/balances", post(balances))
        .route("/faults", post(faults))
        .route("/events", get(events))
        .route("/requests", get(requests))
        .merge(after::router())
}

#[derive(Deserialize)]
struct Pay {
    card: String,
    challenge: Option<String>,
    country: Option<String>,
}

async fn pay(State(shared): Sandbox, Path(id): Path<String>, Json(with): Json<Pay>) -> Response {
    let tried = shared.change(
        |till| match till.pay(&id, &with.card, with.country.as_deref()) {
            Tried::Challenge => match with.challenge.as_deref() {
                Some(answer) => till.answer_challenge(&id, answer == "approve"),
                None => Tried::Challenge,
            },
            other => other,
        },
    );
    let (status, body) = match tried {
        Tried::Finished(to) => (StatusCode::OK, json!({ "redirect": to })),
        Tried::Challenge => (StatusCode::OK, json!({ "challenge": true })),
        Tried::Failed(why) => (StatusCode::PAYMENT_REQUIRED, json!({ "message": why })),
        Tried::Expired => (StatusCode::GONE, json!({ "message": "expired" })),
        Tried::Unknown => (
            StatusCode::NOT_FOUND,
            json!({ "message": "no such session" }),
        ),
    };
    (status, Json(body)).into_response()
}

async fn settle(State(shared): Sandbox, Path(id): Path<String>) -> StatusCode {
    let charge = shared.look(|books| {
        let intent = books.sessions.get(&id)?.intent.as_ref()?;
        let charge = books
            .charges
            .get(books.intents.get(intent)?.latest_charge.as_ref()?)?;
        (charge.status == ChargeState::Pending).then(|| charge.id.clone())
    });
    match charge {
        Some(charge) => {
            shared.change(|till| till.finish_delayed(&charge));
            StatusCode::OK
        }
        None => StatusCode::NOT_FOUND,
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Falsify {
    amount_total: Option<i64>,
    currency: Option<String>,
    order_id: Option<String>,
    livemode: Option<bool>,
}

async fn falsify(
    State(shared): Sandbox,
    Path(id): Path<String>,
    Json(to): Json<Falsify>,
) -> StatusCode {
    shared.change(|till| {
        let Some(session) = till.books.sessions.get_mut(&id) else {
            return StatusCode::NOT_FOUND;
        };
        session.amount = to.amount_total.unwrap_or(session.amount);
        session.livemode = to.livemode.unwrap_or(session.livemode);
        if let Some(currency) = to.currency {
            session.currency = currency;
        }
        if let Some(order) = to.order_id {
            session
                .metadata
                .insert("order_id".to_owned(), order.clone());
            session.client_reference_id = Some(order);
        }
        StatusCode::OK
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Webhooks {
    deliver: Option<bool>,
    url: Option<String>,
}

async fn webhooks(State(shared): Sandbox, Json(to): Json<Webhooks>) -> StatusCode {
    {
        let mut knobs = shared.knobs();
        knobs.hold_webhooks = to.deliver.map_or(knobs.hold_webhooks, |deliver| !deliver);
        if to.url.is_some() {
            knobs.webhook_url = to.url;
        }
    }
    delivery::resume(&shared);
    StatusCode::OK
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Redeliver {
    #[serde(default = "one")]
    times: u32,
    #[serde(default = "one_at_once")]
    parallel: usize,
}

fn one() -> u32 {
    1
}

fn one_at_once() -> usize {
    1
}

async fn redeliver(
    State(shared): Sandbox,
    Path(id): Path<String>,
    Json(how): Json<Redeliver>,
) -> Response {
    if !shared.look(|books| books.events.contains_key(&id)) {
        return StatusCode::NOT_FOUND.into_response();
    }
    match delivery::repeat(&shared, &id, how.times, how.parallel).await {
        Ok(counts) => Json(json!({ "answers": counts })).into_response(),
        Err(delivery::NoAddress) => {
            (StatusCode::CONFLICT, "No webhook address was set.").into_response()
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Balances {
    hold: bool,
}

async fn balances(State(shared): Sandbox, Json(to): Json<Balances>) -> StatusCode {
    shared.knobs().hold_balances = to.hold;
    if !to.hold {
        shared.change(|till| till.release_balances());
    }
    StatusCode::OK
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Faults {
    #[serde(default)]
    statuses: Vec<u16>,
    #[serde(default)]
    delay_ms: u64,
}

async fn faults(State(shared): Sandbox, Json(to): Json<Faults>) -> StatusCode {
    let mut knobs = shared.knobs();
    knobs.faults = to.statuses.into();
    knobs.delay = Duration::from_millis(to.delay_ms);
    StatusCode::OK
}

async fn events(State(shared): Sandbox) -> Json<Vec<Value>> {
    Json(shared.look(|books| {
        let mut events: Vec<_> = books.events.values().collect();
        events.sort_by_key(|event| event.made);
        let shown = events.into_iter().map(|event| {
            json!({
                "event": objects::event(event),
                "delivered": event.delivered, "attempts": event.attempts,
            })
        });
        shown.collect()
    }))
}

async fn requests(State(shared): Sandbox) -> Json<Vec<Value>> {
    Json(shared.log.lines())
}

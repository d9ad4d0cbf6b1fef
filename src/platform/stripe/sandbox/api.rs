//! The way of an API call: key, faults, parameters, idempotency, answer, log.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::HeaderName;
use axum::http::HeaderValue;
use axum::http::Method;
use axum::http::StatusCode;
use axum::http::Uri;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use serde_json::Value;
use serde_json::json;

use super::accounts;
use super::disputes;
use super::form;
use super::lists;
use super::log::Exchange;
use super::objects;
use super::records::KeptAnswer;
use super::records::fresh_id;
use super::refunds;
use super::sessions;
use super::shared::Shared;
use super::till::Till;

/// An error as Stripe words it.
#[derive(Debug)]
pub(super) struct ApiError {
    /// HTTP status.
    pub status: u16,
    /// `type`.
    pub kind: &'static str,
    /// `code`.
    pub code: Option<&'static str>,
    /// `param`.
    pub param: Option<String>,
    /// `message`.
    pub message: String,
}

impl ApiError {
    /// A parameter that cannot be taken as it is.
    pub(super) fn parameter(code: &'static str, param: &str, message: &str) -> Self {
        Self {
            status: 400,
            kind: "invalid_request_error",
            code: Some(code),
            param: Some(param.to_owned()),
            message: message.to_owned(),
        }
    }

    /// A request that does not fit the state of things.
    pub(super) fn state(message: &str) -> Self {
        Self {
            code: None,
            param: None,
            ..Self::parameter("", "", message)
        }
    }

    /// No such object.
    pub(super) fn missing(what: &str, id: &str) -> Self {
        let message = format!("No such {what}: '{id}'");
        Self {
            status: 404,
            ..Self::parameter("resource_missing", "id", &message)
        }
    }

    fn body(&self) -> Value {
        let mut error = json!({ "type": self.kind, "message": self.message });
        if let Some(code) = self.code {
            error["code"] = json!(code);
        }
        if let Some(param) = &self.param {
            error["param"] = json!(param);
        }
        json!({ "error": error })
    }
}

/// An API call, taken apart.
pub(super) struct Call<'a> {
    /// GET, POST, …
    pub method: &'a Method,
    /// The path after `/v1`, split.
    pub path: Vec<&'a str>,
    /// Query or form parameters.
    pub params: &'a Value,
}

struct Outcome {
    status: u16,
    body: Value,
    request_id: String,
    replayed: bool,
}

impl Outcome {
    fn new(result: Result<Value, ApiError>) -> Self {
        let (status, body) = match result {
            Ok(body) => (200, body),
            Err(error) => (error.status, error.body()),
        };
        Self {
            status,
            body,
            request_id: fresh_id("req"),
            replayed: false,
        }
    }
}

/// Answers one call.
pub(super) async fn answer(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (fault, delay) = {
        let mut knobs = shared.knobs();
        (knobs.faults.pop_front(), knobs.delay)
    };
    tokio::time::sleep(delay).await;
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let outcome = match fault {
        Some(status) => Outcome::new(Err(planned_fault(status))),
        None => handle(&shared, &method, &uri, &headers, &body),
    };
    shared.log.request(&Exchange {
        method: method.as_str(),
        path: uri.path(),
        query: uri.query().unwrap_or_default(),
        body: &String::from_utf8_lossy(&body),
        idempotency_key: text("idempotency-key"),
        stripe_version: text("stripe-version"),
        status: outcome.status,
        answer: &outcome.body,
    });
    respond(outcome, text("idempotency-key"), text("stripe-version"))
}

fn handle(
    shared: &Arc<Shared>,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: &Bytes,
) -> Outcome {
    if let Err(error) = authorize(headers) {
        return Outcome::new(Err(error));
    }
    let encoded = if method == Method::POST {
        &body[..]
    } else {
        uri.query().unwrap_or("").as_bytes()
    };
    let params = match form::parse(encoded) {
        Ok(params) => params,
        Err(key) => {
            let message = format!("The parameter {key} is malformed or contradicts another.");
            return Outcome::new(Err(ApiError::parameter(
                "parameter_invalid",
                &key,
                &message,
            )));
        }
    };
    let path = uri.path().trim_start_matches("/v1/").split('/').collect();
    let call = Call {
        method,
        path,
        params: &params,
    };
    let key = headers
        .get("idempotency-key")
        .and_then(|value| value.to_str().ok());
    let account = headers
        .get("stripe-account")
        .and_then(|value| value.to_str().ok());
    shared.change(|till| {
        if let Some(account) = account {
            if let Err(error) = accounts::connected(till, account) {
                return Outcome::new(Err(error));
            }
            till.account = Some(account.to_owned());
        }
        match key.filter(|_| method == Method::POST) {
            Some(key) => once(till, key, uri.path(), &call),
            None => Outcome::new(dispatch(till, &call)),
        }
    })
}

fn authorize(headers: &HeaderMap) -> Result<(), ApiError> {
    let value = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    match value.and_then(|value| value.strip_prefix("Bearer ")) {
        Some(key) if key.starts_with("sk_test_") => Ok(()),
        _ => Err(ApiError {
            status: 401,
            ..ApiError::state("The sandbox wants `Authorization: Bearer sk_test_…`.")
        }),
    }
}

fn planned_fault(status: u16) -> ApiError {
    let kind = if status < 500 {
        "invalid_request_error"
    } else {
        "api_error"
    };
    ApiError {
        status,
        kind,
        ..ApiError::state("A fault that was asked for.")
    }
}

/// The same key gives the same answer; the same key for something else is an error.
fn once(till: &mut Till<'_>, key: &str, path: &str, call: &Call<'_>) -> Outcome {
    let request = json!({ "path": path, "params": call.params });
    // Every account has keys of its own.
    let key = &match &till.account {
        Some(account) => format!("{account}:{key}"),
        None => key.to_owned(),
    };
    if let Some(kept) = till.books.answers.get(key) {
        if kept.request != request {
            return Outcome::new(Err(ApiError {
                kind: "idempotency_error",
                ..ApiError::state(
                    "This idempotency key was used before, with other parameters or elsewhere.",
                )
            }));
        }
        return Outcome {
            status: kept.status,
            body: kept.body.clone(),
            request_id: kept.request_id.clone(),
            replayed: true,
        };
    }
    let outcome = Outcome::new(dispatch(till, call));
    // As with Stripe, a call that failed validation may be mended under the same key.
    if outcome.status == 200 {
        let kept = KeptAnswer {
            request,
            status: outcome.status,
            body: outcome.body.clone(),
            request_id: outcome.request_id.clone(),
        };
        till.books.answers.insert(key.to_owned(), kept);
    }
    outcome
}

fn dispatch(till: &mut Till<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    let is_get = call.method == Method::GET;
    let is_post = call.method == Method::POST;
    match call.path.as_slice() {
        ["checkout", "sessions"] if is_post => sessions::create(till, call.params),
        ["checkout", "sessions"] if is_get => lists::sessions(till, call.params),
        ["checkout", "sessions", id] if is_get => one(till, "cs", "checkout.session", id, call),
        ["checkout", "sessions", id, "line_items"] if is_get => sessions::line_items(till, id),
        ["checkout", "sessions", id, "expire"] if is_post => sessions::expire(till, id),
        ["payment_intents", id] if is_get => one(till, "pi", "payment_intent", id, call),
        ["charges", id] if is_get => {
            one(till, "ch", "charge", id, call).or_else(|_| one(till, "py", "charge", id, call))
        }
        ["refunds"] if is_post => refunds::create(till, call.params),
        ["refunds"] if is_get => lists::refunds(till, call.params),
        ["refunds", id] if is_get => {
            one(till, "re", "refund", id, call).or_else(|_| one(till, "pyr", "refund", id, call))
        }
        ["disputes"] if is_get => lists::disputes(till, call.params),
        ["disputes", id] if is_get => one(till, "du", "dispute", id, call),
        ["disputes", id] if is_post => disputes::update(till, id, call.params),
        ["disputes", id, "close"] if is_post => disputes::close(till, id, call.params),
        ["balance_transactions"] if is_get => lists::balance_transactions(till, call.params),
        ["balance_transactions", id] if is_get => one(till, "txn", "balance transaction", id, call),
        ["application_fees"] if is_get => lists::application_fees(till, call.params),
        ["application_fees", id] if is_get => one(till, "fee", "application fee", id, call),
        ["accounts"] if is_post => accounts::create(till, call.params),
        ["accounts", id] if is_get => accounts::show(till, id),
        ["account_links"] if is_post => accounts::create_link(till, call.params),
        ["events", id] if is_get => one(till, "evt", "event", id, call),
        ["events"] if is_get => lists::events(till, call.params),
        _ => Err(ApiError {
            status: 404,
            ..ApiError::state("The sandbox does not speak this part of the API.")
        }),
    }
}

fn one(
    till: &Till<'_>,
    prefix: &str,
    what: &str,
    id: &str,
    call: &Call<'_>,
) -> Result<Value, ApiError> {
    if let Some(name) = form::unknown_parameter(call.params, &["expand[]"]) {
        return Err(unknown(&name));
    }
    let fits = id.split_once('_').is_some_and(|(kind, _)| kind == prefix);
    let mut object = (fits && till.is_ours(id))
        .then(|| objects::by_id(till.books, till.base_url, id))
        .flatten()
        .ok_or_else(|| ApiError::missing(what, id))?;
    lists::expand(till, &mut object, call.params)?;
    Ok(object)
}

/// A parameter that Stripe would not know either.
pub(super) fn unknown(name: &str) -> ApiError {
    let message = format!("Received unknown parameter: {name}");
    ApiError::parameter("parameter_unknown", name, &message)
}

fn respond(outcome: Outcome, key: Option<&str>, version: Option<&str>) -> Response {
    let status = StatusCode::from_u16(outcome.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, axum::Json(outcome.body)).into_response();
    let mut set = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            response
                .headers_mut()
                .insert(HeaderName::from_static(name), value);
        }
    };
    set("request-id", &outcome.request_id);
    set(
        "stripe-version",
        version.unwrap_or(stripe_shared::version::VERSION.as_str()),
    );
    if let Some(key) = key {
        set("idempotency-key", key);
    }
    if outcome.replayed {
        set("idempotent-replayed", "true");
        set("original-request", &outcome.request_id);
    }
    response
}

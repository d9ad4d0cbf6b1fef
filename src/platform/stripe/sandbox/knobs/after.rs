//! What happens to a payment after it was made, without the store having asked for it.

use std::sync::Arc;

use axum::Json;
use axum::Router;
use axum::extract::Path;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::post;
use serde::Deserialize;
use serde_json::json;

use crate::platform::stripe::sandbox::accounts;
use crate::platform::stripe::sandbox::accounts::Change;
use crate::platform::stripe::sandbox::api::ApiError;
use crate::platform::stripe::sandbox::disputes::Claim;
use crate::platform::stripe::sandbox::records::DisputeState;
use crate::platform::stripe::sandbox::records::RefundState;
use crate::platform::stripe::sandbox::refunds::Wanted;
use crate::platform::stripe::sandbox::shared::Shared;

use super::Sandbox;

pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/refund/{id}", post(refund))
        .route("/refunds/{refund}", post(end_refund))
        .route("/accounts/{account}", post(change_account))
        .route("/dispute/{id}", post(dispute))
        .route("/disputes/{dispute}", post(decide))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RefundWanted {
    amount: Option<i64>,
}

async fn refund(
    State(shared): Sandbox,
    Path(id): Path<String>,
    Json(wanted): Json<RefundWanted>,
) -> Response {
    let made = shared.change(|till| {
        let charge = till.books.charge_of(&id).map(|charge| charge.id.clone());
        let charge = charge.ok_or_else(|| ApiError::missing("payment", &id))?;
        let wanted = Wanted {
            amount: wanted.amount,
            ..Wanted::default()
        };
        till.refund(&charge, wanted)
    });
    answer("refund", made)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct End {
    status: RefundState,
}

async fn end_refund(
    State(shared): Sandbox,
    Path(id): Path<String>,
    Json(end): Json<End>,
) -> StatusCode {
    shared.change(|till| {
        if !till.books.refunds.contains_key(&id) {
            return StatusCode::NOT_FOUND;
        }
        till.end_refund(&id, end.status);
        StatusCode::OK
    })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClaimWanted {
    amount: Option<i64>,
    reason: Option<String>,
    #[serde(default)]
    inquiry: bool,
}

async fn dispute(
    State(shared): Sandbox,
    Path(id): Path<String>,
    Json(wanted): Json<ClaimWanted>,
) -> Response {
    let claim = Claim {
        amount: wanted.amount,
        reason: wanted.reason.unwrap_or_else(|| "fraudulent".to_owned()),
        inquiry: wanted.inquiry,
    };
    let made = shared.change(|till| {
        let charge = till.books.charge_of(&id).map(|charge| charge.id.clone());
        let charge = charge.ok_or_else(|| ApiError::missing("payment", &id))?;
        till.dispute(&charge, claim)
    });
    answer("dispute", made)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Decision {
    status: DisputeState,
}

async fn decide(
    State(shared): Sandbox,
    Path(id): Path<String>,
    Json(decision): Json<Decision>,
) -> StatusCode {
    match shared.change(|till| till.decide(&id, decision.status)) {
        true => StatusCode::OK,
        false => StatusCode::CONFLICT,
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountChange {
    charges_enabled: Option<bool>,
    details_submitted: Option<bool>,
    country: Option<String>,
    refuses: Option<Vec<String>>,
    #[serde(default)]
    deauthorize: bool,
}

async fn change_account(
    State(shared): Sandbox,
    Path(id): Path<String>,
    Json(to): Json<AccountChange>,
) -> Response {
    let done = shared.change(|till| {
        accounts::connected(till, &id)?;
        if to.deauthorize {
            till.deauthorize(&id);
            return Ok(id.clone());
        }
        let currency = to
            .country
            .as_deref()
            .map(accounts::currency_of)
            .transpose()?;
        let change = Change {
            charges_enabled: to.charges_enabled,
            details_submitted: to.details_submitted,
            country: to.country.clone().zip(currency),
            refuses: to.refuses.clone(),
        };
        till.change_account(&id, change);
        Ok(id.clone())
    });
    answer("account", done)
}

/// The id of what was made, under its name, or why nothing was.
fn answer(name: &str, made: Result<String, ApiError>) -> Response {
    match made {
        Ok(id) => Json(json!({ name: id })).into_response(),
        Err(error) => {
            let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST);
            (status, Json(json!({ "message": error.message }))).into_response()
        }
    }
}

//! The ear for Stripe: believes a message only by its signature, and then asks Stripe itself.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;

use crate::platform::AppState;
use crate::platform::stripe::VerifiedEvent;
use crate::platform::stripe::webhook;

use super::settle::SettleError;
use super::settle::settle;
use super::store;

/// The kinds that say something about an order; all others are taken and left alone.
const ABOUT_ORDERS: [&str; 4] = [
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
];

type Reply = (StatusCode, &'static str);

/// Takes one event. 400 to what we do not believe, 503 to what should be sent again, else 200.
pub(super) async fn receive(
    State(state): State<AppState>,
    headers: HeaderMap,
    body: Bytes,
) -> Reply {
    let header = headers
        .get("stripe-signature")
        .and_then(|value| value.to_str().ok());
    let secrets = &state.config.stripe.webhook_secrets;
    let now = state.now().seconds();
    let event = match webhook::verify(&body, header.unwrap_or_default(), secrets, now) {
        Ok(event) => event,
        Err(error) => {
            tracing::warn!("a webhook was not believed: {error}");
            return (StatusCode::BAD_REQUEST, "not believed");
        }
    };
    if event.livemode() != state.stripe.livemode() || event.account().is_some() {
        tracing::warn!(
            event = event.id(),
            "a webhook of another mode or account was refused"
        );
        return (StatusCode::BAD_REQUEST, "not for this store");
    }
    match event
        .object_id()
        .filter(|_| ABOUT_ORDERS.contains(&event.kind()))
    {
        Some(session) => act(&state, &event, session).await,
        None => (StatusCode::OK, "nothing to do"),
    }
}

async fn act(state: &AppState, event: &VerifiedEvent, session: &str) -> Reply {
    match done_before(state, event).await {
        Ok(true) => return (StatusCode::OK, "done before"),
        Ok(false) => {}
        Err(error) => return again(event, &error.into()),
    }
    match settle(state, session, Some(event)).await {
        Ok(_) => (StatusCode::OK, "done"),
        Err(error) if error.is_passing() => again(event, &error),
        Err(SettleError::Unknown) => (StatusCode::OK, "not ours"),
        Err(error) => {
            // Sending it again would change nothing; a person has to look.
            let chain = anyhow::Error::from(error);
            tracing::error!(
                event = event.id(),
                session,
                "a payment was not accepted: {chain:#}"
            );
            (StatusCode::OK, "not accepted")
        }
    }
}

/// A cheap look that spares the question to Stripe; what counts is the insert in `settle`.
async fn done_before(state: &AppState, event: &VerifiedEvent) -> Result<bool, sqlx::Error> {
    store::is_noted(&mut *state.db.read().await?, event.id()).await
}

fn again(event: &VerifiedEvent, error: &SettleError) -> Reply {
    tracing::warn!(event = event.id(), "a webhook is to be sent again: {error}");
    (StatusCode::SERVICE_UNAVAILABLE, "please send it again")
}

//! The ear for Stripe: believes a message only by its signature, and then asks Stripe itself.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;

use crate::platform::AppState;
use crate::platform::stripe::ConnectedAccount;
use crate::platform::stripe::SignatureError;
use crate::platform::stripe::StripeCallError;
use crate::platform::stripe::VerifiedEvent;
use crate::platform::stripe::webhook;
use crate::studios;
use crate::studios::PaymentAccount;

use super::payment::Occasion;
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

/// The kinds that say something about money that goes back.
const ABOUT_RETURNS: [&str; 10] = [
    "charge.refunded",
    "charge.refund.updated",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
    "refund.created",
    "refund.updated",
    "refund.failed",
];

/// The kinds that say something about a studio's account.
const ABOUT_ACCOUNTS: [&str; 2] = ["account.updated", "account.application.deauthorized"];

type Reply = (StatusCode, &'static str);

const NOT_OURS: Reply = (StatusCode::OK, "not ours");
const PLEASE_AGAIN: Reply = (StatusCode::SERVICE_UNAVAILABLE, "please send it again");

/// Takes one event. 400 to what we do not believe, 503 to what should be sent again, else 200.
pub(super) async fn receive(
    State(state): State<AppState>,
    headers: HeaderMap,
    body: Bytes,
) -> Reply {
    let header = headers
        .get("stripe-signature")
        .and_then(|value| value.to_str().ok());
    let event = match believed(&state, &body, header.unwrap_or_default()) {
        Ok(event) => event,
        Err(error) => {
            tracing::warn!("a webhook was not believed: {error}");
            return (StatusCode::BAD_REQUEST, "not believed");
        }
    };
    let Some(event) = event.filter(|event| event.livemode() == state.stripe.livemode()) else {
        tracing::warn!("a webhook of another mode or endpoint was refused");
        return (StatusCode::BAD_REQUEST, "not for this store");
    };
    let account = match event.account() {
        None => None,
        Some(name) => match known_account(&state, name).await {
            Ok(Some(account)) => Some(account),
            Ok(None) => return NOT_OURS,
            Err(error) => return again(&event, &error.into()),
        },
    };
    if let Some(account) = account.filter(|_| ABOUT_ACCOUNTS.contains(&event.kind())) {
        return look_at(&state, &event, &account).await;
    }
    let (session, payment) = (event.object_id(), event.payment_intent());
    if let Some(session) = session.filter(|_| ABOUT_ORDERS.contains(&event.kind())) {
        act(&state, &event, About::Session(session)).await
    } else if let Some(payment) = payment.filter(|_| ABOUT_RETURNS.contains(&event.kind())) {
        act(&state, &event, About::Payment(payment)).await
    } else {
        (StatusCode::OK, "nothing to do")
    }
}

/// What an event names.
#[derive(Clone, Copy, Debug)]
enum About<'a> {
    Session(&'a str),
    Payment(&'a str),
}

/// The event, if one of our secrets signed it; `None` if it was the other endpoint's. Connected
/// accounts have an endpoint and a secret of their own, and each vouches for its own events only.
fn believed(
    state: &AppState,
    body: &[u8],
    header: &str,
) -> Result<Option<VerifiedEvent>, SignatureError> {
    let stripe = &state.config.stripe;
    let now = state.now().seconds();
    let own = webhook::verify(body, header, &stripe.webhook_secrets, now);
    let connected = webhook::verify(body, header, &stripe.connect_webhook_secrets, now);
    if let (Err(error), Err(_)) = (&own, &connected) {
        return Err(*error);
    }
    let own = own.ok().filter(|event| event.account().is_none());
    let connected = connected.ok().filter(|event| event.account().is_some());
    Ok(own.or(connected))
}

/// The account of one of our studios; another platform's is nobody here.
async fn known_account(
    state: &AppState,
    name: &str,
) -> Result<Option<PaymentAccount>, sqlx::Error> {
    if ConnectedAccount::parse(name).is_err() {
        return Ok(None);
    }
    studios::payment_account(&mut *state.db.read().await?, name).await
}

/// Something happened to an account; Stripe knows what.
async fn look_at(state: &AppState, event: &VerifiedEvent, account: &PaymentAccount) -> Reply {
    match studios::refresh_account(state, account).await {
        Ok(_) => (StatusCode::OK, "done"),
        Err(error) => {
            let chain = anyhow::Error::from(error);
            tracing::warn!(
                event = event.id(),
                "a webhook is to be sent again: {chain:#}"
            );
            PLEASE_AGAIN
        }
    }
}

async fn act(state: &AppState, event: &VerifiedEvent, about: About<'_>) -> Reply {
    match done_before(state, event).await {
        Ok(true) => return (StatusCode::OK, "done before"),
        Ok(false) => {}
        Err(error) => return again(event, &error.into()),
    }
    let settled = match session_of(state, event, about).await {
        Ok(session) => settle(state, &session, Occasion::Event(event)).await,
        Err(error) => Err(error),
    };
    match settled {
        Ok(_) => (StatusCode::OK, "done"),
        Err(error) if error.is_passing() => again(event, &error),
        Err(SettleError::Unknown) => NOT_OURS,
        Err(error) => {
            // Sending it again would change nothing; a person has to look.
            let chain = anyhow::Error::from(error);
            tracing::error!(
                event = event.id(),
                ?about,
                "a payment was not accepted: {chain:#}"
            );
            (StatusCode::OK, "not accepted")
        }
    }
}

/// The session of a payment: as the order has it, or as Stripe does while we do not know of the
/// payment yet.
async fn session_of(
    state: &AppState,
    event: &VerifiedEvent,
    about: About<'_>,
) -> Result<String, SettleError> {
    let payment = match about {
        About::Session(session) => return Ok(session.to_owned()),
        About::Payment(payment) => payment,
    };
    let order = store::order_of_payment(&mut *state.db.read().await?, payment).await?;
    if let Some(session) = order.and_then(|order| order.session_id) {
        return Ok(session);
    }
    let account = event.account().map(ConnectedAccount::parse).transpose();
    let account = account.map_err(|_| SettleError::Unknown)?;
    let stripe = state.stripe.acting_for(account.as_ref());
    let session = match stripe.session_of_payment(payment).await {
        Err(StripeCallError::NotFound) => return Err(SettleError::Unknown),
        Err(error) if studios::is_cut_off(&error) => return Err(SettleError::CutOff),
        answer => answer.map_err(SettleError::Stripe)?,
    };
    session.map(|found| found.id).ok_or(SettleError::Unknown)
}

/// A cheap look that spares the question to Stripe; what counts is the insert in `settle`.
async fn done_before(state: &AppState, event: &VerifiedEvent) -> Result<bool, sqlx::Error> {
    store::is_noted(&mut *state.db.read().await?, event.id()).await
}

fn again(event: &VerifiedEvent, error: &SettleError) -> Reply {
    tracing::warn!(event = event.id(), "a webhook is to be sent again: {error}");
    PLEASE_AGAIN
}

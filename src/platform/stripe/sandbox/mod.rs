//! A small Stripe of our own, for `demo` and for tests; no money moves.
//!
//! It speaks the part of Stripe's API that the store uses, over plain HTTP and only on loopback:
//! Checkout Sessions (create, list, retrieve, line items, expire), PaymentIntents, charges,
//! refunds, disputes, balance transactions, connected accounts with direct charges, and events,
//! with tax within the price, Stripe's form encoding, errors, idempotency keys and expansion.
//! It shows a hosted payment page under `/pay/…`, questions for owners of accounts under
//! `/connect/…` and a dashboard under `/dashboard`, and sends signed webhooks, again and again
//! until they are taken. The store reaches it by `STRIPE_API_BASE`, with the very code that talks
//! to Stripe.
//!
//! Tests turn its knobs under `/_sandbox/…` (see [`knobs`]). With a log file, every request with
//! its answer and every event becomes one JSON line, which `tests/oracles/stripe_openapi.py` holds
//! against Stripe's own OpenAPI description.

mod accounts;
mod api;
mod cards;
mod dashboard;
mod delivery;
mod disputes;
mod form;
mod holders;
mod knobs;
mod lists;
mod log;
mod objects;
mod onboarding;
mod pages;
mod params;
mod pay;
mod records;
mod refunds;
mod sessions;
mod shared;
mod tax;
#[cfg(test)]
mod tests;
mod till;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header;
use axum::middleware;
use axum::middleware::Next;
use axum::response::IntoResponse;
use axum::response::Response;
use axum::routing::any;
use secrecy::SecretString;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::sync::DropGuard;

use crate::kernel::Clock;

use self::shared::Shared;

/// How often time-driven changes (expiry, delayed payments) are looked for.
const TICK: Duration = Duration::from_secs(2);

/// How a sandbox is set up.
pub struct SandboxConfig {
    /// A loopback address; port 0 takes a free one.
    pub bind: SocketAddr,
    /// Where events go; may be named later by [`SandboxHandle::deliver_to`].
    pub webhook_url: Option<String>,
    /// The secret that signs them.
    pub webhook_secret: SecretString,
    /// Signs the events of connected accounts, which have an endpoint of their own at Stripe;
    /// `None` signs them as all others.
    pub connect_webhook_secret: Option<SecretString>,
    /// The time of all records and signatures.
    pub clock: Arc<dyn Clock>,
    /// Where the records live on, so that a shop starts again with what it had.
    pub state_file: Option<PathBuf>,
    /// Where requests, answers and events are noted, one JSON object a line.
    pub log_file: Option<PathBuf>,
}

/// Why a sandbox does not start.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// It plays Stripe for whoever reaches it, so only this machine may.
    #[error("the Stripe sandbox binds loopback addresses only, not {0}")]
    NotLoopback(SocketAddr),
    /// The address is taken or not ours.
    #[error("the Stripe sandbox cannot listen on {0}")]
    Listen(SocketAddr, #[source] std::io::Error),
    /// The state or log file cannot be used.
    #[error("the Stripe sandbox cannot use {0}")]
    File(PathBuf, #[source] std::io::Error),
    /// The client that delivers webhooks cannot be made.
    #[error("the Stripe sandbox cannot make its web client")]
    Client(#[source] reqwest::Error),
}

/// A running sandbox; it ends when this is dropped.
pub struct SandboxHandle {
    shared: Arc<Shared>,
    _stop: DropGuard,
}

impl SandboxHandle {
    /// `http://127.0.0.1:PORT`, for `STRIPE_API_BASE`.
    pub fn base_url(&self) -> &str {
        &self.shared.base_url
    }

    /// Sends events to `url` from now on, those still waiting included.
    pub fn deliver_to(&self, url: &str) {
        self.shared.knobs().webhook_url = Some(url.to_owned());
        delivery::resume(&self.shared);
    }
}

/// Starts a sandbox.
pub async fn start(config: SandboxConfig) -> Result<SandboxHandle, SandboxError> {
    if !config.bind.ip().is_loopback() {
        return Err(SandboxError::NotLoopback(config.bind));
    }
    let failed = |error| SandboxError::Listen(config.bind, error);
    let listener = TcpListener::bind(config.bind).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let stop = CancellationToken::new();
    let shared = Arc::new(Shared::open(config, address, stop.clone())?);
    let router = router(shared.clone());
    let ending = stop.clone();
    tokio::spawn(async move {
        let server = axum::serve(listener, router);
        if let Err(error) = server
            .with_graceful_shutdown(ending.cancelled_owned())
            .await
        {
            tracing::error!(%error, "the Stripe sandbox stopped");
        }
    });
    tokio::spawn(tick(shared.clone(), stop.clone()));
    delivery::resume(&shared);
    Ok(SandboxHandle {
        shared,
        _stop: stop.drop_guard(),
    })
}

async fn tick(shared: Arc<Shared>, stop: CancellationToken) {
    while stop
        .run_until_cancelled(tokio::time::sleep(TICK))
        .await
        .is_some()
    {
        shared.change(|_| ());
    }
}

fn router(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/v1/{*path}", any(api::answer))
        .merge(pages::router())
        .merge(onboarding::router())
        .merge(dashboard::router())
        .nest("/_sandbox", knobs::router())
        .layer(middleware::from_fn(loopback_host))
        .with_state(shared)
}

/// A page elsewhere could point a name of its own at 127.0.0.1; such a name is not answered.
async fn loopback_host(request: Request, next: Next) -> Response {
    let host = request
        .headers()
        .get(header::HOST)
        .and_then(|value| value.to_str().ok());
    let name = host.map(|host| host.rsplit_once(':').map_or(host, |(name, _)| name));
    match name {
        Some("127.0.0.1" | "localhost" | "[::1]") => next.run(request).await,
        _ => (
            StatusCode::MISDIRECTED_REQUEST,
            "The sandbox answers on loopback only.",
        )
            .into_response(),
    }
}

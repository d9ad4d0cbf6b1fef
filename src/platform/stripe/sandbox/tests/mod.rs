//! The client against the sandbox, over real sockets.

mod accounts;
mod dashboard;
mod disputes;
mod paying;
mod protocol;
mod refunds;
mod tax;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::routing::post;
use secrecy::SecretString;
use serde_json::Value;
use serde_json::json;
use tokio::sync::mpsc;

use crate::kernel::Clock;
use crate::kernel::Currency;
use crate::kernel::Money;
use crate::kernel::Time;
use crate::kernel::clock::ManualClock;
use crate::platform::stripe::CheckoutSession;
use crate::platform::stripe::NewSession;
use crate::platform::stripe::StripeCallError;
use crate::platform::stripe::StripeClient;
use crate::platform::stripe::VerifiedEvent;
use crate::platform::stripe::webhook;

use super::SandboxConfig;
use super::SandboxHandle;

const LOOPBACK: SocketAddr = SocketAddr::V4(std::net::SocketAddrV4::new(
    std::net::Ipv4Addr::LOCALHOST,
    0,
));
const START: Time = Time::from_seconds(1_795_000_000);
const LONG_ENOUGH: Duration = Duration::from_secs(20);

fn secret(text: &str) -> SecretString {
    SecretString::from(text.to_owned())
}

/// A sandbox with a client, a clock to move and an ear for its webhooks.
struct World {
    sandbox: SandboxHandle,
    clock: Arc<ManualClock>,
    client: StripeClient,
    web: reqwest::Client,
    heard: mpsc::UnboundedReceiver<(VerifiedEvent, Value)>,
}

struct Ear {
    clock: Arc<ManualClock>,
    tell: mpsc::UnboundedSender<(VerifiedEvent, Value)>,
}

async fn hear(State(ear): State<Arc<Ear>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let header = headers["stripe-signature"].to_str().unwrap();
    let now = ear.clock.now().seconds();
    let event: Value = serde_json::from_slice(&body).unwrap();
    // Each endpoint has its secret, and events of connected accounts come to another one.
    let expected = match event.get("account") {
        Some(_) => secret("whsec_connect"),
        None => secret("whsec_test"),
    };
    let event = webhook::verify(&body, header, &[expected], now).unwrap();
    let _ = ear
        .tell
        .send((event, serde_json::from_slice(&body).unwrap()));
    StatusCode::OK
}

async fn world() -> World {
    world_with(|_| ()).await
}

async fn world_with(change: impl FnOnce(&mut SandboxConfig)) -> World {
    let clock = Arc::new(ManualClock::at(START));
    let (tell, heard) = mpsc::unbounded_channel();
    let ear = Arc::new(Ear {
        clock: clock.clone(),
        tell,
    });
    let listener = tokio::net::TcpListener::bind(LOOPBACK).await.unwrap();
    let ear_at = listener.local_addr().unwrap();
    let router = Router::new().route("/hook", post(hear)).with_state(ear);
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let mut config = SandboxConfig {
        bind: LOOPBACK,
        webhook_url: Some(format!("http://{ear_at}/hook")),
        webhook_secret: secret("whsec_test"),
        connect_webhook_secret: Some(secret("whsec_connect")),
        clock: clock.clone(),
        state_file: None,
        // tests/run holds what is said here against Stripe's own description.
        log_file: std::env::var_os("MATINEE_STRIPE_LOG").map(Into::into),
    };
    change(&mut config);
    let sandbox = super::start(config).await.unwrap();
    let client = StripeClient::new(&secret("sk_test_x"), sandbox.base_url()).unwrap();
    let web = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    World {
        sandbox,
        clock,
        client,
        web,
        heard,
    }
}

impl World {
    async fn order(&self, order_id: &str, minor: i64, code: &str) -> CheckoutSession {
        self.try_order(order_id, minor, code, &format!("{order_id}:1"))
            .await
            .unwrap()
    }

    async fn try_order(
        &self,
        order_id: &str,
        minor: i64,
        code: &str,
        key: &str,
    ) -> Result<CheckoutSession, StripeCallError> {
        let mut new = self.new_session(order_id, minor, code);
        new.idempotency_key = key;
        self.client.create_checkout_session(&new).await
    }

    fn new_session<'a>(&self, order_id: &'a str, minor: i64, code: &str) -> NewSession<'a> {
        NewSession {
            order_id,
            idempotency_key: order_id,
            price: Money::new(minor, Currency::parse(code).unwrap()),
            title_name: "Night Train & <Co>",
            description: "Lantern Films",
            customer_email: "ada@example.org",
            success_url: "http://127.0.0.1:9/orders/1?session={CHECKOUT_SESSION_ID}",
            cancel_url: "http://127.0.0.1:9/films/night-train",
            expires_at: self.clock.now().after(Duration::from_secs(3600)),
            application_fee: None,
            automatic_tax: false,
        }
    }

    /// An order paid with this number; the session as it stands then.
    async fn paid(&self, order_id: &str, minor: i64, code: &str, number: &str) -> CheckoutSession {
        let session = self.order(order_id, minor, code).await;
        let path = format!("pay/{}", session.id);
        assert_eq!(self.knob(&path, json!({"card": number})).await.0, 200);
        self.client.checkout_session(&session.id).await.unwrap()
    }

    async fn knob(&self, path: &str, body: Value) -> (u16, Value) {
        let url = format!("{}/_sandbox/{path}", self.sandbox.base_url());
        let answer = self.web.post(url).json(&body).send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.json().await.unwrap_or_default())
    }

    async fn form(&self, path: &str, body: &str) -> (u16, HeaderMap, String) {
        let request = self.web.post(format!("{}{path}", self.sandbox.base_url()));
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer = request.body(body.to_owned()).send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        (status, headers, answer.text().await.unwrap())
    }

    async fn page(&self, path: &str) -> (u16, String) {
        let url = format!("{}{path}", self.sandbox.base_url());
        let answer = self.web.get(url).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    async fn api(
        &self,
        path: &str,
        key: Option<&str>,
        body: Option<&str>,
    ) -> (u16, HeaderMap, Value) {
        let url = format!("{}{path}", self.sandbox.base_url());
        let mut request = match body {
            Some(body) => self.web.post(url).body(body.to_owned()),
            None => self.web.get(url),
        }
        .header("authorization", "Bearer sk_test_x");
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        (status, headers, answer.json().await.unwrap())
    }

    /// Waits for an event of this kind; others before it are skipped.
    async fn hears(&mut self, kind: &str) -> (VerifiedEvent, Value) {
        let until = async {
            loop {
                let (event, body) = self.heard.recv().await.expect("the ear is open");
                if event.kind() == kind {
                    return (event, body);
                }
            }
        };
        tokio::time::timeout(LONG_ENOUGH, until)
            .await
            .unwrap_or_else(|_| panic!("no {kind}"))
    }
}

//! The client against the sandbox, over real sockets.

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
use crate::platform::stripe::PaymentStatus;
use crate::platform::stripe::SessionStatus;
use crate::platform::stripe::StripeCallError;
use crate::platform::stripe::StripeClient;
use crate::platform::stripe::VerifiedEvent;
use crate::platform::stripe::webhook;

use super::SandboxConfig;
use super::SandboxError;
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
    let event = webhook::verify(&body, header, &[secret("whsec_test")], now).unwrap();
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
        let new = NewSession {
            order_id,
            idempotency_key: key,
            price: Money::new(minor, Currency::parse(code).unwrap()),
            title_name: "Night Train & <Co>",
            description: "Lantern Films",
            customer_email: "ada@example.org",
            success_url: "http://127.0.0.1:9/orders/1?session={CHECKOUT_SESSION_ID}",
            cancel_url: "http://127.0.0.1:9/films/night-train",
            expires_at: self.clock.now().after(Duration::from_secs(3600)),
            application_fee: None,
            automatic_tax: false,
        };
        self.client.create_checkout_session(&new).await
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

#[tokio::test]
async fn a_session_is_made_paid_announced_and_read_back() {
    let mut world = world().await;
    let session = world.order("order_1", 999, "USD").await;
    assert_eq!(
        (session.status, session.payment_status),
        (SessionStatus::Open, PaymentStatus::Unpaid)
    );
    assert_eq!(session.total.unwrap().to_string(), "$9.99");
    assert_eq!(session.order_id.as_deref(), Some("order_1"));
    assert_eq!(session.client_reference_id.as_deref(), Some("order_1"));
    assert!(!session.livemode && !session.is_settled());
    assert_eq!(
        session.url,
        Some(format!("{}/pay/{}", world.sandbox.base_url(), session.id))
    );

    let path = format!("/pay/{}", session.id);
    let (status, html) = world.page(&path).await;
    assert_eq!(status, 200);
    for part in [
        "Night Train &#38; &#60;Co&#62;",
        "Lantern Films",
        "$9.99",
        "ada@example.org",
        "4242 4242 4242 4242",
        "No money moves",
    ] {
        assert!(html.contains(part), "{part} in {html}");
    }
    let (status, headers, _) = world.form(&path, "number=4242+4242+4242+4242").await;
    let back = format!("http://127.0.0.1:9/orders/1?session={}", session.id);
    assert_eq!(
        (status, headers["location"].to_str().unwrap()),
        (303, &*back)
    );

    let (event, body) = world.hears("checkout.session.completed").await;
    assert_eq!(event.object_id(), Some(&*session.id));
    assert_eq!(body["data"]["object"]["payment_status"], "paid");
    let paid = world.client.checkout_session(&session.id).await.unwrap();
    assert!(paid.is_settled());
    assert_eq!(paid.provider_fee.unwrap().to_string(), "$0.59");
    assert!(paid.payment_intent.unwrap().starts_with("pi_"));
    assert_eq!(paid.url, None);
}

#[tokio::test]
async fn a_declined_card_leaves_the_session_open_for_another() {
    let mut world = world().await;
    let session = world.order("order_1", 999, "USD").await;
    let path = format!("/pay/{}", session.id);
    for (number, sentence) in [
        ("4000000000000002", "The bank declined this card."),
        (
            "4000000000009995",
            "There is not enough money on this card.",
        ),
        ("4242424242424241", "This is not a card number."),
        ("378282246310005", "takes no real cards"),
        ("DE89370400440532013000", "only be debited in euro"),
    ] {
        let (status, _, html) = world.form(&path, &format!("number={number}")).await;
        assert_eq!(status, 402);
        assert!(
            html.contains(sentence) && html.contains(number),
            "{number}: {html}"
        );
    }
    let (_, body) = world.hears("charge.failed").await;
    assert_eq!(
        body["data"]["object"]["outcome"]["reason"],
        "generic_decline"
    );
    let open = world.client.checkout_session(&session.id).await.unwrap();
    assert_eq!(
        (open.status, open.provider_fee),
        (SessionStatus::Open, None)
    );
    let (status, _) = world
        .knob(
            &format!("pay/{}", session.id),
            json!({"card": "5555555555554444"}),
        )
        .await;
    assert_eq!(status, 200);
    assert!(
        world
            .client
            .checkout_session(&session.id)
            .await
            .unwrap()
            .is_settled()
    );
}

#[tokio::test]
async fn the_bank_may_ask_first_and_hear_yes_or_no() {
    let mut world = world().await;
    let session = world.order("order_1", 999, "USD").await;
    let (pay, challenge) = (
        format!("/pay/{}", session.id),
        format!("/pay/{}/challenge", session.id),
    );
    for (answer, status) in [("fail", 402), ("approve", 303)] {
        let (first, headers, _) = world.form(&pay, "number=4000002500003155").await;
        assert_eq!(
            (first, headers["location"].to_str().unwrap()),
            (303, &*challenge)
        );
        assert!(world.page(&challenge).await.1.contains("is it you?"));
        assert_eq!(
            world.form(&challenge, &format!("answer={answer}")).await.0,
            status
        );
    }
    world.hears("payment_intent.requires_action").await;
    world.hears("payment_intent.payment_failed").await;
    world.hears("checkout.session.completed").await;
    // Nothing waits any more: the address leads back, and a stray answer pays nothing.
    assert_eq!(world.page(&challenge).await.0, 303);
}

#[tokio::test]
async fn a_delayed_payment_completes_first_and_is_decided_later() {
    let mut world = world().await;
    for (number, kind, status) in [
        (
            "DE89370400440532013000",
            "checkout.session.async_payment_succeeded",
            PaymentStatus::Paid,
        ),
        (
            "DE62370400440532013001",
            "checkout.session.async_payment_failed",
            PaymentStatus::Unpaid,
        ),
    ] {
        let session = world.order(number, 1500, "EUR").await;
        world
            .knob(&format!("pay/{}", session.id), json!({"card": number}))
            .await;
        let waiting = world.client.checkout_session(&session.id).await.unwrap();
        assert_eq!(waiting.status, SessionStatus::Complete);
        assert_eq!(waiting.payment_status, PaymentStatus::Unpaid);
        assert!(!waiting.is_settled() && !waiting.payment_failed);
        world.hears("checkout.session.completed").await;
        world.clock.advance(Duration::from_secs(11));
        let ended = world.client.checkout_session(&session.id).await.unwrap();
        assert_eq!(ended.payment_status, status);
        assert_eq!(ended.payment_failed, status == PaymentStatus::Unpaid);
        world.hears(kind).await;
    }
}

#[tokio::test]
async fn time_or_the_api_expire_an_open_session() {
    let mut world = world().await;
    let by_time = world.order("order_1", 999, "USD").await;
    world.clock.advance(Duration::from_secs(3601));
    let expired = world.client.checkout_session(&by_time.id).await.unwrap();
    assert_eq!(
        (expired.status, expired.url),
        (SessionStatus::Expired, None)
    );
    assert_eq!(
        world.hears("checkout.session.expired").await.0.object_id(),
        Some(&*by_time.id)
    );
    assert_eq!(
        world
            .form(&format!("/pay/{}", by_time.id), "number=4242424242424242")
            .await
            .0,
        410
    );

    let by_client = world.order("order_3", 999, "USD").await;
    let closed = world
        .client
        .expire_checkout_session(&by_client.id)
        .await
        .unwrap();
    assert_eq!(closed.status, SessionStatus::Expired);

    let by_call = world.order("order_2", 999, "USD").await;
    let path = format!("/v1/checkout/sessions/{}/expire", by_call.id);
    assert_eq!(
        world.api(&path, None, Some("")).await.2["status"],
        "expired"
    );
    assert_eq!(world.api(&path, None, Some("")).await.0, 400);
}

#[tokio::test]
async fn an_idempotency_key_gives_one_session_and_refuses_another_use() {
    let world = world().await;
    let first = world.try_order("order_1", 999, "USD", "key").await.unwrap();
    let again = world.try_order("order_1", 999, "USD", "key").await.unwrap();
    assert_eq!(first, again);
    let other = world
        .try_order("order_1", 998, "USD", "key")
        .await
        .unwrap_err();
    assert!(
        matches!(&other, StripeCallError::Refused { status: 400, code } if code == "idempotency_error"),
        "{other:?}"
    );
    assert_ne!(world.order("order_1", 998, "USD").await.id, first.id);
}

#[tokio::test]
async fn sessions_are_listed_by_age_and_page() {
    let world = world().await;
    let old = world.order("old", 999, "USD").await;
    world.clock.advance(Duration::from_secs(60));
    let since = world.clock.now();
    let mut made = Vec::new();
    for number in 0..103 {
        made.push(world.order(&format!("order_{number}"), 999, "USD").await.id);
    }
    made.reverse();
    let first = world
        .client
        .checkout_sessions_since(since, None)
        .await
        .unwrap();
    let second = world
        .client
        .checkout_sessions_since(since, first.next.as_deref())
        .await
        .unwrap();
    assert_eq!(
        (first.sessions.len(), second.sessions.len(), &second.next),
        (100, 3, &None)
    );
    let listed: Vec<_> = first
        .sessions
        .into_iter()
        .chain(second.sessions)
        .map(|session| session.id)
        .collect();
    assert_eq!(listed, made);
    assert!(!listed.contains(&old.id));
}

#[tokio::test]
async fn passing_faults_are_retried_and_lasting_ones_told_apart() {
    let world = world().await;
    world.knob("faults", json!({"statuses": [500, 409]})).await;
    let session = world.order("order_1", 999, "USD").await;
    world
        .knob("faults", json!({"statuses": [503, 503, 503]}))
        .await;
    let down = world
        .client
        .checkout_session(&session.id)
        .await
        .unwrap_err();
    assert!(matches!(down, StripeCallError::Unreachable(_)), "{down:?}");
    let missing = world
        .client
        .checkout_session("cs_test_nothing")
        .await
        .unwrap_err();
    assert!(matches!(missing, StripeCallError::NotFound), "{missing:?}");
    let too_little = world
        .try_order("order_2", 10, "USD", "order_2:1")
        .await
        .unwrap_err();
    assert!(
        matches!(too_little, StripeCallError::Refused { status: 400, .. }),
        "{too_little:?}"
    );
    let nobody = StripeClient::new(&secret("sk_test_x"), "http://127.0.0.1:9").unwrap();
    let error = nobody.checkout_session(&session.id).await.unwrap_err();
    assert!(
        matches!(error, StripeCallError::Unreachable(_)),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_base_address_with_a_path_is_kept() {
    let world = world().await;
    let target = world.sandbox.base_url().to_owned();
    let forward = move |uri: axum::http::Uri| async move {
        let path = uri.path_and_query().map_or("", |path| path.as_str());
        axum::response::Redirect::temporary(&format!("{target}{path}"))
    };
    let router = Router::new().nest("/stripe/eu", Router::new().fallback(forward));
    let listener = tokio::net::TcpListener::bind(LOOPBACK).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (tell, mut heard) = mpsc::unbounded_channel();
    let router = router.layer(axum::middleware::from_fn(
        move |request: axum::extract::Request, next: axum::middleware::Next| {
            let _ = tell.send(request.uri().path().to_owned());
            next.run(request)
        },
    ));
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    for base in ["/stripe/eu", "/stripe/eu/"] {
        let client = StripeClient::new(&secret("sk_test_x"), &format!("http://{address}{base}"));
        let _ = client.unwrap().checkout_session("cs_test_1").await;
        assert_eq!(
            heard.recv().await.unwrap(),
            "/stripe/eu/v1/checkout/sessions/cs_test_1"
        );
    }
}

#[tokio::test]
async fn dropped_webhooks_wait_and_can_be_repeated() {
    let mut world = world().await;
    world.knob("webhooks", json!({"deliver": false})).await;
    let session = world.order("order_1", 999, "USD").await;
    world
        .knob(
            &format!("pay/{}", session.id),
            json!({"card": "4242424242424242"}),
        )
        .await;
    let shown = world.page("/_sandbox/events").await.1;
    let shown: Vec<Value> = serde_json::from_str(&shown).unwrap();
    assert!(
        shown
            .iter()
            .all(|event| event["delivered"] == false && event["attempts"] == 0)
    );
    assert!(world.heard.try_recv().is_err());
    world.knob("webhooks", json!({"deliver": true})).await;
    let (event, _) = world.hears("checkout.session.completed").await;
    let (status, counts) = world
        .knob(
            &format!("redeliver/{}", event.id()),
            json!({"times": 40, "parallel": 8}),
        )
        .await;
    assert_eq!((status, counts), (200, json!({"answers": {"200": 40}})));
}

#[tokio::test]
async fn the_fee_may_become_known_later() {
    let world = world().await;
    world.knob("balances", json!({"hold": true})).await;
    let session = world.order("order_1", 999, "USD").await;
    world
        .knob(
            &format!("pay/{}", session.id),
            json!({"card": "4242424242424242"}),
        )
        .await;
    let paid = world.client.checkout_session(&session.id).await.unwrap();
    assert!(paid.is_settled() && paid.provider_fee.is_none());
    world.knob("balances", json!({"hold": false})).await;
    let paid = world.client.checkout_session(&session.id).await.unwrap();
    assert_eq!(paid.provider_fee.unwrap().minor(), 59);
}

#[tokio::test]
async fn what_stripe_would_refuse_is_refused_in_its_words() {
    let world = world().await;
    let good = "mode=payment&success_url=http://a.test/&line_items[0][quantity]=1\
        &line_items[0][price_data][currency]=usd&line_items[0][price_data][unit_amount]=999\
        &line_items[0][price_data][product_data][name]=Film";
    let path = "/v1/checkout/sessions";
    let (status, headers, body) = world.api(path, Some("k"), Some(good)).await;
    assert_eq!((status, &body["object"]), (200, &json!("checkout.session")));
    assert!(headers.contains_key("request-id") && headers.contains_key("stripe-version"));
    assert_eq!(
        world.api(path, Some("k"), Some(good)).await.1["idempotent-replayed"],
        "true"
    );
    for (form, code, param) in [
        (format!("{good}&colour=red"), "parameter_unknown", "colour"),
        (
            good.replace("mode=payment&", ""),
            "parameter_missing",
            "mode",
        ),
        (
            good.replace("999", "ten"),
            "parameter_invalid_integer",
            "line_items[0][price_data][unit_amount]",
        ),
        (
            good.replace("usd", "xyz"),
            "parameter_invalid_enum",
            "currency",
        ),
        (
            good.replace("http://a.test/", "javascript:x"),
            "url_invalid",
            "success_url",
        ),
        (
            format!("{good}&expires_at=1"),
            "parameter_invalid_integer",
            "expires_at",
        ),
        (format!("{good}&mode[x]=1"), "parameter_invalid", "mode[x]"),
    ] {
        let (status, _, body) = world.api(path, None, Some(&form)).await;
        assert_eq!(
            (status, &body["error"]["code"]),
            (400, &json!(code)),
            "{form}"
        );
        assert_eq!(body["error"]["param"], param);
    }
    for path in [
        "/v1/customers",
        "/v1/charges/ch_1",
        "/v1/checkout/sessions/pi_1",
    ] {
        assert_eq!(world.api(path, None, None).await.0, 404, "{path}");
    }
    let live = world.web.get(format!("{}{path}", world.sandbox.base_url()));
    assert_eq!(
        live.bearer_auth("sk_live_x").send().await.unwrap().status(),
        401
    );
}

#[tokio::test]
async fn records_outlive_a_restart_and_waiting_events_are_sent_then() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("stripe.json");
    let first = world_with(|config| {
        config.state_file = Some(state.clone());
        config.webhook_url = None;
    })
    .await;
    let session = first.order("order_1", 999, "USD").await;
    first
        .knob(
            &format!("pay/{}", session.id),
            json!({"card": "4242424242424242"}),
        )
        .await;
    drop(first);
    let mut second = world_with(|config| config.state_file = Some(state.clone())).await;
    assert!(
        second
            .client
            .checkout_session(&session.id)
            .await
            .unwrap()
            .is_settled()
    );
    second.hears("checkout.session.completed").await;
}

#[tokio::test]
async fn only_this_machine_may_reach_it() {
    let config = SandboxConfig {
        bind: "0.0.0.0:0".parse().unwrap(),
        webhook_url: None,
        webhook_secret: secret("whsec_test"),
        clock: Arc::new(ManualClock::at(START)),
        state_file: None,
        log_file: None,
    };
    assert!(matches!(
        super::start(config).await,
        Err(SandboxError::NotLoopback(_))
    ));
    let world = world().await;
    let request = world
        .web
        .get(format!("{}/_sandbox/events", world.sandbox.base_url()));
    assert_eq!(
        request
            .header("host", "films.example")
            .send()
            .await
            .unwrap()
            .status(),
        421
    );
}

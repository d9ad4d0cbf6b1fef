//! Keys, lists, faults, deliveries: what holds for every call.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use serde_json::Value;
use serde_json::json;
use tokio::sync::mpsc;

use crate::kernel::Clock;
use crate::kernel::clock::ManualClock;
use crate::platform::stripe::StripeCallError;
use crate::platform::stripe::StripeClient;
use crate::platform::stripe::sandbox::SandboxConfig;
use crate::platform::stripe::sandbox::SandboxError;
use crate::platform::stripe::sandbox::start;

use super::LOOPBACK;
use super::START;
use super::secret;
use super::world;

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
async fn only_this_machine_may_reach_it() {
    let config = SandboxConfig {
        bind: "0.0.0.0:0".parse().unwrap(),
        webhook_url: None,
        webhook_secret: secret("whsec_test"),
        connect_webhook_secret: None,
        clock: Arc::new(ManualClock::at(START)),
        state_file: None,
        log_file: None,
    };
    assert!(matches!(
        start(config).await,
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

//! From the payment page to the announcement that money came.

use std::time::Duration;

use serde_json::json;

use crate::platform::stripe::PaymentStatus;
use crate::platform::stripe::SessionStatus;

use super::world;
use super::world_with;

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

//! Refunds, and what they do to the balance.

use std::time::Duration;

use serde_json::json;

use crate::kernel::Clock;
use crate::kernel::Currency;
use crate::kernel::Money;
use crate::platform::stripe::BalanceTransaction;
use crate::platform::stripe::CheckoutSession;
use crate::platform::stripe::NewRefund;
use crate::platform::stripe::Refund;
use crate::platform::stripe::RefundReason;
use crate::platform::stripe::RefundStatus;
use crate::platform::stripe::StripeCallError;

use super::World;
use super::world;

fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::parse("USD").unwrap())
}

impl World {
    pub(super) async fn refund(
        &self,
        session: &CheckoutSession,
        refund_id: &str,
        minor: i64,
    ) -> Result<Refund, StripeCallError> {
        let new = NewRefund {
            payment_intent: session.payment_intent.as_deref().unwrap(),
            amount: Money::new(minor, session.total.unwrap().currency()),
            refund_id,
            reason: RefundReason::RequestedByCustomer,
            refund_application_fee: false,
        };
        self.client.create_refund(&new).await
    }

    pub(super) async fn refunds(&self, session: &CheckoutSession) -> Vec<Refund> {
        let intent = session.payment_intent.as_deref().unwrap();
        self.client.refunds_of(intent).await.unwrap()
    }
}

fn net(lines: &[BalanceTransaction]) -> i64 {
    lines.iter().map(|line| line.net.minor()).sum()
}

#[tokio::test]
async fn a_refund_is_made_once_announced_and_booked() {
    let mut world = world().await;
    let session = world.paid("order_1", 999, "USD", "4242424242424242").await;
    let charge = session.charge.clone().unwrap();
    assert_eq!((charge.amount, charge.refunded), (usd(999), usd(0)));
    let line = charge.balance.unwrap();
    assert_eq!(
        (line.fee, line.net, &*line.kind),
        (usd(59), usd(940), "charge")
    );

    let part = world.refund(&session, "refund_1", 300).await.unwrap();
    assert_eq!(world.refund(&session, "refund_1", 300).await.unwrap(), part);
    assert_eq!(part.status, RefundStatus::Succeeded);
    assert_eq!(part.refund_id.as_deref(), Some("refund_1"));
    let line = part.balance.clone().unwrap();
    assert_eq!(
        (line.net, line.fee, &*line.kind),
        (usd(-300), usd(0), "refund")
    );
    assert_eq!(line.source.as_ref(), Some(&part.id));
    let (_, body) = world.hears("charge.refunded").await;
    assert_eq!(body["data"]["object"]["amount_refunded"], 300);
    assert_eq!(body["data"]["object"]["refunded"], false);

    let rest = world.refund(&session, "refund_2", 699).await.unwrap();
    assert_eq!(world.refunds(&session).await, [rest, part]);
    let (_, body) = world.hears("charge.refunded").await;
    assert_eq!(body["data"]["object"]["refunded"], true);
    let session = world.client.checkout_session(&session.id).await.unwrap();
    assert_eq!(session.charge.unwrap().refunded, usd(999));
}

#[tokio::test]
async fn one_key_is_one_refund_and_never_more_than_was_paid() {
    let world = world().await;
    let session = world.paid("order_1", 999, "USD", "4242424242424242").await;
    world.refund(&session, "refund_1", 300).await.unwrap();
    for (key, minor, expected) in [
        ("refund_1", 301, "idempotency_error"),
        ("refund_2", 700, "invalid_request_error"),
        ("refund_2", 0, "invalid_request_error"),
    ] {
        let error = world.refund(&session, key, minor).await.unwrap_err();
        assert!(
            matches!(&error, StripeCallError::Refused { status: 400, code } if code == expected),
            "{key} {minor}: {error:?}"
        );
    }
    world.refund(&session, "refund_3", 699).await.unwrap();
    let error = world.refund(&session, "refund_4", 1).await.unwrap_err();
    assert!(
        matches!(&error, StripeCallError::Refused { code, .. } if code == "charge_already_refunded"),
        "{error:?}"
    );
    assert_eq!(world.refunds(&session).await.len(), 2);
    let open = world.order("order_2", 999, "USD").await;
    let path = format!("refund/{}", open.id);
    assert_eq!(world.knob(&path, json!({})).await.0, 404);
}

#[tokio::test]
async fn three_decimals_end_in_zero() {
    let world = world().await;
    let odd = world.try_order("order_1", 4995, "KWD", "order_1:1").await;
    assert!(
        matches!(odd, Err(StripeCallError::Refused { status: 400, .. })),
        "{odd:?}"
    );
    let session = world.paid("order_2", 4990, "KWD", "4242424242424242").await;
    assert_eq!(
        session.charge.as_ref().unwrap().amount.to_string(),
        "KWD\u{a0}4.990"
    );
    assert!(world.refund(&session, "refund_1", 1005).await.is_err());
    world.refund(&session, "refund_2", 1010).await.unwrap();
}

#[tokio::test]
async fn a_refund_may_take_a_while() {
    let mut world = world().await;
    let session = world.paid("order_1", 999, "USD", "4000000000007726").await;
    let refund = world.refund(&session, "refund_1", 999).await.unwrap();
    assert_eq!(refund.status, RefundStatus::Pending);
    assert!(refund.status.counts() && refund.balance.is_some());
    world.clock.advance(Duration::from_secs(10));
    let refunds = world.refunds(&session).await;
    assert_eq!(refunds[0].status, RefundStatus::Succeeded);
    let (event, _) = world.hears("refund.updated").await;
    assert_eq!(event.object_id(), Some(&*refund.id));
}

#[tokio::test]
async fn a_refund_that_fails_gives_the_money_back() {
    let mut world = world().await;
    let session = world.paid("order_1", 999, "USD", "4000000000005126").await;
    let refund = world.refund(&session, "refund_1", 999).await.unwrap();
    assert_eq!(refund.status, RefundStatus::Succeeded);
    world.clock.advance(Duration::from_secs(10));
    let refund = world.refunds(&session).await.remove(0);
    assert_eq!(refund.status, RefundStatus::Failed);
    assert!(!refund.status.counts());
    let line = refund.failure_balance.unwrap();
    assert_eq!((line.net, &*line.kind), (usd(999), "refund_failure"));
    world.hears("refund.failed").await;
    let session = world.client.checkout_session(&session.id).await.unwrap();
    assert_eq!(session.charge.as_ref().unwrap().refunded, usd(0));

    // It can be tried again, and a knob can fail what arrived long ago.
    let again = world.refund(&session, "refund_2", 500).await.unwrap();
    let path = format!("refunds/{}", again.id);
    assert_eq!(world.knob(&path, json!({"status": "failed"})).await.0, 200);
    assert_eq!(
        world.refunds(&session).await[0].status,
        RefundStatus::Failed
    );
}

#[tokio::test]
async fn a_refund_in_the_dashboard_is_not_ours() {
    let mut world = world().await;
    let session = world.paid("order_1", 999, "USD", "4242424242424242").await;
    let path = format!("refund/{}", session.id);
    let (status, made) = world.knob(&path, json!({"amount": 250})).await;
    assert_eq!(status, 200);
    let refund = world.refunds(&session).await.remove(0);
    assert_eq!(Some(refund.id.as_str()), made["refund"].as_str());
    assert_eq!((refund.amount, refund.refund_id), (usd(250), None));
    assert_eq!(refund.payment_intent, session.payment_intent);
    world.hears("refund.created").await;
}

#[tokio::test]
async fn refunds_and_the_balance_are_listed_since_a_moment() {
    let world = world().await;
    let old = world.paid("order_1", 999, "USD", "4242424242424242").await;
    world.refund(&old, "refund_1", 100).await.unwrap();
    world.clock.advance(Duration::from_secs(60));
    let since = world.clock.now();
    let debit = world.order("order_2", 1500, "EUR").await;
    let path = format!("pay/{}", debit.id);
    let iban = json!({"card": "DE89370400440532013000"});
    assert_eq!(world.knob(&path, iban).await.0, 200);
    world.knob(&format!("settle/{}", debit.id), json!({})).await;
    let debit = world.client.checkout_session(&debit.id).await.unwrap();
    let newer = world.refund(&debit, "refund_2", 400).await.unwrap();

    let listed = world.client.refunds_since(since, None).await.unwrap();
    assert_eq!((&listed.items[..], &listed.next), (&[newer][..], &None));
    let listed = world.client.balance_transactions_since(since, None).await;
    let lines = listed.unwrap().items;
    let kinds: Vec<_> = lines.iter().map(|line| &*line.kind).collect();
    assert_eq!(kinds, ["payment_refund", "payment"]);
    assert_eq!(net(&lines), 1500 - 74 - 400);
}

#[tokio::test]
async fn what_is_booked_may_become_known_later() {
    let world = world().await;
    let session = world.paid("order_1", 999, "USD", "4242424242424242").await;
    world.knob("balances", json!({"hold": true})).await;
    let refund = world.refund(&session, "refund_1", 999).await.unwrap();
    assert_eq!(refund.balance, None);
    world.knob("balances", json!({"hold": false})).await;
    assert!(world.refunds(&session).await[0].balance.is_some());
}

#[tokio::test]
async fn a_payment_leads_to_its_session() {
    let world = world().await;
    let session = world.paid("order_1", 999, "USD", "4242424242424242").await;
    let intent = session.payment_intent.as_deref().unwrap();
    let found = world.client.session_of_payment(intent).await.unwrap();
    assert_eq!(found.as_ref(), Some(&session));
    let nothing = world.client.session_of_payment("pi_nothing").await;
    assert_eq!(nothing.unwrap(), None);
}

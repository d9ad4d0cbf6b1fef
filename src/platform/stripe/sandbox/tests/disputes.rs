//! Disputes, and what they do to the balance.

use std::time::Duration;

use serde_json::json;

use crate::kernel::Clock;
use crate::platform::stripe::CheckoutSession;
use crate::platform::stripe::Dispute;
use crate::platform::stripe::DisputeStatus;
use crate::platform::stripe::Evidence;
use crate::platform::stripe::StripeCallError;

use super::World;
use super::world;

const EVIDENCE: Evidence<'static> = Evidence {
    product_description: "A film, watched in the browser",
    customer_email: "ada@example.org",
    purchase_ip: Some("203.0.113.7"),
    service_date: "2026-11-20",
    access_log: "2026-11-20 20:15 signed in\n2026-11-20 20:16 played",
    refund_policy: "",
    statement: "Order 1 was paid, delivered and watched.",
};

impl World {
    async fn dispute(&self, session: &CheckoutSession, how: serde_json::Value) -> Dispute {
        let (status, made) = self.knob(&format!("dispute/{}", session.id), how).await;
        assert_eq!(status, 200, "{made}");
        let dispute = self.disputes(session).await.remove(0);
        assert_eq!(Some(dispute.id.as_str()), made["dispute"].as_str());
        dispute
    }

    async fn decide(&self, dispute: &Dispute, to: &str) -> u16 {
        let path = format!("disputes/{}", dispute.id);
        self.knob(&path, json!({"status": to})).await.0
    }

    pub(super) async fn disputes(&self, session: &CheckoutSession) -> Vec<Dispute> {
        let intent = session.payment_intent.as_deref().unwrap();
        self.client.disputes_of(intent).await.unwrap()
    }
}

fn nets(dispute: &Dispute) -> Vec<(i64, &str)> {
    let lines = dispute.balance.iter();
    lines
        .map(|line| (line.net.minor(), line.category.as_str()))
        .collect()
}

#[tokio::test]
async fn a_dispute_takes_the_money_and_a_fee() {
    let mut world = world().await;
    let session = world.paid("order_1", 999, "USD", "4242424242424242").await;
    let dispute = world.dispute(&session, json!({})).await;
    assert_eq!(dispute.status, DisputeStatus::NeedsResponse);
    assert_eq!(dispute.amount, session.total.unwrap());
    assert_eq!(nets(&dispute), [(-999 - 1500, "dispute")]);
    assert_eq!(dispute.balance[0].source.as_ref(), Some(&dispute.id));
    assert_eq!(dispute.payment_intent, session.payment_intent);
    let due = dispute.evidence_due.unwrap();
    assert!(due > world.clock.now());
    let (event, body) = world.hears("charge.dispute.created").await;
    assert_eq!(event.object_id(), Some(&*dispute.id));
    assert_eq!(body["data"]["object"]["status"], "needs_response");
    world.hears("charge.dispute.funds_withdrawn").await;
    let session = world.client.checkout_session(&session.id).await.unwrap();
    assert!(session.charge.as_ref().unwrap().disputed);

    let error = world.refund(&session, "refund_1", 999).await.unwrap_err();
    assert!(
        matches!(&error, StripeCallError::Refused { code, .. } if code == "charge_disputed"),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_won_dispute_brings_the_money_back_and_a_lost_one_does_not() {
    let mut world = world().await;
    for (to, status, category) in [
        ("won", DisputeStatus::Won, Some("dispute_reversal")),
        ("lost", DisputeStatus::Lost, None),
    ] {
        let session = world.paid(to, 999, "USD", "4242424242424242").await;
        let dispute = world.dispute(&session, json!({"amount": 400})).await;
        assert_eq!(world.decide(&dispute, to).await, 200);
        let dispute = world.disputes(&session).await.remove(0);
        assert_eq!((dispute.status, dispute.evidence_due), (status, None));
        let after = nets(&dispute).split_off(1);
        assert_eq!(
            after,
            category.map(|c| (400, c)).into_iter().collect::<Vec<_>>()
        );
        world.hears("charge.dispute.closed").await;
        // What is decided stays decided.
        assert_eq!(world.decide(&dispute, "won").await, 409);
        assert_eq!(world.decide(&dispute, "lost").await, 409);
    }
}

#[tokio::test]
async fn a_warning_takes_nothing_and_may_become_a_dispute() {
    let mut world = world().await;
    let session = world.paid("order_1", 999, "USD", "4000000000001976").await;
    let warning = world.disputes(&session).await.remove(0);
    assert_eq!(warning.status, DisputeStatus::Warning);
    assert_eq!(warning.balance, []);
    assert_eq!(world.decide(&warning, "needs_response").await, 200);
    let dispute = world.disputes(&session).await.remove(0);
    assert_eq!(dispute.status, DisputeStatus::NeedsResponse);
    assert_eq!(nets(&dispute), [(-2499, "dispute")]);
    world.hears("charge.dispute.funds_withdrawn").await;

    let other = world.paid("order_2", 999, "USD", "4000000000001976").await;
    let warning = world.disputes(&other).await.remove(0);
    assert_eq!(world.decide(&warning, "warning_closed").await, 200);
    let closed = world.disputes(&other).await.remove(0);
    assert_eq!(closed.status, DisputeStatus::WarningClosed);
    world.hears("charge.dispute.closed").await;
}

#[tokio::test]
async fn evidence_is_submitted_once() {
    let world = world().await;
    let session = world.paid("order_1", 999, "USD", "4000000000000259").await;
    let dispute = world.disputes(&session).await.remove(0);
    assert_eq!(dispute.reason, "fraudulent");
    let submitted = world.client.submit_evidence(&dispute.id, &EVIDENCE).await;
    let submitted = submitted.unwrap();
    assert_eq!(submitted.status, DisputeStatus::UnderReview);
    let again = world.client.submit_evidence(&dispute.id, &EVIDENCE).await;
    assert_eq!(again.unwrap(), submitted);
    let other = Evidence {
        statement: "Something else",
        ..EVIDENCE
    };
    let error = world.client.submit_evidence(&dispute.id, &other).await;
    assert!(
        matches!(error, Err(StripeCallError::Refused { status: 400, .. })),
        "{error:?}"
    );
    assert_eq!(world.decide(&dispute, "won").await, 200);
}

#[tokio::test]
async fn some_evidence_decides_at_once_as_in_stripes_test_mode() {
    let mut world = world().await;
    for (statement, status) in [
        ("winning_evidence", DisputeStatus::Won),
        ("losing_evidence", DisputeStatus::Lost),
    ] {
        let session = world.paid(statement, 999, "USD", "4000000000000259").await;
        let dispute = world.disputes(&session).await.remove(0);
        let evidence = Evidence {
            statement,
            ..EVIDENCE
        };
        let decided = world.client.submit_evidence(&dispute.id, &evidence).await;
        assert_eq!(decided.unwrap().status, status);
        world.hears("charge.dispute.closed").await;
    }
}

#[tokio::test]
async fn disputes_are_listed_since_a_moment() {
    let world = world().await;
    world.paid("order_1", 999, "USD", "4000000000000259").await;
    world.clock.advance(Duration::from_secs(60));
    let since = world.clock.now();
    let session = world.paid("order_2", 999, "USD", "4000000000000259").await;
    let newer = world.disputes(&session).await;
    let listed = world.client.disputes_since(since, None).await.unwrap();
    assert_eq!((listed.items, listed.next), (newer, None));
}

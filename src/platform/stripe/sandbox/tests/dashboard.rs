//! The dashboard's buttons.

use crate::platform::stripe::DisputeStatus;
use crate::platform::stripe::RefundStatus;

use super::world;

#[tokio::test]
async fn a_merchant_and_a_bank_act_at_a_click() {
    let world = world().await;
    assert!(
        world
            .page("/dashboard")
            .await
            .1
            .contains("Nothing was paid yet")
    );
    let session = world.paid("order_1", 999, "USD", "4242424242424242").await;
    let path = format!("/dashboard/{}", session.charge.as_ref().unwrap().id);
    for (act, status) in [
        ("refund_half", 303),
        ("win", 404),
        ("inquire", 303),
        ("close_inquiry", 303),
        ("dispute", 303),
        ("refund_all", 400),
        ("win", 303),
        ("refund_all", 303),
        ("fail_refund", 303),
        ("nonsense", 422),
    ] {
        let (answer, ..) = world.form(&path, &format!("act={act}")).await;
        assert_eq!(answer, status, "{act}");
    }
    let refunds = world.refunds(&session).await;
    let statuses: Vec<_> = refunds.iter().map(|refund| refund.status).collect();
    assert_eq!(statuses, [RefundStatus::Failed, RefundStatus::Succeeded]);
    let disputes = world.disputes(&session).await;
    let statuses: Vec<_> = disputes.iter().map(|dispute| dispute.status).collect();
    assert_eq!(statuses, [DisputeStatus::Won, DisputeStatus::WarningClosed]);

    let newer = world.paid("order_2", 1250, "USD", "5555555555554444").await;
    let (status, html) = world.page("/dashboard").await;
    assert_eq!(status, 200);
    let place = |part: &str| {
        html.find(part)
            .unwrap_or_else(|| panic!("{part} in {html}"))
    };
    assert!(place(&newer.charge.unwrap().id) < place(&session.charge.unwrap().id));
    for part in [
        "Night Train &#38; &#60;Co&#62;, $9.99",
        "Refund of $4.99: succeeded",
        "Refund of $5.00: failed",
        "Dispute over $5.00: won",
        "Dispute over $5.00: warning closed",
    ] {
        assert!(html.contains(part), "{part} in {html}");
    }
    assert!(!html.contains("Shop wins"));
}

#[tokio::test]
async fn an_account_is_stopped_allowed_and_left_at_a_click() {
    let mut world = world().await;
    assert!(
        !world
            .page("/dashboard")
            .await
            .1
            .contains("Connected accounts")
    );
    let made = world.client.create_account("ada@example.org", "k").await;
    let account = made.unwrap().id;
    let path = format!("/dashboard/accounts/{account}");
    for (act, status, words) in [
        ("allow", 303, "takes payments"),
        ("stop", 303, "has questions to answer"),
        ("nonsense", 422, "has questions to answer"),
        ("leave", 303, "no longer connected"),
        ("allow", 404, "no longer connected"),
    ] {
        let (answer, ..) = world.form(&path, &format!("act={act}")).await;
        assert_eq!(answer, status, "{act}");
        let (_, html) = world.page("/dashboard").await;
        assert!(
            html.contains(&format!("{account}, {words}")),
            "{act}: {html}"
        );
    }
    let (event, _) = world.hears("account.application.deauthorized").await;
    assert_eq!(event.account(), Some(account.as_str()));
}

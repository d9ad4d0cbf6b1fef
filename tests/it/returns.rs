//! Money that goes back: refunds and disputes, in any order, however often told, or never.

use std::time::Duration;

use matinee::checkout;
use matinee::checkout::Begun;
use matinee::checkout::Occasion;
use matinee::checkout::Order;
use matinee::checkout::OrderState;
use matinee::kernel::Clock as _;
use matinee::ledger;
use serde_json::json;
use sqlx::AssertSqlSafe;

use crate::checkout::GOOD_CARD;
use crate::checkout::Shopper;
use crate::checkout::count;
use crate::checkout::drop_webhooks;
use crate::checkout::knob;
use crate::checkout::pay;
use crate::checkout::receipts;
use crate::harness::TestApp;

/// Somebody who bought a film for $9.99; the session of the payment.
async fn bought(app: &TestApp) -> (Shopper, String) {
    drop_webhooks(app).await;
    let ada = Shopper::usd(app);
    let session = ada.checks_out(app).await;
    pay(app, &session, GOOD_CARD).await;
    checkout::settle(&app.state, &session, Occasion::Visit)
        .await
        .unwrap();
    assert!(ada.owns(app).await);
    (ada, session)
}

impl Shopper {
    /// Waits until the film is theirs, or not.
    async fn comes_to(&self, app: &TestApp, owns: bool) {
        let reached = async {
            while self.owns(app).await != owns {
                tokio::task::yield_now().await;
            }
        };
        let reached = tokio::time::timeout(Duration::from_secs(20), reached).await;
        reached.unwrap_or_else(|_| panic!("the film is not theirs: {owns}"));
    }
}

/// Refunds a part, or the rest, in Stripe's dashboard; Stripe's name of the refund.
async fn refund(app: &TestApp, session: &str, amount: Option<i64>) -> String {
    let made = knob(
        app,
        &format!("refund/{session}"),
        json!({ "amount": amount }),
    )
    .await;
    made.expect(200).json()["refund"]
        .as_str()
        .unwrap()
        .to_owned()
}

async fn returned(app: &TestApp, ada: &Shopper) -> i64 {
    let mut conn = app.state.db.read().await.unwrap();
    let sales = ledger::sales_of_studio(&mut conn, ada.wanted.studio)
        .await
        .unwrap();
    sales.iter().map(|sales| sales.returned.minor()).sum()
}

/// Everything that `matinee verify` would say about money and rights.
async fn faults(app: &TestApp) -> Vec<String> {
    let mut conn = app.state.db.read().await.unwrap();
    let mut faults = ledger::audit(&mut conn).await.unwrap();
    faults.extend(checkout::audit(&mut conn).await.unwrap());
    faults
}

async fn refund_letters(app: &TestApp) -> i64 {
    count(app, "SELECT COUNT(*) FROM mail WHERE cause LIKE 'refund:%'").await
}

on_both_engines! {
    async fn a_part_leaves_the_film_and_the_whole_takes_it(app: &TestApp) {
        let (ada, session) = bought(app).await;
        for (part, sum, owns) in [(Some(300), 300, true), (Some(698), 998, true), (None, 999, false)] {
            refund(app, &session, part).await;
            for _ in 0..3 {
                checkout::settle(&app.state, &session, Occasion::Visit).await.unwrap();
            }
            assert_eq!((returned(app, &ada).await, ada.owns(app).await), (sum, owns));
            assert_eq!(faults(app).await, Vec::<String>::new());
        }
        assert_eq!(refund_letters(app).await, 3);
        let [gross, _, operator, _] = ada.books(app).await;
        assert_eq!((gross, operator), (999, 0), "the operator gave its share back");
    }

    async fn a_refund_that_fails_gives_the_film_back(app: &TestApp) {
        let (ada, session) = bought(app).await;
        let name = refund(app, &session, None).await;
        checkout::settle(&app.state, &session, Occasion::Visit).await.unwrap();
        assert!(!ada.owns(app).await);
        knob(app, &format!("refunds/{name}"), json!({ "status": "failed" })).await.expect(200);
        checkout::settle(&app.state, &session, Occasion::Doubt).await.unwrap();
        assert!(ada.owns(app).await);
        assert_eq!(returned(app, &ada).await, 0);
        assert_eq!(faults(app).await, Vec::<String>::new());
    }

    async fn a_film_that_was_given_back_may_be_bought_again(app: &TestApp) {
        let (ada, session) = bought(app).await;
        let name = refund(app, &session, None).await;
        checkout::settle(&app.state, &session, Occasion::Visit).await.unwrap();
        let again = ada.checks_out(app).await;
        assert_ne!(again, session);
        pay(app, &again, GOOD_CARD).await;
        checkout::settle(&app.state, &again, Occasion::Visit).await.unwrap();
        assert!(ada.owns(app).await);
        // The first refund fails after all: that money was paid twice now, and goes back anew.
        knob(app, &format!("refunds/{name}"), json!({ "status": "failed" })).await.expect(200);
        checkout::settle(&app.state, &session, Occasion::Doubt).await.unwrap();
        let surplus = |orders: &[Order]| {
            let surplus = orders.iter().filter(|order| order.state == OrderState::Surplus);
            surplus.map(|order| order.refunded).collect::<Vec<_>>()
        };
        assert_eq!(surplus(&ada.orders(app).await), [0]);
        app.work().await;
        assert_eq!(surplus(&ada.orders(app).await), [999], "asked for anew, and done");
        assert!(ada.owns(app).await);
        assert_eq!(faults(app).await, Vec::<String>::new());
    }

    async fn money_that_comes_for_a_film_twice_goes_back(app: &TestApp) {
        drop_webhooks(app).await;
        let ada = Shopper::usd(app);
        let first = ada.checks_out(app).await;
        let mut tx = app.state.db.begin_write().await.unwrap();
        sqlx::query("UPDATE orders SET state = 'expired'").execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
        let second = ada.checks_out(app).await;
        for session in [&second, &first] {
            pay(app, session, GOOD_CARD).await;
            checkout::settle(&app.state, session, Occasion::Visit).await.unwrap();
        }
        let states: Vec<_> = ada.orders(app).await.iter().map(|order| order.state).collect();
        assert!(states.contains(&OrderState::Paid) && states.contains(&OrderState::Surplus));
        assert_eq!((count(app, "SELECT COUNT(*) FROM entitlement WHERE state = 'owned'").await, receipts(app).await), (1, 1));
        app.work().await;
        assert_eq!(ada.books(app).await[0], 2 * 999, "the books hold what came");
        assert_eq!(returned(app, &ada).await, 999, "and what went back");
        assert!(ada.owns(app).await);
        app.work().await;
        checkout::settle(&app.state, &first, Occasion::Doubt).await.unwrap();
        assert_eq!((returned(app, &ada).await, refund_letters(app).await), (999, 1));
        assert_eq!(faults(app).await, Vec::<String>::new());
    }

    async fn a_dispute_suspends_and_its_end_decides(app: &TestApp) {
        for (end, owns, returned_in_the_end) in [("won", true, 0), ("lost", false, 999)] {
            let (ada, session) = bought(app).await;
            let [_, fees, ..] = ada.books(app).await;
            let opened = knob(app, &format!("dispute/{session}"), json!({})).await.expect(200);
            let name = opened.json()["dispute"].as_str().unwrap().to_owned();
            checkout::settle(&app.state, &session, Occasion::Visit).await.unwrap();
            assert!(!ada.owns(app).await, "suspended while the bank decides");
            assert_eq!(returned(app, &ada).await, 999);
            assert!(matches!(ada.begins(app).await.unwrap(), Begun::Owned(_)), "not sold again");
            assert_eq!(faults(app).await, Vec::<String>::new());
            knob(app, &format!("disputes/{name}"), json!({ "status": end })).await.expect(200);
            for _ in 0..2 {
                checkout::settle(&app.state, &session, Occasion::Visit).await.unwrap();
            }
            assert_eq!((ada.owns(app).await, returned(app, &ada).await), (owns, returned_in_the_end));
            assert!(ada.books(app).await[1] > fees, "the dispute itself costs");
            assert_eq!(faults(app).await, Vec::<String>::new());
        }
    }

    async fn stripes_messages_take_the_film_and_give_it_back(app: &TestApp) {
        let ada = Shopper::usd(app);
        let session = ada.checks_out(app).await;
        pay(app, &session, GOOD_CARD).await;
        ada.comes_to(app, true).await;
        let name = refund(app, &session, None).await;
        ada.comes_to(app, false).await;
        knob(app, &format!("refunds/{name}"), json!({ "status": "failed" })).await.expect(200);
        ada.comes_to(app, true).await;
        let opened = knob(app, &format!("dispute/{session}"), json!({})).await.expect(200);
        ada.comes_to(app, false).await;
        let name = opened.json()["dispute"].as_str().unwrap().to_owned();
        knob(app, &format!("disputes/{name}"), json!({ "status": "won" })).await.expect(200);
        ada.comes_to(app, true).await;
        assert_eq!(faults(app).await, Vec::<String>::new());
    }

    async fn what_is_contested_is_not_refunded_too(app: &TestApp) {
        let (ada, session) = bought(app).await;
        refund(app, &session, Some(300)).await;
        checkout::settle(&app.state, &session, Occasion::Visit).await.unwrap();
        knob(app, &format!("dispute/{session}"), json!({})).await.expect(200);
        checkout::reconcile(&app.state).await.unwrap();
        let order = ada.orders(app).await.remove(0);
        assert_eq!((order.refunded, order.withheld, order.left().minor()), (300, 699, 0));
        assert!(!ada.owns(app).await);
        assert_eq!(faults(app).await, Vec::<String>::new());
    }

    async fn a_refund_nobody_told_us_of_is_found(app: &TestApp) {
        let (ada, session) = bought(app).await;
        let name = refund(app, &session, None).await;
        assert!(ada.owns(app).await, "nobody looked yet");
        checkout::reconcile(&app.state).await.unwrap();
        assert!(!ada.owns(app).await);
        knob(app, &format!("refunds/{name}"), json!({ "status": "failed" })).await.expect(200);
        checkout::reconcile(&app.state).await.unwrap();
        assert!(ada.owns(app).await);
        let found = checkout::reconcile(&app.state).await.unwrap();
        assert_eq!((found.mended, found.failed), (0, 0), "there is nothing left to mend");
        assert_eq!(faults(app).await, Vec::<String>::new());
    }

    async fn a_sum_that_does_not_fit_its_refunds_is_a_fault(app: &TestApp) {
        let (_, session) = bought(app).await;
        refund(app, &session, Some(100)).await;
        checkout::settle(&app.state, &session, Occasion::Visit).await.unwrap();
        let mut tx = app.state.db.begin_write().await.unwrap();
        sqlx::query("UPDATE orders SET refunded_minor = 101").execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(faults(app).await.len(), 1);
        let mut tx = app.state.db.begin_write().await.unwrap();
        let more = sqlx::query("UPDATE orders SET refunded_minor = 1000").execute(&mut *tx).await;
        assert!(more.is_err(), "more than was paid cannot go back");
        drop(tx);
        let mut tx = app.state.db.begin_write().await.unwrap();
        sqlx::query("UPDATE orders SET refunded_minor = 100").execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
    }
}

on_both_engines! {
    async fn books_equal_the_balance_and_what_does_not_is_shown(app: &TestApp) {
        let (ada, session) = bought(app).await;
        refund(app, &session, Some(333)).await;
        knob(app, &format!("dispute/{session}"), json!({})).await.expect(200);
        let found = checkout::reconcile(&app.state).await.unwrap();
        assert_eq!((found.failed, found.differing), (0, 0));
        assert_eq!(count(app, "SELECT COUNT(*) FROM balance_line").await, 3, "charge, refund, dispute");
        assert_eq!(checkout::reconcile(&app.state).await.unwrap().differing, 0);
        assert_eq!(count(app, "SELECT COUNT(*) FROM balance_line").await, 3, "each once");
        app.clock.advance(Duration::from_secs(300));
        checkout::reconcile(&app.state).await.unwrap();
        assert_eq!(faults(app).await, Vec::<String>::new());

        // A line that is not what our books say, by one cent.
        let mut tx = app.state.db.begin_write().await.unwrap();
        // It was kept, and the walk was cut off before it compared.
        let change = "UPDATE balance_line SET compared = 0, fee_minor = fee_minor + 1, net_minor = net_minor - 1 WHERE category = 'charge'";
        sqlx::query(change).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(faults(app).await.len(), 1);
        assert_eq!(checkout::reconcile(&app.state).await.unwrap().differing, 1);
        let shown = checkout::differences(&mut app.state.db.read().await.unwrap()).await.unwrap();
        let [shown] = shown[..] else { panic!("{shown:?}") };
        assert_eq!(shown.order, ada.orders(app).await[0].id);
        assert_eq!(shown.provider.minor(), shown.books.minor() - 1);

        // It is forgotten when it is gone.
        let mut tx = app.state.db.begin_write().await.unwrap();
        sqlx::query("UPDATE balance_line SET fee_minor = fee_minor - 1, net_minor = net_minor + 1 WHERE category = 'charge'")
            .execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
        checkout::reconcile(&app.state).await.unwrap();
        let shown = checkout::differences(&mut app.state.db.read().await.unwrap()).await.unwrap();
        assert_eq!(shown, []);
        assert_eq!(faults(app).await, Vec::<String>::new());
    }

    async fn an_order_that_cannot_be_compared_holds_nobody_up(app: &TestApp) {
        let (ada, _) = bought(app).await;
        checkout::reconcile(&app.state).await.unwrap();
        let (eve, session) = bought(app).await;
        refund(app, &session, Some(333)).await;
        let mut tx = app.state.db.begin_write().await.unwrap();
        for change in [
            "UPDATE balance_line SET compared = 0, fee_minor = fee_minor + 1, net_minor = net_minor - 1".to_owned(),
            format!("UPDATE orders SET session_id = 'cs_test_nobody' WHERE id = '{}'", ada.orders(app).await[0].id),
        ] {
            sqlx::query(AssertSqlSafe(change)).execute(&mut *tx).await.unwrap();
        }
        tx.commit().await.unwrap();
        app.clock.advance(Duration::from_secs(300));
        let found = checkout::reconcile(&app.state).await.unwrap();
        assert_eq!(found.failed, 1, "{found:?}");
        assert_eq!(eve.orders(app).await[0].refunded, 333);
        let mut conn = app.state.db.read().await.unwrap();
        assert_eq!(checkout::reconcile_marks(&mut conn).await.unwrap()[0].1, app.clock.now(), "the walk came to its end");
        drop(conn);
        assert_eq!(count(app, "SELECT COUNT(*) FROM balance_line WHERE compared = 0").await, 1, "tried again");
        let mut tx = app.state.db.begin_write().await.unwrap();
        let right = "UPDATE balance_line SET fee_minor = fee_minor - 1, net_minor = net_minor + 1 WHERE compared = 0";
        sqlx::query(right).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
    }
}

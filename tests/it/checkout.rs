//! Buying, end to end against the Stripe sandbox: once, whatever is lost, late or repeated.

use matinee::checkout;
use matinee::checkout::Begun;
use matinee::checkout::Buyer;
use matinee::checkout::Mismatch;
use matinee::checkout::Occasion;
use matinee::checkout::Order;
use matinee::checkout::OrderState;
use matinee::checkout::SettleError;
use matinee::checkout::Wanted;
use matinee::kernel::Clock;
use matinee::kernel::Currency;
use matinee::kernel::Money;
use matinee::kernel::Source;
use matinee::kernel::ids::AccountId;
use matinee::kernel::ids::OfferId;
use matinee::kernel::ids::StudioId;
use matinee::kernel::ids::TitleId;
use matinee::kernel::text::EmailAddress;
use matinee::ledger;
use matinee::library;
use matinee::offers::OfferKind;
use matinee::platform::AppError;
use matinee::platform::mail;
use matinee::platform::stripe::webhook;
use serde_json::Value;
use serde_json::json;
use std::time::Duration;

use crate::harness::Answer;
use crate::harness::Person;
use crate::harness::TestApp;

pub(crate) const GOOD_CARD: &str = "4242424242424242";

/// Somebody who buys one film, again and again if need be.
pub(crate) struct Shopper {
    pub(crate) account: AccountId,
    email: EmailAddress,
    pub(crate) wanted: Wanted,
    pub(crate) source: Source,
}

impl Shopper {
    pub(crate) fn new(app: &TestApp, minor: i64, code: &str) -> Self {
        let (now, rng) = (app.clock.now(), &mut rand::rng());
        Self {
            account: AccountId::new(now, rng),
            email: EmailAddress::parse("ada@example.org").unwrap(),
            wanted: Wanted {
                offer: OfferId::new(now, rng),
                title: TitleId::new(now, rng),
                title_name: "Night Train".to_owned(),
                title_slug: "night-train".to_owned(),
                studio: StudioId::new(now, rng),
                studio_name: "Lantern Films".to_owned(),
                price: Money::new(minor, Currency::parse(code).unwrap()),
                kind: OfferKind::Buy,
                seller: None,
            },
            source: Source::Direct,
        }
    }

    pub(crate) fn usd(app: &TestApp) -> Self {
        Self::new(app, 999, "USD")
    }

    pub(crate) async fn begins(&self, app: &TestApp) -> Result<Begun, AppError> {
        let buyer = Buyer {
            account: self.account,
            email: &self.email,
            reader: "de-DE,en;q=0.5",
            source: &self.source,
        };
        checkout::begin(&app.state, buyer, &self.wanted).await
    }

    /// Comes to the payment page; its session.
    pub(crate) async fn checks_out(&self, app: &TestApp) -> String {
        match self.begins(app).await.unwrap() {
            Begun::Pay(url) => url.rsplit('/').next().unwrap().to_owned(),
            other => panic!("no payment page but {other:?}"),
        }
    }

    pub(crate) async fn orders(&self, app: &TestApp) -> Vec<Order> {
        let mut conn = app.state.db.read().await.unwrap();
        checkout::orders_of_viewer(&mut conn, self.account)
            .await
            .unwrap()
    }

    pub(crate) async fn state(&self, app: &TestApp) -> OrderState {
        self.orders(app).await[0].state
    }

    pub(crate) async fn owns(&self, app: &TestApp) -> bool {
        let mut conn = app.state.db.read().await.unwrap();
        library::owns(&mut conn, self.account, self.wanted.title)
            .await
            .unwrap()
    }

    /// Gross, provider's fee, operator's fee and net of the film's studio, in minor units.
    pub(crate) async fn books(&self, app: &TestApp) -> [i64; 4] {
        let mut conn = app.state.db.read().await.unwrap();
        let sales = ledger::sales_of_studio(&mut conn, self.wanted.studio)
            .await
            .unwrap();
        let Some(s) = sales.first() else {
            return [0; 4];
        };
        [s.gross, s.provider_fee, s.operator_fee, s.net].map(Money::minor)
    }
}

pub(crate) async fn knob(app: &TestApp, path: &str, body: Value) -> Answer {
    Person::new(app.sandbox.base_url())
        .post_json(&format!("/_sandbox/{path}"), &body)
        .await
}

pub(crate) async fn drop_webhooks(app: &TestApp) {
    knob(app, "webhooks", json!({"deliver": false}))
        .await
        .expect(200);
}

pub(crate) async fn pay(app: &TestApp, session: &str, card: &str) {
    knob(app, &format!("pay/{session}"), json!({"card": card}))
        .await
        .expect(200);
}

/// Ids of the sandbox's events of a kind.
pub(crate) async fn events(app: &TestApp, kind: &str) -> Vec<String> {
    let list = Person::new(app.sandbox.base_url())
        .get("/_sandbox/events")
        .await
        .json();
    let of_kind = list
        .as_array()
        .unwrap()
        .iter()
        .filter(|e| e["event"]["type"] == kind);
    of_kind
        .map(|event| event["event"]["id"].as_str().unwrap().to_owned())
        .collect()
}

pub(crate) async fn count(app: &TestApp, statement: &'static str) -> i64 {
    let mut conn = app.state.db.read().await.unwrap();
    sqlx::query_scalar(statement)
        .fetch_one(&mut *conn)
        .await
        .unwrap()
}

pub(crate) async fn receipts(app: &TestApp) -> i64 {
    count(
        app,
        "SELECT COUNT(*) FROM mail WHERE cause LIKE 'receipt:%'",
    )
    .await
}

/// Everything that a message could change.
pub(crate) async fn everything(app: &TestApp) -> [i64; 5] {
    [
        count(app, "SELECT COUNT(*) FROM orders WHERE state <> 'open'").await,
        count(app, "SELECT COUNT(*) FROM ledger_entry").await,
        count(app, "SELECT COUNT(*) FROM entitlement").await,
        count(app, "SELECT COUNT(*) FROM mail").await,
        count(app, "SELECT COUNT(*) FROM payment_event").await,
    ]
}

/// Posts a message to the store's ear, signed as asked.
pub(crate) async fn tell(app: &TestApp, body: &Value, secret: &str, age_seconds: i64) -> u16 {
    let text = body.to_string();
    let at = app.clock.now().seconds() - age_seconds;
    let header = webhook::sign(text.as_bytes(), &secret.to_owned().into(), at);
    let nobody = app.nobody();
    let request = nobody.request(reqwest::Method::POST, "/webhooks/stripe");
    let answer = nobody
        .send(request.header("stripe-signature", header).body(text))
        .await;
    answer.status.as_u16()
}

pub(crate) fn completed(session: &str) -> Value {
    json!({
        "id": "evt_made_up", "object": "event", "type": "checkout.session.completed",
        "livemode": false, "created": 1_800_000_000, "data": {"object": {"id": session}},
    })
}

on_both_engines! {
    async fn a_thousand_deliveries_make_one_sale(app: &TestApp) {
        drop_webhooks(app).await;
        let ada = Shopper::usd(app);
        let session = ada.checks_out(app).await;
        pay(app, &session, GOOD_CARD).await;
        let event = events(app, "checkout.session.completed").await.remove(0);
        let path = format!("redeliver/{event}");
        let deliveries = knob(app, &path, json!({"times": 1000, "parallel": 32}));
        let returns = futures_util::future::join_all(
            (0..100).map(|_| checkout::settle(&app.state, &session, Occasion::Visit)),
        );
        let (deliveries, returns) = tokio::join!(deliveries, returns);
        assert_eq!(deliveries.json(), json!({"answers": {"200": 1000}}));
        let mut moved = 0;
        for settled in returns {
            let settled = settled.unwrap();
            assert_eq!(settled.state, OrderState::Paid);
            moved += i32::from(settled.moved);
        }
        assert!(moved <= 1);
        assert_eq!(count(app, "SELECT COUNT(*) FROM entitlement").await, 1);
        assert_eq!(count(app, "SELECT COUNT(*) FROM ledger_transfer WHERE kind = 'sale'").await, 1);
        assert_eq!(receipts(app).await, 1);
        let mail = &mail::latest(&mut app.state.db.read().await.unwrap(), 1).await.unwrap()[0];
        assert!(mail.body_text.contains("Paid: 9,99\u{a0}$"), "for a German: {}", mail.body_text);
        assert_eq!(ada.books(app).await, [999, 59, 49, 891]);
        assert!(ada.owns(app).await);
    }

    async fn messages_that_are_not_stripes_change_nothing(app: &TestApp) {
        drop_webhooks(app).await;
        let ada = Shopper::usd(app);
        let session = ada.checks_out(app).await;
        pay(app, &session, GOOD_CARD).await;
        let ours = "whsec_of_the_tests";
        let before = everything(app).await;
        let event = completed(&session);
        let change = |field: &str, value: Value| {
            let mut event = event.clone();
            event[field] = value;
            event
        };
        for (what, event, secret, age, status) in [
            ("another secret", event.clone(), "whsec_other", 0, 400),
            ("too old", event.clone(), ours, 301, 400),
            ("from the future", event.clone(), ours, -301, 400),
            ("the other mode", change("livemode", json!(true)), ours, 0, 400),
            ("a foreign account", change("account", json!("acct_1")), ours, 0, 400),
            ("not an event", json!({"hello": 1}), ours, 0, 400),
            ("an unknown session", completed("cs_test_nothing"), ours, 0, 200),
            ("an unknown kind", change("type", json!("customer.created")), ours, 0, 200),
        ] {
            assert_eq!(tell(app, &event, secret, age).await, status, "{what}");
            assert_eq!(everything(app).await, before, "{what}");
        }
        let large = json!({"pad": "x".repeat(300_000)});
        assert_eq!(tell(app, &large, ours, 0).await, 413);
        assert_eq!(tell(app, &event, ours, 0).await, 200);
        assert!(ada.owns(app).await);
    }

    async fn sessions_that_do_not_fit_their_order_change_nothing(app: &TestApp) {
        drop_webhooks(app).await;
        let (ada, eve) = (Shopper::usd(app), Shopper::usd(app));
        let session = ada.checks_out(app).await;
        let hers = ada.orders(app).await[0].id.to_string();
        eve.checks_out(app).await;
        let other = eve.orders(app).await[0].id.to_string();
        pay(app, &session, GOOD_CARD).await;
        let before = everything(app).await;
        let path = format!("sessions/{session}");
        let falsify = |to: Value| knob(app, &path, to);
        for (to, fits) in [
            (json!({"amount_total": 1}), false),
            (json!({"amount_total": 999, "currency": "eur"}), false),
            (json!({"currency": "usd", "order_id": "order_x"}), false),
            (json!({"order_id": hers, "livemode": true}), false),
            (json!({"livemode": false}), true),
        ] {
            falsify(to.clone()).await.expect(200);
            let settled = checkout::settle(&app.state, &session, Occasion::Visit).await;
            assert_eq!(settled.is_ok(), fits, "{to}: {settled:?}");
            assert!(fits || everything(app).await == before, "{to}");
        }
        // A session that claims another's order is settled for that order, if at all: here the
        // claimed order has a page of its own, and money that came for it counts.
        falsify(json!({"order_id": other, "amount_total": 1})).await;
        let refused = checkout::settle(&app.state, &session, Occasion::Visit).await.unwrap_err();
        assert!(matches!(refused, SettleError::Mismatch(Mismatch::Amount)), "{refused:?}");
        assert!(!eve.owns(app).await);
        falsify(json!({"order_id": hers, "amount_total": 999})).await;
    }

    async fn with_every_webhook_lost_the_return_page_or_the_job_mends_it(app: &TestApp) {
        drop_webhooks(app).await;
        let (ada, eve) = (Shopper::usd(app), Shopper::usd(app));
        let returning = ada.checks_out(app).await;
        let vanishing = eve.checks_out(app).await;
        for session in [&returning, &vanishing] {
            pay(app, session, GOOD_CARD).await;
        }
        checkout::settle(&app.state, &returning, Occasion::Visit).await.unwrap();
        assert!(ada.owns(app).await && !eve.owns(app).await);
        let found = checkout::reconcile(&app.state).await.unwrap();
        assert_eq!((found.mended, found.failed), (1, 0));
        assert!(eve.owns(app).await);
        let before = everything(app).await;
        for event in events(app, "checkout.session.completed").await {
            knob(app, &format!("redeliver/{event}"), json!({"times": 3})).await.expect(200);
        }
        checkout::reconcile(&app.state).await.unwrap();
        let after = everything(app).await;
        assert_eq!(before[..4], after[..4], "late webhooks change nothing");
        assert_eq!(receipts(app).await, 2);
    }

    async fn a_fee_that_is_known_later_is_posted_once(app: &TestApp) {
        knob(app, "balances", json!({"hold": true})).await.expect(200);
        let ada = Shopper::usd(app);
        let session = ada.checks_out(app).await;
        pay(app, &session, GOOD_CARD).await;
        checkout::settle(&app.state, &session, Occasion::Visit).await.unwrap();
        assert_eq!(ada.books(app).await, [999, 0, 49, 950]);
        knob(app, "balances", json!({"hold": false})).await.expect(200);
        for _ in 0..3 {
            checkout::reconcile(&app.state).await.unwrap();
        }
        assert_eq!(ada.books(app).await, [999, 59, 49, 891]);
        assert_eq!(checkout::reconcile(&app.state).await.unwrap().asked, 0);
    }

    async fn a_film_is_bought_once(app: &TestApp) {
        let ada = Shopper::usd(app);
        let session = ada.checks_out(app).await;
        assert_eq!(ada.checks_out(app).await, session, "the page that is open already");
        pay(app, &session, GOOD_CARD).await;
        let Begun::Owned(order) = ada.begins(app).await.unwrap() else { panic!("bought twice") };
        let orders = ada.orders(app).await;
        assert_eq!((orders.len(), orders[0].id), (1, order));
    }

    async fn many_tabs_make_one_order(app: &TestApp) {
        let ada = Shopper::usd(app);
        let tabs = (0..8).map(|_| ada.checks_out(app));
        let sessions = futures_util::future::join_all(tabs).await;
        assert!(sessions.iter().all(|session| *session == sessions[0]), "{sessions:?}");
        assert_eq!(ada.orders(app).await.len(), 1);
    }

    async fn a_page_that_expired_makes_room_for_a_new_order(app: &TestApp) {
        let ada = Shopper::usd(app);
        let first = ada.checks_out(app).await;
        app.clock.advance(Duration::from_secs(3601));
        let second = ada.checks_out(app).await;
        assert_ne!(first, second);
        let states: Vec<_> = ada.orders(app).await.iter().map(|order| order.state).collect();
        assert_eq!(states, [OrderState::Open, OrderState::Expired]);
        app.clock.advance(Duration::from_secs(3601));
        checkout::reconcile(&app.state).await.unwrap();
        assert_eq!(ada.state(app).await, OrderState::Expired);
    }

    async fn a_new_price_closes_the_page_with_the_old_one(app: &TestApp) {
        let mut ada = Shopper::usd(app);
        let old = ada.checks_out(app).await;
        ada.wanted.price = Money::new(499, ada.wanted.price.currency());
        let new = ada.checks_out(app).await;
        let gone = knob(app, &format!("pay/{old}"), json!({"card": GOOD_CARD})).await;
        assert_eq!(gone.status.as_u16(), 410);
        pay(app, &new, GOOD_CARD).await;
        checkout::settle(&app.state, &new, Occasion::Visit).await.unwrap();
        assert_eq!(ada.books(app).await[0], 499);
    }

    async fn when_stripe_is_away_nothing_is_lost_or_doubled(app: &TestApp) {
        let ada = Shopper::usd(app);
        knob(app, "faults", json!({"statuses": [500, 503, 500]})).await.expect(200);
        assert!(matches!(ada.begins(app).await, Err(AppError::Unavailable(_))));
        let session = ada.checks_out(app).await;
        assert_eq!(ada.orders(app).await.len(), 1);
        pay(app, &session, GOOD_CARD).await;
        knob(app, "faults", json!({"statuses": [500, 500, 500]})).await.expect(200);
        let _ = checkout::settle(&app.state, &session, Occasion::Visit).await;
        checkout::reconcile(&app.state).await.unwrap();
        assert!(ada.owns(app).await);
    }

    async fn an_order_whose_page_never_came_is_given_up_in_the_end(app: &TestApp) {
        let ada = Shopper::usd(app);
        knob(app, "faults", json!({"statuses": [500, 500, 500]})).await.expect(200);
        assert!(ada.begins(app).await.is_err());
        app.clock.advance(Duration::from_secs(40 * 60));
        // Too little time is left for the first attempt's page, so this is the second.
        let session = ada.checks_out(app).await;
        let order = ada.orders(app).await.remove(0);
        assert_eq!((order.attempt, order.session_id), (2, Some(session)));

        let eve = Shopper::usd(app);
        knob(app, "faults", json!({"statuses": [500, 500, 500]})).await.expect(200);
        assert!(eve.begins(app).await.is_err());
        app.clock.advance(Duration::from_secs(3601));
        checkout::reconcile(&app.state).await.unwrap();
        assert_eq!(eve.state(app).await, OrderState::Expired);
    }

    async fn a_debit_waits_for_the_bank_and_ends_either_way(app: &TestApp) {
        for (account, end) in [
            ("DE89370400440532013000", OrderState::Paid),
            ("DE62370400440532013001", OrderState::Failed),
        ] {
            let ada = Shopper::new(app, 1_500, "EUR");
            let session = ada.checks_out(app).await;
            pay(app, &session, account).await;
            checkout::settle(&app.state, &session, Occasion::Visit).await.unwrap();
            assert_eq!(ada.state(app).await, OrderState::Pending);
            assert!(matches!(ada.begins(app).await.unwrap(), Begun::Waiting(_)));
            assert!(!ada.owns(app).await);
            knob(app, &format!("settle/{session}"), json!({})).await.expect(200);
            checkout::settle(&app.state, &session, Occasion::Visit).await.unwrap();
            assert_eq!(ada.state(app).await, end);
            assert_eq!(ada.owns(app).await, end == OrderState::Paid);
        }
    }

    async fn an_order_is_shown_to_its_buyer_only_and_needs_a_sign_in(app: &TestApp) {
        let ada = Shopper::usd(app);
        ada.checks_out(app).await;
        let order = ada.orders(app).await[0].id;
        let nobody = app.nobody();
        let answer = nobody.get(&format!("/orders/{order}")).await;
        assert_eq!(answer.location(), format!("/login?next=%2Forders%2F{order}"));
        let offer = ada.wanted.offer.to_string();
        assert!(nobody.post("/checkout", &[("offer", &offer)]).await.location().starts_with("/login"));
    }
}

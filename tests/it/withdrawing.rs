//! What the law asks at the till, and films that are given back.

use std::time::Duration;

use matinee::accounts;
use matinee::accounts::MadeOperator;
use matinee::checkout;
use matinee::checkout::AskedBy;
use matinee::checkout::Order;
use matinee::kernel::BasisPoints;
use matinee::kernel::Clock;
use matinee::kernel::ids::OrderId;
use matinee::kernel::text::EmailAddress;
use matinee::library;
use matinee::library::Viewing;
use matinee::platform::jobs;
use matinee::platform::mail;
use serde_json::json;
use uuid::Uuid;

use crate::checkout::GOOD_CARD;
use crate::checkout::count;
use crate::checkout::knob;
use crate::checkout::pay;
use crate::harness::FilmOnSale;
use crate::harness::Person;
use crate::harness::TestApp;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const BOTH: [(&str, &str); 2] = [("at_once", "yes"), ("no_withdrawal", "yes")];

/// Ada, her film, and the order she paid.
pub(crate) struct Bought {
    pub(crate) ada: Person,
    pub(crate) film: FilmOnSale,
    pub(crate) id: OrderId,
    pub(crate) session: String,
}

impl Bought {
    pub(crate) async fn with(app: &TestApp, boxes: &[(&str, &str)]) -> Self {
        let film = app.film_on_sale("Night Train", "Lantern Films", 999).await;
        Self::of(app, film, boxes).await
    }

    async fn of(app: &TestApp, film: FilmOnSale, boxes: &[(&str, &str)]) -> Self {
        let ada = app.viewer("Ada").await;
        let offer = film.offer.id.to_string();
        let mut fields = vec![("offer", offer.as_str())];
        fields.extend(boxes);
        let page = ada.post("/checkout", &fields).await.location().to_owned();
        let session = page.rsplit('/').next().unwrap().to_owned();
        pay(app, &session, GOOD_CARD).await;
        let mut conn = app.state.db.read().await.unwrap();
        let order = checkout::orders_found(&mut conn, None, "ada@example.org", 1)
            .await
            .unwrap()
            .remove(0);
        ada.get(&format!("/orders/{}", order.id)).await.expect(200);
        app.work().await;
        Self {
            ada,
            film,
            id: order.id,
            session,
        }
    }

    pub(crate) async fn order(&self, app: &TestApp) -> Order {
        let mut conn = app.state.db.read().await.unwrap();
        checkout::order_by_id(&mut conn, self.id)
            .await
            .unwrap()
            .unwrap()
    }

    async fn owns(&self, app: &TestApp) -> bool {
        let order = self.order(app).await;
        let mut conn = app.state.db.read().await.unwrap();
        library::owns(&mut conn, order.account, order.wanted.title)
            .await
            .unwrap()
    }

    /// So many seconds of the film run.
    pub(crate) async fn watches(&self, app: &TestApp, seconds: i64) {
        let order = self.order(app).await;
        let now = app.clock.now();
        let viewing = Viewing {
            lease: Uuid::new_v4(),
            viewer: order.account,
            title: order.wanted.title,
            device: "Firefox on Linux".to_owned(),
            address: "192.0.2.7".to_owned(),
            begun_at: now,
            last_at: now,
            position_seconds: seconds,
            watched_seconds: seconds,
        };
        let mut tx = app.state.db.begin_write().await.unwrap();
        library::note_begun(&mut tx, &viewing).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Presses the button; what the store answers.
    async fn gives_back(&self) -> (u16, String) {
        let answer = self
            .ada
            .post(&format!("/orders/{}/return", self.id), &[])
            .await;
        (answer.status.as_u16(), answer.text)
    }

    /// Nothing was written, and the film is still theirs.
    async fn refused(&self, app: &TestApp, words: &str) {
        let (status, text) = self.gives_back().await;
        assert_eq!(status, 409, "{text}");
        assert!(text.contains(words), "{words} is missing in {text}");
        assert_eq!(count(app, "SELECT COUNT(*) FROM refund").await, 0);
        assert_eq!(count(app, "SELECT COUNT(*) FROM withdrawal").await, 0);
    }
}

async fn letter(app: &TestApp, subject: &str) -> Option<String> {
    let mut conn = app.state.db.read().await.unwrap();
    let mails = mail::latest(&mut conn, 20).await.unwrap();
    mails
        .into_iter()
        .find(|mail| mail.subject.contains(subject))
        .map(|mail| mail.body_text)
}

/// Sets up to how many basis points of its films a studio takes back what was watched.
async fn set_share(app: &TestApp, film: &FilmOnSale, points: u16) {
    let mut tx = app.state.db.begin_write().await.unwrap();
    checkout::set_refund_terms(&mut tx, film.studio.id, BasisPoints::new(points).unwrap())
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

on_both_engines! {
    async fn a_consent_is_kept_and_confirmed_by_mail(app: &TestApp) {
        let bought = Bought::with(app, &BOTH).await;
        let consent = bought.order(app).await.consent.unwrap();
        assert_eq!((&*consent.version, consent.given_at, &*consent.from), (checkout::CONSENT_VERSION, app.clock.now(), "127.0.0.1"));
        let receipt = letter(app, "Your receipt").await.unwrap();
        assert!(receipt.contains("agreed that your right of withdrawal ends") && receipt.contains(&consent.version), "{receipt}");
    }

    async fn one_box_or_none_is_no_consent(app: &TestApp) {
        let bought = Bought::with(app, &BOTH[..1]).await;
        assert_eq!(bought.order(app).await.consent, None);
        let receipt = letter(app, "Your receipt").await.unwrap();
        assert!(receipt.contains("You may withdraw from this purchase within 14 days") && receipt.contains("/withdraw"), "{receipt}");
        bought.watches(app, 94 * 60).await;
        assert_eq!(bought.gives_back().await.0, 303, "the right stands, watched or not");
        app.work().await;
        assert!(!bought.owns(app).await);
        assert_eq!(bought.order(app).await.refunded, 999);
        assert!(letter(app, "You have withdrawn from Night Train").await.is_some());
        let page = bought.ada.get(&format!("/orders/{}", bought.id)).await.text;
        assert!(page.contains("Given back") && page.contains("sent back"), "{page}");
    }

    async fn what_was_said_last_before_paying_counts(app: &TestApp) {
        let film = app.film_on_sale("Night Train", "Lantern Films", 999).await;
        let ada = app.viewer("Ada").await;
        let offer = film.offer.id.to_string();
        let boxes = [("offer", offer.as_str()), BOTH[0], BOTH[1]];
        for fields in [&boxes[..], &boxes[..1]] {
            ada.post("/checkout", fields).await.expect(303);
        }
        assert_eq!(count(app, "SELECT COUNT(*) FROM orders WHERE consent_at IS NOT NULL").await, 0);
    }

    async fn a_little_watched_goes_back_by_the_studios_terms(app: &TestApp) {
        let bought = Bought::with(app, &BOTH).await;
        bought.watches(app, 94 * 6).await;
        let page = bought.ada.get(&format!("/orders/{}", bought.id)).await.text;
        assert!(page.contains("no more than 10 % of it"), "{page}");
        assert_eq!(bought.gives_back().await.0, 303);
        assert_eq!(bought.gives_back().await.0, 409, "once");
        app.work().await;
        assert!(!bought.owns(app).await);
        assert_eq!(count(app, "SELECT COUNT(*) FROM withdrawal").await, 0, "no withdrawal");
        assert_eq!(count(app, "SELECT COUNT(*) FROM refund").await, 1);
    }

    async fn lower_terms_count_for_later_orders_only(app: &TestApp) {
        let film = app.film_on_sale("Night Train", "Lantern Films", 999).await;
        set_share(app, &film, 2_000).await;
        let bought = Bought::of(app, film, &BOTH).await;
        set_share(app, &bought.film, 0).await;
        bought.watches(app, 94 * 12).await;
        assert_eq!(bought.gives_back().await.0, 303);
    }

    async fn higher_terms_count_for_later_orders_only(app: &TestApp) {
        let film = app.film_on_sale("Night Train", "Lantern Films", 999).await;
        set_share(app, &film, 50).await;
        let bought = Bought::of(app, film, &BOTH).await;
        set_share(app, &bought.film, 5_000).await;
        bought.watches(app, 30).await;
        bought.refused(app, "no more than 0.5 % of it").await;
    }

    async fn after_fourteen_days_a_film_stays(app: &TestApp) {
        let bought = Bought::with(app, &[]).await;
        app.clock.advance(14 * DAY + Duration::from_secs(1));
        sign_in_again(&bought.ada).await;
        bought.refused(app, "They are over").await;
        let mut conn = app.state.db.read().await.unwrap();
        assert!(checkout::dispute_lines(&mut conn, bought.id).await.unwrap().is_empty());
    }

    async fn what_the_bank_looks_into_is_not_refunded(app: &TestApp) {
        let bought = Bought::with(app, &[]).await;
        knob(app, &format!("dispute/{}", bought.session), json!({})).await.expect(200);
        checkout::reconcile(&app.state).await.unwrap();
        bought.refused(app, "The bank looks into this payment").await;
        let by_studio = checkout::refund(&app.state, bought.id, "1.00", AskedBy::Studio).await.unwrap();
        assert!(by_studio.is_err());
        assert_eq!(count(app, "SELECT COUNT(*) FROM refund").await, 0);
    }

    async fn never_more_than_is_left_goes_back(app: &TestApp) {
        let bought = Bought::with(app, &[]).await;
        for amount in ["0", "-1", "10.00", "9.999", "much", ""] {
            let refused = checkout::refund(&app.state, bought.id, amount, AskedBy::Studio).await.unwrap();
            assert!(refused.is_err(), "{amount}");
        }
        assert_eq!(count(app, "SELECT COUNT(*) FROM refund").await, 0);
        checkout::refund(&app.state, bought.id, "3.00", AskedBy::Studio).await.unwrap().unwrap();
        let above = checkout::refund(&app.state, bought.id, "7.00", AskedBy::Operator).await.unwrap();
        assert!(above.is_err(), "what is asked for already counts");
        app.work().await;
        assert!(bought.owns(app).await, "a part leaves the film");
        checkout::refund(&app.state, bought.id, "6.99", AskedBy::Operator).await.unwrap().unwrap();
        app.work().await;
        assert!(!bought.owns(app).await);
        assert_eq!(count(app, "SELECT COUNT(*) FROM refund WHERE state = 'succeeded' AND asked_by IN ('studio', 'operator')").await, 2);
    }

    async fn one_withdraws_by_a_link_that_works_once(app: &TestApp) {
        let bought = Bought::with(app, &[]).await;
        let guest = app.nobody();
        let id = bought.id.to_string();
        let right = guest.post("/withdraw", &[("order", &id), ("email", "ADA@example.org")]).await.expect(200);
        for (order, email) in [(&*id, "eve@example.org"), ("order_00000000", "ada@example.org"), ("x", "ada@example.org")] {
            let wrong = guest.post("/withdraw", &[("order", order), ("email", email)]).await.expect(200);
            assert_eq!(wrong.text, right.text, "nobody learns which orders exist");
        }
        app.work().await;
        assert_eq!(count(app, "SELECT COUNT(*) FROM withdrawal_link").await, 1);
        let link = letter(app, "Withdraw from Night Train").await.unwrap();
        let token = link.split("token=").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
        for _ in 0..2 {
            let page = guest.get(&format!("/withdraw/confirm?token={token}")).await.expect(200);
            assert!(page.text.contains("Confirm withdrawal"), "looking uses nothing up");
        }
        let done = guest.post("/withdraw/confirm", &[("token", &token)]).await.expect(200);
        assert!(done.text.contains("You have withdrawn"), "{}", done.text);
        guest.post("/withdraw/confirm", &[("token", &token)]).await.expect(410);
        app.work().await;
        assert!(!bought.owns(app).await);
        assert_eq!((count(app, "SELECT COUNT(*) FROM withdrawal").await, count(app, "SELECT COUNT(*) FROM refund").await), (1, 1));
    }

    async fn a_link_is_over_after_a_day(app: &TestApp) {
        let bought = Bought::with(app, &[]).await;
        let guest = app.nobody();
        guest.post("/withdraw", &[("order", &bought.id.to_string()), ("email", "ada@example.org")]).await.expect(200);
        app.work().await;
        let link = letter(app, "Withdraw from Night Train").await.unwrap();
        let token = link.split("token=").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
        app.clock.advance(DAY);
        guest.get(&format!("/withdraw/confirm?token={token}")).await.expect(410);
        guest.post("/withdraw/confirm", &[("token", &token)]).await.expect(410);
        assert_eq!(count(app, "SELECT COUNT(*) FROM refund").await, 0);
    }

    async fn another_persons_order_cannot_be_given_back(app: &TestApp) {
        let bought = Bought::with(app, &[]).await;
        let eve = app.viewer("Eve").await;
        let path = format!("/orders/{}/return", bought.id);
        eve.get(&path).await.expect(404);
        eve.post(&path, &[]).await.expect(404);
        assert_eq!(count(app, "SELECT COUNT(*) FROM refund").await, 0);
    }
}

async fn sign_in_again(person: &Person) {
    let fields = [
        ("email", "ada@example.org"),
        ("password", crate::harness::PASSWORD),
    ];
    person.post("/login", &fields).await.expect(303);
}

/// Makes an operator of an account.
async fn operator(app: &TestApp, name: &str) -> Person {
    let person = app.viewer(name).await;
    let email = address(&format!("{}@example.org", name.to_lowercase()));
    let made = accounts::make_operator(&app.state.db, &email, app.clock.now()).await;
    assert_eq!(made.unwrap(), MadeOperator::Promoted);
    person
}

fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).unwrap()
}

on_both_engines! {
    async fn the_studio_refunds_what_is_left_and_no_more(app: &TestApp) {
        let bought = Bought::with(app, &[]).await;
        let owner = app.nobody();
        let fields = [("email", "lantern-films@example.org"), ("password", crate::harness::PASSWORD)];
        owner.post("/login", &fields).await.expect(303);
        let path = format!("/studio/orders/{}", bought.id);
        let list = owner.get("/studio/orders?q=night").await.expect(200).text;
        assert!(list.contains(&path), "{list}");
        assert!(!owner.get("/studio/orders?q=other").await.text.contains(&path));
        let refused = owner.post(&format!("{path}/refund"), &[("amount", "10.00")]).await.expect(422).text;
        assert!(refused.contains("At most $9.99") && refused.contains("10.00"), "{refused}");
        assert_eq!(count(app, "SELECT COUNT(*) FROM refund").await, 0);
        owner.post(&format!("{path}/refund"), &[("amount", "3.00")]).await.expect(303);
        app.work().await;
        let page = owner.get(&path).await.expect(200).text;
        for part in ["Partly sent back", "$6.99", "sent back", "the studio"] {
            assert!(page.contains(part), "{part} is missing in {page}");
        }
        let other = app.studio_owner("Foxes").await;
        other.get(&path).await.expect(404);
        other.post(&format!("{path}/refund"), &[("amount", "1.00")]).await.expect(404);
        assert_eq!(count(app, "SELECT COUNT(*) FROM refund").await, 1);
        owner.post("/studio/orders", &[("share", "101")]).await.expect(422);
        owner.post("/studio/orders", &[("share", "25")]).await.expect(303);
        assert_eq!(count(app, "SELECT watched_bp FROM refund_terms").await, 2_500);
    }

    async fn the_operator_sees_everything_and_others_nothing(app: &TestApp) {
        let bought = Bought::with(app, &BOTH).await;
        let olga = operator(app, "Olga").await;
        compare(app).await;
        let path = format!("/operator/orders/{}", bought.id);
        let office = olga.get("/operator?q=ada@example.org").await.expect(200).text;
        assert!(office.contains(&path) && office.contains("Compared last on"), "{office}");
        let page = olga.get(&path).await.expect(200).text;
        for part in ["studio_net", &format!("sale:{}", bought.id), "checkout.session.completed", "127.0.0.1"] {
            assert!(page.contains(part), "{part} is missing in {page}");
        }
        olga.post(&format!("{path}/refund"), &[("amount", "9.99")]).await.expect(303);
        app.work().await;
        assert!(!bought.owns(app).await);
        for person in [&bought.ada, &app.studio_owner("Foxes").await] {
            person.get("/operator").await.expect(404);
            person.get(&path).await.expect(404);
            person.post(&format!("{path}/refund"), &[("amount", "1.00")]).await.expect(404);
        }
        assert_eq!(count(app, "SELECT COUNT(*) FROM refund").await, 1);
    }

    async fn an_address_without_an_account_becomes_an_operator(app: &TestApp) {
        let email = address("new@example.org");
        for made in [MadeOperator::Created, MadeOperator::Promoted] {
            let now = app.clock.now();
            assert_eq!(accounts::make_operator(&app.state.db, &email, now).await.unwrap(), made);
        }
        assert_eq!(count(app, "SELECT COUNT(*) FROM account WHERE is_operator = 1").await, 1);
    }

    async fn evidence_is_handed_in_once(app: &TestApp) {
        let bought = Bought::with(app, &BOTH).await;
        bought.watches(app, 321).await;
        sign_in_again(&bought.ada).await;
        let olga = operator(app, "Olga").await;
        let path = format!("/operator/orders/{}", bought.id);
        olga.get(&format!("{path}/evidence.txt")).await.expect(404); // no bank wants any
        knob(app, &format!("dispute/{}", bought.session), json!({})).await.expect(200);
        checkout::reconcile(&app.state).await.unwrap();
        let page = olga.get(&path).await.expect(200).text;
        assert!(page.contains("Evidence counts until") && page.contains("Hand the evidence in"), "{page}");
        let pack = olga.get(&format!("{path}/evidence.txt")).await.expect(200);
        for part in ["Night Train", "ticked two boxes", "ran for 321 s", "signed in from 127.0.0.1", "Your receipt for", "192.0.2.7"] {
            assert!(pack.text.contains(part), "{part} is missing in {}", pack.text);
        }
        let dispute = {
            let mut conn = app.state.db.read().await.unwrap();
            checkout::dispute_lines(&mut conn, bought.id).await.unwrap().remove(0)
        };
        let name = dispute.id.to_string();
        let fields = [("dispute", name.as_str())];
        olga.post(&format!("{path}/evidence"), &fields).await.expect(303);
        assert_eq!(count(app, "SELECT COUNT(*) FROM dispute_evidence WHERE submitted_at IS NOT NULL").await, 1);
        let again = olga.post(&format!("{path}/evidence"), &fields).await.expect(422).text;
        assert!(again.contains("A bank takes it once"), "{again}");
        knob(app, &format!("disputes/{}", dispute.provider_id), json!({ "status": "won" })).await.expect(200);
        checkout::reconcile(&app.state).await.unwrap();
        assert!(bought.owns(app).await, "won, and back");
    }

    async fn a_refund_waits_as_long_as_stripe_does_not_make_it(app: &TestApp) {
        let bought = Bought::with(app, &[]).await;
        knob(app, "webhooks", json!({"deliver": false})).await.expect(200);
        bought.ada.post(&format!("/orders/{}/return", bought.id), &[]).await.expect(303);
        knob(app, "faults", json!({"statuses": [401, 403, 401, 401, 401, 401, 401, 401, 401, 401, 401, 401]})).await.expect(200);
        for _ in 0..jobs::MAX_ATTEMPTS {
            app.work().await;
            app.clock.advance(2 * HOUR);
        }
        let backlog = jobs::backlog(&mut app.state.db.read().await.unwrap()).await.unwrap();
        assert_eq!(backlog.failed, 1, "its job has given up");
        assert_eq!(count(app, "SELECT COUNT(*) FROM refund WHERE state = 'requested'").await, 1);
        let found = checkout::reconcile(&app.state).await.unwrap();
        assert_eq!((found.mended, found.failed), (1, 0), "{found:?}");
        assert_eq!(bought.order(app).await.refunded, 999);
    }

    async fn a_run_of_the_comparison_is_noted(app: &TestApp) {
        let bought = Bought::with(app, &[]).await;
        knob(app, "webhooks", json!({"deliver": false})).await.expect(200);
        knob(app, &format!("refund/{}", bought.session), json!({})).await.expect(200);
        compare(app).await;
        let mut conn = app.state.db.read().await.unwrap();
        let runs = checkout::reconcile_runs(&mut conn).await.unwrap();
        assert_eq!(runs.len(), 1);
        assert_eq!((runs[0].found.mended, runs[0].found.failed), (1, 0), "{runs:?}");
        assert_eq!(checkout::reconcile_marks(&mut conn).await.unwrap(), [("operator".to_owned(), app.clock.now())]);
    }
}

/// Runs the comparison as the store does every five minutes.
async fn compare(app: &TestApp) {
    let now = app.clock.now();
    let mut tx = app.state.db.begin_write().await.unwrap();
    jobs::enqueue(&mut tx, "checkout.reconcile", &(), now, now)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    app.work().await;
}

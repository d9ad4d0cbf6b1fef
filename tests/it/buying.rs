//! Buying as a browser does it: button, payment page, return page, receipt.

use matinee::catalog;
use matinee::kernel::Clock;
use matinee::kernel::Money;
use matinee::library;
use matinee::offers;
use matinee::platform::mail;

use crate::harness::Answer;
use crate::harness::FilmOnSale;
use crate::harness::Person;
use crate::harness::TestApp;

async fn film(app: &TestApp) -> FilmOnSale {
    app.film_on_sale("Night Train", "Lantern Films", 999).await
}

async fn press_buy(buyer: &Person, film: &FilmOnSale) -> Answer {
    buyer
        .post("/checkout", &[("offer", &film.offer.id.to_string())])
        .await
}

/// Pays on the hosted page as a person does; where that leads, as a path of the store.
async fn pay(app: &TestApp, page: &str, card: &str) -> String {
    let path = page
        .strip_prefix(app.sandbox.base_url())
        .expect("the payment page is the sandbox's");
    let browser = Person::new(app.sandbox.base_url());
    assert!(
        browser
            .get(path)
            .await
            .expect(200)
            .text
            .contains("Night Train")
    );
    let answer = browser.post(path, &[("number", card)]).await;
    answer
        .location()
        .strip_prefix(&app.url)
        .expect("back to the store")
        .to_owned()
}

on_both_engines! {
    async fn a_film_is_bought_in_three_steps(app: &TestApp) {
        let film = film(app).await;
        let ada = app.viewer("Ada").await;
        let answer = press_buy(&ada, &film).await;
        assert_eq!(answer.status.as_u16(), 303);
        let order = pay(app, answer.location(), "4242 4242 4242 4242").await;
        assert!(order.starts_with("/orders/order_"), "{order}");
        let page = ada.get(&order).await.expect(200).text;
        for part in ["data-testid=\"order-status\"", "It is yours", "$9.99", "Lantern Films", "/watch/night-train"] {
            assert!(page.contains(part), "{part} is missing in {page}");
        }
        app.work().await;
        let mut conn = app.state.db.read().await.unwrap();
        let mails = mail::latest(&mut conn, 10).await.unwrap();
        let receipts: Vec<_> = mails.iter().filter(|m| m.subject == "Your receipt for Night Train").collect();
        assert_eq!((receipts.len(), &*receipts[0].recipient), (1, "ada@example.org"));
        assert!(receipts[0].body_text.contains(&format!("{}{order}", app.url)));

        let again = press_buy(&ada, &film).await.expect(409);
        assert!(again.text.contains("You own this film"), "{}", again.text);
    }

    async fn the_price_is_the_stores_and_not_the_browsers(app: &TestApp) {
        let film = film(app).await;
        let ada = app.viewer("Ada").await;
        let offer = film.offer.id.to_string();
        let fields = [("offer", &*offer), ("price", "1"), ("amount_minor", "1")];
        let page = ada.post("/checkout", &fields).await.location().to_owned();
        let path = page.strip_prefix(app.sandbox.base_url()).unwrap();
        assert!(Person::new(app.sandbox.base_url()).get(path).await.text.contains("$9.99"));
    }

    async fn what_is_not_on_sale_cannot_be_bought(app: &TestApp) {
        let film = film(app).await;
        let ada = app.viewer("Ada").await;
        for offer in ["", "offer_x", &offers_nobody_made(app), &film.title.id.to_string()] {
            let answer = ada.post("/checkout", &[("offer", offer)]).await;
            assert_eq!(answer.status.as_u16(), 404, "{offer}");
        }
        assert_eq!(ada.post("/checkout", &[]).await.status.as_u16(), 422);

        let mut tx = app.state.db.begin_write().await.unwrap();
        let lower = Money::new(499, film.offer.price.currency());
        offers::set_price(&mut tx, film.title.id, lower, app.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        let stale = press_buy(&ada, &film).await.expect(409);
        assert!(stale.text.contains("price has changed"), "{}", stale.text);

        let mut tx = app.state.db.begin_write().await.unwrap();
        catalog::withdraw(&mut tx, &film.title, app.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        press_buy(&ada, &film).await.expect(404);
    }

    async fn an_order_is_its_buyers_alone(app: &TestApp) {
        let film = film(app).await;
        let (ada, eve) = (app.viewer("Ada").await, app.viewer("Eve").await);
        let page = press_buy(&ada, &film).await.location().to_owned();
        let order = pay(app, &page, "4242424242424242").await;
        ada.get(&order).await.expect(200);
        let hidden = eve.get(&order).await.expect(404).text;
        let made_up = eve.get("/orders/order_0198c0f1e5d27cc09b5d1c0f3c1e1111").await.expect(404).text;
        for page in [hidden, made_up] {
            assert!(page.contains("There is nothing at this address."), "{page}");
            assert!(!page.contains("order-status") && !page.contains("Ada"), "{page}");
        }
        eve.get("/orders/nonsense").await.expect(404);
    }

    async fn a_declined_card_can_be_followed_by_another(app: &TestApp) {
        let film = film(app).await;
        let ada = app.viewer("Ada").await;
        let page = press_buy(&ada, &film).await.location().to_owned();
        let path = page.strip_prefix(app.sandbox.base_url()).unwrap();
        let browser = Person::new(app.sandbox.base_url());
        browser.post(path, &[("number", "4000000000000002")]).await.expect(402);
        let order = pay(app, &page, "4242424242424242").await;
        assert!(ada.get(&order).await.text.contains("It is yours"));
    }

    async fn whoever_tries_too_often_has_to_wait(app: &TestApp) {
        let film = film(app).await;
        let ada = app.viewer("Ada").await;
        for _ in 0..20 {
            press_buy(&ada, &film).await.expect(303);
        }
        let refused = press_buy(&ada, &film).await.expect(429);
        assert!(refused.headers.contains_key("retry-after"));
        app.clock.advance(std::time::Duration::from_secs(3600));
        let eve = app.viewer("Eve").await;
        press_buy(&eve, &film).await.expect(303);
    }

    async fn buying_asks_for_a_sign_in_and_then_goes_on(app: &TestApp) {
        let film = film(app).await;
        let nobody = app.nobody();
        let request = nobody
            .request(reqwest::Method::POST, "/checkout")
            .header("referer", format!("{}/films/night-train", app.url))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(format!("offer={}", film.offer.id));
        let answer = nobody.send(request).await;
        assert_eq!(answer.location(), "/login?next=%2Ffilms%2Fnight-train");
        let mut conn = app.state.db.read().await.unwrap();
        assert!(library::all(&mut conn).await.unwrap().is_empty());
    }
}

fn offers_nobody_made(app: &TestApp) -> String {
    matinee::kernel::ids::OfferId::new(app.clock.now(), &mut rand::rng()).to_string()
}

on_both_engines! {
    async fn tax_is_taken_out_of_the_price_where_the_studio_wants_it(app: &TestApp) {
        let film = film(app).await;
        let owner = app.nobody();
        let fields = [("email", "lantern-films@example.org"), ("password", crate::harness::PASSWORD)];
        owner.post("/login", &fields).await.expect(303);
        assert!(owner.get("/studio/payments").await.expect(200).text.contains("Let Stripe work out"));
        owner.post("/studio/payments/tax", &[("collects_tax", "yes")]).await.expect(303);
        assert!(owner.get("/studio/payments").await.text.contains("checked"));

        let ada = app.viewer("Ada").await;
        let payment = press_buy(&ada, &film).await;
        let order = pay(app, payment.location(), "4000 0027 6000 0016").await;
        let page = ada.get(&order).await.expect(200).text;
        assert!(page.contains("$9.99") && page.contains("$1.60"), "{page}");
        let mut conn = app.state.db.read().await.unwrap();
        let letters = mail::latest(&mut conn, 10).await.unwrap();
        assert!(letters.iter().any(|letter| letter.body_text.contains("Tax in it: $1.60")));
        let sales = matinee::ledger::sales_of_studio(&mut conn, film.studio.id).await.unwrap();
        let [sales] = sales[..] else { panic!("{sales:?}") };
        // The operator shares what is not tax.
        assert_eq!((sales.tax.minor(), sales.operator_fee.minor()), (160, 41));
        let places: (Option<String>, Option<String>) =
            sqlx::query_as("SELECT billing_country, card_country FROM orders").fetch_one(&mut *conn).await.unwrap();
        assert_eq!(places, (Some("DE".to_owned()), Some("DE".to_owned())), "two proofs that agree");
        drop(conn);

        owner.post("/studio/payments/tax", &[]).await.expect(303);
        let ben = app.viewer("Ben").await;
        let payment = press_buy(&ben, &film).await;
        let order = pay(app, payment.location(), "4000 0027 6000 0016").await;
        assert!(!ben.get(&order).await.expect(200).text.contains("data-testid=\"tax\""));
        let stranger = app.studio_owner("Other Films").await;
        stranger.post("/studio/payments/tax", &[("collects_tax", "yes")]).await.expect(303);
        let film = press_buy(&app.viewer("Cid").await, &film).await;
        assert!(!film.location().is_empty(), "another studio's wish is its own");
    }
}

//! Leaving: what goes, what stays, and that the books never notice.

use std::process::Command;

use matinee::checkout;
use matinee::checkout::OrderState;
use matinee::kernel::Clock as _;
use matinee::library;
use matinee::payouts;
use matinee::platform::mail;
use serde_json::json;
use sqlx::AssertSqlSafe;
use sqlx::Row as _;

use crate::checkout::GOOD_CARD;
use crate::checkout::count;
use crate::checkout::knob;
use crate::checkout::pay;
use crate::harness::Answer;
use crate::harness::PASSWORD;
use crate::harness::Person;
use crate::harness::TestApp;
use crate::payouts::next_month;
use crate::withdrawing::Bought;

const BOTH: [(&str, &str); 2] = [("at_once", "yes"), ("no_withdrawal", "yes")];
const MAIL: &str = "ada@example.org";

async fn erase(person: &Person) -> Answer {
    let fields = [("current_password", PASSWORD)];
    person.post("/account/erase", &fields).await
}

/// Every column of text in the database that holds something, in small letters; `table.column`.
async fn places_of(app: &TestApp, text: &str) -> Vec<String> {
    let columns = match app.database().starts_with("sqlite") {
        true => {
            "SELECT m.name AS t, p.name AS c FROM sqlite_master m JOIN pragma_table_info(m.name) p
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND p.type = 'TEXT'"
        }
        false => {
            "SELECT CAST(table_name AS TEXT) AS t, CAST(column_name AS TEXT) AS c
             FROM information_schema.columns WHERE table_schema = 'public' AND data_type = 'text'"
        }
    };
    let mut conn = app.state.db.read().await.unwrap();
    let rows = sqlx::query(columns).fetch_all(&mut *conn).await.unwrap();
    assert!(rows.len() > 100, "every table is looked at");
    let mut places = Vec::new();
    for row in rows {
        let (table, column): (String, String) = (row.get("t"), row.get("c"));
        let sql = format!("SELECT COUNT(*) FROM {table} WHERE LOWER({column}) LIKE '%{text}%'");
        let found: i64 = sqlx::query_scalar(AssertSqlSafe(sql))
            .fetch_one(&mut *conn)
            .await
            .unwrap();
        if found > 0 {
            places.push(format!("{table}.{column}"));
        }
    }
    places.sort();
    places
}

fn verify(app: &TestApp) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_matinee"))
        .arg("verify")
        .env_clear()
        .env("DATABASE_URL", app.database())
        .env("MATINEE_BLOBS", &app.state.config.blobs_dir)
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Everything an auditor looks at: statements, books, orders, refunds.
async fn fiscal(app: &TestApp) -> Vec<Vec<String>> {
    let mut conn = app.state.db.read().await.unwrap();
    let mut all = Vec::new();
    for sql in [
        "SELECT content || digest || signature FROM statement ORDER BY number",
        "SELECT transfer_id || from_account || to_account || currency || CAST(amount_minor AS TEXT)
         FROM ledger_entry ORDER BY transfer_id, line",
        "SELECT id || cause || order_id FROM ledger_transfer ORDER BY id",
        "SELECT id || account_id || title_name || studio_name || currency || CAST(amount_minor AS TEXT)
             || CAST(tax_minor AS TEXT) || state || COALESCE(billing_country, '')
             || COALESCE(consent_version, '') || CAST(paid_at AS TEXT) FROM orders ORDER BY id",
        "SELECT id || order_id || state || CAST(amount_minor AS TEXT) FROM refund ORDER BY id",
    ] {
        all.push(sqlx::query_scalar(sql).fetch_all(&mut *conn).await.unwrap());
    }
    all
}

async fn last_mails(app: &TestApp) -> Vec<(String, String)> {
    let mut conn = app.state.db.read().await.unwrap();
    let mails = mail::latest(&mut conn, 50).await.unwrap();
    mails
        .into_iter()
        .map(|mail| (mail.recipient, mail.subject))
        .collect()
}

async fn broken_jobs(app: &TestApp) -> i64 {
    app.work().await;
    count(app, "SELECT COUNT(*) FROM job WHERE last_error IS NOT NULL").await
}

async fn signs_in(app: &TestApp, email: &str) -> Person {
    let person = app.nobody();
    let known = [("email", email), ("password", PASSWORD)];
    person.post("/login", &known).await.expect(303);
    person
}

on_both_engines! {
    async fn a_person_is_forgotten_and_the_books_are_not(app: &TestApp) {
        let bought = Bought::with(app, &BOTH).await;
        bought.watches(app, 600).await;
        let order = bought.order(app).await;
        let now = app.clock.now().millis();
        let mut tx = app.state.db.begin_write().await.unwrap();
        for sql in [
            "INSERT INTO lease (id, account_id, title_id, container, public_key, device, periods_lent, created_at, expires_at)
             VALUES ('x', $1, $2, 'x', $4, 'Firefox', 1, $3, $3 + 9000000000)",
            "INSERT INTO watch_position (account_id, title_id, seconds, updated_at)
             SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), 600, $3 WHERE CAST($4 AS TEXT) IS NOT NULL OR 1 = 1",
        ] {
            sqlx::query(sql).bind(order.account.to_string()).bind(order.wanted.title.to_string())
                .bind(now).bind(vec![1_u8]).execute(&mut *tx).await.unwrap();
        }
        tx.commit().await.unwrap();
        next_month(app);
        payouts::close_due(&app.state).await.unwrap();
        let (ada, elsewhere) = (signs_in(app, MAIL).await, signs_in(app, MAIL).await);
        assert!(count(app, "SELECT COUNT(*) FROM statement").await > 0);
        let (before, verified) = (fiscal(app).await, verify(app));
        assert_eq!(verified, "everything holds\n");

        let page = ada.get("/account/erase").await.expect(200).text;
        for part in ["not be able to watch the film you own", "ten years", "current_password", "/account/export"] {
            assert!(page.contains(part), "{part}: {page}");
        }
        let wrong = ada.post("/account/erase", &[("current_password", "not it")]).await.expect(422);
        assert!(wrong.text.contains("id=\"current_password-error\""), "{}", wrong.text);
        ada.post("/account/erase", &[]).await.expect(422);
        assert_eq!(count(app, "SELECT COUNT(*) FROM account WHERE erased_at IS NOT NULL").await, 0);

        let done = erase(&ada).await.expect(200);
        assert!(done.text.contains("Your account is erased") && done.headers.contains_key("clear-site-data"));
        assert!(!done.text.contains("/logout"), "nobody is signed in on it");
        assert_eq!(broken_jobs(app).await, 0);
        assert_eq!((fiscal(app).await, verify(app)), (before, verified));

        for person in [&ada, &elsewhere] {
            assert!(person.get("/account").await.location().starts_with("/login"));
            assert!(person.get("/library").await.location().starts_with("/login"));
        }
        let mut conn = app.state.db.read().await.unwrap();
        assert!(!library::owns(&mut conn, order.account, order.wanted.title).await.unwrap());
        drop(conn);
        for rest in ["lease", "watch_position", "viewing", "withdrawal_link"] {
            let sql: &'static str = Box::leak(format!("SELECT COUNT(*) FROM {rest}").into_boxed_str());
            assert_eq!(count(app, sql).await, 0, "{rest}");
        }
        // Counters of tries name who tried for an hour; the farewell is the one mail that is left.
        let mut named = places_of(app, MAIL).await;
        named.retain(|place| !place.starts_with("limit_counter"));
        assert_eq!(named, ["mail.recipient"]);
        let named = places_of(app, "hello ada").await;
        assert!(named.iter().all(|place| place.starts_with("mail.")), "{named:?}");
        assert_eq!(places_of(app, "192.0.2.7").await, Vec::<String>::new());
        assert_eq!(count(app, "SELECT COUNT(*) FROM orders WHERE consent_from = '' AND consent_at IS NOT NULL").await, 1);
        assert_eq!(count(app, "SELECT COUNT(*) FROM account WHERE name = 'Erased' AND email LIKE 'erased-%@erased.invalid'").await, 1);
        let to_her: Vec<_> = last_mails(app).await.into_iter().filter(|(to, _)| to == MAIL).collect();
        assert_eq!(to_her, [(MAIL.to_owned(), "Your account is erased".to_owned())]);

        let closed = app.nobody().post("/login", &[("email", MAIL), ("password", PASSWORD)]).await;
        assert_eq!(closed.status.as_u16(), 422);
        let anew = app.viewer("Ada").await;
        assert!(!anew.get("/library").await.expect(200).text.contains("Night Train"));
        let film = anew.get(&format!("/films/{}", bought.film.title.slug)).await.text;
        assert!(film.contains("data-testid=\"buy\""));
        assert_eq!(anew.get("/account/export").await.json()["orders"], json!([]));
    }

    async fn a_refund_after_it_is_entered(app: &TestApp) {
        let bought = Bought::with(app, &BOTH).await;
        erase(&bought.ada).await.expect(200);
        app.work().await;
        let mails = last_mails(app).await;
        knob(app, &format!("refund/{}", bought.session), json!({ "amount": 300 })).await.expect(200);
        checkout::reconcile(&app.state).await.unwrap();
        let order = bought.order(app).await;
        assert_eq!((order.refunded, order.state), (300, OrderState::Paid));
        assert_eq!(count(app, "SELECT COUNT(*) FROM ledger_transfer WHERE kind = 'refund'").await, 1);
        assert_eq!(broken_jobs(app).await, 0);
        assert_eq!(last_mails(app).await, mails, "nobody is written to");
        assert_eq!(verify(app), "everything holds\n");
    }

    async fn a_refund_that_was_asked_for_before_it_arrives(app: &TestApp) {
        let bought = Bought::with(app, &[]).await;
        bought.ada.post(&format!("/orders/{}/return", bought.id), &[]).await;
        assert_eq!(count(app, "SELECT COUNT(*) FROM refund WHERE state = 'requested'").await, 1);
        erase(&bought.ada).await.expect(200);
        assert_eq!(broken_jobs(app).await, 0);
        checkout::reconcile(&app.state).await.unwrap();
        assert_eq!(bought.order(app).await.refunded, 999);
        assert_eq!(verify(app), "everything holds\n");
    }

    async fn a_payment_that_comes_after_it_goes_back(app: &TestApp) {
        let film = app.film_on_sale("Night Train", "Lantern Films", 999).await;
        let ada = app.viewer("Ada").await;
        let offer = film.offer.id.to_string();
        let page = ada.post("/checkout", &[("offer", &offer)]).await.location().to_owned();
        let session = page.rsplit('/').next().unwrap();
        erase(&ada).await.expect(200);
        pay(app, session, GOOD_CARD).await;
        checkout::reconcile(&app.state).await.unwrap();
        assert_eq!(count(app, "SELECT COUNT(*) FROM orders WHERE state = 'surplus'").await, 1);
        assert_eq!(broken_jobs(app).await, 0);
        checkout::reconcile(&app.state).await.unwrap();
        assert_eq!(count(app, "SELECT refunded_minor FROM orders").await, 999);
        assert_eq!(count(app, "SELECT COUNT(*) FROM entitlement WHERE state <> 'ended'").await, 0);
        assert_eq!(verify(app), "everything holds\n");
    }

    async fn a_dispute_after_it_is_entered_and_can_be_answered(app: &TestApp) {
        let bought = Bought::with(app, &BOTH).await;
        erase(&bought.ada).await.expect(200);
        knob(app, &format!("dispute/{}", bought.session), json!({})).await.expect(200);
        checkout::reconcile(&app.state).await.unwrap();
        let owner = signs_in(app, "lantern-films@example.org").await;
        let page = owner.get(&format!("/studio/orders/{}", bought.id)).await.expect(200).text;
        assert!(page.contains("erased-") && !page.contains(MAIL), "{page}");
        let pack = owner.get(&format!("/studio/orders/{}/evidence.txt", bought.id)).await.expect(200).text;
        assert!(pack.contains("not kept any more") && pack.contains("Nothing was noted") && !pack.contains(MAIL), "{pack}");
        let dispute = checkout::dispute_lines(&mut app.state.db.read().await.unwrap(), bought.id).await.unwrap().remove(0);
        let name = dispute.id.to_string();
        owner.post(&format!("/studio/orders/{}/evidence", bought.id), &[("dispute", &name)]).await.expect(303);
        knob(app, &format!("disputes/{}", dispute.provider_id), json!({ "status": "won" })).await.expect(200);
        checkout::reconcile(&app.state).await.unwrap();
        assert_eq!(count(app, "SELECT COUNT(*) FROM entitlement WHERE state <> 'ended'").await, 0, "won, and nobody there");
        assert_eq!((broken_jobs(app).await, &*verify(app)), (0, "everything holds\n"));
    }

    async fn the_only_owner_of_a_studio_stays(app: &TestApp) {
        let film = app.film_on_sale("Night Train", "Lantern Films", 999).await;
        let owner = signs_in(app, "lantern-films@example.org").await;
        let page = owner.get("/account/erase").await.expect(200).text;
        assert!(page.contains("no other owner") && !page.contains("current_password"), "{page}");
        let refused = erase(&owner).await.expect(409).text;
        assert!(refused.contains("Ask the operator of this store"), "{refused}");
        assert_eq!(count(app, "SELECT COUNT(*) FROM account WHERE erased_at IS NOT NULL").await, 0);
        owner.get("/studio").await.expect(200);

        // With a second owner, the first may go; the tokens they made go with them.
        owner.post("/studio/tokens", &[("name", "Cutting room")]).await.expect(200);
        app.viewer("Eve").await;
        let mut tx = app.state.db.begin_write().await.unwrap();
        sqlx::query(
            "INSERT INTO studio_member (account_id, studio_id, role, created_at)
             SELECT id, CAST($1 AS TEXT), 'owner', 1 FROM account WHERE email = 'eve@example.org'",
        ).bind(film.studio.id.to_string()).execute(&mut *tx).await.unwrap();
        sqlx::query("UPDATE account SET has_studio = 1 WHERE email = 'eve@example.org'").execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
        erase(&owner).await.expect(200);
        assert_eq!(count(app, "SELECT COUNT(*) FROM studio_member").await, 1);
        assert_eq!(count(app, "SELECT COUNT(*) FROM studio_token WHERE revoked_at IS NULL").await, 0);
        app.nobody().get(&format!("/films/{}", film.title.slug)).await.expect(200);
        let eve = signs_in(app, "eve@example.org").await;
        erase(&eve).await.expect(409);
    }

    async fn everything_kept_of_a_person_is_theirs_to_take(app: &TestApp) {
        let bought = Bought::with(app, &BOTH).await;
        bought.ada.post(&format!("/orders/{}/return", bought.id), &[]).await.expect(303);
        bought.watches(app, 600).await;
        signs_in(app, MAIL).await;
        let answer = bought.ada.get("/account/export").await.expect(200);
        assert!(answer.headers["content-disposition"].to_str().unwrap().starts_with("attachment"));
        assert_eq!(answer.headers["cache-control"], "no-store");
        let data = answer.json();
        assert_eq!(data["profile"]["email"], MAIL);
        assert_eq!(data["orders"][0]["film"], "Night Train");
        assert_eq!((&data["orders"][0]["price"], &data["orders"][0]["currency"]), (&json!("9.99"), &json!("USD")));
        assert_eq!(data["consents"][0]["network_address"], "127.0.0.1");
        assert_eq!(data["library"][0]["film"], "Night Train");
        assert_eq!(data["viewings"][0]["watched_seconds"], 600);
        assert!(!data["sign_ins"].as_array().unwrap().is_empty());
        assert_eq!((&data["refunds"][0]["amount"], &data["refunds"][0]["asked_by"]), (&json!("9.99"), &json!("viewer")));
        assert!(!data["sessions"].as_array().unwrap().is_empty());
        let subjects: Vec<_> = data["mails"].as_array().unwrap().iter().map(|mail| mail["subject"].as_str().unwrap()).collect();
        assert!(subjects.iter().any(|subject| subject.contains("Night Train")), "{subjects:?}");
        assert!(data["mails"][0].get("text").is_none(), "a link in one may still open something");
        let eve = app.viewer("Eve").await;
        let hers = eve.get("/account/export").await.expect(200).text;
        assert!(!hers.contains("Night Train") && !hers.contains(MAIL), "{hers}");
        assert!(app.nobody().get("/account/export").await.location().starts_with("/login"));
    }
}

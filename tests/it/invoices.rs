//! Invoices and credit notes: no number is missing, nothing is changed, and everything adds up to
//! what the books say.

use std::time::Duration;

use matinee::checkout;
use matinee::checkout::Occasion;
use matinee::invoices;
use matinee::invoices::IssueError;
use matinee::invoices::Issued;
use matinee::invoices::Kind;
use matinee::invoices::Party;
use matinee::invoices::Sale;
use matinee::invoices::Seller;
use matinee::kernel::Clock as _;
use matinee::kernel::Country;
use matinee::kernel::Currency;
use matinee::kernel::Money;
use matinee::kernel::Time;
use matinee::kernel::ids::OrderId;
use matinee::kernel::ids::StudioId;
use matinee::kernel::ids::TitleId;
use matinee::ledger;
use matinee::ledger::Facets;
use matinee::ledger::Terms;
use matinee::platform::db::Conn;
use reqwest::Method;
use serde_json::json;

use crate::checkout::GOOD_CARD;
use crate::checkout::count;
use crate::checkout::knob;
use crate::harness::FilmOnSale;
use crate::harness::PASSWORD;
use crate::harness::Person;
use crate::harness::TestApp;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn seller() -> Seller {
    Seller {
        name: "Lantern Films GmbH".to_owned(),
        street: "Hauptstraße 1".to_owned(),
        postal_code: "10115".to_owned(),
        city: "Berlin".to_owned(),
        country: Country::parse("DE").unwrap(),
        vat_id: Some("DE123456789".to_owned()),
        registration: None,
        email: None,
        prefix: "LF-".to_owned(),
        note: String::new(),
    }
}

fn buyer() -> Party {
    Party {
        name: "Ada Winter".to_owned(),
        country: "AT".to_owned(),
        ..Party::default()
    }
}

fn terms(app: &TestApp, studio: StudioId) -> Terms {
    let usd = |minor| Money::new(minor, Currency::parse("USD").unwrap());
    let (now, rng) = (app.clock.now(), &mut rand::rng());
    Terms {
        order: OrderId::new(now, rng),
        studio,
        title: TitleId::new(now, rng),
        paid: usd(999),
        tax: usd(160),
        operator: usd(0),
        facets: Facets::default(),
    }
}

/// Sells for $9.99 with $1.60 of tax, and issues the invoice, all in one transaction.
async fn sell(app: &TestApp, tx: &mut Conn, studio: StudioId, at: Time) -> Issued {
    let terms = terms(app, studio);
    ledger::post(tx, &terms.sale(None), at).await.unwrap();
    issue(tx, &terms, at).await.unwrap()
}

async fn issue(tx: &mut Conn, terms: &Terms, at: Time) -> Result<Issued, IssueError> {
    let sale = Sale {
        terms,
        film: "Night Train",
        paid_at: at,
        payment: None,
        tax_rate: None,
        place: None,
        reader: "",
        refunds: &[],
    };
    invoices::issue(tx, &sale, &buyer(), at).await
}

/// Two studios that have given their details.
async fn two_studios(app: &TestApp) -> [StudioId; 2] {
    // These tests write sales without their orders.
    app.books_alone
        .store(true, std::sync::atomic::Ordering::Relaxed);
    let one = app.film_on_sale("Night Train", "Lantern Films", 999).await;
    let other = app.film_on_sale("Small Hours", "Ostrava", 999).await;
    let studios = [one.studio.id, other.studio.id];
    let mut tx = app.state.db.begin_write().await.unwrap();
    for studio in studios {
        invoices::set_seller(&mut tx, studio, &seller(), app.clock.now())
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
    studios
}

async fn faults(app: &TestApp) -> Vec<String> {
    let mut conn = app.state.db.read().await.unwrap();
    invoices::audit(&mut conn).await.unwrap()
}

/// Every number as it is shown, by studio and number.
async fn numbers(app: &TestApp) -> Vec<String> {
    let mut conn = app.state.db.read().await.unwrap();
    let all: Vec<(String,)> =
        sqlx::query_as("SELECT content FROM invoice ORDER BY studio_id, year, series DESC, number")
            .fetch_all(&mut *conn)
            .await
            .unwrap();
    let number = |(content,): (String,)| {
        let content: serde_json::Value = serde_json::from_str(&content).unwrap();
        content["number"].as_str().unwrap().to_owned()
    };
    all.into_iter().map(number).collect()
}

on_both_engines! {
    async fn a_series_has_no_gaps_whoever_comes_at_once(app: &TestApp) {
        let studios = two_studios(app).await;
        let new_year = Time::from_seconds(1_830_297_600); // 2028-01-01
        let one_of_many = async |number: usize| {
            let at = if number.is_multiple_of(4) { new_year } else { Time::from_millis(new_year.millis() - 1) };
            let mut tx = app.state.db.begin_write().await.unwrap();
            sell(app, &mut tx, studios[number % 2], at).await;
            // Every third thinks better of it.
            if !number.is_multiple_of(3) {
                tx.commit().await.unwrap();
            }
        };
        futures_util::future::join_all((0..48).map(one_of_many)).await;
        assert_eq!(faults(app).await, Vec::<String>::new());
        let numbers = numbers(app).await;
        let expected = |year: i64, last: usize| (1..=last).map(move |n| format!("LF-{year}-{n:04}"));
        // Of 48 a third are not committed; even ones are of the first studio, and half of those of
        // the new year, which the second never reaches.
        let of_first = || expected(2027, 8).chain(expected(2028, 8));
        let of_second = || expected(2027, 16);
        let orders = [of_first().chain(of_second()).collect::<Vec<_>>(), of_second().chain(of_first()).collect()];
        assert!(orders.contains(&numbers), "{numbers:?}");
    }

    async fn what_is_issued_never_changes(app: &TestApp) {
        let [studio, _] = two_studios(app).await;
        let mut tx = app.state.db.begin_write().await.unwrap();
        sell(app, &mut tx, studio, app.clock.now()).await;
        tx.commit().await.unwrap();
        for change in [
            "UPDATE invoice SET content = ''",
            "DELETE FROM invoice",
            "UPDATE invoice_series SET last_number = last_number + 2",
            "UPDATE invoice_series SET last_number = last_number",
            "DELETE FROM invoice_series",
            "INSERT INTO invoice_series SELECT studio_id, 'credit', year, 2 FROM invoice_series",
        ] {
            let mut tx = app.state.db.begin_write().await.unwrap();
            let done = sqlx::query(change).execute(&mut *tx).await;
            assert!(done.is_err(), "{change}");
        }
        assert_eq!(numbers(app).await.len(), 1);
    }

    async fn an_order_has_one_invoice(app: &TestApp) {
        let [studio, _] = two_studios(app).await;
        let terms = terms(app, studio);
        let mut tx = app.state.db.begin_write().await.unwrap();
        ledger::post(&mut tx, &terms.sale(None), app.clock.now()).await.unwrap();
        let first = issue(&mut tx, &terms, app.clock.now()).await.unwrap();
        assert_eq!(issue(&mut tx, &terms, app.clock.now()).await.unwrap(), first);
        tx.commit().await.unwrap();
        assert_eq!(faults(app).await, Vec::<String>::new());
    }

    async fn verify_sees_a_gap_and_a_wrong_sum(app: &TestApp) {
        let [studio, _] = two_studios(app).await;
        let now = app.clock.now();
        let mut tx = app.state.db.begin_write().await.unwrap();
        sell(app, &mut tx, studio, now).await;
        tx.commit().await.unwrap();
        // A number that was taken for nothing.
        let mut tx = app.state.db.begin_write().await.unwrap();
        sqlx::query("UPDATE invoice_series SET last_number = last_number + 1").execute(&mut *tx).await.unwrap();
        let found = invoices::audit(&mut tx).await.unwrap();
        assert!(matches!(&found[..], [gap] if gap.contains("is not 1 to 2 without gaps")), "{found:?}");
        drop(tx);
        // An invoice for what was not sold.
        let mut tx = app.state.db.begin_write().await.unwrap();
        issue(&mut tx, &terms(app, studio), now).await.unwrap();
        let found = invoices::audit(&mut tx).await.unwrap();
        assert!(matches!(&found[..], [sum] if sum.contains("do not add up")), "{found:?}");
        drop(tx);
        // A refund without its credit note, and a document beside its columns.
        let mut tx = app.state.db.begin_write().await.unwrap();
        let sold = terms(app, studio);
        ledger::post(&mut tx, &sold.sale(None), now).await.unwrap();
        issue(&mut tx, &sold, now).await.unwrap();
        let back = sold.refunded(ledger::Cause::Refund("re_1".to_owned()), 0, 100, None);
        ledger::post(&mut tx, &back, now).await.unwrap();
        assert_eq!(invoices::audit(&mut tx).await.unwrap().len(), 1);
        invoices::change(&mut tx, &sold, "re_1", (0, 100), now).await.unwrap();
        assert_eq!(invoices::audit(&mut tx).await.unwrap(), Vec::<String>::new());
        drop(tx);
        assert_eq!(faults(app).await, Vec::<String>::new());
    }

    async fn refunds_before_and_after_the_invoice_have_credit_notes(app: &TestApp) {
        let bought = Sold::with_tax(app).await;
        bought.refund(app, Some(300)).await;
        bought.studio_says(app).await;
        bought.asks(&[]).await.expect(303);
        assert_eq!(bought.sums(app).await, [(Kind::Invoice, 1_000, 200), (Kind::CreditNote, -250, -50)]);
        let failing = bought.refund(app, Some(500)).await;
        let last = bought.refund(app, None).await;
        assert_eq!(faults(app).await, Vec::<String>::new());
        knob(app, &format!("refunds/{failing}"), json!({"status": "failed"})).await.expect(200);
        bought.settle(app).await;
        assert_eq!(faults(app).await, Vec::<String>::new());
        let documents = bought.documents(app).await;
        let kinds: Vec<_> = documents.iter().map(|one| one.document.kind).collect();
        assert_eq!(kinds, [Kind::Invoice, Kind::CreditNote, Kind::CreditNote, Kind::CreditNote, Kind::Correction]);
        let correction = &documents[4].document;
        assert_eq!(correction.gross, 500);
        assert_eq!(correction.refund.as_deref(), Some(failing.as_str()));
        assert_eq!(correction.credit_note.as_ref().unwrap().number, documents[2].document.number);
        assert_eq!(documents[3].document.refund.as_deref(), Some(last.as_str()));
        let numbers: Vec<_> = documents.iter().map(|one| one.document.number.as_str()).collect();
        assert_eq!(numbers, ["LF-2027-0001", "LF-2027-C0001", "LF-2027-C0002", "LF-2027-C0003", "LF-2027-C0004"]);
        for one in &documents {
            assert_eq!(one.document.net + one.document.tax, one.document.gross);
        }
        // Told again, nothing more is written.
        bought.settle(app).await;
        assert_eq!(bought.documents(app).await.len(), 5);
    }

    async fn until_the_studio_says_who_it_is_there_is_no_invoice(app: &TestApp) {
        let bought = Sold::with_tax(app).await;
        let path = bought.path();
        let page = bought.ada.get(&path).await.expect(200);
        assert!(page.text.contains("has not given its details") && !page.text.contains("mailto:"), "nobody to ask is confirmed");
        let mut tx = app.state.db.begin_write().await.unwrap();
        sqlx::query("UPDATE account SET email_verified_at = 1").execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
        let page = bought.ada.get(&path).await.expect(200);
        assert!(page.text.contains("mailto:lantern-films@example.org"), "{}", page.text);
        bought.asks(&[]).await.expect(409);
        assert_eq!(count(app, "SELECT COUNT(*) FROM invoice_series").await, 0);

        let owner = bought.owner(app).await;
        let details = "/studio/payments/invoices";
        let wrong = [("name", "Lantern <Films>"), ("vat_id", "FR1"), ("country", "DE"), ("prefix", "a b")];
        let answer = owner.post(details, &wrong).await.expect(422);
        for kept in ["Lantern &#60;Films&#62;", "FR1", "a b", "DE123456789"] {
            assert!(answer.text.contains(kept), "{kept}");
        }
        assert_eq!(count(app, "SELECT COUNT(*) FROM invoice_seller").await, 0);
        bought.studio_says(app).await;
        let page = owner.get(details).await.expect(200);
        assert!(page.text.contains("Lantern Films GmbH"));

        let answer = bought.asks(&[("vat_id", "DE1"), ("city", "Graz")]).await.expect(422);
        assert!(answer.text.contains("DE1") && answer.text.contains("Graz"));
        assert_eq!(count(app, "SELECT COUNT(*) FROM invoice_series").await, 0);
        bought.asks(&[]).await.expect(303);
    }

    async fn an_invoice_is_for_its_buyer_and_its_studio(app: &TestApp) {
        let bought = Sold::with_tax(app).await;
        bought.studio_says(app).await;
        let path = bought.path();
        let form = bought.ada.get(&path).await.expect(200);
        assert!(form.text.contains("value=\"Ada\"") && form.text.contains("value=\"FR\" selected"), "{}", form.text);
        bought.ada.get(&format!("{path}.pdf")).await.expect(404);
        bought.asks(&[("street", "Ring 2"), ("city", "Graz"), ("country", "AT"), ("vat_id", "ATU12345678")]).await.expect(303);
        bought.asks(&[("name", "Somebody Else")]).await.expect(303);
        let page = bought.ada.get(&path).await.expect(200);
        for part in ["Invoice LF-2027-0001", "Lantern Films GmbH", "DE123456789", "ATU12345678", "Austria", "$10.00", "$2.00", "20\u{a0}%", "$12.00", "Germany"] {
            assert!(page.text.contains(part), "{part} in {}", page.text);
        }
        assert!(!page.text.contains("Somebody Else"), "an invoice is written once");
        bought.refund(app, Some(300)).await;
        let note = bought.documents(app).await[1].id;
        let buyers = [path.clone(), format!("{path}.pdf"), format!("/orders/{}/credit-notes/{note}", bought.id), format!("/orders/{}/credit-notes/{note}.pdf", bought.id)];
        let studios = [format!("/studio/invoices/{note}"), format!("/studio/invoices/{note}.pdf")];
        let (eve, owner, stranger) = (app.viewer("Eve").await, bought.owner(app).await, app.studio_owner("Foxes").await);
        for path in &buyers {
            bought.ada.get(path).await.expect(200);
            eve.get(path).await.expect(404);
            owner.get(path).await.expect(404);
        }
        eve.post(&path, &[("name", "Eve"), ("country", "DE")]).await.expect(404);
        for path in &studios {
            owner.get(path).await.expect(200);
            stranger.get(path).await.expect(404);
        }
        assert_eq!(bought.ada.get(&buyers[3]).await.text, owner.get(&studios[1]).await.text, "the same bytes");
        let order = bought.ada.get(&format!("/orders/{}", bought.id)).await.expect(200);
        assert!(order.text.contains("Credit note LF-2027-C0001"));
        let desk = owner.get(&format!("/studio/orders/{}", bought.id)).await.expect(200);
        assert!(desk.text.contains("Credit note LF-2027-C0001") && desk.text.contains("Place of supply"));
        stranger.get(&format!("/studio/orders/{}/invoice", bought.id)).await.expect(404);
        let list = owner.get("/studio/invoices").await.expect(200);
        assert!(list.text.contains("Invoices LF-2027-0001 to LF-2027-0001, without gaps."), "{}", list.text);
        assert!(!stranger.get("/studio/invoices?year=2027").await.text.contains("LF-2027"));
        let csv = owner.get("/studio/invoices.csv?year=2027").await.expect(200);
        let lines: Vec<_> = csv.text.lines().collect();
        assert_eq!(lines.len(), 3);
        assert!(lines[2].contains("\"-2.50\",\"-0.50\",\"-3.00\",\"LF-2027-0001\""), "{}", lines[2]);
    }

    async fn a_studio_issues_an_invoice_for_its_buyer(app: &TestApp) {
        let bought = Sold::with_tax(app).await;
        let owner = bought.owner(app).await;
        let path = format!("/studio/orders/{}/invoice", bought.id);
        assert!(owner.get(&path).await.expect(200).text.contains("Give the details"));
        bought.studio_says(app).await;
        owner.post(&path, &[("name", "")]).await.expect(422);
        let made = owner.post(&path, &[("name", "Ada Winter"), ("country", "DE")]).await;
        let page = owner.get(made.location()).await.expect(200);
        assert!(page.text.contains("Ada Winter"));
        assert_eq!(owner.get(&path).await.location(), made.location());
        bought.ada.get(&bought.path()).await.expect(200);
    }

    async fn what_was_not_paid_has_no_invoice(app: &TestApp) {
        let film = app.film_on_sale("Night Train", "Lantern Films", 999).await;
        let ada = app.viewer("Ada").await;
        ada.post("/checkout", &[("offer", &film.offer.id.to_string())]).await.expect(303);
        let mut conn = app.state.db.read().await.unwrap();
        let order = checkout::orders_found(&mut conn, None, "", 1).await.unwrap().remove(0).id;
        drop(conn);
        let path = format!("/orders/{order}/invoice");
        ada.get(&path).await.expect(409);
        ada.post(&path, &[("name", "Ada"), ("country", "DE")]).await.expect(409);
        assert_eq!(count(app, "SELECT COUNT(*) FROM invoice_series").await, 0);
    }

    async fn only_an_owner_says_what_stands_on_invoices(app: &TestApp) {
        let (token, _, _) = crate::harness::people::two_studios(&app.state, "night-train").await;
        let nobody = app.nobody();
        let request = |method: Method, path: &str| nobody.request(method, path).header("authorization", format!("Bearer {token}"));
        let written = request(Method::POST, "/studio/payments/invoices").header("content-type", "application/x-www-form-urlencoded").body("name=x");
        assert_eq!(nobody.send(written).await.status.as_u16(), 403);
        assert_eq!(nobody.send(request(Method::GET, "/studio/invoices.csv")).await.status.as_u16(), 403);
    }
}

/// Ada, who bought a film from a studio that collects tax, where her address is.
struct Sold {
    ada: Person,
    film: FilmOnSale,
    id: OrderId,
    session: String,
}

impl Sold {
    async fn with_tax(app: &TestApp) -> Self {
        let film = app
            .film_on_sale("Night Train", "Lantern Films", 1_200)
            .await;
        Self::buy(app, film, "FR", &[]).await
    }

    async fn buy(app: &TestApp, film: FilmOnSale, country: &str, headers: &[(&str, &str)]) -> Self {
        let mut tx = app.state.db.begin_write().await.unwrap();
        sqlx::query("UPDATE studio SET collects_tax = 1")
            .execute(&mut *tx)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let ada = app.viewer("Ada").await;
        let mut request = ada
            .request(Method::POST, "/checkout")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(format!("offer={}", film.offer.id));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let page = ada.send(request).await.location().to_owned();
        let session = page.rsplit('/').next().unwrap().to_owned();
        let with = json!({"card": GOOD_CARD, "country": country});
        knob(app, &format!("pay/{session}"), with).await.expect(200);
        let mut conn = app.state.db.read().await.unwrap();
        let orders = checkout::orders_found(&mut conn, None, "ada@example.org", 1).await;
        let id = orders.unwrap().remove(0).id;
        drop(conn);
        let sold = Self {
            ada,
            film,
            id,
            session,
        };
        sold.settle(app).await;
        sold
    }

    fn path(&self) -> String {
        format!("/orders/{}/invoice", self.id)
    }

    async fn settle(&self, app: &TestApp) {
        checkout::settle(&app.state, &self.session, Occasion::Doubt)
            .await
            .unwrap();
    }

    /// Refunds a part, or the rest, in Stripe's dashboard; Stripe's name of the refund.
    async fn refund(&self, app: &TestApp, amount: Option<i64>) -> String {
        let path = format!("refund/{}", self.session);
        let made = knob(app, &path, json!({ "amount": amount }))
            .await
            .expect(200);
        self.settle(app).await;
        made.json()["refund"].as_str().unwrap().to_owned()
    }

    async fn documents(&self, app: &TestApp) -> Vec<Issued> {
        let mut conn = app.state.db.read().await.unwrap();
        invoices::documents_of_order(&mut conn, self.id)
            .await
            .unwrap()
    }

    async fn sums(&self, app: &TestApp) -> Vec<(Kind, i64, i64)> {
        let documents = self.documents(app).await;
        let sum = |one: &Issued| (one.document.kind, one.document.net, one.document.tax);
        documents.iter().map(sum).collect()
    }

    async fn owner(&self, app: &TestApp) -> Person {
        let owner = app.nobody();
        let email = format!("{}@example.org", self.film.studio.slug);
        let fields = [("email", email.as_str()), ("password", PASSWORD)];
        owner.post("/login", &fields).await.expect(303);
        owner
    }

    /// The studio gives its details, as a form does.
    async fn studio_says(&self, app: &TestApp) {
        let fields = [
            ("name", "Lantern Films GmbH"),
            ("street", "Hauptstraße 1"),
            ("postal_code", "10115"),
            ("city", "Berlin"),
            ("country", "DE"),
            ("vat_id", "DE 123 456 789"),
            ("prefix", "LF-"),
        ];
        let owner = self.owner(app).await;
        owner
            .post("/studio/payments/invoices", &fields)
            .await
            .expect(303);
    }

    /// Ada asks for her invoice.
    async fn asks(&self, with: &[(&str, &str)]) -> crate::harness::Answer {
        let mut fields = vec![("name", "Ada Winter"), ("country", "DE")];
        fields.retain(|(name, _)| with.iter().all(|(other, _)| other != name));
        fields.extend(with);
        self.ada.post(&self.path(), &fields).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_proofs_of_place_are_kept() {
    let app = TestApp::behind_proxy().await;
    let film = app.film_on_sale("Night Train", "Lantern Films", 999).await;
    let sold = Sold::buy(&app, film, "DE", &[("x-forwarded-for", "193.99.144.80")]).await;
    let mut conn = app.state.db.read().await.unwrap();
    let order = checkout::order_by_id(&mut conn, sold.id)
        .await
        .unwrap()
        .unwrap();
    let places = &order.places;
    let all = [&places.billing, &places.card, &places.network]
        .map(|place| place.as_deref().unwrap_or("none"));
    assert_eq!(all, ["DE", "US", "DE"], "the card alone is American");
    assert_eq!(places.agreed(), Some("DE"));
    drop(conn);
    app.clock.advance(DAY);
    let desk = sold
        .owner(&app)
        .await
        .get(&format!("/studio/orders/{}", sold.id))
        .await
        .expect(200);
    assert!(
        desk.text.contains("network: Germany") && desk.text.contains("card: United States"),
        "{}",
        desk.text
    );
}

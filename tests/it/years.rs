//! A year's statement: the sum of its months in every column, for everybody who has one, and
//! proved by its files with or without theirs.

use std::collections::BTreeSet;
use std::path::Path;

use matinee::kernel::Clock as _;
use matinee::kernel::Currency;
use matinee::kernel::Money;
use matinee::kernel::ids::OrderId;
use matinee::ledger;
use matinee::ledger::Cause;
use matinee::ledger::Facets;
use matinee::ledger::Settlement;
use matinee::ledger::Terms;
use matinee::payouts;
use rand::RngExt as _;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use serde_json::Value;

use crate::harness::FilmOnSale;
use crate::harness::Person;
use crate::harness::TestApp;
use crate::payouts::FilmOwner;
use crate::payouts::faults;
use crate::payouts::next_month;
use crate::payouts::participant;
use crate::payouts::proven_elsewhere;
use crate::payouts::split;
use crate::payouts::verify;

/// The columns of a statement.
const COLUMNS: [&str; 11] = [
    "sold",
    "gross",
    "tax",
    "operator_fee",
    "provider_fee",
    "refunds",
    "disputes",
    "dispute_fees",
    "exchanged",
    "net",
    "shares",
];

/// Sells in two currencies and gives some of it back, month after month until the year is over.
async fn trade(app: &TestApp, film: &FilmOnSale, months: u32) {
    app.books_alone
        .store(true, std::sync::atomic::Ordering::Relaxed);
    let rng = &mut StdRng::seed_from_u64(7);
    let mut sold: Vec<Terms> = Vec::new();
    for _ in 0..months {
        let mut tx = app.state.db.begin_write().await.unwrap();
        for at in 0..6 {
            let currency = Currency::parse(["USD", "JPY"][at % 2]).unwrap();
            let money = |minor| Money::new(minor, currency);
            let paid: i64 = rng.random_range(100..=9_999);
            let terms = Terms {
                order: OrderId::new(app.clock.now(), rng),
                studio: film.studio.id,
                title: film.title.id,
                paid: money(paid),
                tax: money(rng.random_range(0..=paid / 5)),
                operator: money(rng.random_range(0..=paid / 20)),
                facets: Facets::default(),
            };
            let sale = terms.sale(Some(Settlement {
                amount: money(paid),
                fee: money(paid / 30 + 5),
                share: None,
            }));
            ledger::post(&mut tx, &sale, app.clock.now()).await.unwrap();
            sold.push(terms);
        }
        let at = rng.random_range(0..sold.len());
        let terms = sold.swap_remove(at);
        let cause = Cause::Refund(format!("re_{}", terms.order));
        let amount = rng.random_range(1..=terms.paid.minor());
        let back = terms.refunded(cause, 0, amount, None);
        ledger::post(&mut tx, &back, app.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        next_month(app);
    }
    payouts::close_due(&app.state).await.unwrap();
}

async fn bytes(person: &Person, address: &str) -> Vec<u8> {
    let request = person.request(reqwest::Method::GET, address);
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200, "{address}");
    answer.bytes().await.unwrap().to_vec()
}

async fn json(person: &Person, address: &str) -> Value {
    let file = bytes(person, &format!("{address}.json")).await;
    let mut file: Value = serde_json::from_slice(&file).unwrap();
    file["statement"].take()
}

/// The addresses that a page of the list links to.
fn addresses(page: &str, start: &str) -> BTreeSet<String> {
    let links = page.split("href=\"").skip(1);
    let links = links.filter_map(|rest| rest.split('"').next());
    links
        .filter(|link| link.starts_with(start) && !link.contains('.'))
        .map(ToOwned::to_owned)
        .collect()
}

on_both_engines! {
    async fn a_year_is_the_sum_of_its_months(app: &TestApp) {
        let film = app.film_on_sale("Small Hours", "Lantern", 999).await;
        let owner = FilmOwner::of(app, &film).await.0;
        let zoe = participant(app).await;
        owner.post("/studio/titles/small-hours/splits", &split(&zoe, "66.67", "33.33")).await.expect(303);
        trade(app, &film, 15).await;
        let owner = FilmOwner::sign_in(app, &film).await;
        let list = owner.get("/studio/statements").await.expect(200).text;
        let years = addresses(&list, "/studio/statements/year-");
        // Two years at least, in two currencies, of the studio and of Zoë.
        assert!(years.len() >= 8, "{years:?}");
        let mut closed = 0;
        for address in &years {
            let page = owner.get(address).await.expect(200).text;
            if page.contains("statement-draft") {
                owner.get(&format!("{address}.json")).await.expect(404);
                bytes(&owner, &format!("{address}.pdf")).await;
                continue;
            }
            closed += 1;
            let year = json(&owner, address).await;
            let links = addresses(&page, "/studio/statements/statement_");
            assert_eq!(links.len(), year["months"].as_array().unwrap().len());
            let mut sums = COLUMNS.map(|column| (column, 0));
            let (mut opening, mut closing) = (None, None);
            for (line, link) in year["months"].as_array().unwrap().iter().zip(ordered(&page, &links)) {
                let month = json(&owner, &link).await;
                assert_eq!(line["figures"], month["total"]);
                assert_eq!(line["number"], month["number"]);
                opening = opening.or(Some(month["opening"].clone()));
                closing = Some(month["closing"].clone());
                for (column, sum) in &mut sums {
                    *sum += month["total"][*column].as_i64().unwrap();
                }
            }
            for (column, sum) in sums {
                assert_eq!(year["total"][column], sum, "{address}: {column}");
            }
            assert_eq!((Some(&year["opening"]), Some(&year["closing"])), (opening.as_ref(), closing.as_ref()));
        }
        assert!(closed >= 4, "{closed} of {years:?}");
        assert_eq!(faults(app).await, Vec::<String>::new());
    }
}

/// The links in the order of the page.
fn ordered(page: &str, links: &BTreeSet<String>) -> Vec<String> {
    let mut links: Vec<String> = links.iter().cloned().collect();
    links.sort_by_key(|link| page.find(link.as_str()));
    links
}

fn keep(folder: &Path, name: &str, bytes: &[u8]) -> String {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_year_is_proved_offline_with_and_without_its_months() {
    let app = &TestApp::sqlite().await;
    let film = app.film_on_sale("Small Hours", "Lantern", 999).await;
    let owner = FilmOwner::of(app, &film).await.0;
    let zoe = participant(app).await;
    owner
        .post(
            "/studio/titles/small-hours/splits",
            &split(&zoe, "60", "40"),
        )
        .await
        .expect(303);
    trade(app, &film, 14).await;
    let owner = FilmOwner::sign_in(app, &film).await;
    let list = owner.get("/studio/statements").await.expect(200).text;
    let years = addresses(&list, "/studio/statements/year-");
    let first = years.iter().next().unwrap(); // the older one, in JPY, which is over
    let page = owner.get(first).await.expect(200).text;
    let key = owner.get("/statements/key").await.expect(200).text;
    let folder = tempfile::tempdir().unwrap();
    let said = |arguments: &[&str]| {
        let output = verify(arguments);
        let words = [output.stdout, output.stderr].concat();
        let words = String::from_utf8(words).unwrap();
        (output.status.code(), words)
    };
    let mut months = Vec::new();
    for (at, link) in addresses(&page, "/studio/statements/statement_")
        .iter()
        .enumerate()
    {
        let file = bytes(&owner, &format!("{link}.csv")).await;
        months.push(keep(folder.path(), &format!("{at}.csv"), &file));
    }
    let mut files = Vec::new();
    for kind in ["pdf", "csv", "json"] {
        let file = bytes(&owner, &format!("{first}.{kind}")).await;
        assert_eq!(file, bytes(&owner, &format!("{first}.{kind}")).await);
        let path = keep(folder.path(), &format!("year.{kind}"), &file);
        let (code, words) = said(&[&path, "--key", key.trim()]);
        assert_eq!(code, Some(0), "{kind}: {words}");
        assert!(words.contains("give its"), "{words}");
        let elsewhere = proven_elsewhere(key.trim(), &path);
        assert!(elsewhere.status.success(), "{kind}: {elsewhere:?}");
        for at in [9, file.len() / 3, file.len() / 2, file.len() - 2] {
            let mut changed = file.clone();
            changed[at] ^= 1;
            let (code, words) = said(&[&keep(folder.path(), "changed", &changed)]);
            assert_eq!(code, Some(1), "{kind}, byte {at}: {words}");
        }
        files.push(path);
    }
    let mut all: Vec<&str> = months.iter().map(String::as_str).collect();
    all.push(&files[0]);
    let (code, words) = said(&all);
    assert_eq!(code, Some(0), "{words}");
    let made = format!("made of {} of these files", months.len());
    assert!(words.contains(&made), "{words}");
    for wrong in ["year-2026", "year-2026-XXX", "year--", "year-2026-USD-zoe"] {
        let address = format!("/studio/statements/{wrong}");
        owner.get(&address).await.expect(404);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_year_is_read_by_its_own_party_alone() {
    let app = &TestApp::sqlite().await;
    let film = app.film_on_sale("Small Hours", "Lantern", 999).await;
    let owner = FilmOwner::of(app, &film).await.0;
    let zoe = participant(app).await;
    owner
        .post(
            "/studio/titles/small-hours/splits",
            &split(&zoe, "60", "40"),
        )
        .await
        .expect(303);
    let year = app.clock.now().date()[..4].to_owned();
    trade(app, &film, 2).await;
    let owner = FilmOwner::sign_in(app, &film).await;
    owner
        .post(&format!("/studio/participants/{zoe}/invite"), &[])
        .await
        .expect(303);
    let path = crate::payouts::link(app).await;
    let token = path.split_once("token=").unwrap().1.to_owned();
    let participant = app.nobody();
    participant
        .post("/statements/enter", &[("token", &token)])
        .await
        .expect(303);
    let list = participant.get("/statements").await.expect(200).text;
    let years = addresses(&list, "/statements/year-");
    assert!(!years.is_empty(), "{list}");
    for own in &years {
        let page = participant.get(own).await.expect(200).text;
        assert!(page.contains("Zoë"), "{page}");
        // With the studio's way of asking, neither the studio's account nor the own one is found.
        participant.get(&format!("{own}-{zoe}")).await.expect(404);
    }
    // Another studio has no such account.
    let other = app.film_on_sale("Other Film", "Reel", 999).await;
    let other = FilmOwner::sign_in(app, &other).await;
    other
        .get(&format!("/studio/statements/year-{year}-USD-{zoe}"))
        .await
        .expect(404);
}

//! What was sold: where buyers came from, how it is told apart, and that it all adds up.

use std::collections::BTreeMap;
use std::time::Duration;
use std::time::Instant;

use matinee::checkout;
use matinee::checkout::Occasion;
use matinee::kernel::Clock as _;
use matinee::kernel::Source;
use matinee::kernel::Time;
use matinee::kernel::ids::StudioId;
use matinee::kernel::ids::TitleId;
use matinee::ledger;
use matinee::ledger::Sales;
use matinee::ledger::SalesLine;
use matinee::ledger::Scope;
use matinee::platform::db::Conn;
use rand::RngExt as _;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use reqwest::Method;
use sqlx::AssertSqlSafe;
use sqlx::Row as _;

use crate::harness::FilmOnSale;
use crate::harness::PASSWORD;
use crate::harness::Person;
use crate::harness::TestApp;
use crate::permutations::wished;
use crate::year::Sale;

const ORDERS: u64 = 300;
const DAY: Duration = Duration::from_secs(24 * 3600);
const COUNTRIES: [Option<&str>; 4] = [Some("DE"), Some("US"), None, Some("nonsense")];
const SOURCES: [&str; 3] = ["direct", "tag:newsletter", "site:news.example"];

/// The hidden field of the buy button on a film's page.
async fn came(visitor: &Person, path: &str, referer: &str) -> String {
    let request = visitor
        .request(Method::GET, path)
        .header("referer", referer);
    let page = visitor.send(request).await.expect(200).text;
    let field = page.split("name=\"came\" value=\"").nth(1).unwrap();
    field.split('"').next().unwrap().to_owned()
}

async fn owner_of(app: &TestApp, studio: &str) -> Person {
    let owner = app.nobody();
    let email = format!("{studio}@example.org");
    let known = [("email", email.as_str()), ("password", PASSWORD)];
    owner.post("/login", &known).await.expect(303);
    owner
}

/// Buys a film by the form of its page.
async fn buy(app: &TestApp, buyer: &Person, film: &FilmOnSale, came: &str) {
    let offer = film.offer.id.to_string();
    let bought = buyer
        .post("/checkout", &[("offer", &offer), ("came", came)])
        .await;
    let page = bought
        .location()
        .strip_prefix(app.sandbox.base_url())
        .unwrap()
        .to_owned();
    let till = Person::new(app.sandbox.base_url());
    let paid = till.post(&page, &[("number", "4242 4242 4242 4242")]).await;
    buyer
        .get(paid.location().strip_prefix(&app.url).unwrap())
        .await
        .expect(200);
    app.work().await;
}

async fn lines(app: &TestApp, scope: Scope) -> Vec<SalesLine> {
    ledger::sales(&mut app.state.db.read().await.unwrap(), &scope)
        .await
        .unwrap()
}

/// Everything of some sums per currency, in minor units.
fn minor<K>(sums: &[(K, Sales)]) -> BTreeMap<&'static str, [i64; 8]> {
    let mut totals: BTreeMap<&'static str, [i64; 8]> = BTreeMap::new();
    for (_, s) in sums {
        let amounts = [
            s.gross,
            s.tax,
            s.provider_fee,
            s.operator_fee,
            s.returned,
            s.exchanged,
            s.net,
        ];
        let total = totals.entry(s.net.currency().code()).or_default();
        for (total, amount) in total.iter_mut().zip(amounts) {
            *total += amount.minor();
        }
        total[7] += s.orders;
    }
    totals
}

/// The same sums read straight off the entries, for orders of which something holds.
async fn entries(conn: &mut Conn, which: &str) -> BTreeMap<String, i64> {
    let sql = format!(
        "SELECT a.purpose, a.currency,
                CAST(SUM(CASE WHEN e.to_account = a.id THEN e.amount_minor
                              ELSE -e.amount_minor END) AS BIGINT) AS minor
         FROM ledger_entry e JOIN ledger_account a ON a.id IN (e.from_account, e.to_account)
         JOIN ledger_transfer t ON t.id = e.transfer_id JOIN orders o ON o.id = t.order_id
         WHERE {which} GROUP BY a.purpose, a.currency"
    );
    let rows = sqlx::query(AssertSqlSafe(sql))
        .fetch_all(conn)
        .await
        .unwrap();
    let mut sums = BTreeMap::new();
    for row in rows {
        let (purpose, currency): (&str, &str) = (row.get("purpose"), row.get("currency"));
        let (part, sign) = match purpose {
            "customer" => ("gross", -1),
            "gross" => continue,
            "provider_fee" | "dispute_fees" => ("fees", 1),
            "refunds" | "disputes" => ("returned", 1),
            "studio_net" | "participant" => ("net", 1),
            other => (other, 1),
        };
        *sums.entry(format!("{part} {currency}")).or_default() += sign * row.get::<i64, _>("minor");
    }
    sums.retain(|_, minor| *minor != 0);
    sums
}

/// Sums of the figures, named as above.
fn named<'a>(sums: impl Iterator<Item = &'a Sales>) -> BTreeMap<String, i64> {
    let mut named = BTreeMap::new();
    for s in sums {
        for (part, amount) in [
            ("gross", s.gross),
            ("tax", s.tax),
            ("fees", s.provider_fee),
            ("operator_fee", s.operator_fee),
            ("returned", s.returned),
            ("exchange", s.exchanged),
            ("net", s.net),
        ] {
            *named
                .entry(format!("{part} {}", amount.currency().code()))
                .or_default() += amount.minor();
        }
    }
    named.retain(|_, minor| *minor != 0);
    named
}

/// Random orders of a studio's four films over forty days, with what comes back of them.
async fn a_season(app: &TestApp, rng: &mut StdRng) -> (StudioId, Vec<TitleId>) {
    let start = app.state.now();
    let studio = StudioId::new(start, rng);
    let films: Vec<TitleId> = (0..4).map(|_| TitleId::new(start, rng)).collect();
    let mut waiting = Vec::new();
    for number in 0..ORDERS {
        let now = app.state.now();
        let sale = Sale::draw(rng, number, now);
        let mut tx = app.state.db.begin_write().await.unwrap();
        sale.insert(&mut tx, studio, films[rng.random_range(0..4)], now)
            .await;
        let mut payment = sale.payment(false);
        let country = COUNTRIES[rng.random_range(0..4)];
        payment.session.billing_country = country.map(str::to_owned);
        sqlx::query("UPDATE orders SET source = $2 WHERE id = $1")
            .bind(payment.session.order_id.as_deref())
            .bind(SOURCES[rng.random_range(0..3)])
            .execute(&mut *tx)
            .await
            .unwrap();
        checkout::enter(&mut tx, &app.state, &payment, Occasion::Visit)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        waiting.push((sale, country));
        if number % 60 == 59 {
            app.clock.advance(8 * DAY);
            let mut tx = app.state.db.begin_write().await.unwrap();
            for (sale, country) in waiting.drain(..) {
                let mut payment = sale.payment(true);
                payment.session.billing_country = country.map(str::to_owned);
                checkout::enter(&mut tx, &app.state, &payment, Occasion::Visit)
                    .await
                    .unwrap();
            }
            tx.commit().await.unwrap();
        }
    }
    (studio, films)
}

on_both_engines! {
    async fn sums_by_everything_equal_the_totals(app: &TestApp) {
        let seed = wished("MATINEE_SEED").unwrap_or_else(rand::random);
        println!("MATINEE_SEED={seed}");
        let start = app.state.now();
        let (studio, films) = a_season(app, &mut StdRng::seed_from_u64(seed)).await;
        let all = lines(app, Scope::all_of(studio)).await;
        let total = minor(&ledger::sums_by(&all, |_| ()).unwrap());
        assert_eq!(total.values().map(|sums| sums[7]).sum::<i64>(), i64::try_from(ORDERS).unwrap());
        assert!(total.len() == 4 && total.values().all(|sums| sums[4] > 0), "{total:?}");
        assert_eq!(minor(&ledger::sums_by(&all, |line| line.title).unwrap()), total);
        assert_eq!(minor(&ledger::sums_by(&all, |line| line.facets.territory.clone()).unwrap()), total);
        assert_eq!(minor(&ledger::sums_by(&all, |line| line.facets.source.clone()).unwrap()), total);
        assert_eq!(minor(&ledger::sums_by(&all, |line| line.facets.kind.as_str()).unwrap()), total);
        let mut conn = app.state.db.read().await.unwrap();
        let days = ledger::sales_by_day(&mut conn, &Scope::all_of(studio)).await.unwrap();
        let days: Vec<(Time, Sales)> = days.into_iter().map(|day| (day.day, day.sales)).collect();
        assert_eq!(minor(&days), total);

        // Each part alone, read off the entries.
        let of = |keep: &dyn Fn(&SalesLine) -> bool| {
            named(all.iter().filter(|line| keep(line)).map(|line| &line.sales))
        };
        assert_eq!(of(&|_| true), entries(&mut conn, "1 = 1").await);
        let german = of(&|line| line.facets.territory.as_deref() == Some("DE"));
        assert_eq!(german, entries(&mut conn, "o.billing_country = 'DE'").await);
        let unknown = of(&|line| line.facets.territory.is_none());
        let odd = "(o.billing_country IS NULL OR o.billing_country = 'nonsense')";
        assert_eq!(unknown, entries(&mut conn, odd).await);
        let tagged = of(&|line| line.facets.source == Source::Tag("newsletter".to_owned()));
        assert_eq!(tagged, entries(&mut conn, "o.source = 'tag:newsletter'").await);
        let film = of(&|line| line.title == films[2]);
        assert_eq!(film, entries(&mut conn, &format!("o.title_id = '{}'", films[2])).await);

        // Two halves of the time are the whole, and one film is its own.
        let middle = start.after(20 * DAY);
        let scope = Scope::all_of(studio);
        let before = lines(app, Scope { until: Some(middle), ..scope }).await;
        let after = lines(app, Scope { from: Some(middle), ..scope }).await;
        assert!(!before.is_empty() && !after.is_empty());
        let halves = [before, after].concat();
        assert_eq!(minor(&ledger::sums_by(&halves, |_| ()).unwrap()), total);
        let alone = lines(app, Scope { title: Some(films[2]), ..scope }).await;
        assert_eq!(named(alone.iter().map(|line| &line.sales)), film);
        assert!(lines(app, Scope::all_of(StudioId::new(start, &mut rand::rng()))).await.is_empty());
    }

    async fn orders_from_before_get_their_figures(app: &TestApp) {
        let (studio, _) = a_season(app, &mut StdRng::seed_from_u64(7)).await;
        let all = lines(app, Scope::all_of(studio)).await;
        let migration = match app.database().starts_with("sqlite") {
            true => include_str!("../../migrations/sqlite/0023_sales.sql"),
            false => include_str!("../../migrations/postgres/0023_sales.sql"),
        };
        let undo = "DROP TABLE ledger_figure; ALTER TABLE orders DROP COLUMN kind;
                    ALTER TABLE orders DROP COLUMN source;";
        let mut tx = app.state.db.begin_write().await.unwrap();
        for script in [undo, migration] {
            sqlx::raw_sql(script).execute(&mut *tx).await.unwrap();
        }
        tx.commit().await.unwrap();
        let again = lines(app, Scope::all_of(studio)).await;
        assert!(again.iter().all(|line| line.facets.source == Source::Unknown));
        let film = |lines: &[SalesLine]| ledger::sums_by(lines, |line| line.title).unwrap();
        assert_eq!(film(&again), film(&all));
        // The audit of the books at the end compares them with the entries.
        let orders: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM orders WHERE kind = 'buy'")
            .fetch_one(&mut *app.state.db.read().await.unwrap()).await.unwrap();
        assert_eq!(orders, i64::try_from(ORDERS).unwrap());
    }

    async fn a_wrong_figure_is_found(app: &TestApp) {
        let (studio, _) = a_season(app, &mut StdRng::seed_from_u64(8)).await;
        let mut tx = app.state.db.begin_write().await.unwrap();
        let changed = sqlx::query("UPDATE ledger_figure SET net_minor = net_minor + 1");
        assert!(changed.execute(&mut *tx).await.is_err(), "the database refuses it");
        drop(tx);
        let mut tx = app.state.db.begin_write().await.unwrap();
        let added = sqlx::query(
            "INSERT INTO ledger_figure SELECT id, 'XXX', studio_id, title_id, posted_at, '', 'direct',
                 'buy', 0, 1, 0, 0, 0, 0, 0, 1 FROM ledger_transfer WHERE studio_id = $1 AND kind = 'sale'",
        );
        added.bind(studio.to_string()).execute(&mut *tx).await.unwrap();
        let faults = ledger::audit(&mut tx).await.unwrap();
        assert_eq!(faults.len(), usize::try_from(ORDERS).unwrap());
        assert!(faults[0].contains("figures"), "{}", faults[0]);
    }

    async fn the_page_of_a_film_knows_how_its_visitor_came(app: &TestApp) {
        let film = app.film_on_sale("Night Train", "Lantern Films", 999).await;
        let visitor = app.nobody();
        let path = format!("/films/{}", film.title.slug);
        for (query, referer, source) in [
            ("?from=Newsletter", "https://news.example/x", "tag:newsletter"),
            ("?utm_source=mail&utm_medium=x", "", "tag:mail"),
            ("", "https://www.news.example/story?private=1", "site:news.example"),
            ("?from=%22%3E%3Cscript%3E", "", "direct"),
            ("?came=studio", "https://news.example/", "studio"),
            ("", "javascript:alert(1)", "direct"),
            ("", "", "direct"),
        ] {
            assert_eq!(came(&visitor, &format!("{path}{query}"), referer).await, source, "{query} {referer}");
        }
        for (from, source) in [("/", "home"), ("/films?q=night", "list"), ("/studios/lantern-films", "studio")] {
            assert_eq!(came(&visitor, &path, &format!("{}{from}", app.url)).await, source);
        }
        let page = visitor.get(&path).await;
        assert!(!page.headers.contains_key("set-cookie"), "nobody is marked");
    }

    async fn a_source_survives_signing_in_and_is_shown_to_the_studio(app: &TestApp) {
        let film = app.film_on_sale("<b>Night</b> & \"Train\"", "Lantern Films", 999).await;
        let (path, offer) = (format!("/films/{}", film.title.slug), film.offer.id.to_string());
        let visitor = app.nobody();
        let source = came(&visitor, &path, "https://blog.example/").await;
        let sent_away = visitor.post("/checkout", &[("offer", &offer), ("came", &source)]).await;
        let next = sent_away.location().strip_prefix("/login?next=").unwrap().to_owned();
        let fields = [("name", "Ada"), ("email", "ada@example.org"), ("password", PASSWORD)];
        visitor.post("/signup", &fields).await.expect(303);
        let back = url::form_urlencoded::parse(format!("next={next}").as_bytes()).next().unwrap().1.into_owned();
        assert_eq!(back, format!("{path}?came=site:blog.example"));
        let kept = came(&visitor, &back, &format!("{}/login", app.url)).await;
        assert_eq!(kept, "site:blog.example");
        buy(app, &visitor, &film, &kept).await;
        let eve = app.viewer("Eve").await;
        buy(app, &eve, &film, "tag:\"><script>alert(1)</script>").await;

        let owner = owner_of(app, "lantern-films").await;
        let page = owner.get("/studio/sales").await.expect(200).text;
        for part in ["blog.example", "Direct: typed", "Bought for good", "&#60;b&#62;Night", "By territory"] {
            assert!(page.contains(part), "{part}: {page}");
        }
        assert!(!page.contains("<script>alert") && !page.contains("<b>Night"), "{page}");
        let file = owner.get("/studio/sales/source.csv").await.expect(200);
        assert!(file.headers["content-disposition"].to_str().unwrap().contains("lantern-films-source-"));
        assert!(file.text.starts_with(r#""source","currency","orders","gross","tax","#), "{}", file.text);
        assert!(file.text.contains(r#""site:blog.example","USD","1","9.99","#) && file.text.contains(r#""direct","USD","1","9.99","#), "{}", file.text);
        assert!(owner.get("/studio/sales/kind.csv").await.text.contains(r#""buy","USD","2","19.98","#));
        assert!(owner.get("/studio/sales/territory.csv").await.text.contains(r#","USD","2","19.98","#));
        assert_eq!(owner.get("/studio/sales/days.csv").await.text.lines().count(), 2);
        owner.get("/studio/sales/viewers.csv").await.expect(404);
        let title = owner.get(&format!("/studio/titles/{}", film.title.slug)).await.expect(200).text;
        assert!(title.contains("?from=newsletter") && title.contains("Links that tell you"));
    }

    async fn a_period_and_a_film_narrow_the_sales_down(app: &TestApp) {
        let film = app.film_on_sale("Night Train", "Lantern Films", 999).await;
        let other = app.film_on_sale("Day Boat", "Foxes", 499).await;
        let ada = app.viewer("Ada").await;
        buy(app, &ada, &film, "home").await;
        app.clock.advance(45 * DAY);
        let owner = owner_of(app, "lantern-films").await;
        let status = |query: &'static str| {
            let owner = &owner;
            async move { owner.get(&format!("/studio/sales{query}")).await }
        };
        let sold = |page: &str| page.contains("data-testid=\"sales-net\"");
        for (query, shown) in [
            ("", true),
            ("?period=all", true),
            ("?period=30-days", false),
            ("?from=2027-01-15&to=2027-01-15", true),
            ("?from=2027-01-16", false),
            ("?to=2027-01-14", false),
            ("?film=night-train&to=2027-03-01", true),
        ] {
            let page = status(query).await.expect(200).text;
            assert_eq!(sold(&page), shown, "{query}");
            assert_eq!(page.contains("Nothing sold in that time"), !shown, "{query}");
        }
        let chosen = status("?from=2027-01-15&film=night-train").await.text;
        assert!(chosen.contains("value=\"night-train\" selected") && chosen.contains("value=\"2027-01-15\""));
        assert!(chosen.contains("/studio/sales/territory.csv?from=2027-01-15&#38;film=night-train"), "{chosen}");
        for query in ["?from=yesterday", "?to=2027-02-30", "?from=2027-02-02&to=2027-02-01"] {
            let page = status(query).await.expect(422).text;
            assert!(page.contains("form-errors") && !sold(&page), "{query}: {page}");
            owner.get(&format!("/studio/sales/days.csv{query}")).await.expect(409);
        }
        assert_eq!(owner.get("/studio/sales.csv?period=30-days").await.expect(200).text.lines().count(), 1);
        owner.get(&format!("/studio/sales?film={}", other.title.slug)).await.expect(404);
        owner.get("/studio/sales?film=nonsense").await.expect(404);
    }
}

/// Run by hand: `cargo test --test it sales_page_over -- --ignored --nocapture`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a benchmark"]
async fn the_sales_page_over_a_hundred_thousand_orders() {
    for app in [Some(TestApp::sqlite().await), TestApp::postgres().await]
        .into_iter()
        .flatten()
    {
        let film = app.film_on_sale("Night Train", "Lantern Films", 999).await;
        app.books_alone
            .store(true, std::sync::atomic::Ordering::Relaxed);
        let mut tx = app.state.db.begin_write().await.unwrap();
        let (studio, title) = (film.studio.id.to_string(), film.title.id.to_string());
        let start = app.clock.now().millis();
        let numbers =
            "WITH d(n) AS (SELECT 0 UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3
             UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7
             UNION ALL SELECT 8 UNION ALL SELECT 9),
             k(n) AS (SELECT a.n + 10*b.n + 100*c.n + 1000*d.n + 10000*e.n
                      FROM d a, d b, d c, d d, d e)";
        // A sale and its fee for each order: two transfers, whose entries this page does not read.
        for kind in ["sale", "provider_fee"] {
            let transfers = format!(
                "INSERT INTO ledger_transfer (id, cause, kind, studio_id, title_id, order_id, line_count, posted_at)
                 {numbers} SELECT 'transfer_0198c0f1-e5d2-7cc0-9b5d-' || CAST(1000000 + n AS TEXT) || '{kind}',
                     '{kind}:order_0198c0f1-e5d2-7cc0-9b5d-' || CAST(1000000 + n AS TEXT), '{kind}', '{studio}', '{title}',
                     'order_0198c0f1-e5d2-7cc0-9b5d-' || CAST(1000000 + n AS TEXT), 1, {start} + CAST(n AS BIGINT) * 315360 FROM k"
            );
            sqlx::query(AssertSqlSafe(transfers))
                .execute(&mut *tx)
                .await
                .unwrap();
            let figures = format!(
                "INSERT INTO ledger_figure
                 {numbers} SELECT 'transfer_0198c0f1-e5d2-7cc0-9b5d-' || CAST(1000000 + n AS TEXT) || '{kind}',
                     CASE n % 4 WHEN 0 THEN 'EUR' WHEN 1 THEN 'JPY' WHEN 2 THEN 'KWD' ELSE 'USD' END,
                     '{studio}', '{title}', {start} + CAST(n AS BIGINT) * 315360,
                     SUBSTR('DEUSFRJPGBITESCAAUBRMXINKRSEPL', 1 + 2 * (n % 15), 2),
                     CASE n % 7 WHEN 0 THEN 'direct' WHEN 1 THEN 'tag:a' ELSE 'site:s' || CAST(n % 97 AS TEXT) || '.example' END,
                     'buy', 1, 999, 160, 59, 49, 0, 0, 731 FROM k"
            );
            sqlx::query(AssertSqlSafe(figures))
                .execute(&mut *tx)
                .await
                .unwrap();
        }
        tx.commit().await.unwrap();
        app.clock.advance(366 * DAY);
        let owner = owner_of(&app, "lantern-films").await;
        for path in [
            "/studio/sales",
            "/studio/sales?period=this-month",
            "/studio/sales/source.csv",
            "/studio",
        ] {
            let mut took = Vec::new();
            for _ in 0..5 {
                let began = Instant::now();
                owner.get(path).await.expect(200);
                took.push(began.elapsed().as_millis());
            }
            println!("{path}: {took:?} ms");
        }
        std::mem::forget(app); // its books are figures without entries
    }
}

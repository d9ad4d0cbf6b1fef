//! Splits and statements: a month is closed once, its files prove themselves, and a participant
//! sees what is theirs alone.

use std::process::Command;
use std::process::Output;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use matinee::kernel::Clock as _;
use matinee::kernel::Currency;
use matinee::kernel::Money;
use matinee::kernel::ids::OrderId;
use matinee::kernel::ids::StudioId;
use matinee::ledger;
use matinee::ledger::Cause;
use matinee::ledger::Facets;
use matinee::ledger::Terms;
use matinee::payouts;
use matinee::payouts::Closed;
use matinee::payouts::Month;
use sqlx::AssertSqlSafe;

use crate::harness::FilmOnSale;
use crate::harness::Person;
use crate::harness::TestApp;

const DAY: Duration = Duration::from_secs(24 * 3600);

fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::parse("USD").unwrap())
}

fn terms(app: &TestApp, film: &FilmOnSale, minor: i64) -> Terms {
    Terms {
        order: OrderId::new(app.clock.now(), &mut rand::rng()),
        studio: film.studio.id,
        title: film.title.id,
        paid: usd(minor),
        tax: usd(0),
        operator: usd(0),
        facets: Facets::default(),
    }
}

async fn sell(app: &TestApp, film: &FilmOnSale, minor: i64) -> Terms {
    app.books_alone.store(true, Ordering::Relaxed);
    let terms = terms(app, film, minor);
    let mut tx = app.state.db.begin_write().await.unwrap();
    ledger::post(&mut tx, &terms.sale(None), app.clock.now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    terms
}

async fn give_back(app: &TestApp, terms: &Terms) {
    let cause = Cause::Refund(format!("re_{}", terms.order));
    let transfer = terms.refunded(cause, 0, terms.paid.minor(), None);
    let mut tx = app.state.db.begin_write().await.unwrap();
    ledger::post(&mut tx, &transfer, app.clock.now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

pub(crate) async fn text(app: &TestApp, sql: &'static str) -> String {
    let mut conn = app.state.db.read().await.unwrap();
    sqlx::query_scalar(sql).fetch_one(&mut *conn).await.unwrap()
}

pub(crate) async fn number(app: &TestApp, sql: &'static str) -> i64 {
    let mut conn = app.state.db.read().await.unwrap();
    sqlx::query_scalar(sql).fetch_one(&mut *conn).await.unwrap()
}

pub(crate) async fn participant(app: &TestApp) -> String {
    text(app, "SELECT id FROM participant").await
}

pub(crate) async fn faults(app: &TestApp) -> Vec<String> {
    let mut conn = app.state.db.read().await.unwrap();
    let mut faults = ledger::audit(&mut conn).await.unwrap();
    faults.extend(payouts::audit(&mut conn).await.unwrap());
    faults
}

pub(crate) fn split<'a>(
    participant: &'a str,
    studio: &'a str,
    share: &'a str,
) -> Vec<(&'a str, &'a str)> {
    vec![
        ("party", "studio"),
        ("share", studio),
        ("party", participant),
        ("share", share),
        ("first_party", participant),
        ("first_amount", "5.00"),
        ("first_currency", "USD"),
    ]
}

pub(crate) fn next_month(app: &TestApp) {
    let end = Month::of(app.clock.now()).end();
    app.clock.set(end.after(Duration::from_secs(2 * 3600)));
}

async fn balance(app: &TestApp, studio: StudioId, purpose: &str) -> i64 {
    let account = format!("{studio}:{purpose}:USD");
    let mut conn = app.state.db.read().await.unwrap();
    sqlx::query_scalar(
        "SELECT CAST(COALESCE(SUM(CASE WHEN to_account = $1 THEN amount_minor
                                       ELSE -amount_minor END), 0) AS BIGINT)
         FROM ledger_entry WHERE to_account = $1 OR from_account = $1",
    )
    .bind(account)
    .fetch_one(&mut *conn)
    .await
    .unwrap()
}

on_both_engines! {
    async fn a_month_is_closed_once_by_whoever_comes(app: &TestApp) {
        let film = app.film_on_sale("Small Hours", "Lantern", 999).await;
        sell(app, &film, 999).await;
        let month = Month::of(app.clock.now());
        assert_eq!(payouts::close(&app.state, film.studio.id, month).await.unwrap(), Closed::TooEarly);
        next_month(app);
        let both = tokio::join!(
            payouts::close(&app.state, film.studio.id, month),
            payouts::close(&app.state, film.studio.id, month),
        );
        let both = [both.0.unwrap(), both.1.unwrap()];
        assert!(both.contains(&Closed::Now(1)) && both.contains(&Closed::NotNext), "{both:?}");
        assert_eq!(payouts::close_due(&app.state).await.unwrap(), 0);
        assert_eq!(number(app, "SELECT COUNT(*) FROM statement").await, 1);
        assert_eq!(faults(app).await, Vec::<String>::new());
    }

    async fn shares_follow_the_split_of_the_sale(app: &TestApp) {
        let film = app.film_on_sale("Small Hours", "Lantern", 999).await;
        let owner = FilmOwner::of(app, &film).await;
        let early = sell(app, &film, 300).await; // before any split: the studio's alone
        app.clock.advance(DAY);
        let zoe = participant(app).await;
        owner.0.post("/studio/titles/small-hours/splits", &split(&zoe, "60", "40")).await.expect(303);
        app.clock.advance(DAY);
        let sold = sell(app, &film, 1_500).await;
        next_month(app);
        // 5.00 are recouped first, 40 % of the other 10.00 follow.
        assert_eq!(payouts::close_due(&app.state).await.unwrap(), 2);
        assert_eq!(balance(app, film.studio.id, "participant").await, 900);
        assert_eq!(balance(app, film.studio.id, "studio_net").await, 300 + 600);
        let owner = FilmOwner(FilmOwner::sign_in(app, &film).await); // a month later
        // A change counts from its beginning on, and what goes back goes by its own sale.
        owner.0.post("/studio/titles/small-hours/splits", &split(&zoe, "99", "1")).await.expect(303);
        give_back(app, &sold).await;
        give_back(app, &early).await;
        next_month(app);
        assert_eq!(payouts::close_due(&app.state).await.unwrap(), 2);
        assert_eq!(balance(app, film.studio.id, "participant").await, 0);
        assert_eq!(balance(app, film.studio.id, "studio_net").await, 0);
        assert_eq!(number(app, "SELECT MAX(number) FROM statement").await, 4);
        assert_eq!(faults(app).await, Vec::<String>::new());
    }

    async fn who_left_a_film_reads_nothing_of_later_sales(app: &TestApp) {
        let film = app.film_on_sale("Small Hours", "Lantern", 999).await;
        let owner = FilmOwner::of(app, &film).await;
        sell(app, &film, 300).await; // before any split
        app.clock.advance(DAY);
        let zoe = participant(app).await;
        let address = "/studio/titles/small-hours/splits";
        owner.0.post(address, &split(&zoe, "60", "40")).await.expect(303);
        app.clock.advance(DAY);
        sell(app, &film, 1_500).await;
        next_month(app);
        payouts::close_due(&app.state).await.unwrap();
        let last = "SELECT content FROM statement WHERE participant_id IS NOT NULL ORDER BY number DESC LIMIT 1";
        let statement: serde_json::Value = serde_json::from_str(&text(app, last).await).unwrap();
        assert_eq!((&statement["total"]["sold"], &statement["total"]["gross"]), (&1.into(), &1_500.into()));
        assert_eq!(statement["closing"], 900);

        let owner = FilmOwner(FilmOwner::sign_in(app, &film).await);
        owner.0.post(address, &[("party", "studio"), ("share", "100")]).await.expect(303);
        app.clock.advance(DAY);
        sell(app, &film, 700).await;
        next_month(app);
        assert_eq!(payouts::close_due(&app.state).await.unwrap(), 2);
        let statement: serde_json::Value = serde_json::from_str(&text(app, last).await).unwrap();
        assert_eq!(statement["films"], serde_json::json!([]), "{statement}");
        assert_eq!((&statement["opening"], &statement["closing"]), (&900.into(), &900.into()));
        assert_eq!(faults(app).await, Vec::<String>::new());
    }

    async fn another_address_ends_what_came_by_the_one_before(app: &TestApp) {
        let film = app.film_on_sale("Small Hours", "Lantern", 999).await;
        let owner = FilmOwner::of(app, &film).await.0;
        let zoe_id = participant(app).await;
        let page = format!("/studio/participants/{zoe_id}");
        let enter = async |by: &Person| {
            let path = link(app).await;
            let token = path.split_once("token=").unwrap().1.to_owned();
            by.post("/statements/enter", &[("token", &token)]).await.expect(303);
        };
        let stranger = app.nobody();
        enter(&stranger).await;
        assert!(stranger.get("/statements").await.expect(200).text.contains("Zoë"));
        app.clock.advance(Duration::from_secs(60));
        owner.post(&format!("{page}/invite"), &[]).await.expect(303);
        let waiting = link(app).await;

        app.clock.advance(Duration::from_secs(60));
        assert!(owner.get(&page).await.expect(200).text.contains("zoe@example.org"));
        owner.post(&page, &[("email", "nowhere")]).await.expect(422);
        owner.post("/studio/participants", &[("name", "Max"), ("email", "max@example.org")]).await.expect(303);
        let known = owner.post(&page, &[("email", "max@example.org")]).await.expect(422);
        assert!(known.text.contains("form-errors") || known.text.contains("error"), "{}", known.text);
        app.studio_owner("Foxes").await.get(&page).await.expect(404);
        assert!(stranger.get("/statements").await.text.contains("Zoë"), "nothing changed yet");

        app.clock.advance(Duration::from_secs(60));
        owner.post(&page, &[("email", "zoe@elsewhere.example")]).await.expect(303);
        assert!(!stranger.get("/statements").await.text.contains("Zoë"), "signed out");
        app.nobody().get(&waiting).await.expect(410);
        let zoe = app.nobody();
        enter(&zoe).await;
        assert!(zoe.get("/statements").await.expect(200).text.contains("Zoë"));
    }

    async fn the_same_shares_sent_twice_are_one_split(app: &TestApp) {
        let film = app.film_on_sale("Small Hours", "Lantern", 999).await;
        let owner = FilmOwner::of(app, &film).await.0;
        let zoe = participant(app).await;
        let later = app.clock.now().after(9 * DAY).date();
        let address = "/studio/titles/small-hours/splits";
        for (day, studio, share, splits) in [
            ("", "60", "40", 1),
            ("", "60", "40", 1), // the button pressed twice
            ("", "70", "30", 2),
            ("", "60", "40", 3), // back to what was before
            (later.as_str(), "60", "40", 4),
            (later.as_str(), "60", "40", 4),
            ("", "60", "40", 5), // the newest begins later, so this one says something
        ] {
            let mut fields = split(&zoe, studio, share);
            fields.push(("from", day));
            owner.post(address, &fields).await.expect(303);
            app.clock.advance(Duration::from_secs(1));
            assert_eq!(number(app, "SELECT COUNT(*) FROM split").await, splits, "{day} {share}");
            assert_eq!(number(app, "SELECT COUNT(*) FROM ledger_era").await, splits);
        }
    }

    async fn a_split_that_is_not_whole_writes_nothing(app: &TestApp) {
        let film = app.film_on_sale("Small Hours", "Lantern", 999).await;
        let owner = FilmOwner::of(app, &film).await.0;
        let zoe = participant(app).await;
        for (studio, share) in [("60", "39.99"), ("60", "40.01"), ("100", "0"), ("x", "40"), ("-1", "101")] {
            let page = owner.post("/studio/titles/small-hours/splits", &split(&zoe, studio, share)).await;
            page.expect(422);
        }
        let mut late = split(&zoe, "60", "40");
        late.push(("from", "2020-01-01"));
        owner.post("/studio/titles/small-hours/splits", &late).await.expect(422);
        assert_eq!(number(app, "SELECT COUNT(*) FROM split").await, 0);
        assert_eq!(number(app, "SELECT COUNT(*) FROM ledger_era").await, 0);
    }
}

/// Whoever owns the studio of a film on sale, with an own session, and one participant.
pub(crate) struct FilmOwner(pub(crate) Person);

impl FilmOwner {
    pub(crate) async fn of(app: &TestApp, film: &FilmOnSale) -> Self {
        let mut tx = app.state.db.begin_write().await.unwrap();
        sqlx::query("UPDATE account SET email_verified_at = 1")
            .execute(&mut *tx)
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let owner = Self::sign_in(app, film).await;
        let fields = [("name", "Zoë"), ("email", "zoe@example.org")];
        owner
            .post("/studio/participants", &fields)
            .await
            .expect(303);
        Self(owner)
    }

    pub(crate) async fn sign_in(app: &TestApp, film: &FilmOnSale) -> Person {
        let sql = "SELECT a.email FROM account a JOIN studio_member m ON m.account_id = a.id
                   WHERE m.studio_id = $1";
        let email: String = {
            let mut conn = app.state.db.read().await.unwrap();
            let found = sqlx::query_scalar(sql).bind(film.studio.id.to_string());
            found.fetch_one(&mut *conn).await.unwrap()
        };
        let owner = app.nobody();
        let fields = [
            ("email", email.as_str()),
            ("password", crate::harness::PASSWORD),
        ];
        owner.post("/login", &fields).await.expect(303);
        owner
    }
}

/// The link in the newest mail.
pub(crate) async fn link(app: &TestApp) -> String {
    let sql = "SELECT body_text FROM mail WHERE body_text LIKE '%/statements/enter%'
               ORDER BY created_at DESC LIMIT 1";
    let mail = text(app, sql).await;
    let at = mail.find("/statements/enter?token=").unwrap();
    mail[at..].split_whitespace().next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_participant_sees_what_is_theirs_and_nothing_else() {
    let app = &TestApp::sqlite().await;
    let film = app.film_on_sale("Small Hours", "Lantern", 999).await;
    let owner = FilmOwner::of(app, &film).await.0;
    let zoe_id = participant(app).await;
    owner
        .post(
            "/studio/titles/small-hours/splits",
            &split(&zoe_id, "60", "40"),
        )
        .await
        .expect(303);
    sell(app, &film, 1_500).await;
    next_month(app);
    payouts::close_due(&app.state).await.unwrap();
    let own = text(
        app,
        "SELECT id FROM statement WHERE participant_id IS NOT NULL",
    )
    .await;
    let studios = text(app, "SELECT id FROM statement WHERE participant_id IS NULL").await;

    // The first link is over by now; the studio sends another.
    let owner = FilmOwner::sign_in(app, &film).await;
    let invite = format!("/studio/participants/{zoe_id}/invite");
    owner.post(&invite, &[]).await.expect(303);
    let zoe = app.nobody();
    let path = link(app).await;
    let token = path.split_once("token=").unwrap().1.to_owned();
    zoe.get(&path).await.expect(200); // a mail scanner looks, too
    zoe.post("/statements/enter", &[("token", &token)])
        .await
        .expect(303);
    let list = zoe.get("/statements").await.expect(200);
    assert!(
        list.text.contains(&own) && list.text.contains("Small Hours"),
        "{}",
        list.text
    );
    let page = zoe.get(&format!("/statements/{own}")).await.expect(200);
    assert!(
        page.text.contains("9.00") && page.text.contains("Zoë"),
        "{}",
        page.text
    );
    zoe.get(&format!("/statements/{own}.pdf")).await.expect(200);
    for closed in [
        format!("/statements/{studios}"),
        format!("/statements/{studios}.csv"),
    ] {
        zoe.get(&closed).await.expect(404);
    }
    for other in ["/studio", "/studio/statements", "/library", "/account"] {
        assert_eq!(zoe.get(other).await.status, 303, "{other}");
    }
    // Once is once, and half a day is half a day.
    let again = app.nobody();
    again
        .post("/statements/enter", &[("token", &token)])
        .await
        .expect(410);
    app.clock.advance(Duration::from_secs(13 * 3600));
    zoe.get(&format!("/statements/{own}")).await.expect(404);
    // A new link comes by mail; whether somebody is known shows to nobody.
    let known = again
        .post("/statements/ask", &[("email", "zoe@example.org")])
        .await
        .expect(200);
    let unknown = again
        .post("/statements/ask", &[("email", "who@example.org")])
        .await
        .expect(200);
    assert_eq!(known.text, unknown.text);
    let path = link(app).await;
    app.clock.advance(4 * DAY);
    again.get(&path).await.expect(410);
}

pub(crate) fn verify(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_matinee"));
    command
        .arg("verify-statement")
        .args(arguments)
        .output()
        .unwrap()
}

/// What a program that knows `docs/statements.md` only says of a file.
pub(crate) fn proven_elsewhere(key: &str, file: &str) -> Output {
    Command::new("node")
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/oracles/statement.mjs"
        ))
        .args([key, file])
        .output()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn statements_prove_themselves_offline() {
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
    sell(app, &film, 1_500).await;
    next_month(app);
    payouts::close_due(&app.state).await.unwrap();
    let owner = FilmOwner::sign_in(app, &film).await; // a month later
    let key = owner
        .get("/statements/key")
        .await
        .expect(200)
        .text
        .trim()
        .to_owned();
    let id = text(app, "SELECT id FROM statement WHERE number = 1").await;
    let folder = tempfile::tempdir().unwrap();
    let keep = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let mut files = Vec::new();
    for kind in ["pdf", "csv", "json"] {
        let request = owner.request(
            reqwest::Method::GET,
            &format!("/studio/statements/{id}.{kind}"),
        );
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let bytes = answer.bytes().await.unwrap().to_vec();
        let path = keep(&format!("statement.{kind}"), &bytes);
        let checked = verify(&[&path, "--key", &key]);
        assert!(
            checked.status.success(),
            "{kind}: {}",
            String::from_utf8_lossy(&checked.stderr)
        );
        let said = String::from_utf8_lossy(&checked.stdout).into_owned();
        assert!(said.contains("Lantern") && said.contains("6.00"), "{said}");
        let elsewhere = proven_elsewhere(&key, &path);
        assert!(elsewhere.status.success(), "{kind}: {elsewhere:?}");
        files.push((kind, path, bytes));
    }
    for (kind, _, bytes) in &files {
        for at in [0, bytes.len() / 3, bytes.len() / 2, bytes.len() - 2] {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            let changed = keep("changed", &changed);
            let checked = verify(&[&changed]);
            assert_eq!(checked.status.code(), Some(1), "{kind}, byte {at}");
            let elsewhere = proven_elsewhere(&key, &changed);
            assert_eq!(elsewhere.status.code(), Some(1), "{kind}, byte {at}");
            let said = String::from_utf8_lossy(&checked.stderr).into_owned();
            assert!(said.contains("does not hold"), "{said}");
        }
    }
    // Wrong use is told apart from a statement that does not hold.
    assert_eq!(verify(&["/nowhere/statement.pdf"]).status.code(), Some(2));
    assert_eq!(
        verify(&[&files[0].1, "--key", "abc"]).status.code(),
        Some(2)
    );
    assert_eq!(
        verify(&[&files[0].1, "--key", &"0".repeat(64)])
            .status
            .code(),
        Some(1)
    );
    // A draft says that it is one, and proves nothing.
    let draft = owner
        .get("/studio/statements/draft-USD.csv")
        .await
        .expect(200);
    assert!(draft.text.contains("\"draft\""), "{}", draft.text);
    assert_eq!(
        verify(&[&keep("draft.csv", draft.text.as_bytes())])
            .status
            .code(),
        Some(1)
    );
}

/// The largest resident size of this process since [`forget_peak`], in MiB.
fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or(0) / 1024
}

/// Begins the measurement of [`peak_mib`] anew (proc(5), `clear_refs`).
fn forget_peak() {
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
}

/// Four entries an order, a split on the film, and the time that closing the month takes. Run by
/// `tests/bench/run statements`; `MATINEE_ENTRIES` says how many, a million by default.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a benchmark"]
#[allow(clippy::disallowed_methods)] // a test may be told its size
async fn closing_a_month_of_many_entries() {
    let entries = std::env::var("MATINEE_ENTRIES").ok();
    let entries: i64 = entries
        .and_then(|text| text.parse().ok())
        .unwrap_or(1_000_000);
    for app in [Some(TestApp::sqlite().await), TestApp::postgres().await]
        .into_iter()
        .flatten()
    {
        let film = app.film_on_sale("Small Hours", "Lantern", 999).await;
        let owner = FilmOwner::of(&app, &film).await.0;
        let zoe = participant(&app).await;
        let shares = split(&zoe, "60", "40");
        let path = "/studio/titles/small-hours/splits";
        owner.post(path, &shares).await.expect(303);
        sell(&app, &film, 1_000).await; // opens the accounts
        fill(&app, &film, entries / 4).await;
        next_month(&app);
        forget_peak();
        let before = peak_mib();
        let started = Instant::now();
        assert_eq!(payouts::close_due(&app.state).await.unwrap(), 2);
        let (took, more) = (started.elapsed(), peak_mib() - before);
        let engine = app.state.db.engine();
        println!("{engine:?}, {entries} entries: two statements in {took:?}, {more} MiB more");
        assert!(more < 200, "the statements were held in memory");
    }
}

/// Puts sales into the books, as a busy month would.
async fn fill(app: &TestApp, film: &FilmOnSale, orders: i64) {
    let (studio, title) = (film.studio.id.to_string(), film.title.id.to_string());
    let now = app.clock.now().millis();
    let mut statements = Vec::new();
    for purpose in ["tax", "operator_fee"] {
        statements.push(format!(
            "INSERT INTO ledger_account (id, studio_id, purpose, currency)
             VALUES ('{studio}:{purpose}:USD', '{studio}', '{purpose}', 'USD')
             ON CONFLICT (id) DO NOTHING"
        ));
    }
    let numbers = format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {orders}),
             sold(id) AS (SELECT '0198c0f1-e5d2-7cc0-9b5d-' || CAST(100000000000 + i AS TEXT) FROM n)"
    );
    statements.push(format!(
        "INSERT INTO ledger_transfer
             (id, cause, kind, studio_id, title_id, order_id, line_count, posted_at)
         {numbers} SELECT 'transfer_' || id, 'sale:order_' || id, 'sale', '{studio}', '{title}',
             'order_' || id, 4, {now} FROM sold"
    ));
    let lines = [
        ("customer", "gross", 1_000),
        ("gross", "tax", 100),
        ("gross", "operator_fee", 45),
        ("gross", "studio_net", 855),
    ];
    for (line, (from, to, minor)) in (1..).zip(lines) {
        statements.push(format!(
            "INSERT INTO ledger_entry
                 (transfer_id, line, from_account, to_account, currency, amount_minor)
             SELECT id, {line}, '{studio}:{from}:USD', '{studio}:{to}:USD', 'USD', {minor}
             FROM ledger_transfer WHERE line_count = 4"
        ));
    }
    statements.push(format!(
        "INSERT INTO ledger_figure
         SELECT id, 'USD', '{studio}', '{title}', {now}, 'DE', 'direct', 'buy',
             1, 1000, 100, 0, 45, 0, 0, 855
         FROM ledger_transfer WHERE line_count = 4"
    ));
    let mut tx = app.state.db.begin_write().await.unwrap();
    for statement in statements {
        let filled = sqlx::query(AssertSqlSafe(statement)).execute(&mut *tx);
        filled.await.unwrap();
    }
    tx.commit().await.unwrap();
}

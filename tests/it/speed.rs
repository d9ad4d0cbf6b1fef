//! What settling costs: statements counted in a process of its own, and settlements a second.

use std::process::Command;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use matinee::checkout;
use matinee::checkout::Occasion;
use matinee::kernel::ids::StudioId;
use matinee::kernel::ids::TitleId;
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use tracing_subscriber::layer::Context;
use tracing_subscriber::layer::Layer;
use tracing_subscriber::layer::SubscriberExt as _;

use crate::checkout::GOOD_CARD;
use crate::checkout::Shopper;
use crate::checkout::drop_webhooks;
use crate::checkout::pay;
use crate::harness::TestApp;
use crate::year::Sale;

/// A settled order costs no more.
const MOST_STATEMENTS: usize = 12;
/// Settlements of a run, and how many are committed together.
const SETTLEMENTS: u64 = 4_000;
const GROUPS: [u64; 3] = [1, 8, 32];

static STATEMENTS: AtomicUsize = AtomicUsize::new(0);

/// Names each statement, for whoever has to find one too many.
struct Summary;

impl tracing::field::Visit for Summary {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn std::fmt::Debug) {
        if field.name() == "summary" {
            println!("{value:?}");
        }
    }
}

/// Counts what sqlx says of its statements.
struct Counting;

impl<S: tracing::Subscriber> Layer<S> for Counting {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == "sqlx::query" {
            STATEMENTS.fetch_add(1, Ordering::SeqCst);
            event.record(&mut Summary);
        }
    }
}

#[test]
fn a_settled_order_costs_at_most_twelve_statements() {
    let alone = Command::new(std::env::current_exe().unwrap())
        .args([
            "--ignored",
            "--exact",
            "speed::statements_of_a_settlement",
            "--nocapture",
        ])
        .output()
        .unwrap();
    let words = String::from_utf8_lossy(&alone.stdout);
    assert!(
        alone.status.success() && words.contains("1 passed"),
        "{words}"
    );
}

#[tokio::test]
#[ignore = "counts for the whole process, so the test above gives it one"]
async fn statements_of_a_settlement() {
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(Counting)).unwrap();
    let app = TestApp::sqlite().await;
    drop_webhooks(&app).await;
    // The first settlement opens connections.
    let (mut cost, mut owns) = (0, false);
    for _ in 0..2 {
        let ada = Shopper::usd(&app);
        let session = ada.checks_out(&app).await;
        pay(&app, &session, GOOD_CARD).await;
        println!("a settlement:");
        let before = STATEMENTS.load(Ordering::SeqCst);
        checkout::settle(&app.state, &session, Occasion::Visit)
            .await
            .unwrap();
        cost = STATEMENTS.load(Ordering::SeqCst) - before;
        owns = ada.owns(&app).await;
    }
    assert!(owns);
    println!("a settlement costs {cost} statements");
    assert!((5..=MOST_STATEMENTS).contains(&cost), "{cost}");
}

/// Run by `tests/bench/run settle`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a benchmark"]
async fn settlements_a_second() {
    let app = TestApp::sqlite().await;
    let mut rng = StdRng::seed_from_u64(1);
    let now = app.state.now();
    let film = (StudioId::new(now, &mut rng), TitleId::new(now, &mut rng));
    let mut number = 0;
    for group in GROUPS {
        let (mut settling, mut committing) = (Duration::ZERO, Duration::ZERO);
        for _ in 0..SETTLEMENTS / group {
            let sales: Vec<Sale> = (0..group)
                .map(|at| Sale::draw(&mut rng, number + at, now))
                .collect();
            number += group;
            let mut tx = app.state.db.begin_write().await.unwrap();
            for sale in &sales {
                sale.insert(&mut tx, film.0, film.1, now).await;
            }
            tx.commit().await.unwrap();
            let began = Instant::now();
            let mut tx = app.state.db.begin_write().await.unwrap();
            for sale in &sales {
                let payment = sale.payment(false);
                checkout::enter(&mut tx, &app.state, &payment, Occasion::Visit)
                    .await
                    .unwrap();
            }
            settling += began.elapsed();
            let began = Instant::now();
            tx.commit().await.unwrap();
            committing += began.elapsed();
        }
        let all = settling + committing;
        println!(
            "{group:>2} settlements a commit: {:.0} a second, {:.0} % of the time in the commit",
            SETTLEMENTS as f64 / all.as_secs_f64(),
            100.0 * committing.as_secs_f64() / all.as_secs_f64(),
        );
    }
}

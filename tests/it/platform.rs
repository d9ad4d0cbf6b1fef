//! Jobs, limits, settings and the outbox, on both engines.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::sync::atomic::Ordering;
use std::time::Duration;

use matinee::kernel::Clock;
use matinee::kernel::Time;
use matinee::kernel::clock::ManualClock;
use matinee::kernel::text::EmailAddress;
use matinee::platform::AppError;
use matinee::platform::db;
use matinee::platform::jobs;
use matinee::platform::jobs::Runner;
use matinee::platform::limits;
use matinee::platform::limits::Limit;
use matinee::platform::mail;
use matinee::platform::mail::Mailer;
use tokio::sync::mpsc;

use crate::harness::TestDb;

const START: Time = Time::from_seconds(1_800_000_000);
const HOUR: Duration = Duration::from_secs(3600);

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at(START))
}

/// A runner that adds the payloads of `count` jobs into the returned sum.
fn adding_runner(db: &TestDb, clock: &Arc<ManualClock>) -> (Arc<Runner>, Arc<AtomicI64>) {
    let sum = Arc::new(AtomicI64::new(0));
    let into = Arc::clone(&sum);
    let mut runner = Runner::new((**db).clone(), Arc::clone(clock) as Arc<dyn Clock>);
    runner.on("count", move |number: i64| {
        let into = Arc::clone(&into);
        async move {
            into.fetch_add(number, Ordering::SeqCst);
            Ok(())
        }
    });
    (Arc::new(runner), sum)
}

/// A runner whose jobs begin, say so, and never end.
fn holding_runner(db: &TestDb, clock: &Arc<ManualClock>) -> (Runner, mpsc::UnboundedReceiver<()>) {
    let (begin, begun) = mpsc::unbounded_channel();
    let runner = Runner::new((**db).clone(), Arc::clone(clock) as Arc<dyn Clock>);
    let mut runner = runner.renewing_every(Duration::from_millis(5));
    runner.on("count", move |_: i64| {
        let begin = begin.clone();
        async move {
            begin.send(())?;
            std::future::pending().await
        }
    });
    (runner, begun)
}

/// Waits until the only job is leased until then.
async fn lease_is_renewed(db: &TestDb, until: Time) {
    let seen = async {
        loop {
            let mut conn = db.read().await.unwrap();
            let leased: i64 = sqlx::query_scalar("SELECT leased_until FROM job")
                .fetch_one(&mut *conn)
                .await
                .unwrap();
            if leased == until.millis() {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    let seen = tokio::time::timeout(Duration::from_secs(20), seen).await;
    seen.expect("the lease is renewed");
}

async fn enqueue(db: &TestDb, kind: &'static str, payload: i64, run_at: Time) {
    let mut tx = db.begin_write().await.unwrap();
    jobs::enqueue(&mut tx, kind, &payload, run_at, START)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

on_both_engines! {
    async fn a_job_exists_only_if_its_cause_was_committed(db: &TestDb) {
        let clock = clock();
        let (runner, sum) = adding_runner(db, &clock);
        let mut tx = db.begin_write().await.unwrap();
        jobs::enqueue(&mut tx, "count", &100_i64, START, START).await.unwrap();
        drop(tx);
        enqueue(db, "count", 1, START).await;
        assert_eq!(runner.drain().await.unwrap(), 1);
        assert_eq!(sum.load(Ordering::SeqCst), 1);
    }

    async fn many_workers_do_each_job_once(db: &TestDb) {
        let clock = clock();
        let (runner, sum) = adding_runner(db, &clock);
        for power in 0..30 {
            enqueue(db, "count", 1 << power, START).await;
        }
        let workers: Vec<_> = (0..6)
            .map(|_| {
                let runner = Arc::clone(&runner);
                tokio::spawn(async move { runner.drain().await.unwrap() })
            })
            .collect();
        let mut done = 0;
        for worker in workers {
            done += worker.await.unwrap();
        }
        done += runner.drain().await.unwrap(); // what a worker left that lost a race
        assert_eq!((done, sum.load(Ordering::SeqCst)), (30, (1 << 30) - 1));
    }

    async fn a_job_waits_for_its_time(db: &TestDb) {
        let clock = clock();
        let (runner, sum) = adding_runner(db, &clock);
        enqueue(db, "count", 1, START.after(HOUR)).await;
        assert_eq!(runner.drain().await.unwrap(), 0);
        clock.advance(HOUR);
        assert_eq!(runner.drain().await.unwrap(), 1);
        assert_eq!(sum.load(Ordering::SeqCst), 1);
    }

    async fn of_jobs_with_one_key_one_waits(db: &TestDb) {
        let clock = clock();
        let (runner, sum) = adding_runner(db, &clock);
        for _ in 0..2 {
            let mut tx = db.begin_write().await.unwrap();
            for number in [1_i64, 10] {
                jobs::enqueue_once(&mut tx, "count", "one", &number, START, START).await.unwrap();
            }
            tx.commit().await.unwrap();
            runner.drain().await.unwrap();
        }
        assert_eq!(sum.load(Ordering::SeqCst), 2, "the first of each round");
    }

    async fn a_failing_job_is_tried_again_later_and_kept_in_the_end(db: &TestDb) {
        let clock = clock();
        let tries = Arc::new(AtomicI64::new(0));
        let counted = Arc::clone(&tries);
        let mut runner = Runner::new((**db).clone(), Arc::clone(&clock) as Arc<dyn Clock>);
        runner.on("fail", move |_: i64| {
            let tried = counted.fetch_add(1, Ordering::SeqCst);
            async move {
                assert!(tried > 0, "a panic is a failure like any other");
                anyhow::bail!("no luck")
            }
        });
        enqueue(db, "fail", 0, START).await;
        assert_eq!(runner.drain().await.unwrap(), 1, "not again before its pause is over");
        let backlog = jobs::backlog(&mut db.read().await.unwrap()).await.unwrap();
        assert_eq!((backlog.waiting, backlog.failing, backlog.failed), (1, 1, 0));
        for _ in 0..20 {
            clock.advance(2 * HOUR);
            runner.drain().await.unwrap();
        }
        assert_eq!(tries.load(Ordering::SeqCst), jobs::MAX_ATTEMPTS);
        let backlog = jobs::backlog(&mut db.read().await.unwrap()).await.unwrap();
        assert_eq!((backlog.waiting, backlog.failing, backlog.failed), (0, 0, 1));
    }

    async fn what_a_killed_worker_held_is_done_by_another(db: &TestDb) {
        let clock = clock();
        let (held, mut begun) = holding_runner(db, &clock);
        enqueue(db, "count", 1, START).await;
        let worker = tokio::spawn(async move { held.drain().await });
        begun.recv().await.unwrap();
        worker.abort();
        assert!(worker.await.unwrap_err().is_cancelled());
        let (runner, sum) = adding_runner(db, &clock);
        assert_eq!(runner.drain().await.unwrap(), 0, "it might still be alive");
        clock.advance(jobs::LEASE);
        assert_eq!(runner.drain().await.unwrap(), 1);
        assert_eq!(sum.load(Ordering::SeqCst), 1);
    }

    async fn a_long_job_stays_with_the_worker_that_does_it(db: &TestDb) {
        let clock = clock();
        let (held, mut begun) = holding_runner(db, &clock);
        enqueue(db, "count", 1, START).await;
        let worker = tokio::spawn(async move { held.drain().await });
        begun.recv().await.unwrap();
        clock.advance(jobs::LEASE - Duration::from_secs(1));
        lease_is_renewed(db, clock.now().after(jobs::LEASE)).await;
        clock.advance(Duration::from_secs(2));
        let (runner, _) = adding_runner(db, &clock);
        assert_eq!(runner.drain().await.unwrap(), 0, "the first worker is at it");
        worker.abort();
    }

    async fn a_periodic_job_comes_back_after_its_period(db: &TestDb) {
        let clock = clock();
        let runs = Arc::new(AtomicI64::new(0));
        let counted = Arc::clone(&runs);
        let mut runner = Runner::new((**db).clone(), Arc::clone(&clock) as Arc<dyn Clock>);
        runner.every("tidy", HOUR, move || {
            counted.fetch_add(1, Ordering::SeqCst);
            async { Ok(()) }
        });
        for expected in 1..4 {
            runner.schedule_periodic().await.unwrap(); // as every start of the store does
            runner.drain().await.unwrap();
            assert_eq!(runs.load(Ordering::SeqCst), expected);
            clock.advance(HOUR);
        }
    }

    async fn a_limit_refuses_one_subject_until_its_window_is_over(db: &TestDb) {
        let limit = Limit { name: "tries", most: 2, window: HOUR };
        let now = START;
        let mut tx = db.begin_write().await.unwrap();
        for _ in 0..2 {
            limit.count(&mut tx, "ada", now).await.unwrap();
        }
        let refused = limit.count(&mut tx, "ada", now).await;
        let Err(AppError::TooMany { retry_after }) = refused else { panic!("the third try") };
        limit.count(&mut tx, "eve", now).await.unwrap();
        limit.count(&mut tx, "ada", now.after(retry_after)).await.unwrap();
        limits::forget_old(&mut tx, now.after(HOUR * 100)).await.unwrap();
        limit.count(&mut tx, "ada", now).await.unwrap();
    }

    async fn the_first_value_of_a_setting_stays(db: &TestDb) {
        let mut tx = db.begin_write().await.unwrap();
        assert_eq!(db::read_setting(&mut tx, "kek").await.unwrap(), None);
        assert_eq!(db::write_setting_once(&mut tx, "kek", "a").await.unwrap(), "a");
        assert_eq!(db::write_setting_once(&mut tx, "kek", "b").await.unwrap(), "a");
        assert_eq!(db::read_setting(&mut tx, "kek").await.unwrap().as_deref(), Some("a"));
    }

    async fn one_cause_makes_one_mail(db: &TestDb) {
        let letter = |subject: &str| mail::Message {
            cause: Some("receipt:order_1".to_owned()),
            to: EmailAddress::parse("ada@viewer.example").unwrap(),
            subject: subject.to_owned(),
            text: "Thank you.".to_owned(),
            html: "<p>Thank you.</p>".to_owned(),
        };
        let mut tx = db.begin_write().await.unwrap();
        mail::queue(&mut tx, &letter("first"), START).await.unwrap();
        mail::queue(&mut tx, &letter("second"), START).await.unwrap();
        tx.commit().await.unwrap();
        let store = (**db).clone();
        let mut runner = Runner::new(store.clone(), clock());
        runner.on(mail::SEND, move |job| {
            let db = store.clone();
            async move { mail::send(&db, &Mailer::console(), job, START).await }
        });
        assert_eq!(runner.drain().await.unwrap(), 1);
        let kept = mail::latest(&mut db.read().await.unwrap(), 10).await.unwrap();
        assert_eq!(kept.len(), 1);
        assert_eq!((kept[0].subject.as_str(), kept[0].recipient.as_str()), ("first", "ada@viewer.example"));
    }
}

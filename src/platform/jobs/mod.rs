//! Background work: a table of jobs, claimed by a conditional UPDATE with a lease.
//!
//! A job is written in the transaction that causes it, so it exists if and only if the cause does.
//! A worker renews its lease while it works, however long; what a killed process held is taken up
//! a [`LEASE`] later. A job may run twice (a worker can die after its work and before its note of
//! it), so handlers are idempotent. A failed run is tried again with growing pauses; after [`MAX_ATTEMPTS`] it is kept,
//! marked as failed, for the operator.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;

use crate::kernel::Clock;
use crate::kernel::Time;
use crate::kernel::ids::JobId;
use crate::platform::db::Conn;
use crate::platform::db::Db;

mod store;

pub use store::Backlog;
pub use store::backlog;

/// Runs of a job before it is given up.
pub const MAX_ATTEMPTS: i64 = 12;
/// How long after a worker's last sign of life another may take its job.
pub const LEASE: Duration = Duration::from_secs(60);
/// Jobs at a time, so that a mail does not wait until a long film was looked at.
const WORKERS: usize = 2;
/// How often an idle worker looks for work.
const IDLE_PAUSE: Duration = Duration::from_millis(200);

/// What a handler may fail with; the whole chain is logged and noted at the job.
pub type JobResult = anyhow::Result<()>;
type Handler = Arc<dyn Fn(String) -> Pin<Box<dyn Future<Output = JobResult> + Send>> + Send + Sync>;

/// Writes a job into the transaction that causes it.
pub async fn enqueue(
    tx: &mut Conn,
    kind: &'static str,
    payload: &impl Serialize,
    run_at: Time,
    now: Time,
) -> Result<(), sqlx::Error> {
    store::insert(tx, new_id(now), kind, None, &encode(payload), run_at, now)
        .await
        .map(drop)
}

/// Like [`enqueue`], but at most one job of `unique_key` waits at a time.
pub async fn enqueue_once(
    tx: &mut Conn,
    kind: &'static str,
    unique_key: &str,
    payload: &impl Serialize,
    run_at: Time,
    now: Time,
) -> Result<(), sqlx::Error> {
    store::insert(
        tx,
        new_id(now),
        kind,
        Some(unique_key),
        &encode(payload),
        run_at,
        now,
    )
    .await
    .map(drop)
}

fn new_id(now: Time) -> JobId {
    JobId::new(now, &mut rand::rng())
}

fn encode(payload: &impl Serialize) -> String {
    serde_json::to_string(payload).expect("payloads are plain structs with text keys")
}

/// Runs due jobs with the handlers it was given.
pub struct Runner {
    db: Db,
    clock: Arc<dyn Clock>,
    handlers: HashMap<&'static str, Handler>,
    periodic: Vec<(&'static str, Duration)>,
    renewal: Duration,
}

impl Runner {
    /// A runner without handlers.
    pub fn new(db: Db, clock: Arc<dyn Clock>) -> Self {
        Self {
            db,
            clock,
            handlers: HashMap::new(),
            periodic: Vec::new(),
            renewal: LEASE / 3,
        }
    }

    /// Renews leases this often instead of every third of a [`LEASE`].
    pub fn renewing_every(mut self, renewal: Duration) -> Self {
        self.renewal = renewal;
        self
    }

    /// Names the function that does jobs of a kind.
    pub fn on<P, F, W>(&mut self, kind: &'static str, handler: F)
    where
        P: DeserializeOwned + Send + 'static,
        F: Fn(P) -> W + Send + Sync + 'static,
        W: Future<Output = JobResult> + Send + 'static,
    {
        let handler = Arc::new(handler);
        let erased: Handler = Arc::new(move |text: String| {
            let handler = Arc::clone(&handler);
            Box::pin(async move { handler(serde_json::from_str(&text)?).await })
        });
        assert!(
            self.handlers.insert(kind, erased).is_none(),
            "two handlers for {kind}"
        );
    }

    /// Does `kind` (with a null payload) again and again, `period` after its last end.
    pub fn every<F, W>(&mut self, kind: &'static str, period: Duration, handler: F)
    where
        F: Fn() -> W + Send + Sync + 'static,
        W: Future<Output = JobResult> + Send + 'static,
    {
        self.periodic.push((kind, period));
        self.on(kind, move |(): ()| handler());
    }

    /// Works until `stop`; jobs that are running then may finish.
    pub async fn run(&self, stop: CancellationToken) {
        let workers = (0..WORKERS).map(|_| self.work(&stop));
        futures_util::future::join_all(workers).await;
    }

    async fn work(&self, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            let worked = self.step().await;
            if worked.unwrap_or_else(|error| report(&error)) {
                continue;
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(IDLE_PAUSE) => {}
            }
        }
    }

    /// Does every job that is due now, one after the other; how many were done. For tests and
    /// commands that want the work done before they look.
    pub async fn drain(&self) -> Result<usize, sqlx::Error> {
        let mut done = 0;
        while self.step().await? {
            done += 1;
        }
        Ok(done)
    }

    /// Writes the first row of each periodic job; harmless when it exists.
    pub async fn schedule_periodic(&self) -> Result<(), sqlx::Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin_write().await?;
        for (kind, _) in &self.periodic {
            enqueue_once(&mut tx, kind, kind, &(), now, now).await?;
        }
        tx.commit().await
    }

    /// Does one due job, if there is one.
    async fn step(&self) -> Result<bool, sqlx::Error> {
        let now = self.clock.now();
        let due = store::any_due(&mut *self.db.read().await?, now).await?;
        if !due {
            return Ok(false); // looking is a read; only claiming writes
        }
        let mut tx = self.db.begin_write().await?;
        let claimed = store::claim(&mut tx, now, now.after(LEASE)).await?;
        tx.commit().await?;
        let Some(job) = claimed else { return Ok(false) };
        let outcome = self.perform(&job).await;
        self.settle(&job, outcome).await?;
        Ok(true)
    }

    async fn perform(&self, job: &store::Claimed) -> JobResult {
        let handler = self.handlers.get(job.kind.as_str());
        let handler = handler.ok_or_else(|| anyhow::anyhow!("no handler for {}", job.kind))?;
        let mut work = tokio::spawn(handler(job.payload.clone())); // a panic must not end the worker
        loop {
            tokio::select! {
                ended = &mut work => {
                    return ended.unwrap_or_else(|gone| {
                        Err(anyhow::anyhow!("the handler panicked: {gone}"))
                    });
                }
                () = tokio::time::sleep(self.renewal) => self.renew(job).await,
            }
        }
    }

    /// A renewal that fails is tried again at its next time; until then the lease still holds.
    async fn renew(&self, job: &store::Claimed) {
        let renewed = async {
            let mut tx = self.db.begin_write().await?;
            store::renew(&mut tx, &job.id, self.clock.now().after(LEASE)).await?;
            tx.commit().await
        };
        if let Err(error) = renewed.await {
            tracing::warn!(job.id, job.kind, "a lease was not renewed: {error}");
        }
    }

    async fn settle(&self, job: &store::Claimed, outcome: JobResult) -> Result<(), sqlx::Error> {
        let now = self.clock.now();
        let mut tx = self.db.begin_write().await?;
        let period = self
            .periodic
            .iter()
            .find(|(kind, _)| *kind == job.kind)
            .map(|(_, p)| *p);
        match (outcome, period) {
            (Ok(()), None) => store::delete(&mut tx, &job.id).await?,
            (Ok(()), Some(period)) => store::rearm(&mut tx, &job.id, now.after(period)).await?,
            (Err(error), period) => {
                tracing::warn!(
                    job.id,
                    job.kind,
                    attempts = job.attempts,
                    "a job failed: {error:#}"
                );
                let wait = period.unwrap_or_else(|| pause_after(job.attempts));
                let give_up = period.is_none() && job.attempts >= MAX_ATTEMPTS;
                let text = format!("{error:#}");
                store::note_failure(&mut tx, &job.id, &text, now.after(wait), give_up, now).await?;
            }
        }
        tx.commit().await
    }
}

/// 1 s, 2 s, 4 s … at most an hour.
fn pause_after(attempts: i64) -> Duration {
    let doublings = u32::try_from(attempts.clamp(1, 12) - 1).unwrap_or(0);
    Duration::from_secs(1_u64 << doublings).min(Duration::from_secs(3600))
}

fn report(error: &sqlx::Error) -> bool {
    tracing::error!("the job table cannot be read: {error}");
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_stay_below_an_hour() {
        assert_eq!(pause_after(1), Duration::from_secs(1));
        assert_eq!(pause_after(5), Duration::from_secs(16));
        assert_eq!(pause_after(MAX_ATTEMPTS), Duration::from_secs(2048));
    }
}

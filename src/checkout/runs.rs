//! Runs of the comparison with Stripe, kept for the operator.

use crate::kernel::Time;
use crate::platform::AppState;
use crate::platform::db::Conn;
use crate::platform::jobs::JobResult;

use super::reconcile::Reconciled;
use super::reconcile::reconcile;
use super::store;

/// A run of the comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// When it began.
    pub began_at: Time,
    /// When it ended.
    pub ended_at: Time,
    /// What it found.
    pub found: Reconciled,
}

/// Compares, and notes what was found. Runs as a job.
pub(super) async fn run(state: &AppState) -> JobResult {
    let began_at = state.now();
    let found = reconcile(state).await?;
    tracing::info!(?found, "orders were compared with Stripe");
    let run = Run {
        began_at,
        ended_at: state.now(),
        found,
    };
    let mut tx = state.db.begin_write().await?;
    store::note_run(&mut tx, &run).await?;
    Ok(tx.commit().await?)
}

/// The last runs, the newest first.
pub async fn reconcile_runs(conn: &mut Conn) -> Result<Vec<Run>, sqlx::Error> {
    store::runs(conn).await
}

/// How far each account was compared: its name, or `operator`, and the time.
pub async fn reconcile_marks(conn: &mut Conn) -> Result<Vec<(String, Time)>, sqlx::Error> {
    store::marks(conn).await
}

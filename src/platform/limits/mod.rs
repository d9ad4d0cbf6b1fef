//! Limits on tries, counted in the database so that they hold over several nodes.
//!
//! A limit slows a guesser down; it never locks an account out for good: the window passes.

use std::time::Duration;

use crate::kernel::Time;
use crate::platform::db::Conn;
use crate::platform::error::AppError;

mod store;

/// At most `most` tries of one key in a window.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// What is counted, such as `sign-in`.
    pub name: &'static str,
    /// Tries a key has in one window.
    pub most: i64,
    /// Length of a window.
    pub window: Duration,
}

impl Limit {
    /// Counts one try of `subject` (an account, an address); refuses it when there were too many.
    pub async fn count(&self, tx: &mut Conn, subject: &str, now: Time) -> Result<(), AppError> {
        let window = i64::try_from(self.window.as_millis()).expect("windows are hours, not eons");
        let start = now.millis() - now.millis().rem_euclid(window);
        let key = format!("{}:{subject}", self.name);
        if store::increment(tx, &key, start).await? > self.most {
            let left = Time::from_millis(start + window).since(now);
            return Err(AppError::TooMany {
                retry_after: left.max(Duration::from_secs(1)),
            });
        }
        Ok(())
    }
}

/// Removes counters of windows that are over; called by a periodic job.
pub async fn forget_old(tx: &mut Conn, now: Time) -> Result<u64, sqlx::Error> {
    store::delete_before(tx, now.before(Duration::from_secs(48 * 3600))).await
}

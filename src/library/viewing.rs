//! What was watched: one row for each time somebody opened a film. A refund depends on it, and it
//! is evidence when a payment is disputed; nobody else is told.

use std::time::Duration;

use uuid::Uuid;

use crate::kernel::Time;
use crate::kernel::ids::AccountId;
use crate::kernel::ids::TitleId;
use crate::platform::db::Conn;

use super::store;

/// Payments are disputed within a year and a half, if at all.
const KEPT_FOR: Duration = Duration::from_secs(540 * 24 * 60 * 60);
/// A film runs at twice its speed at most, and beats come late.
const SLACK_SECONDS: i64 = 10;

/// One time that a film was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewing {
    /// The lease it began with.
    pub lease: Uuid,
    /// Who watched.
    pub viewer: AccountId,
    /// What.
    pub title: TitleId,
    /// On what, in words for people.
    pub device: String,
    /// From which network address.
    pub address: String,
    /// When the film was opened.
    pub begun_at: Time,
    /// When it was last heard of.
    pub last_at: Time,
    /// Where in the film that was.
    pub position_seconds: i64,
    /// How much of it ran; what was skipped does not count.
    pub watched_seconds: i64,
}

impl Viewing {
    /// The same viewing, `position` later on. Only what can have run since then counts.
    fn at(self, position: i64, now: Time) -> Self {
        let moved = position - self.position_seconds;
        let passed = i64::try_from(now.since(self.last_at).as_secs()).unwrap_or(0);
        let ran = (1..=2 * passed + SLACK_SECONDS).contains(&moved);
        Self {
            last_at: now,
            position_seconds: position,
            watched_seconds: self.watched_seconds + if ran { moved } else { 0 },
            ..self
        }
    }
}

/// Notes that a film was opened.
pub async fn note_begun(tx: &mut Conn, viewing: &Viewing) -> Result<(), sqlx::Error> {
    store::insert_viewing(tx, viewing).await
}

/// Notes how far a viewing has come.
pub async fn note_position(
    tx: &mut Conn,
    lease: Uuid,
    position: i64,
    now: Time,
) -> Result<(), sqlx::Error> {
    match store::viewing(tx, lease).await? {
        Some(viewing) => store::update_viewing(tx, &viewing.at(position, now)).await,
        None => Ok(()), // begun before viewings were noted
    }
}

/// Every time a viewer opened a film, the oldest first.
pub async fn viewings(
    conn: &mut Conn,
    viewer: AccountId,
    title: TitleId,
) -> Result<Vec<Viewing>, sqlx::Error> {
    store::viewings(conn, viewer, title).await
}

/// Everything a viewer opened, the oldest first.
pub async fn viewings_of(conn: &mut Conn, viewer: AccountId) -> Result<Vec<Viewing>, sqlx::Error> {
    store::viewings_of(conn, viewer).await
}

/// Forgets everything a viewer opened.
pub async fn forget_viewer(tx: &mut Conn, viewer: AccountId) -> Result<(), sqlx::Error> {
    store::delete_viewings_of(tx, viewer).await
}

/// Forgets what no dispute can ask for any more.
pub async fn forget_viewings(tx: &mut Conn, now: Time) -> Result<u64, sqlx::Error> {
    store::delete_viewings(tx, now.before(KEPT_FOR)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ran_counts_and_what_was_skipped_does_not() {
        let now = Time::from_seconds(1_800_000_000);
        let begun = Viewing {
            lease: Uuid::nil(),
            viewer: AccountId::new(now, &mut rand::rng()),
            title: TitleId::new(now, &mut rand::rng()),
            device: String::new(),
            address: String::new(),
            begun_at: now,
            last_at: now,
            position_seconds: 100,
            watched_seconds: 0,
        };
        let after = |seconds| now.after(Duration::from_secs(seconds));
        let ran = begun.at(130, after(30));
        assert_eq!(ran.watched_seconds, 30);
        let skipped = ran.at(3_000, after(35));
        assert_eq!(
            (skipped.watched_seconds, skipped.position_seconds),
            (30, 3_000)
        );
        let back = skipped.at(0, after(40)).at(10, after(50));
        assert_eq!(back.watched_seconds, 40, "what is seen again was watched");
    }
}

//! What a lease is, and how much of a film it lends.

use std::time::Duration;

use uuid::Uuid;

use crate::kernel::Time;
use crate::kernel::ids::AccountId;
use crate::kernel::ids::TitleId;
use crate::sealed::ContainerId;
use crate::sealed::Layout;

/// A lease lives this long past its last beat; the page beats every 15 seconds.
pub(super) const LEASE_LIFE: Duration = Duration::from_secs(90);
/// A link to ciphertext works this long.
pub(super) const TICKET_LIFE: Duration = Duration::from_secs(300);
/// Films one account may watch at the same time.
pub(super) const MAX_STREAMS: usize = 6;
/// Periods of one request.
const MAX_PERIODS: usize = 8;
/// Periods a lease lends at once, for seeking about …
const FIRST_PERIODS: i64 = 40;
/// … and one more for each of these many seconds. A period is 64 MiB, so this is several times
/// faster than playing.
const SECONDS_PER_PERIOD: i64 = 5;

/// Period keys on loan to one browser.
#[derive(Clone, Debug)]
pub(super) struct Lease {
    pub(super) id: Uuid,
    pub(super) account: AccountId,
    pub(super) title: TitleId,
    pub(super) container: ContainerId,
    pub(super) public_key: Vec<u8>,
    pub(super) device: String,
    pub(super) periods_lent: i64,
    pub(super) created_at: Time,
    pub(super) expires_at: Time,
}

impl Lease {
    /// Whether so many more periods may be lent now; fetching a whole film at once may not.
    pub(super) fn may_lend(&self, periods: usize, now: Time) -> bool {
        let age = i64::try_from(now.since(self.created_at).as_secs()).unwrap_or(i64::MAX);
        let allowed = FIRST_PERIODS + age / SECONDS_PER_PERIOD;
        self.periods_lent + i64::try_from(periods).unwrap_or(i64::MAX) <= allowed
    }
}

/// The periods that a browser asks for, each once; `None` when they are too many. Browsers read
/// ahead without knowing where the film ends, so what lies beyond it is left out.
pub(super) fn checked_periods(asked: &[u32], layout: Layout) -> Option<Vec<u32>> {
    let mut periods = asked.to_vec();
    periods.sort_unstable();
    periods.dedup();
    periods.retain(|period| *period < layout.periods());
    (periods.len() <= MAX_PERIODS).then_some(periods)
}

/// Where somebody stopped watching.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The film.
    pub title: TitleId,
    /// Seconds from its start.
    pub seconds: i64,
    /// When that was.
    pub updated_at: Time,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sealed::layout::PERIOD_PLAINTEXT_BYTES;
    use rand::SeedableRng;

    fn lease(periods_lent: i64) -> Lease {
        let mut rng = rand::rngs::StdRng::seed_from_u64(1);
        let start = Time::from_seconds(1_000);
        Lease {
            id: Uuid::nil(),
            account: AccountId::new(start, &mut rng),
            title: TitleId::new(start, &mut rng),
            container: ContainerId::generate(&mut rng),
            public_key: Vec::new(),
            device: String::new(),
            periods_lent,
            created_at: start,
            expires_at: start.after(LEASE_LIFE),
        }
    }

    #[test]
    fn a_film_is_lent_a_little_ahead_of_the_viewer() {
        let start = Time::from_seconds(1_000);
        assert!(lease(0).may_lend(8, start));
        assert!(!lease(FIRST_PERIODS).may_lend(1, start));
        assert!(lease(FIRST_PERIODS).may_lend(1, start.after(Duration::from_secs(5))));
        assert!(
            lease(FIRST_PERIODS).may_lend(0, start),
            "a beat alone is always fine"
        );
    }

    #[test]
    fn only_periods_of_the_film_are_lent() {
        let layout = Layout::new(PERIOD_PLAINTEXT_BYTES * 3).unwrap();
        assert_eq!(checked_periods(&[2, 0, 2], layout), Some(vec![0, 2]));
        assert_eq!(checked_periods(&[], layout), Some(vec![]));
        assert_eq!(checked_periods(&[2, 3], layout), Some(vec![2]));
        let long = Layout::new(PERIOD_PLAINTEXT_BYTES * 30).unwrap();
        assert_eq!(checked_periods(&[0, 1, 2, 3, 4, 5, 6, 7, 8], long), None);
    }
}

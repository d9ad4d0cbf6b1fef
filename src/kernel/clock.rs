//! Time as an argument: code asks a [`Clock`], tests move one.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

/// A moment, in milliseconds since 1970-01-01 UTC. Stored as BIGINT.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(i64);

impl Time {
    /// The moment `ms` milliseconds after the Unix epoch.
    pub const fn from_millis(ms: i64) -> Self {
        Self(ms)
    }

    /// The moment `seconds` after the Unix epoch.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// Milliseconds since the Unix epoch.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the Unix epoch.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// This moment moved forward; stops at the far end of the scale.
    #[must_use]
    pub fn after(self, wait: Duration) -> Self {
        Self(
            self.0
                .saturating_add(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX)),
        )
    }

    /// This moment moved back; stops at the far end of the scale.
    #[must_use]
    pub fn before(self, wait: Duration) -> Self {
        Self(
            self.0
                .saturating_sub(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX)),
        )
    }

    /// Time passed since `earlier`, zero when the clock went back.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// `2026-11-22`, for pages and papers.
    pub fn date(self) -> String {
        let date = self.to_offset().date();
        format!(
            "{:04}-{:02}-{:02}",
            date.year(),
            u8::from(date.month()),
            date.day()
        )
    }

    /// `22 November 2026`, for running text.
    pub fn long_date(self) -> String {
        let date = self.to_offset().date();
        format!("{} {} {}", date.day(), date.month(), date.year())
    }

    /// `22 November 2026, 14:05 UTC`, where the minute matters.
    pub fn minute(self) -> String {
        let moment = self.to_offset();
        format!(
            "{}, {:02}:{:02} UTC",
            self.long_date(),
            moment.hour(),
            moment.minute()
        )
    }

    /// RFC 3339 in UTC, for machines.
    pub fn rfc3339(self) -> String {
        self.to_offset()
            .format(&time::format_description::well_known::Rfc3339)
            .unwrap_or_else(|_| self.date())
    }

    /// RFC 9110 `HTTP-date`, as headers want it.
    pub fn http_date(self) -> String {
        const NAMES: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
        let moment = self.to_offset();
        let day = NAMES[usize::from(moment.weekday().number_days_from_monday())];
        let month = &moment.month().to_string()[..3];
        format!(
            "{day}, {:02} {month} {:04} {:02}:{:02}:{:02} GMT",
            moment.day(),
            moment.year(),
            moment.hour(),
            moment.minute(),
            moment.second()
        )
    }

    /// The moment as the `time` crate has it, in UTC.
    pub fn to_offset(self) -> time::OffsetDateTime {
        time::OffsetDateTime::from_unix_timestamp(self.seconds())
            .unwrap_or(time::OffsetDateTime::UNIX_EPOCH)
    }
}

/// Where the current time comes from.
pub trait Clock: Send + Sync {
    /// The current moment.
    fn now(&self) -> Time;
}

/// The clock of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods)] // the one place where the machine's clock is read
    fn now(&self) -> Time {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        Time(since.map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX)))
    }
}

/// A clock that stands still until it is told to move.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that shows `start`.
    pub const fn at(start: Time) -> Self {
        Self(AtomicI64::new(start.0))
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        self.set(self.now().after(by));
    }

    /// Sets the clock to any moment, earlier ones included.
    pub fn set(&self, to: Time) {
        self.0.store(to.0, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Time {
        Time(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_read_as_people_and_headers_want_them() {
        let time = Time::from_seconds(784_111_777);
        assert_eq!(time.http_date(), "Sun, 06 Nov 1994 08:49:37 GMT"); // the example of RFC 9110
        assert_eq!(time.rfc3339(), "1994-11-06T08:49:37Z");
        assert_eq!(time.minute(), "6 November 1994, 08:49 UTC");
        assert_eq!(time.long_date(), "6 November 1994");
    }

    #[test]
    fn a_clock_that_goes_back_gives_no_negative_age() {
        let clock = ManualClock::at(Time::from_seconds(100));
        let start = clock.now();
        clock.set(Time::from_seconds(40));
        assert_eq!(clock.now().since(start), Duration::ZERO);
        clock.advance(Duration::from_secs(70));
        assert_eq!(clock.now().since(start), Duration::from_secs(10));
    }
}

//! A month of the calendar, in UTC.

use std::fmt;
use std::str::FromStr;

use crate::kernel::Time;

/// A month, written `2026-10`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    /// Months since year 0.
    count: i32,
}

/// Not a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a month such as 2026-10")]
pub struct MonthFault;

impl Month {
    /// The month that a moment falls in.
    pub fn of(at: Time) -> Self {
        let date = at.to_offset().date();
        Self {
            count: date.year() * 12 + i32::from(u8::from(date.month())) - 1,
        }
    }

    /// The month after.
    #[must_use]
    pub const fn next(self) -> Self {
        Self {
            count: self.count + 1,
        }
    }

    /// Its first moment.
    pub fn start(self) -> Time {
        let number = u8::try_from(self.count.rem_euclid(12) + 1).expect("1 to 12");
        let month = time::Month::try_from(number).expect("1 to 12");
        let year = self.count.div_euclid(12);
        let day = time::Date::from_calendar_date(year, month, 1).expect("every month has a first");
        Time::from_seconds(day.midnight().assume_utc().unix_timestamp())
    }

    /// The first moment after it.
    pub fn end(self) -> Time {
        self.next().start()
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:04}-{:02}",
            self.count.div_euclid(12),
            self.count.rem_euclid(12) + 1
        )
    }
}

impl FromStr for Month {
    type Err = MonthFault;

    fn from_str(text: &str) -> Result<Self, MonthFault> {
        let (year, month) = text.split_once('-').ok_or(MonthFault)?;
        if year.len() != 4 || month.len() != 2 {
            return Err(MonthFault);
        }
        let year: u16 = year.parse().map_err(|_| MonthFault)?;
        let month: u8 = month.parse().map_err(|_| MonthFault)?;
        if !(1..=12).contains(&month) {
            return Err(MonthFault);
        }
        Ok(Self {
            count: i32::from(year) * 12 + i32::from(month) - 1,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_follow_each_other_over_the_year() {
        let december: Month = "2026-12".parse().unwrap();
        assert_eq!(december.next().to_string(), "2027-01");
        assert_eq!(december.end(), december.next().start());
        assert_eq!(december.start().rfc3339(), "2026-12-01T00:00:00Z");
        let last = Time::from_millis(december.end().millis() - 1);
        assert_eq!(Month::of(last), december);
        assert_eq!(Month::of(december.end()), december.next());
        for wrong in ["2026-13", "2026-00", "26-01", "2026-1", "2026", "month"] {
            assert_eq!(wrong.parse::<Month>(), Err(MonthFault), "{wrong}");
        }
    }
}

//! Which sales an address asks for: a period and a film; pure.

use serde::Deserialize;
use time::Date;
use time::Month;

use crate::kernel::Time;
use crate::platform::web::FormErrors;

use super::beginning;

/// What stands in the address, as the form sends it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    /// One of [`Preset`]; it counts before the two days.
    pub(super) period: String,
    /// The first day, `2026-11-01`.
    pub(super) from: String,
    /// The last day.
    pub(super) to: String,
    /// The film's slug.
    pub(super) film: String,
}

/// Periods that have a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Preset {
    /// Today and the 29 days before.
    Days,
    /// From its first day to today.
    ThisMonth,
    /// All of it.
    LastMonth,
    /// From January to today.
    ThisYear,
    /// Since the first sale.
    All,
}

impl Preset {
    /// Every one, as the page offers them.
    pub(super) const ALL: [Self; 5] = [
        Self::Days,
        Self::ThisMonth,
        Self::LastMonth,
        Self::ThisYear,
        Self::All,
    ];

    /// How an address writes it.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Days => "30-days",
            Self::ThisMonth => "this-month",
            Self::LastMonth => "last-month",
            Self::ThisYear => "this-year",
            Self::All => "all",
        }
    }

    /// The key of its name.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Days => "sales-period-30-days",
            Self::ThisMonth => "sales-period-this-month",
            Self::LastMonth => "sales-period-last-month",
            Self::ThisYear => "sales-period-this-year",
            Self::All => "sales-period-all",
        }
    }

    fn period(self, today: Date) -> Period {
        let first_of_month = today.replace_day(1).ok();
        let (first, last) = match self {
            Self::Days => (today.checked_sub(time::Duration::days(29)), Some(today)),
            Self::ThisMonth => (first_of_month, Some(today)),
            Self::LastMonth => {
                let last = first_of_month.and_then(Date::previous_day);
                (last.and_then(|day| day.replace_day(1).ok()), last)
            }
            Self::ThisYear => {
                let first = Date::from_calendar_date(today.year(), Month::January, 1);
                (first.ok(), Some(today))
            }
            Self::All => (None, None),
        };
        Period {
            preset: Some(self),
            first,
            last,
        }
    }
}

/// The days that count, both ends included; an open end is not limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Period {
    /// Its name, if it has one.
    pub(super) preset: Option<Preset>,
    pub(super) first: Option<Date>,
    pub(super) last: Option<Date>,
}

impl Period {
    /// Everything.
    pub(super) const ALL: Self = Self {
        preset: Some(Preset::All),
        first: None,
        last: None,
    };

    /// The first moment that counts.
    pub(super) fn from(&self) -> Option<Time> {
        self.first.map(beginning)
    }

    /// The first moment that does not count any more.
    pub(super) fn until(&self) -> Option<Time> {
        self.last.and_then(Date::next_day).map(beginning)
    }
}

impl Asked {
    /// The period, or what is wrong with its days.
    pub(super) fn period(&self, now: Time) -> Result<Period, FormErrors> {
        let mut presets = Preset::ALL.into_iter();
        if let Some(preset) = presets.find(|preset| preset.word() == self.period) {
            return Ok(preset.period(now.to_offset().date()));
        }
        let mut errors = FormErrors::new();
        let first = errors.take("from", day(&self.from)).flatten();
        let last = errors.take("to", day(&self.to)).flatten();
        if let (Some(first), Some(last)) = (first, last)
            && last < first
        {
            errors.add("to", "fault-the-last-day-is-before");
        }
        let preset = (first.is_none() && last.is_none()).then_some(Preset::All);
        errors.or(Some(Period {
            preset,
            first,
            last,
        }))
    }

    /// What narrows the sales down, for links to other views of the same.
    pub(super) fn query(&self) -> String {
        self.with(None)
    }

    /// The same with a period of a name.
    pub(super) fn with(&self, preset: Option<Preset>) -> String {
        let days = [("from", self.from.as_str()), ("to", self.to.as_str())];
        let period = match preset {
            Some(preset) => preset.word(),
            None => self.period.as_str(),
        };
        let named = [("period", period)];
        let film = [("film", self.film.as_str())];
        let of_days = if preset.is_some() { &[][..] } else { &days };
        let parts = named.iter().chain(of_days).chain(&film);
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in parts.filter(|(_, value)| !value.is_empty()) {
            query.append_pair(name, value);
        }
        match query.finish() {
            empty if empty.is_empty() => empty,
            query => format!("?{query}"),
        }
    }
}

/// A day as date fields send it; nothing for an empty one.
fn day(text: &str) -> Result<Option<Date>, &'static str> {
    const FAULT: &str = "fault-please-write-a-day";
    if text.is_empty() {
        return Ok(None);
    }
    let numbers: Vec<&str> = text.split('-').collect();
    let [year, month, day] = numbers[..] else {
        return Err(FAULT);
    };
    let digits =
        |text: &str, count| text.len() == count && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(year, 4) || !digits(month, 2) || !digits(day, 2) {
        return Err(FAULT);
    }
    let date = || {
        let month = Month::try_from(month.parse::<u8>().ok()?).ok()?;
        Date::from_calendar_date(year.parse().ok()?, month, day.parse().ok()?).ok()
    };
    date().map(Some).ok_or(FAULT)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::from_seconds(1_772_452_800); // 2 March 2026, 12:00

    fn asked(period: &str, from: &str, to: &str) -> Asked {
        Asked {
            period: period.to_owned(),
            from: from.to_owned(),
            to: to.to_owned(),
            film: String::new(),
        }
    }

    fn days(asked: &Asked) -> (String, String) {
        let period = asked.period(NOW).unwrap();
        let date = |at: Option<Time>| at.map_or("open".to_owned(), Time::date);
        (date(period.from()), date(period.until()))
    }

    #[test]
    fn periods_with_a_name_follow_the_calendar() {
        for (word, from, until) in [
            ("30-days", "2026-02-01", "2026-03-03"),
            ("this-month", "2026-03-01", "2026-03-03"),
            ("last-month", "2026-02-01", "2026-03-01"),
            ("this-year", "2026-01-01", "2026-03-03"),
            ("all", "open", "open"),
            ("", "open", "open"),
            ("no such period", "open", "open"),
        ] {
            let days = days(&asked(word, "", ""));
            assert_eq!(days, (from.to_owned(), until.to_owned()), "{word}");
        }
        let january = Time::from_seconds(1_767_225_600); // 1 January 2026, 0:00
        let period = asked("last-month", "", "").period(january).unwrap();
        assert_eq!(period.from().unwrap().date(), "2025-12-01");
        assert_eq!(period.until().unwrap().date(), "2026-01-01");
    }

    #[test]
    fn two_days_count_with_both_ends() {
        let both = asked("", "2024-02-29", "2024-02-29");
        assert_eq!(
            days(&both),
            ("2024-02-29".to_owned(), "2024-03-01".to_owned())
        );
        assert_eq!(days(&asked("", "2026-01-31", "")).1, "open");
        assert_eq!(days(&asked("", "", "2026-01-31")).0, "open");
        assert_eq!(days(&asked("", "", "9999-12-31")).1, "open");
    }

    #[test]
    fn what_is_no_day_is_said_beside_its_field() {
        for text in [
            "2026-02-30",
            "2026-2-3",
            "1.2.2026",
            "0000-00-00",
            "+026-01-01",
            "2026-01-01T00",
            "x",
            "' OR 1",
        ] {
            let errors = asked("", text, "").period(NOW).unwrap_err();
            assert!(errors.english("from").contains("2026-11-30"), "{text}");
            let errors = asked("", "", text).period(NOW).unwrap_err();
            assert!(errors.has("to"), "{text}");
        }
        let errors = asked("", "2026-02-02", "2026-02-01")
            .period(NOW)
            .unwrap_err();
        assert!(errors.english("to").contains("before"));
    }

    #[test]
    fn links_keep_what_was_asked() {
        let asked = Asked {
            film: "night & day".to_owned(),
            ..asked("", "2026-01-01", "")
        };
        assert_eq!(asked.query(), "?from=2026-01-01&film=night+%26+day");
        assert_eq!(
            asked.with(Some(Preset::LastMonth)),
            "?period=last-month&film=night+%26+day"
        );
        assert_eq!(Asked::default().query(), "");
    }
}

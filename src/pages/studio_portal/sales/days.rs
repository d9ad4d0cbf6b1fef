//! The sales over time, as a picture and as a table: day by day, or by month or year where that
//! would be too many; pure.

use std::collections::BTreeMap;

use crate::kernel::Currency;
use crate::kernel::Money;
use crate::kernel::Time;
use crate::kernel::money::MoneyFault;
use crate::ledger::DaySales;
use crate::ledger::Sales;

/// More days than this are shown by month, more months than that by year.
const MOST_DAYS: i64 = 92;
const MOST_MONTHS: i64 = 48;
/// The day, in seconds.
const DAY: i64 = 24 * 60 * 60;
/// Units of the picture: the width of a step, and the height of all.
const WIDTH: i64 = 10;
const HEIGHT: i64 = 100;

/// What one column stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Day,
    Month,
    Year,
}

impl Step {
    /// The finest step of which a time has not too many.
    pub(super) fn of(first: Time, last: Time) -> Self {
        let count = |step: Self| step.number(last) - step.number(first);
        match (
            count(Self::Day) < MOST_DAYS,
            count(Self::Month) < MOST_MONTHS,
        ) {
            (true, _) => Self::Day,
            (false, true) => Self::Month,
            (false, false) => Self::Year,
        }
    }

    /// Which one a moment falls in, counted from some beginning.
    fn number(self, at: Time) -> i64 {
        let date = at.to_offset().date();
        match self {
            Self::Day => at.seconds().div_euclid(DAY),
            Self::Month => i64::from(date.year()) * 12 + i64::from(u8::from(date.month())),
            Self::Year => i64::from(date.year()),
        }
    }
}

/// Adds days up to steps, currencies apart; each is named by its first day that sold.
pub(super) fn steps(days: &[DaySales], step: Step) -> Result<Vec<DaySales>, MoneyFault> {
    let mut sums: BTreeMap<(i64, &'static str), DaySales> = BTreeMap::new();
    for day in days {
        let key = (step.number(day.day), day.sales.net.currency().code());
        let sales = match sums.get(&key) {
            Some(sum) => sum.sales.plus(day.sales)?,
            None => day.sales,
        };
        let first = sums.get(&key).map_or(day.day, |sum| sum.day);
        sums.insert(key, DaySales { day: first, sales });
    }
    Ok(sums.into_values().collect())
}

/// One bar: what a step brought, above the line or, where more went back than came, below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) x: i64,
    pub(super) y: i64,
    pub(super) height: i64,
    pub(super) is_loss: bool,
}

/// The picture of one currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Picture {
    pub(super) columns: Vec<Column>,
    /// How wide all of it is.
    pub(super) width: i64,
    /// Where the line of nothing is.
    pub(super) zero: i64,
    /// The most a step brought.
    pub(super) most: Money,
}

/// Draws one currency from a moment to another; nothing if nothing was sold in it.
pub(super) fn picture(
    steps: &[DaySales],
    currency: Currency,
    step: Step,
    (first, last): (Time, Time),
) -> Option<Picture> {
    let of = |day: &&DaySales| day.sales.net.currency() == currency && day.sales.net.minor() != 0;
    let steps: Vec<&DaySales> = steps.iter().filter(of).collect();
    let net = |step: &&DaySales| step.sales.net.minor();
    let most = steps.iter().map(net).max()?.max(0);
    let least = steps.iter().map(net).min()?.min(0);
    let scale = |minor: i64| {
        let height = i128::from(minor) * i128::from(HEIGHT) / i128::from((most - least).max(1));
        i64::try_from(height).unwrap_or(HEIGHT)
    };
    let zero = scale(most);
    let column = |day: &DaySales| {
        let height = scale(day.sales.net.minor().abs()).max(1);
        let is_loss = day.sales.net.minor() < 0;
        Column {
            x: (step.number(day.day) - step.number(first)) * WIDTH,
            y: if is_loss { zero } else { zero - height },
            height,
            is_loss,
        }
    };
    Some(Picture {
        columns: steps.into_iter().map(column).collect(),
        width: (step.number(last) - step.number(first) + 1) * WIDTH,
        zero,
        most: Money::new(most, currency),
    })
}

/// From the first day to the last of what is shown: the ends of the period, where it has ends, and
/// the first sale and today where it has none.
pub(super) fn ends(
    days: &[DaySales],
    from: Option<Time>,
    until: Option<Time>,
    now: Time,
) -> (Time, Time) {
    let first = from.or(days.first().map(|day| day.day)).unwrap_or(now);
    let last = until.map_or(now, |until| Time::from_millis(until.millis() - 1).min(now));
    let sold = days.last().map_or(last, |day| day.day);
    (first, last.max(sold).max(first))
}

/// The sums of a step, without those that are nothing.
pub(super) fn visible(steps: &[DaySales]) -> impl Iterator<Item = (&Time, &Sales)> {
    let some = |step: &&DaySales| !step.sales.is_nothing();
    steps
        .iter()
        .filter(some)
        .map(|step| (&step.day, &step.sales))
}

#[cfg(test)]
mod tests {
    use super::super::tables::tests::sales;
    use super::*;

    /// 1 January 2026.
    const FIRST: Time = Time::from_seconds(1_767_225_600);

    fn usd() -> Currency {
        Currency::parse("USD").unwrap()
    }

    fn later(days: i64) -> Time {
        Time::from_seconds(FIRST.seconds() + days * DAY)
    }

    fn day(number: i64, net: i64) -> DaySales {
        DaySales {
            day: later(number),
            sales: sales(net, "USD"),
        }
    }

    #[test]
    fn long_times_are_shown_by_month_and_longer_ones_by_year() {
        for (days, step) in [
            (0, Step::Day),
            (91, Step::Day),
            (92, Step::Month),
            (1_400, Step::Month),
            (1_500, Step::Year),
        ] {
            assert_eq!(Step::of(FIRST, later(days)), step, "{days}");
        }
    }

    #[test]
    fn days_stand_above_the_line_and_losses_below() {
        let days = [day(0, 300), day(28, -100), day(29, 150), day(29, 0)];
        let picture = picture(&days, usd(), Step::Day, (FIRST, later(29))).unwrap();
        assert_eq!(
            (picture.zero, picture.most.minor(), picture.width),
            (75, 300, 300)
        );
        let bars: Vec<_> = picture
            .columns
            .iter()
            .map(|c| (c.x, c.y, c.height, c.is_loss))
            .collect();
        assert_eq!(
            bars,
            [(0, 0, 75, false), (280, 75, 25, true), (290, 38, 37, false)]
        );
    }

    #[test]
    fn months_are_the_sums_of_their_days() {
        let days = [day(3, 100), day(30, 20), day(31, 5), day(400, 7)];
        let months = steps(&days, Step::Month).unwrap();
        let sums: Vec<_> = months
            .iter()
            .map(|month| {
                (
                    month.day.date(),
                    month.sales.net.minor(),
                    month.sales.orders,
                )
            })
            .collect();
        let expected = [
            ("2026-01-04", 120, 2),
            ("2026-02-01", 5, 1),
            ("2027-02-05", 7, 1),
        ];
        assert_eq!(
            sums,
            expected.map(|(day, net, sold)| (day.to_owned(), net, sold))
        );
        let picture = picture(&months, usd(), Step::Month, (FIRST, later(400))).unwrap();
        assert_eq!(
            picture.columns.iter().map(|c| c.x).collect::<Vec<_>>(),
            [0, 10, 130]
        );
        assert_eq!(picture.width, 140, "to February of the next year");
    }

    #[test]
    fn nothing_is_no_picture() {
        let ends = (FIRST, FIRST);
        assert_eq!(picture(&[], usd(), Step::Day, ends), None);
        let euro = Currency::parse("EUR").unwrap();
        assert_eq!(picture(&[day(0, 5)], euro, Step::Day, ends), None);
    }

    #[test]
    fn a_period_ends_today_at_the_latest() {
        let days = [day(5, 1), day(9, 1)];
        let now = later(20);
        assert_eq!(ends(&days, None, None, now), (later(5), now));
        assert_eq!(
            ends(&days, Some(later(1)), Some(later(40)), now),
            (later(1), now)
        );
        let (_, last) = ends(&days, None, Some(later(10)), now);
        assert_eq!(last.date(), later(9).date());
        assert_eq!(
            ends(&[], Some(later(30)), None, now),
            (later(30), later(30))
        );
    }
}

//! The days of the sales, as a picture and as a table; pure.

use std::time::Duration;

use crate::kernel::Currency;
use crate::kernel::Money;
use crate::kernel::Time;
use crate::ledger::DaySales;
use crate::ledger::Sales;

/// Days the picture shows.
pub(super) const DAYS: i64 = 30;
/// The day, in seconds.
const DAY: i64 = 24 * 60 * 60;
/// Units of the picture: the width of a day, and the height of all.
const STEP: i64 = 10;
const HEIGHT: i64 = 100;

/// The beginning of the first day of the picture.
pub(super) fn since(now: Time) -> Time {
    let today = Time::from_seconds(now.seconds() - now.seconds().rem_euclid(DAY));
    today.before(Duration::from_secs((DAY * (DAYS - 1)).unsigned_abs()))
}

/// One bar: what a day brought, above the line or, where more went back than came, below it.
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
    /// Where the line of nothing is.
    pub(super) zero: i64,
    /// The most a day brought.
    pub(super) most: Money,
}

/// Draws the currency in which most was sold; nothing if nothing was.
pub(super) fn picture(days: &[DaySales], currency: Currency, now: Time) -> Option<Picture> {
    let first = since(now);
    let of = |day: &&DaySales| day.sales.net.currency() == currency && day.sales.net.minor() != 0;
    let days: Vec<&DaySales> = days.iter().filter(of).collect();
    let net = |day: &&DaySales| day.sales.net.minor();
    let most = days.iter().map(net).max()?.max(0);
    let least = days.iter().map(net).min()?.min(0);
    let scale = |minor: i64| {
        let height = i128::from(minor) * i128::from(HEIGHT) / i128::from((most - least).max(1));
        i64::try_from(height).unwrap_or(HEIGHT)
    };
    let zero = scale(most);
    let column = |day: &DaySales| {
        let height = scale(day.sales.net.minor().abs()).max(1);
        let is_loss = day.sales.net.minor() < 0;
        Column {
            x: (day.day.seconds() - first.seconds()) / DAY * STEP,
            y: if is_loss { zero } else { zero - height },
            height,
            is_loss,
        }
    };
    Some(Picture {
        columns: days.into_iter().map(column).collect(),
        zero,
        most: Money::new(most, currency),
    })
}

/// The currency in which most copies were sold.
pub(super) fn main_currency(totals: &[Sales]) -> Option<Currency> {
    let main = totals.iter().max_by_key(|total| total.orders)?;
    Some(main.net.currency())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time::from_seconds(1_800_000_000);

    fn usd() -> Currency {
        Currency::parse("USD").unwrap()
    }

    fn day(ago: i64, net: i64) -> DaySales {
        let money = |minor| Money::new(minor, usd());
        let zero = money(0);
        DaySales {
            day: Time::from_seconds(since(NOW).seconds() + (DAYS - 1 - ago) * DAY),
            sales: Sales {
                orders: 0,
                gross: zero,
                tax: zero,
                provider_fee: zero,
                operator_fee: zero,
                returned: zero,
                exchanged: zero,
                net: money(net),
            },
        }
    }

    #[test]
    fn the_last_day_is_today_and_the_first_a_month_ago() {
        let first = since(NOW).seconds();
        assert_eq!(first % DAY, 0);
        assert_eq!((NOW.seconds() - first) / DAY, DAYS - 1);
    }

    #[test]
    fn days_stand_above_the_line_and_losses_below() {
        let days = [day(29, 300), day(1, -100), day(0, 150), day(0, 0)];
        let picture = picture(&days, usd(), NOW).unwrap();
        assert_eq!((picture.zero, picture.most.minor()), (75, 300));
        let bars: Vec<_> = picture
            .columns
            .iter()
            .map(|c| (c.x, c.y, c.height, c.is_loss))
            .collect();
        assert_eq!(
            bars,
            [(0, 0, 75, false), (280, 75, 25, true), (290, 38, 37, false)]
        );
        assert!(
            picture
                .columns
                .iter()
                .all(|c| c.y >= 0 && c.y + c.height <= HEIGHT)
        );
    }

    #[test]
    fn nothing_is_no_picture() {
        assert_eq!(picture(&[], usd(), NOW), None);
        assert_eq!(
            picture(&[day(0, 5)], Currency::parse("EUR").unwrap(), NOW),
            None
        );
    }
}

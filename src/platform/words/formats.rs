//! Dates, prices and numbers as a place writes them, by the data of Unicode's CLDR.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::RwLock;

use icu_calendar::Iso;
use icu_datetime::DateTimeFormatter;
use icu_datetime::fieldsets::YM;
use icu_datetime::fieldsets::YMD;
use icu_datetime::fieldsets::YMDT;
use icu_datetime::input::Date;
use icu_datetime::input::DateTime;
use icu_datetime::input::Time as TimeOfDay;
use icu_decimal::DecimalFormatter;
use icu_decimal::input::Decimal;
use icu_experimental::dimension::currency::CurrencyType;
use icu_experimental::dimension::currency::formatter::CurrencyFormatter;
use icu_locale_core::Locale;
use icu_locale_core::extensions::unicode::key;
use icu_locale_core::extensions::unicode::value;
use icu_locale_core::locale;

use crate::kernel::Money;
use crate::kernel::Time;

type PriceFormatter = CurrencyFormatter<DecimalFormatter>;

/// Prices of a place that are remembered.
const MOST_PRICES: usize = 256;

/// The habits of one place.
pub(super) struct Formats {
    place: String,
    locale: Locale,
    numbers: DecimalFormatter,
    /// The same with the digits 0 to 9, for columns.
    columns: DecimalFormatter,
    /// Whether digits are 0 to 9.
    is_latin: bool,
    months: DateTimeFormatter<YM>,
    long_dates: DateTimeFormatter<YMD>,
    short_dates: DateTimeFormatter<YMD>,
    minutes: DateTimeFormatter<YMDT>,
    prices: RwLock<HashMap<&'static str, Option<Arc<PriceFormatter>>>>,
    /// Prices as they were written before; shops ask few prices, again and again.
    written: RwLock<HashMap<Money, String>>,
}

impl Formats {
    /// The habits of a place, or those of the United States where nothing is known.
    pub(super) fn of(place: Option<Locale>) -> Self {
        place
            .and_then(Self::try_of)
            .or_else(|| Self::try_of(locale!("en-US")))
            .expect("the data of en-US is compiled in")
    }

    fn try_of(locale: Locale) -> Option<Self> {
        let numbers = DecimalFormatter::try_new((&locale).into(), Default::default()).ok()?;
        let mut latin = locale.clone();
        let keywords = &mut latin.extensions.unicode.keywords;
        keywords.set(key!("nu"), value!("latn"));
        let columns = DecimalFormatter::try_new((&latin).into(), Default::default()).ok()?;
        let is_latin = numbers.format(&Decimal::from(7)).to_string() == "7";
        Some(Self {
            place: locale.to_string(),
            numbers,
            columns,
            is_latin,
            months: DateTimeFormatter::try_new((&locale).into(), YM::long()).ok()?,
            long_dates: DateTimeFormatter::try_new((&locale).into(), YMD::long()).ok()?,
            short_dates: DateTimeFormatter::try_new((&locale).into(), YMD::medium()).ok()?,
            minutes: DateTimeFormatter::try_new((&locale).into(), YMD::medium().with_time_hm())
                .ok()?,
            prices: RwLock::new(HashMap::new()),
            written: RwLock::new(HashMap::new()),
            locale,
        })
    }

    pub(super) fn place(&self) -> &str {
        &self.place
    }

    pub(super) fn number(&self, number: i64) -> String {
        if self.is_latin && (0..1_000).contains(&number) {
            return number.to_string(); // nothing to separate, and most numbers are like this
        }
        self.numbers.format(&Decimal::from(number)).to_string()
    }

    /// A number given in hundredths, without needless zeros.
    pub(super) fn hundredths(&self, hundredths: i64) -> String {
        let mut number = Decimal::from(hundredths);
        number.multiply_pow10(-2);
        number.absolute.trim_end();
        self.numbers.format(&number).to_string()
    }

    /// The amount without its currency, exactly, with the digits 0 to 9: for a column that names
    /// the currency in its head.
    pub(super) fn amount(&self, money: Money) -> String {
        let mut amount = Decimal::from(money.minor());
        amount.multiply_pow10(-i16::try_from(money.currency().exponent()).unwrap_or(2));
        self.columns.format(&amount).to_string()
    }

    /// The amount, written once and then remembered.
    pub(super) fn price(&self, money: Money) -> String {
        if let Ok(written) = self.written.read()
            && let Some(price) = written.get(&money)
        {
            return price.clone();
        }
        let price = self.write_price(money);
        if let Ok(mut written) = self.written.write()
            && written.len() < MOST_PRICES
        {
            written.insert(money, price.clone());
        }
        price
    }

    /// The amount, exactly. CLDR would round currencies whose small coins are out of use; where
    /// its digits are not those of the amount, the currency's code and the full number stand.
    fn write_price(&self, money: Money) -> String {
        let mut amount = Decimal::from(money.minor());
        let exponent = i16::try_from(money.currency().exponent()).unwrap_or(2);
        amount.multiply_pow10(-exponent);
        let number = self.numbers.format(&amount).to_string();
        let written = self
            .formatter_of(money.currency().code())
            .map(|prices| prices.format_fixed_decimal(&amount).to_string());
        match written {
            Some(written) if digits(&written).eq(digits(&number)) => written,
            _ => format!("{}\u{a0}{number}", money.currency().code()),
        }
    }

    fn formatter_of(&self, code: &'static str) -> Option<Arc<PriceFormatter>> {
        if let Some(known) = self.prices.read().ok()?.get(code) {
            return known.clone();
        }
        let formatter = CurrencyType::try_from_str(&code.to_ascii_lowercase())
            .ok()
            .and_then(|currency| {
                let place = (&self.locale).into();
                PriceFormatter::try_new_symbol(place, currency, Default::default()).ok()
            })
            .map(Arc::new);
        self.prices.write().ok()?.insert(code, formatter.clone());
        formatter
    }

    /// A day; the name of its month is written out if the text around is of the same language.
    pub(super) fn date(&self, at: Time, language: &str) -> String {
        let same = language.split('-').next() == self.place.split('-').next();
        let dates = if same {
            &self.long_dates
        } else {
            &self.short_dates
        };
        moment(at).map_or_else(
            || at.date(),
            |moment| dates.format(&moment.date).to_string(),
        )
    }

    /// A month; in figures where the text around is of another language.
    pub(super) fn month(&self, at: Time, language: &str) -> String {
        let same = language.split('-').next() == self.place.split('-').next();
        moment(at).filter(|_| same).map_or_else(
            || at.date()[..7].to_owned(),
            |moment| self.months.format(&moment.date).to_string(),
        )
    }

    pub(super) fn minute(&self, at: Time) -> String {
        moment(at).map_or_else(
            || at.minute(),
            |moment| format!("{} UTC", self.minutes.format(&moment)),
        )
    }
}

/// The digits of a text, of whatever script.
fn digits(text: &str) -> impl Iterator<Item = char> {
    text.chars().filter(|letter| letter.is_numeric())
}

/// A moment as ICU4X takes it, in UTC.
fn moment(at: Time) -> Option<DateTime<Iso>> {
    let moment = time::OffsetDateTime::from_unix_timestamp(at.seconds()).ok()?;
    let month = u8::from(moment.month());
    Some(DateTime {
        date: Date::try_new_iso(moment.year(), month, moment.day()).ok()?,
        time: TimeOfDay::try_new(moment.hour(), moment.minute(), moment.second(), 0).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Currency;

    fn formats(place: &str) -> Formats {
        Formats::of(place.parse().ok())
    }

    fn price(place: &str, minor: i64, code: &str) -> String {
        let money = Money::new(minor, Currency::parse(code).unwrap());
        formats(place).price(money)
    }

    #[test]
    fn prices_follow_the_place_and_the_digits_of_the_currency() {
        for (place, minor, code, expected) in [
            ("en-US", 999, "USD", "$9.99"),
            ("en-US", 123_456_789, "USD", "$1,234,567.89"),
            ("en-US", -5, "EUR", "-€0.05"),
            ("en-US", 1200, "JPY", "¥1,200"),
            ("en-GB", 999, "GBP", "£9.99"),
            ("en-GB", 999, "USD", "US$9.99"),
            ("de-DE", 999, "EUR", "9,99\u{a0}€"),
            ("de-DE", 123_456_789, "EUR", "1.234.567,89\u{a0}€"),
            ("ja-JP", 1200, "JPY", "￥1,200"),
            ("en-US", 1_234, "KWD", "KWD\u{a0}1.234"),
        ] {
            assert_eq!(
                price(place, minor, code),
                expected,
                "{place} {minor} {code}"
            );
        }
        let arabic = price("ar", 1_234, "KWD");
        assert_eq!(digits(&arabic).count(), 4, "{arabic}");
    }

    #[test]
    fn no_place_rounds_an_amount() {
        for code in [
            "IQD", "RSD", "HUF", "ISK", "CLF", "UYW", "KWD", "JPY", "USD", "BHD",
        ] {
            for place in [
                "en-US", "de-DE", "ja-JP", "ar-EG", "hi-IN", "fr-CH", "de-AT",
            ] {
                let written = price(place, 7_654_321, code);
                assert_eq!(digits(&written).count(), 7, "{place} {code}: {written}");
            }
        }
    }

    #[test]
    fn days_and_minutes_follow_the_place() {
        let at = Time::from_seconds(1_795_442_700); // 2026-11-23 14:05 UTC
        for (place, language, day, minute) in [
            (
                "en-US",
                "en",
                "November 23, 2026",
                "Nov 23, 2026, 2:05\u{202f}PM UTC",
            ),
            ("en-GB", "en", "23 November 2026", "23 Nov 2026, 14:05 UTC"),
            ("de-DE", "en", "23.11.2026", "23.11.2026, 14:05 UTC"),
            ("de-DE", "de", "23. November 2026", "23.11.2026, 14:05 UTC"),
            ("ja-JP", "en", "2026/11/23", "2026/11/23 14:05 UTC"),
        ] {
            let formats = formats(place);
            assert_eq!(
                (formats.date(at, language), formats.minute(at)),
                (day.to_owned(), minute.to_owned()),
                "{place}"
            );
        }
        assert!(
            formats("ar").date(at, "en").contains("2026")
                || formats("ar").date(at, "en").contains("٢٠٢٦")
        );
    }

    #[test]
    fn columns_have_the_separators_of_the_place_and_plain_digits() {
        let amount = |place, minor, code| {
            let money = Money::new(minor, Currency::parse(code).unwrap());
            formats(place).amount(money)
        };
        assert_eq!(amount("en-US", 123_456_789, "USD"), "1,234,567.89");
        assert_eq!(amount("en-US", -5, "EUR"), "-0.05");
        assert_eq!(amount("de-DE", 123_456_789, "KWD"), "123.456,789");
        assert_eq!(amount("ja-JP", 1_200, "JPY"), "1,200");
        let digits: String = digits(&amount("ar-EG", 123_456, "USD")).collect();
        assert_eq!(digits, "123456");
    }

    #[test]
    fn months_are_named_in_the_language_of_the_page() {
        let at = Time::from_seconds(1_795_442_700);
        assert_eq!(formats("en-US").month(at, "en"), "November 2026");
        assert_eq!(formats("de-DE").month(at, "de"), "November 2026");
        assert_eq!(formats("de-DE").month(at, "en"), "2026-11");
    }

    #[test]
    fn numbers_follow_the_place_and_the_unknown_is_american() {
        assert_eq!(formats("de-DE").number(1_234_567), "1.234.567");
        assert_eq!(formats("en-IN").number(1_234_567), "12,34,567");
        assert_eq!(formats("ar-EG").number(7), "٧");
        assert_eq!(formats("de-DE").number(999), "999");
        assert_eq!(formats("de-DE").hundredths(75), "0,75");
        assert_eq!(Formats::of(None).hundredths(500), "5");
        assert_eq!(Formats::of(None).number(-1_234), "-1,234");
    }
}

//! What the store says, in the viewer's language, and how it writes dates, prices and numbers.
//!
//! Texts stand in `messages/<language>.ftl`, one file a language, English first. A language that
//! lacks a message falls back to English. The *language* of texts and the *place* whose habits
//! dates, prices and numbers follow are two things: a reader in Germany of a store without German
//! reads English texts with `9,99 €` in them.
//!
//! Three ways to say something: [`Words::t`] for a plain message, [`Words::say`] for one with
//! arguments, and [`Words::rich`] for one with links or emphasis inside. A key that does not exist
//! or an argument that is missing is logged, shown as what is there, and found by
//! `tests/messages.rs`.

mod catalog;
mod formats;
mod language;
mod rich;
mod said;

use std::fmt;
use std::sync::Arc;

use crate::kernel::Country;
use crate::kernel::Money;
use crate::kernel::Note;
use crate::kernel::Time;
use crate::kernel::text::Slug;

pub use catalog::Catalog;
pub use catalog::MessagesFault;
pub use language::Language;
pub use rich::Rich;
pub use said::Argument;
pub use said::Said;

use formats::Formats;

/// The language and the habits of one reader. Cheap to clone; every page carries one.
#[derive(Clone)]
pub struct Words {
    language: Arc<Language>,
    formats: Arc<Formats>,
}

impl Words {
    /// English as in the United States: for tests, samples and readers nothing is known about.
    pub fn english() -> Self {
        Catalog::built_in().choose("")
    }

    /// A message without arguments.
    pub fn t<'a>(&'a self, key: &'a str) -> &'a str {
        self.language.plain(key)
    }

    /// A message with arguments; they are given to what is returned.
    pub fn say<'a>(&'a self, key: &'a str) -> Said<'a> {
        Said::new(self, key)
    }

    /// A sentence that was noted before the reader was known.
    pub fn note<'a>(&'a self, note: &'a Note) -> Said<'a> {
        Said::of(self, note)
    }

    /// A message with links or emphasis inside, for templates.
    pub fn rich<'a>(&'a self, key: &'a str) -> Rich<'a> {
        Rich::new(Said::new(self, key))
    }

    /// The language, as `lang` attributes and `Content-Language` name it.
    pub fn lang(&self) -> &str {
        self.language.tag()
    }

    /// The direction the language is written in, `ltr` or `rtl`.
    pub fn dir(&self) -> &'static str {
        self.language.direction()
    }

    /// The place whose habits are followed, `de-DE`; scripts in the page follow it, too.
    pub fn place(&self) -> &str {
        self.formats.place()
    }

    /// The messages that the scripts of a page say, as JSON; `static/js/words.js` reads them.
    pub fn for_scripts(&self, page: &str) -> String {
        serde_json::to_string(&self.language.of_scripts(page)).unwrap_or_default()
    }

    /// What to keep of a reader whose mail is written later: [`Catalog::choose`] takes it.
    pub fn reader(&self) -> String {
        format!("{},{};q=0.5", self.place(), self.lang())
    }

    /// A price: `$9.99`, `9,99 €`.
    pub fn price(&self, money: Money) -> String {
        self.formats.price(money)
    }

    /// An amount of a column whose head names the currency: `1,234.56`, with the digits 0 to 9.
    pub fn amount(&self, money: Money) -> String {
        self.formats.amount(money)
    }

    /// A number with the separators of the place.
    pub fn number(&self, number: i64) -> String {
        self.formats.number(number)
    }

    /// A share in percent, given in hundredths of one.
    pub fn percent(&self, hundredths: i64) -> String {
        self.formats.hundredths(hundredths)
    }

    /// Every country with its name, by name.
    pub fn countries(&self) -> Vec<(Country, String)> {
        let named = Country::all().map(|country| (country, self.country(country.code())));
        let mut named: Vec<_> = named.collect();
        // Letters with accents stand beside those without.
        named.sort_by_cached_key(|(_, name)| Slug::of_name(name, name).to_string());
        named
    }

    /// A day. Months have names only where they are of the same language as the text around.
    pub fn date(&self, at: Time) -> String {
        self.formats.date(at, self.language.tag())
    }

    /// A month. It has a name only where that is of the same language as the text around.
    pub fn month(&self, at: Time) -> String {
        self.formats.month(at, self.language.tag())
    }

    /// The name of a country, by its code of ISO 3166; the code itself where it has none.
    pub fn country(&self, code: &str) -> String {
        self.language.country(code)
    }

    /// A day and a minute, in UTC and saying so.
    pub fn minute(&self, at: Time) -> String {
        self.formats.minute(at)
    }
}

impl fmt::Debug for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Words({} in {})", self.lang(), self.place())
    }
}

//! A message with its arguments, written when it is shown.

use std::fmt;

use fluent_bundle::FluentArgs;
use fluent_bundle::FluentValue;

use super::Words;
use crate::kernel::Money;
use crate::kernel::Note;
use crate::kernel::Time;
use crate::kernel::note::Value;

/// What may stand in a message. Prices, days and numbers are written as the reader writes them.
pub trait Argument {
    /// The value as messages take it.
    fn value<'a>(&'a self, words: &Words) -> FluentValue<'a>;
}

impl Argument for str {
    fn value<'a>(&'a self, _: &Words) -> FluentValue<'a> {
        FluentValue::from(self)
    }
}

impl Argument for String {
    fn value<'a>(&'a self, _: &Words) -> FluentValue<'a> {
        FluentValue::from(self.as_str())
    }
}

impl Argument for Money {
    fn value<'a>(&'a self, words: &Words) -> FluentValue<'a> {
        FluentValue::from(words.price(*self))
    }
}

impl Argument for Time {
    fn value<'a>(&'a self, words: &Words) -> FluentValue<'a> {
        FluentValue::from(words.date(*self))
    }
}

impl Argument for i64 {
    fn value<'a>(&'a self, words: &Words) -> FluentValue<'a> {
        FluentValue::from(words.number(*self))
    }
}

impl Argument for usize {
    fn value<'a>(&'a self, words: &Words) -> FluentValue<'a> {
        FluentValue::from(words.number(i64::try_from(*self).unwrap_or(i64::MAX)))
    }
}

impl Argument for Note {
    fn value<'a>(&'a self, words: &Words) -> FluentValue<'a> {
        FluentValue::from(words.note(self).to_string())
    }
}

impl<T: Argument + ?Sized> Argument for &T {
    fn value<'a>(&'a self, words: &Words) -> FluentValue<'a> {
        (**self).value(words)
    }
}

impl Argument for Value {
    fn value<'a>(&'a self, words: &Words) -> FluentValue<'a> {
        match self {
            Self::Text(text) => text.value(words),
            Self::Number(number) => number.value(words),
            Self::Money(money) => money.value(words),
            Self::Day(day) => day.value(words),
            Self::Minute(minute) => FluentValue::from(words.minute(*minute)),
            Self::Note(note) => note.value(words),
            Self::Word(key) => FluentValue::from(words.t(key).to_owned()),
        }
    }
}

/// A message on its way: give it its arguments, then show it.
#[must_use]
pub struct Said<'a> {
    pub(super) words: &'a Words,
    pub(super) key: &'a str,
    pub(super) arguments: FluentArgs<'static>,
}

impl<'a> Said<'a> {
    pub(super) fn new(words: &'a Words, key: &'a str) -> Self {
        Self {
            words,
            key,
            arguments: FluentArgs::new(),
        }
    }

    pub(super) fn of(words: &'a Words, note: &'a Note) -> Self {
        let said = Self::new(words, note.key());
        note.values()
            .iter()
            .fold(said, |said, (name, value)| match (*name, value) {
                ("count", Value::Number(number)) => said.count(*number),
                _ => said.with(name, value),
            })
    }

    /// Gives an argument.
    pub fn with(mut self, name: &'static str, value: impl Argument) -> Self {
        let value = value.value(self.words).into_owned();
        self.arguments.set(name, value);
        self
    }

    /// Gives a number: `$count` chooses the plural, `$number` is how the reader writes it.
    pub fn count(mut self, count: i64) -> Self {
        self.arguments.set("count", count);
        self.arguments.set("number", self.words.number(count));
        self
    }

    /// Never: a message has words. Templates ask this of every text.
    #[allow(clippy::unused_self)] // asked like `str::is_empty`
    pub const fn is_empty(&self) -> bool {
        false
    }
}

impl fmt::Display for Said<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.arguments.iter().next().is_none() {
            return f.write_str(self.words.t(self.key));
        }
        f.write_str(&self.words.language.filled(self.key, &self.arguments))
    }
}

//! A sentence for people before its language is known: the key of a message and its arguments.

use crate::kernel::Money;
use crate::kernel::Time;

/// What an argument of a message may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A name or another text that no language changes.
    Text(String),
    /// A number; the one called `count` chooses the plural and is shown as `$number`.
    Number(i64),
    /// An amount.
    Money(Money),
    /// A day.
    Day(Time),
    /// A minute.
    Minute(Time),
    /// Another message, by its key.
    Word(&'static str),
    /// Another message with arguments of its own.
    Note(Note),
}

/// A message of the catalog with its arguments, such as what is wrong with a field of a form.
/// It becomes text only where the reader is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    key: &'static str,
    values: Vec<(&'static str, Value)>,
}

impl Note {
    /// The message of this key.
    pub const fn new(key: &'static str) -> Self {
        Self {
            key,
            values: Vec::new(),
        }
    }

    /// Gives an argument.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.values.push((name, value.into()));
        self
    }

    /// The key of the message.
    pub const fn key(&self) -> &'static str {
        self.key
    }

    /// Its arguments.
    pub fn values(&self) -> &[(&'static str, Value)] {
        &self.values
    }
}

impl From<&'static str> for Note {
    fn from(key: &'static str) -> Self {
        Self::new(key)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<usize> for Value {
    fn from(number: usize) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<Note> for Value {
    fn from(note: Note) -> Self {
        Self::Note(note)
    }
}

impl From<Money> for Value {
    fn from(money: Money) -> Self {
        Self::Money(money)
    }
}

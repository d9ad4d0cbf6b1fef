//! What is wrong with a form, field by field, so that it can be shown again with what was typed.

use crate::kernel::Note;

/// Sentences for fields. A form that fails is answered with 422 and shown again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormErrors(Vec<(&'static str, Note)>);

impl FormErrors {
    /// No errors yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// One error.
    pub fn one(field: &'static str, sentence: impl Into<Note>) -> Self {
        let mut errors = Self::new();
        errors.add(field, sentence);
        errors
    }

    /// Notes what is wrong with a field.
    pub fn add(&mut self, field: &'static str, sentence: impl Into<Note>) {
        self.0.push((field, sentence.into()));
    }

    /// Keeps the value of a parsed field, or notes why it has none.
    pub fn take<T, E: Into<Note>>(
        &mut self,
        field: &'static str,
        parsed: Result<T, E>,
    ) -> Option<T> {
        parsed.map_err(|fault| self.add(field, fault)).ok()
    }

    /// The first sentence about a field, for the template beside the input.
    pub fn of(&self, field: &str) -> Option<&Note> {
        let mut about = self.0.iter().filter(|(name, _)| *name == field);
        about.next().map(|(_, sentence)| sentence)
    }

    /// The same in English, for tests.
    #[cfg(test)]
    pub fn english(&self, field: &str) -> String {
        let words = crate::platform::words::Words::english();
        self.of(field)
            .map_or_else(String::new, |note| words.note(note).to_string())
    }

    /// Whether a field has an error.
    pub fn has(&self, field: &str) -> bool {
        self.0.iter().any(|(name, _)| *name == field)
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Every error, for the summary above the form: field and sentence.
    pub fn all(&self) -> &[(&'static str, Note)] {
        &self.0
    }

    /// Nothing wrong: the value. Something wrong: the errors.
    pub fn or<T>(self, value: Option<T>) -> Result<T, Self> {
        match value {
            Some(value) if self.is_empty() => Ok(value),
            _ => Err(self),
        }
    }
}

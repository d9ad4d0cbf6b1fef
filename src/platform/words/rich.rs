//! Messages with elements inside: `New here? <create>Create an account</create>.`
//!
//! A message may name the elements below and the links its template gives. Whatever else looks
//! like HTML, in the message or in an argument, is shown as text.

use std::fmt;
use std::fmt::Write as _;

use askama::filters::HtmlSafe;
use fluent_bundle::FluentArgs;
use fluent_bundle::FluentValue;

use super::Said;
use super::said::Argument;

/// Elements every message may use, and the HTML around their content.
const ELEMENTS: [(&str, &str, &str); 6] = [
    ("strong", "<strong>", "</strong>"),
    ("code", "<code>", "</code>"),
    ("kbd", "<kbd>", "</kbd>"),
    ("unseen", "<span class=\"visually-hidden\">", "</span>"),
    ("optional", "<span class=\"field__optional\">", "</span>"),
    ("price", "<span data-testid=\"price\">", "</span>"),
];

/// A message whose elements become HTML.
#[must_use]
pub struct Rich<'a> {
    said: Said<'a>,
    links: Vec<(&'static str, String)>,
}

impl<'a> Rich<'a> {
    pub(super) const fn new(said: Said<'a>) -> Self {
        Self {
            said,
            links: Vec::new(),
        }
    }

    /// Gives an argument.
    pub fn with(mut self, name: &'static str, value: impl Argument) -> Self {
        self.said = self.said.with(name, value);
        self
    }

    /// Says where the element `name` of the message leads.
    pub fn link(mut self, name: &'static str, address: impl AsRef<str>) -> Self {
        self.links.push((name, escaped(address.as_ref())));
        self
    }

    /// Writes what an opening or closing element stands for; `false` if it stands for nothing.
    fn element(&self, f: &mut fmt::Formatter<'_>, tag: &str) -> Result<bool, fmt::Error> {
        let (closes, name) = tag
            .strip_prefix('/')
            .map_or((false, tag), |name| (true, name));
        if let Some((_, open, close)) = ELEMENTS.iter().find(|(known, ..)| *known == name) {
            f.write_str(if closes { close } else { open })?;
            return Ok(true);
        }
        let Some((_, address)) = self.links.iter().find(|(known, _)| *known == name) else {
            return Ok(false);
        };
        if closes {
            f.write_str("</a>")?;
        } else {
            write!(f, "<a href=\"{address}\">")?;
        }
        Ok(true)
    }
}

/// Text as HTML.
fn escaped(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => html.push_str("&#38;"),
            '<' => html.push_str("&#60;"),
            '>' => html.push_str("&#62;"),
            '"' => html.push_str("&#34;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
    html
}

/// The message's own text: `&` and `<` that are no element are text; quotes need no care there.
fn write_text(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    for letter in text.chars() {
        match letter {
            '<' => f.write_str("&#60;")?,
            '>' => f.write_str("&#62;")?,
            MARK => f.write_char('&')?,
            '&' => f.write_str("&#38;")?,
            other => f.write_char(other)?,
        }
    }
    Ok(())
}

/// Stands for the `&` of an argument that is escaped already; no text holds this code point.
const MARK: char = '\u{fdd0}';

impl fmt::Display for Rich<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut safe = FluentArgs::new();
        for (name, value) in self.said.arguments.iter() {
            let value = match value {
                FluentValue::String(text) => {
                    let text = text.replace(MARK, "");
                    FluentValue::from(escaped(&text).replace('&', "\u{fdd0}"))
                }
                other => other.clone(),
            };
            safe.set(name.to_owned(), value);
        }
        let text = self.said.words.language.filled(self.said.key, &safe);
        let mut rest = &*text;
        while let Some(at) = rest.find('<') {
            write_text(f, &rest[..at])?;
            rest = &rest[at + 1..];
            let tag = rest.split_once('>');
            match tag {
                Some((tag, after)) if self.element(f, tag)? => rest = after,
                _ => f.write_str("&#60;")?,
            }
        }
        write_text(f, rest)
    }
}

impl HtmlSafe for Rich<'_> {}

#[cfg(test)]
mod tests {
    use crate::platform::words::Words;

    #[test]
    fn only_known_elements_become_html_and_arguments_never_do() {
        let words = Words::english();
        let sent = words.rich("forgot-if-has-an-account");
        let html = sent.with("email", "<b>\"O'Neil\" & co</b>").to_string();
        assert!(
            html.starts_with(
                "If <strong>&#60;b&#62;&#34;O&#39;Neil&#34; &#38; co&#60;/b&#62;</strong> has"
            ),
            "{html}"
        );
        let link = words.rich("not-found-it-may-be-mistyped");
        let html = link.link("library", "/library?a=1&b=\"").to_string();
        assert!(
            html.contains("<a href=\"/library?a=1&#38;b=&#34;\">your library</a>."),
            "{html}"
        );
        let without = words.rich("not-found-it-may-be-mistyped").to_string();
        assert!(
            without.contains("&#60;library&#62;your library&#60;/library&#62;"),
            "{without}"
        );
    }
}

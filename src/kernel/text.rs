//! Texts that were checked once, at the door; inside, the type is the proof.

use std::fmt;

use crate::kernel::Note;
use crate::kernel::ids::AccountId;

/// Why a text was refused, in words for the person who typed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextFault {
    /// Nothing but white space.
    #[error("Please fill this in.")]
    Empty,
    /// Longer than the field allows.
    #[error("Please use at most {0} characters.")]
    TooLong(usize),
    /// Control characters or invisible direction marks.
    #[error("Please remove characters that cannot be shown.")]
    Unprintable,
    /// Not an address mail can be sent to.
    #[error("Please write a full e-mail address, such as ada@example.org.")]
    NotAnAddress,
    /// Not a name for an address line.
    #[error("Use lower-case letters, digits and single hyphens.")]
    NotASlug,
}

impl From<TextFault> for Note {
    fn from(fault: TextFault) -> Self {
        match fault {
            TextFault::Empty => Self::new("fault-please-fill-this-in"),
            TextFault::TooLong(value) => {
                Self::new("fault-please-use-at-most-characters").with("value", value)
            }
            TextFault::Unprintable => Self::new("fault-please-remove-characters-that-cannot"),
            TextFault::NotAnAddress => Self::new("fault-please-write-a-full-e"),
            TextFault::NotASlug => Self::new("fault-use-lower-case-letters-digits"),
        }
    }
}

/// Defines a text type with `as_str`, `Display` and `Debug`.
macro_rules! text_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The text itself.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }
    };
}

text_type!(
    /** The part of an address that names a title or a studio: `the-long-night`. */
    Slug
);
text_type!(
    /** An e-mail address in lower case. Compared as stored. */
    EmailAddress
);
text_type!(
    /** A name shown to people: of a person, a studio or a title; one line, at most 120 characters. */
    DisplayName
);
text_type!(
    /** Running text of several lines, at most 5,000 characters. */
    Prose
);

impl Slug {
    /// Longest slug, in characters.
    pub const MAX_CHARS: usize = 80;

    /// Accepts a slug as it stands.
    pub fn parse(text: &str) -> Result<Self, TextFault> {
        let fine = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if text.is_empty() {
            return Err(TextFault::Empty);
        }
        if text.len() > Self::MAX_CHARS {
            return Err(TextFault::TooLong(Self::MAX_CHARS));
        }
        let hyphens = text.starts_with('-') || text.ends_with('-') || text.contains("--");
        if hyphens || !text.bytes().all(fine) {
            return Err(TextFault::NotASlug);
        }
        Ok(Self(text.to_owned()))
    }

    /// Makes a slug of a name: Latin letters and digits stay, accents fall, the rest becomes
    /// hyphens. A name without any gives `fallback`.
    pub fn of_name(name: &str, fallback: &str) -> Self {
        let mut slug = String::new();
        for c in name.chars().flat_map(char::to_lowercase) {
            match fold(c) {
                Some(letters) => slug.push_str(letters),
                None if c.is_ascii_alphanumeric() => slug.push(c),
                None if !slug.is_empty() && !slug.ends_with('-') => slug.push('-'),
                None => {}
            }
        }
        slug.truncate(Self::MAX_CHARS - 8); // leaves room for a number that makes it unique
        let slug = slug.trim_matches('-');
        Self::parse(slug).unwrap_or_else(|_| Self(fallback.to_owned()))
    }

    /// The same slug with a number behind it, for the second of two equal names.
    #[must_use]
    pub fn numbered(&self, number: u32) -> Self {
        Self(format!("{}-{number}", self.0))
    }
}

/// Letters of European languages, written with plain ones.
fn fold(c: char) -> Option<&'static str> {
    Some(match c {
        'à' | 'á' | 'â' | 'ã' | 'å' | 'ā' | 'ą' => "a",
        'ä' | 'æ' => "ae",
        'ç' | 'ć' | 'č' => "c",
        'ď' | 'đ' | 'ð' => "d",
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ę' | 'ě' => "e",
        'ì' | 'í' | 'î' | 'ï' | 'ī' | 'ı' => "i",
        'ł' => "l",
        'ñ' | 'ń' | 'ň' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ō' | 'ő' => "o",
        'ö' | 'ø' | 'œ' => "oe",
        'ř' => "r",
        'ś' | 'š' | 'ş' | 'ș' => "s",
        'ß' => "ss",
        'ť' | 'ț' => "t",
        'ù' | 'ú' | 'û' | 'ū' | 'ů' | 'ű' => "u",
        'ü' => "ue",
        'ý' | 'ÿ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        '\'' | '’' => "",
        _ => return None,
    })
}

/// Where the addresses of erased accounts end.
const NOWHERE: &str = "@erased.invalid";

impl EmailAddress {
    /// Accepts an address with one `@` and a domain with a dot, at most 254 characters (RFC 5321).
    pub fn parse(text: &str) -> Result<Self, TextFault> {
        let text = text.trim().to_lowercase();
        if text.is_empty() {
            return Err(TextFault::Empty);
        }
        if text.chars().count() > 254 {
            return Err(TextFault::TooLong(254));
        }
        let domain = text.rsplit_once('@').map_or("", |(_, domain)| domain);
        let dotted = domain.contains('.') && !domain.starts_with('.') && !domain.ends_with('.');
        if !dotted || text.parse::<lettre::Address>().is_err() {
            return Err(TextFault::NotAnAddress);
        }
        Ok(Self(text))
    }

    /// Stands in for the address of an account that was erased. `.invalid` is no domain and never
    /// will be (RFC 2606), so it reaches nobody.
    pub fn of_nobody(account: AccountId) -> Self {
        let number = account.to_string();
        let number = number.rsplit('_').next().unwrap_or_default();
        Self(format!("erased-{number}{NOWHERE}"))
    }

    /// Whether it stands in for an address that was erased.
    pub fn is_nobody(&self) -> bool {
        self.0.ends_with(NOWHERE)
    }
}

impl DisplayName {
    /// Longest name, in characters.
    pub const MAX_CHARS: usize = 120;

    /// Accepts one line of visible text.
    pub fn parse(text: &str) -> Result<Self, TextFault> {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        checked(text, Self::MAX_CHARS, |c| {
            c.is_control() || is_direction_override(c)
        })
        .map(Self)
    }
}

impl Prose {
    /// Longest text, in characters.
    pub const MAX_CHARS: usize = 5_000;

    /// Accepts several lines of visible text.
    pub fn parse(text: &str) -> Result<Self, TextFault> {
        let text = text.replace("\r\n", "\n").trim().to_owned();
        let unprintable = |c: char| (c.is_control() && c != '\n') || is_direction_override(c);
        checked(text, Self::MAX_CHARS, unprintable).map(Self)
    }
}

/// Marks that turn the direction of what follows, and so let text lie about itself.
const fn is_direction_override(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn checked(text: String, most: usize, bad: impl Fn(char) -> bool) -> Result<String, TextFault> {
    if text.is_empty() {
        return Err(TextFault::Empty);
    }
    if text.chars().count() > most {
        return Err(TextFault::TooLong(most));
    }
    if text.chars().any(bad) {
        return Err(TextFault::Unprintable);
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn slugs_come_from_names_of_many_languages() {
        let slug = |name| Slug::of_name(name, "title").to_string();
        assert_eq!(slug("The Long Night"), "the-long-night");
        assert_eq!(slug("Amélie & the Größe, 2"), "amelie-the-groesse-2");
        assert_eq!(slug("Sophie’s World"), "sophies-world");
        assert_eq!(slug("東京物語"), "title");
        assert_eq!(slug("  --  "), "title");
    }

    #[test]
    fn a_slug_is_refused_unless_it_is_plain() {
        for bad in ["", "A", "a--b", "-a", "a-", "a b", "ä", "../x"] {
            assert!(Slug::parse(bad).is_err(), "{bad}");
        }
        assert!(Slug::parse("a-1").is_ok());
    }

    #[test]
    fn addresses_are_lowered_and_checked() {
        assert_eq!(
            EmailAddress::parse(" Ada@Example.ORG ").unwrap().as_str(),
            "ada@example.org"
        );
        for bad in [
            "",
            "ada",
            "ada@",
            "@x.org",
            "ada@localhost",
            "a b@x.org",
            "ada@x.org\nbcc: y@z.org",
        ] {
            assert!(EmailAddress::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn names_are_one_visible_line() {
        assert_eq!(
            DisplayName::parse(" Ada \n Lovelace ").unwrap().as_str(),
            "Ada Lovelace"
        );
        assert_eq!(
            DisplayName::parse("\u{202e}evil"),
            Err(TextFault::Unprintable)
        );
        assert_eq!(
            DisplayName::parse(&"x".repeat(121)),
            Err(TextFault::TooLong(120))
        );
        assert_eq!(Prose::parse("a\r\n\r\nb").unwrap().as_str(), "a\n\nb");
        assert_eq!(Prose::parse("a\u{0}b"), Err(TextFault::Unprintable));
    }

    proptest! {
        #[test]
        fn every_name_gives_a_slug_that_parses(name in ".{0,200}") {
            let slug = Slug::of_name(&name, "title");
            prop_assert_eq!(Slug::parse(slug.as_str()), Ok(slug.clone()));
            prop_assert!(slug.numbered(99_999).as_str().len() <= Slug::MAX_CHARS);
        }
    }
}

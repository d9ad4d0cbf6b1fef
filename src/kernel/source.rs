//! Where a buyer came from, as far as the link they followed says it. Nobody is tracked for it: it
//! is read off one request and written on one order.

use std::fmt;
use std::str::FromStr;

/// How a buyer came to the page of a film.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// Bought before this was noted.
    Unknown,
    /// Neither a tag nor a page that led there: typed, kept, or sent by a private message.
    #[default]
    Direct,
    /// From the first page of the store.
    Home,
    /// From its list of films, searched or not.
    List,
    /// From the page of a studio.
    Studio,
    /// From the page of another film.
    Film,
    /// By a link with a tag in it, such as `newsletter`.
    Tag(String),
    /// From another site, by its host.
    Site(String),
}

/// Not written as a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a source")]
pub struct SourceFault;

impl Source {
    /// Longest tag, in characters.
    pub const MAX_TAG: usize = 40;
    /// Longest host, as the Internet has it.
    const MAX_HOST: usize = 253;

    /// A tag of letters, digits, `-` and `_`. Case is not told apart.
    pub fn tag(text: &str) -> Option<Self> {
        let fine = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        let short = (1..=Self::MAX_TAG).contains(&text.len());
        (short && text.bytes().all(fine)).then(|| Self::Tag(text.to_ascii_lowercase()))
    }

    /// Another site, by its host; `www.` is left out.
    pub fn site(host: &str) -> Option<Self> {
        let host = host.to_ascii_lowercase();
        let host = host.strip_prefix("www.").unwrap_or(&host);
        let fine = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'.';
        let whole = host.split('.').all(|part| !part.is_empty());
        let short = host.len() <= Self::MAX_HOST;
        (short && whole && host.bytes().all(fine)).then(|| Self::Site(host.to_owned()))
    }

    /// What a form or a link says. It comes from outside, so whatever is odd is [`Self::Direct`].
    pub fn read(text: &str) -> Self {
        text.parse().unwrap_or_default()
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("unknown"),
            Self::Direct => f.write_str("direct"),
            Self::Home => f.write_str("home"),
            Self::List => f.write_str("list"),
            Self::Studio => f.write_str("studio"),
            Self::Film => f.write_str("film"),
            Self::Tag(tag) => write!(f, "tag:{tag}"),
            Self::Site(host) => write!(f, "site:{host}"),
        }
    }
}

impl FromStr for Source {
    type Err = SourceFault;

    fn from_str(text: &str) -> Result<Self, SourceFault> {
        let named = match text.split_once(':') {
            Some(("tag", tag)) => Self::tag(tag),
            Some(("site", host)) => Self::site(host),
            Some(_) => None,
            None => [
                Self::Unknown,
                Self::Direct,
                Self::Home,
                Self::List,
                Self::Studio,
                Self::Film,
            ]
            .into_iter()
            .find(|source| source.to_string() == text),
        };
        named.ok_or(SourceFault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sources_are_read_as_they_are_written() {
        let tag = Source::tag("Spring_Mail-1").unwrap();
        assert_eq!(tag.to_string(), "tag:spring_mail-1");
        let site = Source::site("WWW.News.example.org").unwrap();
        assert_eq!(site.to_string(), "site:news.example.org");
        for source in [
            Source::Unknown,
            Source::Direct,
            Source::Home,
            Source::List,
            Source::Studio,
            Source::Film,
            tag,
            site,
        ] {
            assert_eq!(source.to_string().parse(), Ok(source));
        }
    }

    #[test]
    fn what_is_odd_is_direct() {
        let long = format!("tag:{}", "a".repeat(41));
        for text in [
            "",
            "tag:",
            "tag:<script>",
            "tag:a b",
            "site:",
            "site:a..b",
            "site:evil.example/path",
            "site:=1+1",
            "elsewhere",
            "tag:=cmd",
            &long,
        ] {
            assert_eq!(Source::read(text), Source::Direct, "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_from_outside_gets_in_as_it_was_not_meant(text in ".{0,60}") {
            let read = Source::read(&text).to_string();
            let fine = |b: u8| b.is_ascii_alphanumeric() || b"-_.:".contains(&b);
            prop_assert!(read.bytes().all(fine));
            prop_assert_eq!(Source::read(&read).to_string(), read);
        }
    }
}

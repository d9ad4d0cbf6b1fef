//! What visitors may ask of the catalog.

use crate::catalog::Genre;
use crate::catalog::Title;
use crate::kernel::ids::StudioId;

/// Titles on one page of results.
pub const PAGE_SIZE: i64 = 24;
/// Words of a search that count.
const MOST_WORDS: usize = 6;

/// A search of the shop.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// Words that must all occur in name, credits or studio.
    pub words: Vec<String>,
    /// Only this genre.
    pub genre: Option<Genre>,
    /// Only this studio.
    pub studio: Option<StudioId>,
    /// In which order.
    pub sort: Sort,
    /// Which page, from 0.
    pub page: i64,
}

/// In which order results come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// Published last, first.
    #[default]
    Newest,
    /// By name.
    Name,
    /// By year of release, the latest first.
    Year,
}

impl Sort {
    /// Every order.
    pub const ALL: [Self; 3] = [Self::Newest, Self::Name, Self::Year];

    /// The word in addresses.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Newest => "newest",
            Self::Name => "name",
            Self::Year => "year",
        }
    }

    /// The words people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Newest => "sort-newest-first",
            Self::Name => "sort-by-name",
            Self::Year => "sort-by-year",
        }
    }

    /// The order an address asks for; newest when it is none of ours.
    pub fn of_slug(slug: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|sort| sort.slug() == slug)
            .unwrap_or_default()
    }
}

/// One page of results.
#[derive(Clone, Debug)]
pub struct Found {
    /// The titles of the page.
    pub titles: Vec<Title>,
    /// Titles on all pages.
    pub total: i64,
}

impl Query {
    /// Splits what was typed into words that count.
    pub fn words_of(text: &str) -> Vec<String> {
        folded(text)
            .split_whitespace()
            .take(MOST_WORDS)
            .map(str::to_owned)
            .collect()
    }
}

/// Text as it is compared: lower case, Latin accents gone, punctuation as blanks. Letters of other
/// scripts stay.
pub fn folded(text: &str) -> String {
    let lower: String = text.chars().flat_map(char::to_lowercase).collect();
    let plain = lower.chars().flat_map(without_accent);
    let spaced: String = plain
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn without_accent(c: char) -> impl Iterator<Item = char> {
    let plain = match c {
        'à'..='å' | 'ā' | 'ă' | 'ą' => "a",
        'æ' => "ae",
        'ç' | 'ć' | 'č' => "c",
        'ď' | 'đ' => "d",
        'è'..='ë' | 'ē' | 'ę' | 'ě' => "e",
        'ì'..='ï' | 'ī' | 'ı' => "i",
        'ł' => "l",
        'ñ' | 'ń' | 'ň' => "n",
        'ò'..='ö' | 'ø' | 'ō' | 'ő' => "o",
        'œ' => "oe",
        'ř' => "r",
        'ś' | 'š' | 'ş' | 'ș' => "s",
        'ß' => "ss",
        'ť' | 'ț' => "t",
        'ù'..='ü' | 'ū' | 'ů' | 'ű' => "u",
        'ý' | 'ÿ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        '\'' | '’' => "",
        _ => return Folded::One(Some(c)),
    };
    Folded::Some(plain.chars())
}

/// One character that stays, or what it is written as.
enum Folded {
    One(Option<char>),
    Some(std::str::Chars<'static>),
}

impl Iterator for Folded {
    type Item = char;

    fn next(&mut self) -> Option<char> {
        match self {
            Self::One(c) => c.take(),
            Self::Some(chars) => chars.next(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_compared_without_case_accents_and_signs() {
        assert_eq!(
            Query::words_of("  Amélie’s  DÉJÀ-vu! "),
            ["amelies", "deja", "vu"]
        );
        assert_eq!(Query::words_of("東京 物語"), ["東京", "物語"]);
        assert_eq!(Query::words_of("a b c d e f g h").len(), MOST_WORDS);
        assert_eq!(Query::words_of("%_"), Vec::<String>::new());
    }

    #[test]
    fn an_unknown_order_is_newest_first() {
        assert_eq!(Sort::of_slug("price"), Sort::Newest);
        assert_eq!(Sort::of_slug("name"), Sort::Name);
    }
}

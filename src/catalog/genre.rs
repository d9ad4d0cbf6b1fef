//! Genres: a short closed list, so that filters stay useful.

use std::str::FromStr;

/// What kind of film a title is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Genre {
    /// Action
    Action,
    /// Animation
    Animation,
    /// Comedy
    Comedy,
    /// Crime
    Crime,
    /// Documentary
    Documentary,
    /// Drama
    Drama,
    /// Experimental
    Experimental,
    /// Family
    Family,
    /// Fantasy
    Fantasy,
    /// History
    History,
    /// Horror
    Horror,
    /// Music
    Music,
    /// Romance
    Romance,
    /// Science fiction
    ScienceFiction,
    /// Short film
    Short,
    /// Thriller
    Thriller,
}

impl Genre {
    /// Genres one title may have.
    pub const MOST: usize = 4;
    /// Every genre, in the order of its name.
    pub const ALL: [Self; 16] = [
        Self::Action,
        Self::Animation,
        Self::Comedy,
        Self::Crime,
        Self::Documentary,
        Self::Drama,
        Self::Experimental,
        Self::Family,
        Self::Fantasy,
        Self::History,
        Self::Horror,
        Self::Music,
        Self::Romance,
        Self::ScienceFiction,
        Self::Short,
        Self::Thriller,
    ];

    /// The word in addresses and in the database.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Action => "action",
            Self::Animation => "animation",
            Self::Comedy => "comedy",
            Self::Crime => "crime",
            Self::Documentary => "documentary",
            Self::Drama => "drama",
            Self::Experimental => "experimental",
            Self::Family => "family",
            Self::Fantasy => "fantasy",
            Self::History => "history",
            Self::Horror => "horror",
            Self::Music => "music",
            Self::Romance => "romance",
            Self::ScienceFiction => "science-fiction",
            Self::Short => "short",
            Self::Thriller => "thriller",
        }
    }

    /// The word people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Action => "genre-action",
            Self::Animation => "genre-animation",
            Self::Comedy => "genre-comedy",
            Self::Crime => "genre-crime",
            Self::Documentary => "genre-documentary",
            Self::Drama => "genre-drama",
            Self::Experimental => "genre-experimental",
            Self::Family => "genre-family",
            Self::Fantasy => "genre-fantasy",
            Self::History => "genre-history",
            Self::Horror => "genre-horror",
            Self::Music => "genre-music",
            Self::Romance => "genre-romance",
            Self::ScienceFiction => "genre-science-fiction",
            Self::Short => "genre-short-film",
            Self::Thriller => "genre-thriller",
        }
    }

    /// Reads the column of a title.
    pub(super) fn read_list(text: &str) -> Option<Vec<Self>> {
        text.split(',')
            .filter(|slug| !slug.is_empty())
            .map(|slug| slug.parse().ok())
            .collect()
    }

    /// Writes the column of a title.
    pub(super) fn write_list(genres: &[Self]) -> String {
        genres
            .iter()
            .map(|genre| genre.slug())
            .collect::<Vec<_>>()
            .join(",")
    }
}

impl FromStr for Genre {
    type Err = &'static str;

    fn from_str(slug: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|genre| genre.slug() == slug)
            .ok_or("fault-please-choose-a-genre-of")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_genre_is_found_by_its_slug_and_the_list_reads_back() {
        for genre in Genre::ALL {
            assert_eq!(genre.slug().parse(), Ok(genre));
        }
        let two = [Genre::Drama, Genre::ScienceFiction];
        assert_eq!(Genre::read_list(&Genre::write_list(&two)).unwrap(), two);
        assert_eq!(Genre::read_list("").unwrap(), []);
        assert_eq!(Genre::read_list("drama,western"), None);
    }
}

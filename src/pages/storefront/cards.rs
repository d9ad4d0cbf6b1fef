//! Films as they stand on a shelf: a poster, a name, two lines.

use std::collections::HashMap;
use std::collections::HashSet;

use crate::catalog::PosterVersion;
use crate::catalog::Title;
use crate::kernel::Money;
use crate::kernel::Note;
use crate::kernel::ids::StudioId;
use crate::kernel::ids::TitleId;
use crate::offers;
use crate::offers::Offer;
use crate::platform::config::StripeConfig;
use crate::platform::db::Conn;
use crate::studios;
use crate::studios::Studio;

/// One film on a shelf.
#[derive(Clone, Debug)]
pub(super) struct FilmCard {
    pub(super) slug: String,
    pub(super) name: String,
    pub(super) poster: Option<Poster>,
    pub(super) year: i64,
    pub(super) length: Note,
    pub(super) studio: String,
    pub(super) price: Option<Money>,
}

/// Addresses of a poster in its sizes; all are two to three.
#[derive(Clone, Debug)]
pub(super) struct Poster {
    pub(super) small: String,
    pub(super) medium: String,
    pub(super) large: String,
}

impl Poster {
    /// The poster of a title, if it has one.
    pub(super) fn of(title: &Title) -> Option<Self> {
        let [small, medium, large] = PosterVersion::WIDTHS;
        Some(Self {
            small: title.poster_url(small)?,
            medium: title.poster_url(medium)?,
            large: title.poster_url(large)?,
        })
    }

    /// The choice for `srcset`.
    pub(super) fn srcset(&self) -> String {
        let [small, medium, large] = PosterVersion::WIDTHS;
        format!(
            "{} {small}w, {} {medium}w, {} {large}w",
            self.small, self.medium, self.large
        )
    }
}

/// Prices and studios of some titles, read at once.
pub(super) struct Surroundings {
    offers: HashMap<TitleId, Offer>,
    studios: HashMap<StudioId, Studio>,
    /// Who can be paid; the others' films show no price, since nobody could pay it.
    able: HashSet<StudioId>,
}

impl Surroundings {
    pub(super) async fn of(
        conn: &mut Conn,
        stripe: &StripeConfig,
        titles: &[Title],
    ) -> Result<Self, sqlx::Error> {
        let ids: Vec<TitleId> = titles.iter().map(|title| title.id).collect();
        let mut makers: Vec<StudioId> = titles.iter().map(|title| title.studio_id).collect();
        makers.sort_unstable();
        makers.dedup();
        let offers = offers::buy_offers_of(conn, &ids).await?;
        let studios = studios::studios_by_ids(conn, &makers).await?;
        Ok(Self {
            able: studios::able_to_sell(conn, stripe, &makers).await?,
            offers: offers
                .into_iter()
                .map(|offer| (offer.title_id, offer))
                .collect(),
            studios: studios
                .into_iter()
                .map(|studio| (studio.id, studio))
                .collect(),
        })
    }

    pub(super) fn studio(&self, id: StudioId) -> Option<&Studio> {
        self.studios.get(&id)
    }

    fn price(&self, title: &Title) -> Option<Money> {
        let offer = self.offers.get(&title.id)?;
        self.able.contains(&title.studio_id).then_some(offer.price)
    }

    pub(super) fn card(&self, title: &Title) -> FilmCard {
        let studio = self.studio(title.studio_id);
        FilmCard {
            slug: title.slug.to_string(),
            name: title.name().to_owned(),
            poster: Poster::of(title),
            year: title.details.year,
            length: length(title.details.runtime_minutes),
            studio: studio.map_or_else(String::new, |studio| studio.name.to_string()),
            price: self.price(title),
        }
    }
}

/// The cards of some titles, in their order.
pub(super) async fn cards(
    conn: &mut Conn,
    stripe: &StripeConfig,
    titles: &[Title],
) -> Result<Vec<FilmCard>, sqlx::Error> {
    let around = Surroundings::of(conn, stripe, titles).await?;
    Ok(titles.iter().map(|title| around.card(title)).collect())
}

/// `1 h 32 min`.
pub(super) fn length(minutes: i64) -> Note {
    let key = match (minutes / 60, minutes % 60) {
        (0, _) => "length-minutes",
        (_, 0) => "length-hours",
        _ => "length-hours-and-minutes",
    };
    hours_and_minutes(key, minutes)
}

/// A message about a stretch of time.
pub(super) fn hours_and_minutes(key: &'static str, minutes: i64) -> Note {
    Note::new(key)
        .with("hours", minutes / 60)
        .with("minutes", minutes % 60)
}

/// The first sentence of a text, or as many of its words as fit.
pub(super) fn first_words(text: &str, most_chars: usize) -> String {
    let line = text.lines().next().unwrap_or("").trim();
    let sentence = line
        .match_indices(['.', '!', '?', '…'])
        .map(|(at, sign)| at + sign.len())
        .find(|end| line[*end..].is_empty() || line[*end..].starts_with(' '))
        .map_or(line, |end| &line[..end]);
    if sentence.chars().count() <= most_chars {
        return sentence.to_owned();
    }
    let cut: String = sentence.chars().take(most_chars).collect();
    let whole_words = cut
        .rsplit_once(' ')
        .map_or(cut.as_str(), |(words, _)| words);
    format!("{}…", whole_words.trim_end_matches([',', ';', ':', ' ']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_hours_and_minutes() {
        let words = crate::platform::words::Words::english();
        assert_eq!(
            [7, 60, 92, 121].map(|minutes| words.note(&length(minutes)).to_string()),
            ["7 min", "1 h", "1 h 32 min", "2 h 1 min"]
        );
    }

    #[test]
    fn the_first_sentence_stands_alone() {
        assert_eq!(
            first_words("It is 3.14 o'clock. Then it is not.", 80),
            "It is 3.14 o'clock."
        );
        assert_eq!(first_words("No end\nand more", 80), "No end");
        assert_eq!(first_words("Größe, überall und immer", 9), "Größe…");
        assert_eq!(first_words("", 9), "");
    }
}

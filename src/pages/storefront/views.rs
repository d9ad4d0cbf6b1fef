//! The pages of the shop. Fields are ready to be shown; templates only place them.

use askama::Template;

use crate::catalog::Genre;
use crate::catalog::Language;
use crate::catalog::Sort;
use crate::catalog::Title;
use crate::kernel::BasisPoints;
use crate::kernel::Money;
use crate::kernel::Note;
use crate::kernel::Time;
use crate::kernel::note::Value;
use crate::offers::Breakdown;
use crate::offers::Offer;
use crate::offers::breakdown;
use crate::pages::storefront::cards::FilmCard;
use crate::pages::storefront::cards::Poster;
use crate::pages::storefront::cards::Surroundings;
use crate::pages::storefront::cards::first_words;
use crate::pages::storefront::cards::hours_and_minutes;
use crate::pages::storefront::cards::length;
use crate::pages::storefront::films::Wanted;
use crate::pages::storefront::films::page_links;
use crate::platform::web::Page;
use crate::studios::Studio;

/// Letters of a film's line on home and in search results of others.
const LINE_CHARS: usize = 180;

/// `/`.
#[derive(Template)]
#[template(path = "storefront/home.html")]
pub(super) struct Home {
    pub(super) page: Page,
    pub(super) feature: Option<Feature>,
    pub(super) new: Vec<FilmCard>,
    pub(super) studios: Vec<StudioShelf>,
}

/// The one film at the top.
#[derive(Clone)]
pub(super) struct Feature {
    card: FilmCard,
    line: String,
}

impl Feature {
    pub(super) fn of(title: &Title, card: FilmCard) -> Self {
        let line = first_words(title.details.synopsis.as_str(), LINE_CHARS);
        Self { card, line }
    }
}

/// A studio and some of its films.
#[derive(Clone)]
pub(super) struct StudioShelf {
    slug: String,
    name: String,
    films: Vec<FilmCard>,
}

impl StudioShelf {
    /// The studios of some titles, in the order in which they occur.
    pub(super) fn of(
        titles: &[Title],
        around: &Surroundings,
        most_studios: usize,
        most_films: usize,
    ) -> Vec<Self> {
        let mut shelves: Vec<Self> = Vec::new();
        for title in titles {
            let Some(studio) = around.studio(title.studio_id) else {
                continue;
            };
            let at = shelves
                .iter()
                .position(|shelf| shelf.slug == studio.slug.as_str());
            match at {
                Some(at) if shelves[at].films.len() < most_films => {
                    shelves[at].films.push(around.card(title));
                }
                None if shelves.len() < most_studios => shelves.push(Self {
                    slug: studio.slug.to_string(),
                    name: studio.name.to_string(),
                    films: vec![around.card(title)],
                }),
                _ => {}
            }
        }
        shelves
    }
}

/// `/films`.
#[derive(Template)]
#[template(path = "storefront/films.html")]
pub(super) struct Films {
    pub(super) page: Page,
    pub(super) wanted: Wanted,
    pub(super) films: Vec<FilmCard>,
    pub(super) total: i64,
    pub(super) last_page: i64,
}

impl Films {
    fn heading(&self) -> String {
        let words = &self.page.words;
        match (&self.wanted.studio, self.wanted.genre) {
            _ if !self.wanted.words.is_empty() => {
                let typed = self.wanted.words.as_str();
                words.say("films-matching").with("words", typed).to_string()
            }
            (Some(studio), _) => {
                let name = studio.name.as_str();
                words.say("films-by").with("studio", name).to_string()
            }
            (None, Some(genre)) => words.t(genre.name()).to_owned(),
            (None, None) => words.t("shared-all-films").to_owned(),
        }
    }

    fn count(&self) -> String {
        self.page.say("films-count").count(self.total).to_string()
    }

    fn is_genre(&self, genre: &Genre) -> bool {
        self.wanted.genre == Some(*genre)
    }

    fn is_sort(&self, sort: &Sort) -> bool {
        self.wanted.sort == *sort
    }

    /// Links to pages of the list: number, address, and whether it is this one. `None` is a gap.
    fn page_links(&self) -> Vec<Option<(i64, String, bool)>> {
        let link = |number| {
            let is_here = number == self.wanted.page;
            (number, self.wanted.address(number), is_here)
        };
        let numbers = page_links(self.wanted.page, self.last_page);
        numbers.into_iter().map(|number| number.map(link)).collect()
    }

    fn here(&self) -> String {
        self.wanted.address(self.wanted.page)
    }

    fn previous(&self) -> Option<String> {
        (self.wanted.page > 1).then(|| self.wanted.address(self.wanted.page - 1))
    }

    fn next(&self) -> Option<String> {
        (self.wanted.page < self.last_page).then(|| self.wanted.address(self.wanted.page + 1))
    }
}

/// `/films/{slug}`.
#[derive(Template)]
#[template(path = "storefront/film.html")]
pub(super) struct ShowFilm {
    pub(super) page: Page,
    pub(super) film: Film,
    pub(super) price: Option<Price>,
    /// Whether the studio can be paid.
    pub(super) can_sell: bool,
    pub(super) owned: bool,
    /// How the visitor came here; the buy button carries it.
    pub(super) came: String,
    /// Picture and sound in a few words.
    pub(super) quality: Note,
    pub(super) more: Vec<FilmCard>,
}

impl ShowFilm {
    /// Where the way into the film begins for whoever owns it.
    fn watch_link(&self) -> String {
        format!("/watch/{}", self.film.slug)
    }
}

/// A film as its page shows it.
#[derive(Clone)]
pub(super) struct Film {
    slug: String,
    name: String,
    line: String,
    synopsis: String,
    year: i64,
    length: Note,
    /// ISO 8601, for machines.
    duration: String,
    rating: &'static str,
    language: &'static str,
    language_code: &'static str,
    genres: Vec<Genre>,
    credits: Vec<(String, String)>,
    poster: Option<Poster>,
    studio_name: String,
    studio_slug: String,
}

impl Film {
    pub(super) fn of(title: &Title, studio: &Studio) -> Self {
        let details = &title.details;
        let credits = details.credits.iter();
        Self {
            slug: title.slug.to_string(),
            name: title.name().to_owned(),
            line: first_words(details.synopsis.as_str(), LINE_CHARS),
            synopsis: details.synopsis.to_string(),
            year: details.year,
            length: length(details.runtime_minutes),
            duration: format!("PT{}M", details.runtime_minutes),
            rating: details.rating.name(),
            language: details.language.name(),
            language_code: details.language.code(),
            genres: details.genres.clone(),
            credits: credits
                .map(|credit| (credit.0.clone(), credit.1.clone()))
                .collect(),
            poster: Poster::of(title),
            studio_name: studio.name.to_string(),
            studio_slug: studio.slug.to_string(),
        }
    }

    /// What search engines call somebody with this credit, if they have a word for it.
    #[allow(clippy::unused_self)] // templates call methods only
    fn property_of(&self, role: &str) -> &'static str {
        let role = role.to_lowercase();
        if role.contains("direct") {
            "director"
        } else if role.contains("music") || role.contains("compos") {
            "musicBy"
        } else if role.contains("cast") || role.contains("actor") || role.contains("actress") {
            "actor"
        } else if role.contains("produc") {
            "producer"
        } else {
            "contributor"
        }
    }
}

/// What a film costs, and where that money goes.
#[derive(Clone)]
pub(super) struct Price {
    offer: String,
    price: Money,
    number: String,
    currency: &'static str,
    parts: Breakdown,
}

impl Price {
    pub(super) fn of(offer: &Offer, fee: BasisPoints) -> Self {
        Self {
            offer: offer.id.to_string(),
            price: offer.price,
            number: offer.price.number(),
            currency: offer.price.currency().code(),
            parts: breakdown(offer.price, fee),
        }
    }

    fn studio_percent(&self) -> i64 {
        self.parts.percent(self.parts.studio)
    }

    fn store_percent(&self) -> i64 {
        self.parts.percent(self.parts.store)
    }

    /// What is left of the bar, so that it has no gap.
    fn payment_percent(&self) -> i64 {
        100 - self.studio_percent() - self.store_percent()
    }
}

/// `/studios/{slug}`.
#[derive(Template)]
#[template(path = "storefront/studio.html")]
pub(super) struct ShowStudio {
    pub(super) page: Page,
    pub(super) name: String,
    pub(super) slug: String,
    pub(super) since: Time,
    pub(super) total: i64,
    pub(super) films: Vec<FilmCard>,
}

/// Picture and sound in a few words.
pub(super) fn quality(language: Language, height: Option<u32>) -> Note {
    let silent = language.code() == "zxx"; // the code of "nothing is spoken"
    let key = match (height, silent) {
        (Some(2000..), false) => "quality-4k",
        (Some(1000..), false) => "quality-full-hd",
        (Some(700..), false) => "quality-hd",
        (_, false) => "quality-spoken",
        (Some(2000..), true) => "quality-4k-silent",
        (Some(1000..), true) => "quality-full-hd-silent",
        (Some(700..), true) => "quality-hd-silent",
        (_, true) => "quality-silent",
    };
    let note = Note::new(key);
    if silent {
        return note;
    }
    note.with("language", Value::Word(language.name()))
}

/// `/library`.
#[derive(Template)]
#[template(path = "storefront/library.html")]
pub(super) struct Library {
    pub(super) page: Page,
    pub(super) begun: Vec<BegunFilm>,
    pub(super) films: Vec<OwnedFilm>,
}

/// A film somebody owns.
pub(super) struct OwnedFilm {
    pub(super) card: FilmCard,
    pub(super) order: String,
    pub(super) since: Time,
}

/// A film somebody stopped in the middle of.
pub(super) struct BegunFilm {
    card: FilmCard,
    seconds: i64,
    duration: i64,
}

impl BegunFilm {
    /// The film, if a position lies neither at its start nor at its end.
    pub(super) fn of(card: FilmCard, seconds: i64, duration: i64) -> Option<Self> {
        let is_begun = seconds * 50 > duration && seconds * 20 < duration * 19;
        is_begun.then_some(Self {
            card,
            seconds,
            duration,
        })
    }

    fn left(&self) -> Note {
        match self.duration - self.seconds {
            short @ ..60 => Note::new("library-seconds-left").with("seconds", short),
            long => {
                let minutes = (long + 59) / 60;
                let key = match (minutes / 60, minutes % 60) {
                    (0, _) => "library-minutes-left",
                    (_, 0) => "library-hours-left",
                    _ => "library-hours-and-minutes-left",
                };
                hours_and_minutes(key, minutes)
            }
        }
    }
}

/// The page of an address that leads nowhere.
#[derive(Template)]
#[template(path = "storefront/not_found.html")]
pub(super) struct NotFound {
    pub(super) page: Page,
    pub(super) films: Vec<FilmCard>,
}

/// `/sitemap.xml`.
#[derive(Template)]
#[template(path = "storefront/sitemap.xml")]
pub(super) struct Sitemap {
    pub(super) origin: String,
    pub(super) legal: &'static [&'static str],
    pub(super) films: Vec<(String, String)>,
}

/// `/legal/terms`.
#[derive(Template)]
#[template(path = "storefront/legal_terms.html")]
pub(super) struct Terms {
    pub(super) page: Page,
    pub(super) fee: BasisPoints,
}

impl Terms {
    /// The share in percent, as the reader writes numbers.
    fn percent(&self) -> String {
        self.page.words.percent(i64::from(self.fee.points()))
    }
}

/// `/legal/privacy`.
#[derive(Template)]
#[template(path = "storefront/legal_privacy.html")]
pub(super) struct Privacy {
    pub(super) page: Page,
}

/// `/legal/accessibility`.
#[derive(Template)]
#[template(path = "storefront/legal_accessibility.html")]
pub(super) struct Accessibility {
    pub(super) page: Page,
}

/// `/legal/protection`.
#[derive(Template)]
#[template(path = "storefront/legal_protection.html")]
pub(super) struct Protection {
    pub(super) page: Page,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::words::Words;

    #[test]
    fn a_film_is_begun_between_its_first_moments_and_its_credits() {
        let card = || FilmCard {
            slug: "night-train".to_owned(),
            name: "Night Train".to_owned(),
            poster: None,
            year: 2026,
            length: length(90),
            studio: "Lantern Films".to_owned(),
            price: None,
        };
        let words = Words::english();
        let left = |seconds, duration| {
            let begun = BegunFilm::of(card(), seconds, duration)?;
            Some(words.note(&begun.left()).to_string())
        };
        assert_eq!(left(60, 5400), None);
        assert_eq!(left(600, 5400).as_deref(), Some("1 h 20 min left"));
        assert_eq!(left(20, 45).as_deref(), Some("25 s left"));
        assert_eq!(left(5300, 5400), None);
        assert_eq!(left(0, 0), None);
    }

    #[test]
    fn quality_names_the_picture_when_it_is_worth_naming() {
        let german: Language = "de".parse().unwrap();
        let silent: Language = "zxx".parse().unwrap();
        let words = Words::english();
        let quality = |language, height| words.note(&quality(language, height)).to_string();
        assert_eq!(
            quality(german, Some(1080)),
            "Full HD picture, spoken in German"
        );
        assert_eq!(quality(german, Some(480)), "Spoken in German");
        assert_eq!(quality(silent, Some(720)), "HD picture, no dialogue");
        assert_eq!(quality(silent, None), "No dialogue");
    }
}

//! What a title is, and the rules about it that need nothing but the title.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::catalog::Genre;
use crate::catalog::Language;
use crate::kernel::Time;
use crate::kernel::ids::StudioId;
use crate::kernel::ids::TitleId;
use crate::kernel::text::DisplayName;
use crate::kernel::text::Prose;
use crate::kernel::text::Slug;
use crate::sealed::ContainerId;

/// One film of a studio.
#[derive(Clone, Debug)]
pub struct Title {
    /// Its id.
    pub id: TitleId,
    /// Whose it is.
    pub studio_id: StudioId,
    /// Its address: `/films/{slug}`.
    pub slug: Slug,
    /// What the studio says of it.
    pub details: Details,
    /// Its poster, if it has one.
    pub poster: Option<PosterVersion>,
    /// Whether the shop shows it.
    pub state: TitleState,
    /// The container whose rights were attested last: what buyers watch. Another upload is shown
    /// to nobody until it was published in its turn.
    pub film: Option<ContainerId>,
    /// When it was made.
    pub created_at: Time,
    /// When the shop showed it first.
    pub published_at: Option<Time>,
}

/// What a studio says of a title.
#[derive(Clone, Debug)]
pub struct Details {
    /// Its name.
    pub name: DisplayName,
    /// What it is about.
    pub synopsis: Prose,
    /// Year of release.
    pub year: i64,
    /// Length in minutes.
    pub runtime_minutes: i64,
    /// Its genres, at least one and at most four.
    pub genres: Vec<Genre>,
    /// Who made it, in the studio's order.
    pub credits: Vec<Credit>,
    /// The language it is mainly spoken in.
    pub language: Language,
    /// From which age it is fit to be seen.
    pub rating: Rating,
}

/// One line of the credits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credit(
    /// What the person did: `Director`.
    pub String,
    /// The person's name.
    pub String,
);

/// From which age a film is fit to be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rating {
    /// For everybody.
    All,
    /// From 6 years.
    Six,
    /// From 12 years.
    Twelve,
    /// From 16 years.
    Sixteen,
    /// Adults only.
    Eighteen,
}

impl Rating {
    /// Every rating, the youngest first.
    pub const ALL: [Self; 5] = [
        Self::All,
        Self::Six,
        Self::Twelve,
        Self::Sixteen,
        Self::Eighteen,
    ];

    /// The age, 0 for everybody.
    pub const fn age(self) -> i64 {
        match self {
            Self::All => 0,
            Self::Six => 6,
            Self::Twelve => 12,
            Self::Sixteen => 16,
            Self::Eighteen => 18,
        }
    }

    /// The key of what people read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::All => "rating-all",
            Self::Six => "rating-6",
            Self::Twelve => "rating-12",
            Self::Sixteen => "rating-16",
            Self::Eighteen => "rating-18",
        }
    }

    /// The rating of an age that is one of the list.
    pub fn of_age(age: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|rating| rating.age() == age)
    }
}

/// Whether the shop shows a title.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TitleState {
    /// Being prepared; only its studio sees it.
    Draft,
    /// In the shop.
    Published,
    /// No longer in the shop; buyers keep it.
    Withdrawn,
}

impl TitleState {
    /// How the table writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Published => "published",
            Self::Withdrawn => "withdrawn",
        }
    }
}

impl FromStr for TitleState {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        [Self::Draft, Self::Published, Self::Withdrawn]
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or(())
    }
}

/// Names one stored poster; a new poster has a new version, so its address may be kept forever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PosterVersion(String);

impl PosterVersion {
    /// Widths a poster is stored in, in pixels. Posters are two to three.
    pub const WIDTHS: [u32; 3] = [200, 400, 800];

    /// Accepts sixteen hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let fine = text.len() == 16 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        fine.then(|| Self(text.to_owned()))
    }

    /// The version as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Title {
    /// A new title that nobody but its studio sees.
    pub(super) const fn draft(
        id: TitleId,
        studio_id: StudioId,
        slug: Slug,
        details: Details,
        now: Time,
    ) -> Self {
        Self {
            id,
            studio_id,
            slug,
            details,
            poster: None,
            film: None,
            state: TitleState::Draft,
            created_at: now,
            published_at: None,
        }
    }

    /// Whether the shop shows it.
    pub fn is_published(&self) -> bool {
        self.state == TitleState::Published
    }

    /// The name people read.
    pub fn name(&self) -> &str {
        self.details.name.as_str()
    }

    /// Address of the poster in one of [`PosterVersion::WIDTHS`].
    pub fn poster_url(&self, width: u32) -> Option<String> {
        let version = self.poster.as_ref()?;
        Some(format!(
            "/artwork/{}/{}-{width}.jpg",
            self.id,
            version.as_str()
        ))
    }

    /// The poster in every width, for `srcset`.
    pub fn poster_srcset(&self) -> Option<String> {
        let sizes = PosterVersion::WIDTHS.map(|width| {
            let url = self.poster_url(width)?;
            Some(format!("{url} {width}w"))
        });
        let sizes: Option<Vec<_>> = sizes.into_iter().collect();
        sizes.map(|sizes| sizes.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_and_ratings_read_back() {
        for state in [
            TitleState::Draft,
            TitleState::Published,
            TitleState::Withdrawn,
        ] {
            assert_eq!(state.as_str().parse(), Ok(state));
        }
        for rating in Rating::ALL {
            assert_eq!(Rating::of_age(rating.age()), Some(rating));
        }
        assert_eq!(Rating::of_age(13), None);
    }

    #[test]
    fn a_poster_is_named_by_sixteen_digits() {
        assert!(PosterVersion::parse("0123456789abcdef").is_some());
        for bad in [
            "",
            "../../../etc/pwd",
            "0123456789abcde",
            "0123456789ABCDEF",
        ] {
            assert_eq!(PosterVersion::parse(bad), None, "{bad}");
        }
    }
}

//! Titles: the works studios sell, what is known of them, and whether the shop shows them.
//!
//! Invariants:
//! - A title is a draft, published, or withdrawn. Withdrawn titles leave the shop, never the
//!   library of whoever bought them.
//! - A title is published only with an attestation that names the root of its film.
//! - A slug names one title for good.

mod genre;
mod language;
mod model;
mod search;
mod store;

pub use genre::Genre;
pub use language::Language;
pub use model::Attestation;
pub use model::Credit;
pub use model::Details;
pub use model::PosterVersion;
pub use model::Rating;
pub use model::Title;
pub use model::TitleState;
pub use search::Found;
pub use search::PAGE_SIZE;
pub use search::Query;
pub use search::Sort;
pub use search::folded;

use crate::kernel::Time;
use crate::kernel::ids::StudioId;
use crate::kernel::ids::TitleId;
use crate::kernel::text::Slug;
use crate::platform::AppError;
use crate::platform::AppResult;
use crate::platform::db::Conn;

/// Equal names that get a number of their own.
const MAX_NAMESAKES: u32 = 1_000;

/// The title of an id, in any state.
pub async fn title_by_id(conn: &mut Conn, id: TitleId) -> Result<Option<Title>, sqlx::Error> {
    store::title_by_id(conn, id).await
}

/// The title at an address, in any state.
pub async fn title_by_slug(conn: &mut Conn, slug: &Slug) -> Result<Option<Title>, sqlx::Error> {
    store::title_by_slug(conn, slug).await
}

/// The title at an address, if the shop shows it.
pub async fn published_title(conn: &mut Conn, slug: &Slug) -> Result<Option<Title>, sqlx::Error> {
    let found = store::title_by_slug(conn, slug).await?;
    Ok(found.filter(|title| title.state == TitleState::Published))
}

/// The title at an address, if it is this studio's.
pub async fn title_of_studio(
    conn: &mut Conn,
    studio: StudioId,
    slug: &Slug,
) -> Result<Option<Title>, sqlx::Error> {
    let found = store::title_by_slug(conn, slug).await?;
    Ok(found.filter(|title| title.studio_id == studio))
}

/// Every title of a studio, the newest first.
pub async fn titles_of_studio(
    conn: &mut Conn,
    studio: StudioId,
) -> Result<Vec<Title>, sqlx::Error> {
    store::titles_of_studio(conn, studio).await
}

/// The titles of ids, in no particular order; unknown ids are left out.
pub async fn titles_by_ids(conn: &mut Conn, ids: &[TitleId]) -> Result<Vec<Title>, sqlx::Error> {
    store::titles_by_ids(conn, ids).await
}

/// What the shop shows for a search.
pub async fn search(conn: &mut Conn, query: &Query) -> Result<Found, sqlx::Error> {
    store::search(conn, query).await
}

/// The titles published last.
pub async fn newest(conn: &mut Conn, most: i64) -> Result<Vec<Title>, sqlx::Error> {
    store::newest(conn, most).await
}

/// Slug and date of every published title, for the sitemap.
pub async fn published_slugs(conn: &mut Conn, most: i64) -> Result<Vec<(Slug, Time)>, sqlx::Error> {
    store::published_slugs(conn, most).await
}

/// Makes a draft. Its slug comes from its name, numbered when that is taken. The caller commits.
pub async fn create_title(
    tx: &mut Conn,
    studio: StudioId,
    studio_name: &str,
    details: Details,
    now: Time,
) -> AppResult<Title> {
    let wanted = Slug::of_name(details.name.as_str(), "film");
    let id = TitleId::new(now, &mut rand::rng());
    let mut title = Title::draft(id, studio, wanted.clone(), details, now);
    let mut number = 1;
    while store::insert_title(tx, &title, studio_name).await? == 0 {
        number += 1;
        if number > MAX_NAMESAKES {
            return Err(AppError::Conflict(
                "Too many films have this name. Please choose another.",
            ));
        }
        title.slug = wanted.numbered(number);
    }
    store::replace_genres(tx, id, &title.details.genres).await?;
    Ok(title)
}

/// Changes what is known of a title. The caller commits.
pub async fn update_title(
    tx: &mut Conn,
    title: &Title,
    studio_name: &str,
    details: &Details,
) -> Result<(), sqlx::Error> {
    store::update_details(tx, title.id, studio_name, details).await?;
    store::replace_genres(tx, title.id, &details.genres).await
}

/// Says which stored poster a title has. The caller commits.
pub async fn set_poster(
    tx: &mut Conn,
    title: TitleId,
    version: &PosterVersion,
) -> Result<(), sqlx::Error> {
    store::set_poster(tx, title, version).await
}

/// Shows a title in the shop, with what was signed for it. Whether everything else is ready is the
/// caller's to check, in the same transaction. Publishing again keeps the first date.
pub async fn publish(
    tx: &mut Conn,
    title: &Title,
    attestation: &Attestation,
    now: Time,
) -> Result<(), sqlx::Error> {
    store::insert_attestation(tx, title.id, attestation, now).await?;
    store::set_published(tx, title.id, now).await
}

/// Takes a title out of the shop; it stays in the libraries of its buyers.
pub async fn withdraw(tx: &mut Conn, title: &Title, now: Time) -> Result<(), sqlx::Error> {
    store::set_withdrawn(tx, title.id, now).await
}

/// Root of the film that the newest attestation of a title is about.
pub async fn attested_root(
    conn: &mut Conn,
    title: TitleId,
) -> Result<Option<Vec<u8>>, sqlx::Error> {
    store::attested_root(conn, title).await
}

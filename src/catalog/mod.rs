//! Titles: the works studios sell, what is known of them, and whether the shop shows them.
//!
//! Invariants:
//! - A title is a draft, published, or withdrawn. Withdrawn titles leave the shop, never the
//!   library of whoever bought them.
//! - A title on sale has a poster, and one film whose rights a member has attested by its root.
//!   Another upload reaches no buyer until it was attested in its turn.
//! - A poster is a picture that we encoded ourselves; its address names its content.
//! - A slug names one title, for good once the title has been on sale.

mod artwork;
mod edit;
mod form;
mod genre;
mod language;
mod model;
mod picture;
mod poster;
mod publish;
mod routes;
mod search;
mod store;

pub use edit::create_title;
pub use edit::update_title;
pub use form::TitleFields;
pub use genre::Genre;
pub use language::Language;
pub use model::Credit;
pub use model::Details;
pub use model::PosterVersion;
pub use model::Rating;
pub use model::Title;
pub use model::TitleState;
pub use picture::MAX_POSTER_BYTES;
pub use picture::PictureFault;
pub use poster::give_poster;
pub use publish::ATTESTATION;
pub use publish::Attestation;
pub use publish::AttestationText;
pub use publish::Signed;
pub use publish::publish;
pub use publish::withdraw;
pub use routes::router;
pub use search::Found;
pub use search::PAGE_SIZE;
pub use search::Query;
pub use search::Sort;
pub use search::folded;

use crate::kernel::Time;
use crate::kernel::ids::StudioId;
use crate::kernel::ids::TitleId;
use crate::kernel::text::Slug;
use crate::platform::db::Conn;

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

/// What was signed last for a title.
pub async fn last_signed(conn: &mut Conn, title: TitleId) -> Result<Option<Signed>, sqlx::Error> {
    store::last_signed(conn, title).await
}

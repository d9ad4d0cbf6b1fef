//! The library: what a viewer owns, as a shelf.

use std::collections::HashMap;

use askama_web::WebTemplateExt as _;
use axum::extract::State;
use axum::response::IntoResponse;

use crate::accounts::SignedIn;
use crate::catalog;
use crate::kernel::ids::AccountId;
use crate::kernel::ids::TitleId;
use crate::library;
use crate::packaging;
use crate::packaging::RenditionState;
use crate::pages::storefront::cards::FilmCard;
use crate::pages::storefront::cards::Surroundings;
use crate::pages::storefront::views::BegunFilm;
use crate::pages::storefront::views::Library;
use crate::pages::storefront::views::OwnedFilm;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::platform::db::Conn;
use crate::platform::web::Page;
use crate::playback;

/// Films of one read; a library may be larger than a database takes placeholders.
const AT_ONCE: usize = 200;

/// Begun films at the top; the rest is on the shelf below.
const MOST_BEGUN: usize = 4;

/// `GET /library`: what was begun, then everything, the film bought last first. Films that have
/// left the shop are here all the same.
pub(super) async fn show(
    page: Page,
    State(state): State<AppState>,
    viewer: SignedIn,
) -> AppResult<impl IntoResponse> {
    let mut conn = state.db.read().await?;
    let held = library::of_viewer(&mut conn, viewer.account_id()).await?;
    let mut cards = HashMap::new();
    for part in held.chunks(AT_ONCE) {
        let ids: Vec<TitleId> = part.iter().map(|held| held.title).collect();
        let titles = catalog::titles_by_ids(&mut conn, &ids).await?;
        let around = Surroundings::of(&mut conn, &state.config.stripe, &titles).await?;
        cards.extend(titles.iter().map(|title| (title.id, around.card(title))));
    }
    let begun = begun(&mut conn, viewer.account_id(), &cards).await?;
    let owned = held.iter().filter_map(|held| {
        Some(OwnedFilm {
            card: cards.get(&held.title)?.clone(),
            order: held.order.to_string(),
            since: held.granted_at,
        })
    });
    let films = owned.collect();
    Ok(Library { page, begun, films }.into_web_template())
}

/// The films somebody stopped in the middle of, the latest first.
async fn begun(
    conn: &mut Conn,
    viewer: AccountId,
    cards: &HashMap<TitleId, FilmCard>,
) -> Result<Vec<BegunFilm>, sqlx::Error> {
    let mut begun = Vec::new();
    for position in playback::positions_of(conn, viewer).await? {
        let Some(card) = cards.get(&position.title) else {
            continue; // no longer theirs
        };
        let Some(duration) = duration_of(conn, position.title).await? else {
            continue;
        };
        begun.extend(BegunFilm::of(card.clone(), position.seconds, duration));
        if begun.len() == MOST_BEGUN {
            break;
        }
    }
    Ok(begun)
}

/// How long a film runs, in seconds.
async fn duration_of(conn: &mut Conn, title: TitleId) -> Result<Option<i64>, sqlx::Error> {
    let rendition = packaging::playable_rendition_of(conn, title).await?;
    Ok(rendition.and_then(|rendition| match rendition.state {
        RenditionState::Playable(film) => i64::try_from(film.duration_ms / 1000).ok(),
        _ => None,
    }))
}

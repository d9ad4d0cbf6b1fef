//! The library: what a viewer owns, as a shelf.

use std::collections::HashMap;

use askama_web::WebTemplateExt as _;
use axum::extract::State;
use axum::response::IntoResponse;

use crate::accounts::SignedIn;
use crate::catalog;
use crate::catalog::Title;
use crate::kernel::ids::TitleId;
use crate::library;
use crate::pages::storefront::cards::Surroundings;
use crate::pages::storefront::views::Library;
use crate::pages::storefront::views::OwnedFilm;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::platform::web::Page;

/// Films of one read; a library may be larger than a database takes placeholders.
const AT_ONCE: usize = 200;

/// `GET /library`: the film bought last first. Films that have left the shop are here all the same.
pub(super) async fn show(
    page: Page,
    State(state): State<AppState>,
    viewer: SignedIn,
) -> AppResult<impl IntoResponse> {
    let mut conn = state.db.read().await?;
    let held = library::of_viewer(&mut conn, viewer.account_id()).await?;
    let mut films = Vec::with_capacity(held.len());
    for part in held.chunks(AT_ONCE) {
        let ids: Vec<TitleId> = part.iter().map(|held| held.title).collect();
        let titles = catalog::titles_by_ids(&mut conn, &ids).await?;
        let around = Surroundings::of(&mut conn, &titles).await?;
        let by_id: HashMap<TitleId, &Title> =
            titles.iter().map(|title| (title.id, title)).collect();
        films.extend(part.iter().filter_map(|held| {
            let title = by_id.get(&held.title)?;
            Some(OwnedFilm {
                card: around.card(title),
                order: held.order.to_string(),
                since: held.granted_at.long_date(),
            })
        }));
    }
    Ok(Library { page, films }.into_web_template())
}

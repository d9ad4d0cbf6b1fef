//! What search engines read: the map of the site, and where they need not go.

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;

use crate::catalog;
use crate::pages::storefront::legal;
use crate::pages::storefront::views::Sitemap;
use crate::platform::AppResult;
use crate::platform::AppState;

/// Addresses one sitemap may hold, less those that are not films.
const MOST_FILMS: i64 = 49_000;

/// `GET /sitemap.xml`.
pub(super) async fn sitemap(State(state): State<AppState>) -> AppResult<impl IntoResponse> {
    let films = catalog::published_slugs(&mut *state.db.read().await?, MOST_FILMS).await?;
    let map = Sitemap {
        origin: state.config.public_url.origin().to_owned(),
        legal: &legal::PAGES,
        films: films
            .into_iter()
            .map(|(slug, at)| (slug.to_string(), at.date()))
            .collect(),
    };
    let kind = [(header::CONTENT_TYPE, "application/xml; charset=utf-8")];
    Ok((kind, askama::Template::render(&map)?))
}

/// `GET /robots.txt`: pages of single people, and searches without end, are of no use to others.
/// The library is not among them: whoever is not signed in is sent from there to `/login`.
pub(super) async fn robots(State(state): State<AppState>) -> impl IntoResponse {
    let origin = state.config.public_url.origin();
    format!(
        "User-agent: *\n\
         Disallow: /account\n\
         Disallow: /checkout\n\
         Disallow: /login\n\
         Disallow: /operator\n\
         Disallow: /orders/\n\
         Disallow: /studio$\n\
         Disallow: /studio/\n\
         Disallow: /watch/\n\
         Disallow: /films?*q=\n\
         \n\
         Sitemap: {origin}/sitemap.xml\n"
    )
}

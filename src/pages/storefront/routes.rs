//! Home, one film, one studio.

use askama_web::WebTemplateExt as _;
use axum::Router;
use axum::extract::Path;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::routing::get;

use crate::accounts::MaybeSignedIn;
use crate::catalog;
use crate::catalog::Query;
use crate::catalog::Title;
use crate::kernel::ids::StudioId;
use crate::kernel::text::Slug;
use crate::library;
use crate::offers;
use crate::packaging;
use crate::packaging::RenditionState;
use crate::pages::storefront::cards::Surroundings;
use crate::pages::storefront::cards::cards;
use crate::pages::storefront::crawlers;
use crate::pages::storefront::films;
use crate::pages::storefront::legal;
use crate::pages::storefront::shelf;
use crate::pages::storefront::views::Feature;
use crate::pages::storefront::views::Film;
use crate::pages::storefront::views::Home;
use crate::pages::storefront::views::Price;
use crate::pages::storefront::views::ShowFilm;
use crate::pages::storefront::views::ShowStudio;
use crate::pages::storefront::views::StudioShelf;
use crate::pages::storefront::views::quality;
use crate::platform::AppError;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::platform::db::Conn;
use crate::platform::web::Page;
use crate::studios;

/// Films that home looks at.
const HOME_FILMS: i64 = 37;
/// Films in its row of new ones, after the one at the top.
const NEW_FILMS: usize = 12;
/// Studios it shows, and films of each.
const HOME_STUDIOS: usize = 4;
const FILMS_OF_STUDIO: usize = 3;
/// Films of the same studio below a film.
const MORE_FILMS: usize = 6;

/// Every page of the shop.
pub fn router() -> Router<AppState> {
    Router::new()
        .route("/", get(home))
        .route("/films", get(films::list))
        .route("/films/{slug}", get(film))
        .route("/studios/{slug}", get(studio))
        .route("/library", get(shelf::show))
        .route("/legal/{page}", get(legal::show))
        .route("/sitemap.xml", get(crawlers::sitemap))
        .route("/robots.txt", get(crawlers::robots))
}

async fn home(page: Page, State(state): State<AppState>) -> AppResult<impl IntoResponse> {
    let mut conn = state.db.read().await?;
    let titles = catalog::newest(&mut conn, HOME_FILMS).await?;
    let around = Surroundings::of(&mut conn, &titles).await?;
    let feature = titles
        .iter()
        .find(|title| title.poster.is_some())
        .or(titles.first());
    let new = titles
        .iter()
        .take(NEW_FILMS)
        .map(|title| around.card(title));
    Ok(Home {
        page,
        feature: feature.map(|title| Feature::of(title, around.card(title))),
        new: new.collect(),
        studios: StudioShelf::of(&titles, &around, HOME_STUDIOS, FILMS_OF_STUDIO),
    }
    .into_web_template())
}

async fn film(
    page: Page,
    State(state): State<AppState>,
    MaybeSignedIn(viewer): MaybeSignedIn,
    Path(slug): Path<String>,
) -> AppResult<impl IntoResponse> {
    let slug = Slug::parse(&slug).map_err(|_| AppError::NotFound)?;
    let mut conn = state.db.read().await?;
    let title = catalog::published_title(&mut conn, &slug)
        .await?
        .ok_or(AppError::NotFound)?;
    let offer = offers::buy_offer(&mut conn, title.id).await?;
    let studio = studios::studio_by_id(&mut conn, title.studio_id)
        .await?
        .ok_or_else(|| AppError::internal("a title without its studio"))?;
    let owned = match &viewer {
        Some(viewer) => library::owns(&mut conn, viewer.account_id(), title.id).await?,
        None => false,
    };
    let rendition = packaging::playable_rendition_of(&mut conn, title.id).await?;
    let height = rendition.and_then(|rendition| match rendition.state {
        RenditionState::Playable(film) => Some(film.height),
        _ => None,
    });
    let mut more = of_studio(&mut conn, studio.id).await?;
    more.retain(|other| other.id != title.id);
    more.truncate(MORE_FILMS);
    let more = cards(&mut conn, &more).await?;
    Ok(ShowFilm {
        page,
        film: Film::of(&title, &studio),
        price: offer.map(|offer| Price::of(&offer, state.config.fee)),
        owned,
        quality: quality(title.details.language, height),
        more,
    }
    .into_web_template())
}

async fn studio(
    page: Page,
    State(state): State<AppState>,
    Path(slug): Path<String>,
) -> AppResult<impl IntoResponse> {
    let slug = Slug::parse(&slug).map_err(|_| AppError::NotFound)?;
    let mut conn = state.db.read().await?;
    let studio = studios::studio_by_slug(&mut conn, &slug)
        .await?
        .ok_or(AppError::NotFound)?;
    let query = Query {
        studio: Some(studio.id),
        ..Query::default()
    };
    let found = catalog::search(&mut conn, &query).await?;
    let films = cards(&mut conn, &found.titles).await?;
    Ok(ShowStudio {
        page,
        name: studio.name.to_string(),
        slug: studio.slug.to_string(),
        since: studio.created_at,
        total: found.total,
        films,
    }
    .into_web_template())
}

/// The published films of a studio, the newest first.
async fn of_studio(conn: &mut Conn, studio: StudioId) -> Result<Vec<Title>, sqlx::Error> {
    let query = Query {
        studio: Some(studio),
        ..Query::default()
    };
    Ok(catalog::search(conn, &query).await?.titles)
}

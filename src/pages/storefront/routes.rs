//! Home, one film, one studio.

use std::sync::Arc;

use askama_web::WebTemplateExt as _;
use axum::Extension;
use axum::Router;
use axum::extract::Path;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::Uri;
use axum::http::header;
use axum::response::IntoResponse;
use axum::routing::get;

use crate::accounts::MaybeSignedIn;
use crate::catalog;
use crate::catalog::Query;
use crate::catalog::Title;
use crate::kernel::Note;
use crate::kernel::ids::StudioId;
use crate::kernel::ids::TitleId;
use crate::kernel::text::Slug;
use crate::library;
use crate::offers;
use crate::packaging;
use crate::packaging::RenditionState;
use crate::pages::storefront::cards::FilmCard;
use crate::pages::storefront::cards::Surroundings;
use crate::pages::storefront::cards::cards;
use crate::pages::storefront::crawlers;
use crate::pages::storefront::films;
use crate::pages::storefront::legal;
use crate::pages::storefront::shelf;
use crate::pages::storefront::source::source_of;
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
use crate::platform::db::Memo;
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
        .layer(Extension(Arc::new(Windows::default())))
}

/// What most visitors want to see, kept while it is true.
#[derive(Default)]
struct Windows {
    home: Memo<(), Front>,
    films: Memo<Slug, FilmWindow>,
}

/// What home shows, whoever looks.
#[derive(Clone)]
struct Front {
    feature: Option<Feature>,
    new: Vec<FilmCard>,
    studios: Vec<StudioShelf>,
}

/// What a film's page shows, whoever looks.
#[derive(Clone)]
struct FilmWindow {
    title: TitleId,
    film: Film,
    price: Option<Price>,
    /// Whether the studio can be paid.
    can_sell: bool,
    quality: Note,
    more: Vec<FilmCard>,
}

async fn home(
    page: Page,
    State(state): State<AppState>,
    Extension(windows): Extension<Arc<Windows>>,
) -> AppResult<impl IntoResponse> {
    let front = windows
        .home
        .get(&state.db, (), async || front(&state).await)
        .await?;
    let front = front.ok_or(AppError::NotFound)?;
    let Front {
        feature,
        new,
        studios,
    } = Front::clone(&front);
    Ok(Home {
        page,
        feature,
        new,
        studios,
    }
    .into_web_template())
}

async fn front(state: &AppState) -> Result<Option<Front>, sqlx::Error> {
    let mut conn = state.db.read().await?;
    let titles = catalog::newest(&mut conn, HOME_FILMS).await?;
    let around = Surroundings::of(&mut conn, &state.config.stripe, &titles).await?;
    let with_poster = titles.iter().find(|title| title.poster.is_some());
    let feature = with_poster.or(titles.first());
    let new = titles.iter().take(NEW_FILMS);
    Ok(Some(Front {
        feature: feature.map(|title| Feature::of(title, around.card(title))),
        new: new.map(|title| around.card(title)).collect(),
        studios: StudioShelf::of(&titles, &around, HOME_STUDIOS, FILMS_OF_STUDIO),
    }))
}

async fn film(
    page: Page,
    State(state): State<AppState>,
    Extension(windows): Extension<Arc<Windows>>,
    MaybeSignedIn(viewer): MaybeSignedIn,
    Path(slug): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> AppResult<impl IntoResponse> {
    let slug = Slug::parse(&slug).map_err(|_| AppError::NotFound)?;
    let window = windows.films.get(&state.db, slug.clone(), async || {
        film_window(&state, &slug).await
    });
    let window = window.await?.ok_or(AppError::NotFound)?;
    let owned = match &viewer {
        Some(viewer) => {
            let mut conn = state.db.read().await?;
            library::owns(&mut conn, viewer.account_id(), window.title).await?
        }
        None => false,
    };
    let referer = headers.get(header::REFERER);
    let referer = referer.and_then(|referer| referer.to_str().ok());
    let came = source_of(uri.query().unwrap_or_default(), referer, &page.origin);
    let FilmWindow {
        film,
        price,
        can_sell,
        quality,
        more,
        ..
    } = FilmWindow::clone(&window);
    Ok(ShowFilm {
        page,
        film,
        price: price.filter(|_| can_sell),
        can_sell,
        owned,
        came: came.to_string(),
        quality,
        more,
    }
    .into_web_template())
}

async fn film_window(state: &AppState, slug: &Slug) -> AppResult<Option<FilmWindow>> {
    let mut conn = state.db.read().await?;
    let Some(title) = catalog::published_title(&mut conn, slug).await? else {
        return Ok(None);
    };
    let offer = offers::buy_offer(&mut conn, title.id).await?;
    let studio = studios::studio_by_id(&mut conn, title.studio_id)
        .await?
        .ok_or_else(|| AppError::internal("a title without its studio"))?;
    let seller = studios::seller(&mut conn, &state.config.stripe, studio.id).await?;
    let rendition = packaging::playable_rendition_of(&mut conn, title.id).await?;
    let height = rendition.and_then(|rendition| match rendition.state {
        RenditionState::Playable(film) => Some(film.height),
        _ => None,
    });
    let mut more = of_studio(&mut conn, studio.id).await?;
    more.retain(|other| other.id != title.id);
    more.truncate(MORE_FILMS);
    Ok(Some(FilmWindow {
        title: title.id,
        film: Film::of(&title, &studio),
        price: offer.map(|offer| Price::of(&offer, state.config.fee)),
        can_sell: seller.can_sell(),
        quality: quality(title.details.language, height),
        more: cards(&mut conn, &state.config.stripe, &more).await?,
    }))
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
    let films = cards(&mut conn, &state.config.stripe, &found.titles).await?;
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

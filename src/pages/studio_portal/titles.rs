//! Finding, making and changing titles of the studio.

use axum::extract::FromRequestParts;
use axum::extract::Path;
use axum::http::request::Parts;

use crate::catalog;
use crate::catalog::Title;
use crate::catalog::TitleFields;
use crate::kernel::text::Slug;
use crate::offers;
use crate::pages::studio_portal::film::readiness_of;
use crate::pages::studio_portal::views::TitleRow;
use crate::platform::AppError;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::platform::web::FormErrors;
use crate::studios::NotAMember;
use crate::studios::Studio;
use crate::studios::StudioMember;

/// A title in the address, loaded for a member of its studio. Everybody else gets the 404 of an
/// address that was never given out.
pub(super) struct OwnTitle {
    pub(super) member: StudioMember,
    pub(super) title: Title,
}

/// Why there is no [`OwnTitle`].
pub(super) enum NotOwn {
    Member(NotAMember),
    Title(AppError),
}

impl axum::response::IntoResponse for NotOwn {
    fn into_response(self) -> axum::response::Response {
        match self {
            Self::Member(refusal) => refusal.into_response(),
            Self::Title(error) => error.into_response(),
        }
    }
}

impl FromRequestParts<AppState> for OwnTitle {
    type Rejection = NotOwn;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, NotOwn> {
        let member = StudioMember::from_request_parts(parts, state)
            .await
            .map_err(NotOwn::Member)?;
        let slug = Path::<String>::from_request_parts(parts, state)
            .await
            .ok()
            .and_then(|Path(slug)| Slug::parse(&slug).ok())
            .ok_or(NotOwn::Title(AppError::NotFound))?;
        let title = load(state, &member, &slug).await.map_err(NotOwn::Title)?;
        Ok(Self { member, title })
    }
}

async fn load(state: &AppState, member: &StudioMember, slug: &Slug) -> AppResult<Title> {
    let mut conn = state.db.read().await?;
    let title = catalog::title_of_studio(&mut conn, member.studio().id, slug).await?;
    title.ok_or(AppError::NotFound)
}

/// Makes a draft of a form.
pub(super) async fn create(
    state: &AppState,
    studio: &Studio,
    fields: &TitleFields,
) -> AppResult<Result<Title, FormErrors>> {
    let now = state.now();
    let (details, slug) = match fields.parse(now) {
        Ok(parsed) => parsed,
        Err(errors) => return Ok(Err(errors)),
    };
    let mut tx = state.db.begin_write().await?;
    let title = catalog::create_title(&mut tx, studio, details, slug, now).await?;
    tx.commit().await?;
    tracing::info!(title = %title.id, studio = %studio.id, "made a title");
    Ok(Ok(title))
}

/// Changes a title as its form says.
pub(super) async fn update(
    state: &AppState,
    studio: &Studio,
    title: &Title,
    fields: &TitleFields,
) -> AppResult<Result<Title, FormErrors>> {
    let (details, slug) = match fields.parse(state.now()) {
        Ok(parsed) => parsed,
        Err(errors) => return Ok(Err(errors)),
    };
    let mut tx = state.db.begin_write().await?;
    let changed = catalog::update_title(&mut tx, title, studio, details, slug).await?;
    if changed.is_ok() {
        tx.commit().await?;
    }
    Ok(changed)
}

/// The rows of the first page: every title, drafts with what is done of them.
pub(super) async fn rows(state: &AppState, studio: &Studio) -> AppResult<Vec<TitleRow>> {
    let mut conn = state.db.read().await?;
    let titles = catalog::titles_of_studio(&mut conn, studio.id).await?;
    let ids: Vec<_> = titles.iter().map(|title| title.id).collect();
    let prices = offers::buy_offers_of(&mut conn, &ids).await?;
    let mut rows = Vec::with_capacity(titles.len());
    for title in titles {
        let price = prices.iter().find(|offer| offer.title_id == title.id);
        let price = price.map(|offer| offer.price);
        rows.push(if title.is_published() {
            TitleRow::on_sale(&title, price)
        } else {
            TitleRow::on_its_way(&readiness_of(&mut conn, &state.config, title).await?)
        });
    }
    Ok(rows)
}

//! What is for sale: the offer a buyer chose, as it stands now.

use crate::catalog;
use crate::catalog::TitleState;
use crate::kernel::ids::OfferId;
use crate::offers;
use crate::platform::AppError;
use crate::platform::AppResult;
use crate::platform::db::Conn;
use crate::studios;

use super::model::Wanted;

/// Looks an offer up. One that is not on sale is told apart only where its film is public.
pub async fn wanted(conn: &mut Conn, id: OfferId) -> AppResult<Wanted> {
    let offer = offers::offer_by_id(conn, id)
        .await?
        .ok_or(AppError::NotFound)?;
    let title = catalog::title_by_id(conn, offer.title_id)
        .await?
        .ok_or(AppError::NotFound)?;
    if title.state != TitleState::Published {
        return Err(AppError::NotFound);
    }
    if !offer.is_live() {
        return Err(AppError::Conflict("error-the-price-has-changed-since"));
    }
    let studio = studios::studio_by_id(conn, title.studio_id)
        .await?
        .ok_or(AppError::NotFound)?;
    Ok(Wanted {
        offer: offer.id,
        title: title.id,
        title_name: title.details.name.to_string(),
        title_slug: title.slug.to_string(),
        studio: studio.id,
        studio_name: studio.name.to_string(),
        price: offer.price,
    })
}

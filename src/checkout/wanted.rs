//! What is for sale: the offer a buyer chose, as it stands now.

use crate::catalog;
use crate::catalog::TitleState;
use crate::kernel::ids::OfferId;
use crate::offers;
use crate::platform::AppError;
use crate::platform::AppResult;
use crate::platform::config::StripeConfig;
use crate::platform::db::Conn;
use crate::studios;
use crate::studios::Seller;

use super::model::Wanted;

/// The studio's account cannot take money for now.
pub(super) const CANNOT_SELL: AppError = AppError::Conflict("error-this-film-cannot-be-bought");

/// Looks an offer up. One that is not on sale is told apart only where its film is public. While
/// its studio's account cannot take money, there is nothing to buy.
pub async fn wanted(conn: &mut Conn, stripe: &StripeConfig, id: OfferId) -> AppResult<Wanted> {
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
    let seller = match studios::seller(conn, stripe, studio.id).await? {
        Seller::Operator => None,
        Seller::Studio(account) => Some(account),
        Seller::Nobody(_) => return Err(CANNOT_SELL),
    };
    Ok(Wanted {
        offer: offer.id,
        title: title.id,
        title_name: title.details.name.to_string(),
        title_slug: title.slug.to_string(),
        studio: studio.id,
        studio_name: studio.name.to_string(),
        price: offer.price,
        kind: offer.kind,
        seller,
    })
}

//! Offers: what a title costs, and what of that reaches the studio.
//!
//! Invariants:
//! - A title has at most one live offer of a kind; the database keeps that.
//! - An offer never changes. A new price retires it and makes a new one, so an order always says
//!   what the buyer saw.

mod form;
mod keep;
mod model;
mod store;

pub use form::OfferFields;
pub use form::SOLD_IN;
pub use keep::Breakdown;
pub use keep::breakdown;
pub use model::Offer;
pub use model::OfferKind;
pub use model::PriceFault;
pub use model::checked_price;

use crate::kernel::Money;
use crate::kernel::Time;
use crate::kernel::ids::OfferId;
use crate::kernel::ids::TitleId;
use crate::platform::AppError;
use crate::platform::AppResult;
use crate::platform::db::Conn;

/// The offer of an id, live or retired.
pub async fn offer_by_id(conn: &mut Conn, id: OfferId) -> Result<Option<Offer>, sqlx::Error> {
    store::offer_by_id(conn, id).await
}

/// Every offer a title ever had, the newest first.
pub async fn offers_of_title(conn: &mut Conn, title: TitleId) -> Result<Vec<Offer>, sqlx::Error> {
    store::offers_of_title(conn, title).await
}

/// The live offer to buy a title.
pub async fn buy_offer(conn: &mut Conn, title: TitleId) -> Result<Option<Offer>, sqlx::Error> {
    Ok(store::live_offers(conn, &[title]).await?.pop())
}

/// The live offers to buy several titles.
pub async fn buy_offers_of(conn: &mut Conn, titles: &[TitleId]) -> Result<Vec<Offer>, sqlx::Error> {
    store::live_offers(conn, titles).await
}

/// Puts a price on a title in the place of the one it had. The same price again changes nothing.
/// The caller commits.
pub async fn set_price(tx: &mut Conn, title: TitleId, price: Money, now: Time) -> AppResult<Offer> {
    if let Some(live) = store::live_offers(tx, &[title]).await?.pop() {
        if live.price == price {
            return Ok(live);
        }
        store::retire(tx, live.id, now).await?;
    }
    let id = OfferId::new(now, &mut rand::rng());
    let offer = Offer {
        id,
        title_id: title,
        kind: OfferKind::Buy,
        price,
        retired_at: None,
    };
    if store::insert(tx, &offer, now).await? == 0 {
        return Err(AppError::Conflict("error-somebody-else-changed-the-price"));
    }
    Ok(offer)
}

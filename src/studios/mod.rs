//! Studios: who sells films, and the people and programs that act for them.
//!
//! Invariants:
//! - A person works for at most one studio; a studio always has an owner.
//! - [`StudioMember`] exists only where a membership or a live API token was found.
//! - An API token is shown once and kept as SHA-256; it opens no page about people or tokens.
//! - A studio sells only once an owner's e-mail address is confirmed, and in a shop that uses
//!   Connect only by its own account at Stripe (`payments`).

use axum::Router;

use crate::platform::AppState;

mod extract;
mod leave;
mod model;
mod open;
mod payments;
mod routes;
mod store;
mod team;
mod tokens;
mod views;

pub use extract::NotAMember;
pub use extract::StudioMember;
pub use extract::StudioPerson;
pub use leave::OnlyOwner;
pub use leave::is_only_owner;
pub use leave::leave;
pub use model::Role;
pub use model::Studio;
pub use open::contact;
pub use open::may_sell;
pub use open::open_studio;
pub use payments::PaymentAccount;
pub use payments::RefreshError;
pub use payments::Seller;
pub use payments::Standing;
pub use payments::able_to_sell;
pub use payments::collects_tax;
pub use payments::is_cut_off;
pub use payments::onboard;
pub use payments::payment_account;
pub use payments::payment_account_of;
pub use payments::payment_accounts;
pub use payments::payment_standing;
pub use payments::payments_router;
pub use payments::refresh_account;
pub use payments::seller;
pub use payments::set_collects_tax;

use crate::kernel::Time;
use crate::kernel::ids::AccountId;
use crate::kernel::ids::StudioId;
use crate::kernel::text::DisplayName;
use crate::kernel::text::Slug;
use crate::platform::db::Conn;

/// The pages of studios.
pub fn router() -> Router<AppState> {
    routes::router()
}

/// The studio of an id.
pub async fn studio_by_id(conn: &mut Conn, id: StudioId) -> Result<Option<Studio>, sqlx::Error> {
    store::studio_by_id(conn, id).await
}

/// The studio at an address.
pub async fn studio_by_slug(conn: &mut Conn, slug: &Slug) -> Result<Option<Studio>, sqlx::Error> {
    store::studio_by_slug(conn, slug).await
}

/// Makes an API token of a studio and returns its secret, which nothing can show again. The caller
/// commits.
pub async fn issue_token(
    tx: &mut Conn,
    studio: StudioId,
    by: AccountId,
    name: DisplayName,
    now: Time,
) -> Result<String, sqlx::Error> {
    tokens::issue(tx, studio, by, name, now).await
}

/// The studios of ids, in no particular order; unknown ids are left out.
pub async fn studios_by_ids(conn: &mut Conn, ids: &[StudioId]) -> Result<Vec<Studio>, sqlx::Error> {
    store::studios_by_ids(conn, ids).await
}

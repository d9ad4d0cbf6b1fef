//! A studio's own account at Stripe (Connect Standard), where the money of its sales goes.
//!
//! Invariants:
//! - A shop uses Connect when it has the secret of connected events. Then a studio sells only by
//!   its own account, and only while Stripe lets that account take money. A shop without it sells
//!   by the operator's account.
//! - What Stripe answers is noted; what its messages say is a reason to ask, nothing more.
//! - An account is never forgotten: orders name the account that sold them.

mod model;
mod onboard;
mod refresh;
mod routes;
mod store;
mod tell;
mod views;

pub use model::PaymentAccount;
pub use model::Seller;
pub use model::Standing;
pub use onboard::onboard;
pub use refresh::RefreshError;
pub use refresh::is_cut_off;
pub use refresh::refresh_account;

use std::collections::HashSet;

use axum::Router;

use crate::kernel::ids::StudioId;
use crate::platform::AppState;
use crate::platform::config::StripeConfig;
use crate::platform::db::Conn;

/// The page about getting paid; it waits for Stripe, with a time-out of its own.
pub fn payments_router() -> Router<AppState> {
    routes::router()
}

/// By which account a studio sells now.
pub async fn seller(
    conn: &mut Conn,
    stripe: &StripeConfig,
    studio: StudioId,
) -> Result<Seller, sqlx::Error> {
    if !stripe.uses_connect() {
        return Ok(Seller::Operator);
    }
    let account = store::account_of_studio(conn, studio).await?;
    Ok(Seller::of(account.as_ref()))
}

/// Which of some studios can be paid now.
pub async fn able_to_sell(
    conn: &mut Conn,
    stripe: &StripeConfig,
    studios: &[StudioId],
) -> Result<HashSet<StudioId>, sqlx::Error> {
    if !stripe.uses_connect() {
        return Ok(studios.iter().copied().collect());
    }
    let accounts = store::accounts_of_studios(conn, studios).await?;
    let able = accounts
        .iter()
        .filter(|account| Seller::of(Some(account)).can_sell());
    Ok(able.map(|account| account.studio).collect())
}

/// Whether Stripe is to work out the tax of a studio's sales.
pub async fn collects_tax(conn: &mut Conn, studio: StudioId) -> Result<bool, sqlx::Error> {
    store::collects_tax(conn, studio).await
}

/// Says whether Stripe is to work out the tax of a studio's sales.
pub async fn set_collects_tax(
    tx: &mut Conn,
    studio: StudioId,
    collects: bool,
) -> Result<(), sqlx::Error> {
    store::set_collects_tax(tx, studio, collects).await
}

/// How far a studio is; `None` in a shop that sells by the operator's account.
pub async fn payment_standing(
    conn: &mut Conn,
    stripe: &StripeConfig,
    studio: StudioId,
) -> Result<Option<Standing>, sqlx::Error> {
    if !stripe.uses_connect() {
        return Ok(None);
    }
    let account = store::account_of_studio(conn, studio).await?;
    Ok(Some(Standing::of(account.as_ref())))
}

/// The account of a studio, its last.
pub async fn payment_account_of(
    conn: &mut Conn,
    studio: StudioId,
) -> Result<Option<PaymentAccount>, sqlx::Error> {
    store::account_of_studio(conn, studio).await
}

/// The account of this name (`acct_…`), if a studio of ours has or had it.
pub async fn payment_account(
    conn: &mut Conn,
    id: &str,
) -> Result<Option<PaymentAccount>, sqlx::Error> {
    store::account_by_id(conn, id).await
}

/// Every account there ever was, the oldest first; those that were cut off included.
pub async fn payment_accounts(conn: &mut Conn) -> Result<Vec<PaymentAccount>, sqlx::Error> {
    store::accounts(conn).await
}

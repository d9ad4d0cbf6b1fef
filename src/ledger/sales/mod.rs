//! What was sold and what is left of it, told apart by film, day, territory, source and kind.
//!
//! Each transfer of an order has its figures beside its entries, written with them: one row per
//! currency, with the facets of the sale. They say nothing new, so `audit` compares them with the
//! entries; they only make sums quick.

mod model;
mod store;

use crate::kernel::ids::StudioId;
use crate::platform::db::Conn;

pub(super) use store::insert_figures;
pub(super) use store::transfers_with_wrong_figures;

pub use model::DaySales;
pub use model::Sales;
pub use model::SalesLine;
pub use model::Scope;
pub use model::sums_by;

pub(super) use model::figures;
pub(super) use model::overflow;

/// What was sold within a scope, told apart by film, territory, source, kind and currency.
pub async fn sales(conn: &mut Conn, scope: &Scope) -> Result<Vec<SalesLine>, sqlx::Error> {
    store::lines(conn, scope).await
}

/// What was sold within a scope, per day and currency, the first day first.
pub async fn sales_by_day(conn: &mut Conn, scope: &Scope) -> Result<Vec<DaySales>, sqlx::Error> {
    let mut days = store::days(conn, scope).await?;
    days.sort_by_key(|day| (day.day, day.sales.net.currency().code()));
    Ok(days)
}

/// A studio's sums, one row per currency, by code.
pub async fn sales_of_studio(conn: &mut Conn, studio: StudioId) -> Result<Vec<Sales>, sqlx::Error> {
    let mut totals = store::totals(conn, &Scope::all_of(studio)).await?;
    totals.sort_by_key(|sales| sales.net.currency().code());
    Ok(totals)
}

//! The books: who has what, and why. Double entry, append-only.
//!
//! Invariants:
//! - An entry moves a positive amount from one account to another of the same currency. So every
//!   transfer sums to zero in every currency, by the shape of the table and not by care.
//! - Rows are never changed or deleted; triggers of the database refuse it. A correction is another
//!   transfer.
//! - A cause (`sale:order_…`) is posted at most once.
//! - The way of a sale: customer → gross → tax, operator fee and studio net; what the payment
//!   provider keeps goes from studio net to provider fee, at once or when it becomes known. So a
//!   studio's net is what it keeps, and gross ends at zero.
//! - Where the provider keeps an account in another currency than that of the sale, it changes the
//!   money; `exchange` stands between the two currencies, and what is left of the sale is in the
//!   account's own.
//! - The way back: a refund takes from tax, operator fee and studio net what the sale had given
//!   them of that sum; what a bank withholds, and the fee for it, come from studio net alone.
//! - Beside the entries of a transfer stand its figures, from which sales are summed; they follow
//!   from the entries.
//! - What a closed month owes to participants goes from studio net to them, a transfer a film.

mod audit;
mod eras;
mod model;
mod post;
mod sales;
mod store;
mod terms;

pub use audit::audit;
pub use eras::begin_era;
pub use eras::movements;
pub use eras::studios;
pub use model::Cause;
pub use model::Facets;
pub use model::Line;
pub use model::Movement;
pub use model::Purpose;
pub use model::Transfer;
pub use post::Posted;
pub use post::post;
pub use post::post_late;
pub use sales::DaySales;
pub use sales::Sales;
pub use sales::SalesLine;
pub use sales::Scope;
pub use sales::sales;
pub use sales::sales_by_day;
pub use sales::sales_of_studio;
pub use sales::sums_by;
pub use store::Left;
pub use store::Owed;
pub use store::Posting;
pub use store::left_by;
pub use store::left_by_all;
pub use store::owed_by_orders;
pub use store::postings_of_order;
pub use store::sold;
pub use terms::Settlement;
pub use terms::Terms;

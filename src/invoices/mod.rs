//! Invoices and credit notes: what an accountant files.
//!
//! Invariants:
//! - A document is written once, with everything that it says, and never changes; the database
//!   refuses it. A mistake is answered by another document.
//! - Numbers have no gaps: a counter for each studio, series and year (UTC) is moved in the
//!   transaction that writes the document, so what is not committed takes no number.
//! - Two series: invoices, and what changes them (`2026-0001`, `2026-C0001`). Some countries ask
//!   for a series of its own for credit notes, and none forbids it.
//! - An order has at most one invoice. With it, each refund with the buyer or on its way has a
//!   credit note, and one that failed later a correction that takes the credit note back. They are
//!   written in the transaction that enters the refund ([`change`]), or with the invoice.
//! - `net + tax = gross`, with the tax as the books have it; the documents of an order add up to
//!   what it sold less what went back ([`audit`]).
//! - A document shows the same words to whoever reads it, and its PDF is the same bytes each time.
//!
//! This slice stands above checkout, which tells it what was sold and what went back.

use axum::Router;

use crate::platform::AppState;

mod audit;
mod csv;
mod form;
mod issue;
mod model;
mod paper;
mod routes;
mod store;
mod vat;
mod views;

pub use audit::audit;
pub use form::BuyerFields;
pub use form::SellerFields;
pub use issue::IssueError;
pub use issue::Sale;
pub use issue::change;
pub use issue::issue;
pub use model::Document;
pub use model::Issued;
pub use model::Kind;
pub use model::Party;
pub use model::Seller;
pub use model::Series;
pub use routes::pdf;
pub use routes::split;
pub use store::document_by_id;
pub use store::documents_of_order;
pub use store::seller;
pub use store::set_seller;
pub use views::Ask;
pub use views::AskBuyer;
pub use views::AskStudio;
pub use views::Link;
pub use views::ShowToBuyer;
pub use views::ShowToStudio;
pub use views::links_for_buyer;
pub use views::links_for_studio;

/// The studio's pages; buyers come through checkout, which has their orders.
pub fn router() -> Router<AppState> {
    routes::router()
}

//! The studio's desk: its titles on their way to the shop, and what they earn.
//!
//! A title is a checklist to publishing: film, poster, price, a confirmed address, and the signed
//! word that the studio may sell it. Every page works without JavaScript, except the upload.

mod film;
mod orders;
mod publish;
mod readiness;
mod routes;
mod sales;
mod titles;
mod views;

pub use orders::orders_router;
pub use routes::poster_router;
pub use routes::router;

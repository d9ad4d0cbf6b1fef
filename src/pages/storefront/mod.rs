//! The shop as visitors see it: home, films, one film, a studio, the library, the legal pages, and
//! what search engines read.
//!
//! Invariants:
//! - Every page works without JavaScript and asks nobody but this store for anything.
//! - A draft, a withdrawn film and a made-up address answer alike.
//! - Every query has a limit, so ten thousand films cost a page no more than a hundred.

mod cards;
mod crawlers;
mod films;
mod legal;
mod not_found;
mod routes;
mod shelf;
mod source;
mod views;

pub use not_found::offer_films;
pub use routes::router;

//! What the store keeps of a person: all of it as a file, and how it is forgotten.
//!
//! Erasing an account changes every part of the store that knows the person, in one transaction:
//! nothing is left that says who they were, except what the law wants kept of their orders.

mod erase;
mod export;
mod routes;
mod views;

pub use routes::router;

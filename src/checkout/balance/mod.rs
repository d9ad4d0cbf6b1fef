//! The balance at the provider, line by line, beside our books.
//!
//! Invariants:
//! - A line is kept once, as the provider wrote it, and never changed.
//! - What the lines of an order leave in an account's balance and what the books say it left there
//!   are computed apart from each other. Where they differ, Stripe is asked about the order once
//!   more; what still differs is kept and shown, never smoothed.
//! - Lines of charges that are not ours (an account may have other business) count for nothing.

mod compare;
mod model;
mod store;
mod walk;

pub(super) use compare::audit;
pub use model::Difference;
pub use store::differences;
pub(super) use walk::walk;

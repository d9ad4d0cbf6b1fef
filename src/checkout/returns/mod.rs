//! Money that goes back: refunds and disputes.
//!
//! Invariants:
//! - Facts only grow: a refund that failed stays failed, a dispute that was decided is not open
//!   again. So an answer of Stripe that is older than what we know changes nothing, and the order
//!   in which events arrive leaves no trace.
//! - A refund of ours is a row before Stripe is asked; the row's id is the key of the request, so
//!   asking twice is refunding once.
//! - What is asked for is never more than what is left of the payment.

mod ask;
mod follow;
mod missed;
mod model;
mod store;

pub use ask::AskError;
pub(super) use ask::SEND;
pub(super) use ask::ask;
pub(super) use ask::send;
pub(super) use follow::follow;
pub(super) use missed::MissedError;
pub(super) use missed::missed;
pub(super) use model::AskedBy;
pub(super) use store::audit_sums;

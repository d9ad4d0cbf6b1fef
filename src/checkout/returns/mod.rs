//! Money that goes back: refunds and disputes.
//!
//! Invariants:
//! - Facts only grow: a refund that failed stays failed, a dispute that was decided is not open
//!   again. So an answer of Stripe that is older than what we know changes nothing, and the order
//!   in which events arrive leaves no trace.
//! - A refund of ours is a row before Stripe is asked; the row's id is the key of the request, so
//!   asking twice is refunding once.
//! - A viewer gives a film back within 14 days: by the right of withdrawal, or as far as the studio's
//!   terms go. The decision is pure, and is made anew in the transaction that asks for the refund.
//! - What is asked for is never more than what is left of the payment.

mod ask;
mod evidence;
mod follow;
mod give_back;
mod missed;
mod model;
mod refund;
mod rights;
mod store;
mod terms;
mod withdraw;

pub use ask::AskError;
pub(super) use ask::SEND;
pub(super) use ask::ask;
pub(super) use ask::send;
pub(super) use ask::send_by_id;
pub(super) use ask::waiting;
pub(super) use evidence::keep_evidence;
pub(super) use evidence::mark_submitted;
pub(super) use follow::follow;
pub(super) use give_back::give_back;
pub(super) use give_back::may_give_back;
pub(super) use missed::MissedError;
pub(super) use missed::missed;
pub use model::AskedBy;
pub use model::DisputeLine;
pub use model::DisputeState;
pub use model::RefundLine;
pub use model::RefundState;
pub use refund::refund;
pub use rights::Ground;
pub use rights::NoReturn;
pub(super) use store::audit_sums;
pub(super) use store::counting;
pub(super) use store::delete_links_of as forget_links_of;
pub use store::dispute_lines;
pub use store::refund_lines;
pub use terms::refund_terms;
pub use terms::set_refund_terms;
pub(super) use withdraw::ASKED as WITHDRAWAL_ASKED;
pub(super) use withdraw::ask_for_link;
pub(super) use withdraw::order_of_link;
pub(super) use withdraw::send_link;
pub(super) use withdraw::withdraw;

//! The library: what a viewer may watch, and the one check that everything else relies on.
//!
//! Invariants:
//! - A right is a pure function of what happened to an order ([`Facts`]); the table holds its
//!   result, and `matinee verify` computes it again.
//! - [`Entitled`] exists only where [`check`] found the right; whoever gives out keys asks for it.
//! - An order grants at most once; its row stays, with how the right stands now.
//! - How much was watched is noted for refunds and disputes, and forgotten after them.
//! - A film that leaves the shop stays in the libraries of those who bought it.

mod check;
mod model;
mod record;
mod store;
mod viewing;

pub use check::Entitled;
pub use check::check;
pub use check::owns;
pub use model::Entitlement;
pub use model::Facts;
pub use model::Refusal;
pub use model::Right;
pub use model::Standing;
pub use record::record;
pub use store::all;
pub use store::of_viewer;
pub use viewing::Viewing;
pub use viewing::forget_viewer;
pub use viewing::forget_viewings;
pub use viewing::note_begun;
pub use viewing::note_position;
pub use viewing::viewings;
pub use viewing::viewings_of;

//! Stripe: what the store asks of it, how its messages are believed, and a stand-in for it.
//!
//! - [`webhook`]: the signature check that stands before every incoming event

pub mod webhook;

pub use webhook::SignatureError;
pub use webhook::VerifiedEvent;

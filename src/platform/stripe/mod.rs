//! Stripe: what the store asks of it, how its messages are believed, and a stand-in for it.
//!
//! - [`client`]: outgoing calls, always with a time-out, every POST under an idempotency key
//! - [`webhook`]: the signature check that stands before every incoming event
//! - [`sandbox`]: a small Stripe of our own for `demo` and tests, loopback only

pub mod client;
pub mod sandbox;
pub mod webhook;

pub use client::Account;
pub use client::BalanceTransaction;
pub use client::Charge;
pub use client::CheckoutSession;
pub use client::ConnectedAccount;
pub use client::Dispute;
pub use client::DisputeStatus;
pub use client::Evidence;
pub use client::NewRefund;
pub use client::NewSession;
pub use client::NotAnAccount;
pub use client::Page;
pub use client::PaymentStatus;
pub use client::Refund;
pub use client::RefundReason;
pub use client::RefundStatus;
pub use client::SessionPage;
pub use client::SessionStatus;
pub use client::StripeCallError;
pub use client::StripeClient;
pub use webhook::SignatureError;
pub use webhook::VerifiedEvent;

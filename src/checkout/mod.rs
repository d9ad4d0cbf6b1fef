//! Buying: an order, the payment page, and the one function that makes an order paid.
//!
//! Invariants:
//! - The price is taken from the offer on the server; what the browser sends names the offer only.
//! - [`settle()`] is the only way an order becomes paid. The webhook, the return page and the
//!   reconciliation job all call it; it asks Stripe for the present state and trusts no message.
//! - Order, ledger, library and receipt change in one transaction, which begins with the order's
//!   row. Whoever comes second finds it done and gets the same answer.
//! - No call to Stripe happens inside a transaction. Every POST has a key made of the order's id
//!   and attempt, so losing an answer never makes a second payment page.
//! - The account that sells is fixed on the order when it is made: the studio's own, or the
//!   operator's. Every call about the order is made in its name, and what another account says of
//!   it changes nothing.
//! - A viewer has at most one live order per film; the database holds this. Money that comes for a
//!   second one goes back by itself.
//! - An order outlives the account of its buyer. What it says of them goes with the account; money
//!   that comes for it later goes back by itself.
//! - Refunds and disputes are facts of an order ([`returns`]); right and books follow from them.

use std::time::Duration;

use axum::Router;

use crate::platform::AppState;
use crate::platform::jobs::Runner;

mod audit;
mod balance;
mod begin;
mod consent;
mod erase;
mod evidence;
mod invoice;
mod model;
mod payment;
mod places;
mod receipt;
mod reconcile;
mod returns;
mod routes;
mod routes_invoice;
mod routes_returns;
mod runs;
mod settle;
mod store;
mod views;
mod wanted;
mod webhook;

pub use audit::audit;
pub use balance::Difference;
pub use balance::differences;
pub use begin::Begun;
pub use begin::Buyer;
pub use begin::begin;
pub use consent::CONSENT_VERSION;
pub use consent::Consent;
pub use erase::erase_buyer;
pub use evidence::evidence_text;
pub use evidence::submit_evidence;
pub use invoice::Invoicing;
pub use invoice::invoicing;
pub use invoice::issue_invoice;
pub use invoice::known_buyer;
pub use model::Mismatch;
pub use model::Order;
pub use model::OrderState;
pub use model::Wanted;
pub use payment::Occasion;
pub use payment::Payment;
pub use places::Places;
pub use reconcile::Reconciled;
pub use reconcile::reconcile;
pub use returns::AskedBy;
pub use returns::DisputeLine;
pub use returns::DisputeState;
pub use returns::Ground;
pub use returns::NoReturn;
pub use returns::RefundLine;
pub use returns::RefundState;
pub use returns::dispute_lines;
pub use returns::refund;
pub use returns::refund_lines;
pub use returns::refund_terms;
pub use returns::set_refund_terms;
pub use runs::Run;
pub use runs::reconcile_marks;
pub use runs::reconcile_runs;
pub use settle::SettleError;
pub use settle::Settled;
pub use settle::enter;
pub use settle::settle;
pub use store::events_of_order;
pub use store::order_by_id;
pub use store::orders_found;
pub use store::orders_of_viewer;
pub use views::dispute_words;
pub use views::refund_words;
pub use wanted::wanted;

/// How often lost messages are looked for.
const RECONCILE_EVERY: Duration = Duration::from_secs(300);

/// The pages of buying, and the ear for Stripe.
pub fn router() -> Router<AppState> {
    routes::router()
}

/// The background work of this slice.
pub fn register(runner: &mut Runner, state: &AppState) {
    let sender = state.clone();
    runner.on(returns::SEND, move |asked| {
        let state = sender.clone();
        async move { returns::send(&state, asked).await }
    });
    let linker = state.clone();
    runner.on(returns::WITHDRAWAL_ASKED, move |asked| {
        let state = linker.clone();
        async move { returns::send_link(&state, asked).await }
    });
    let state = state.clone();
    runner.every("checkout.reconcile", RECONCILE_EVERY, move || {
        let state = state.clone();
        async move { runs::run(&state).await }
    });
}

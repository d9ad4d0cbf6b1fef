//! Payouts: who shares in a film, and the statements of account about it.
//!
//! How a participant's amount comes about, and when it is posted:
//! - A split is for sales from its beginning on and is never changed; the books sum every film's
//!   sales, with what became of them later, by the split they fell under ([`crate::ledger::begin_era`]).
//! - What a party has is a function of these sums alone ([`divided`]); its month is what it has at
//!   the month's end less what it had before. So a refund takes back exactly what the sale gave,
//!   nothing is lost by rounding month after month, and no order of events leaves a trace.
//! - Participants are posted once a month, when the month is closed, as one transfer a film from
//!   studio net to participant. Posting with each sale would have to be undone and done again
//!   whenever an earlier sale goes back while somebody recoups.
//!
//! Invariants:
//! - The shares of a split are 10,000 basis points together; anything else is refused unwritten.
//! - A split begins when it is written or later, so nothing already sold is divided anew.
//! - A month of a studio is closed once, whoever tries; its statements are numbered without gaps,
//!   and each holds the SHA-256 of the one before it. Rows are never changed; the database refuses.
//! - A statement is signed (Ed25519); its files prove themselves offline ([`check_file`]).
//! - A year's statement is the sum of its months' and follows from them alone; it names the digest
//!   of each.
//! - A participant's session opens that participant's statements and nothing else.

use std::time::Duration;

use axum::Router;

use crate::platform::AppState;
use crate::platform::jobs::Runner;

mod audit;
mod chain;
mod close;
mod compose;
mod csv;
mod files;
mod form;
mod invite;
mod model;
mod month;
mod paper;
mod read;
mod routes;
mod sheet;
mod signed;
mod split;
mod statement;
mod store;
mod views;
mod year;

pub use audit::audit;
pub use chain::chain_fault;
pub use chain::year_fault;
pub use close::Closed;
pub use close::close;
pub use close::close_due;
pub use files::Proved;
pub use files::check_file;
pub use invite::enroll;
pub use model::First;
pub use model::Participant;
pub use model::Party;
pub use model::Share;
pub use model::Split;
pub use model::SplitFault;
pub use model::divided;
pub use month::Month;
pub use month::MonthFault;
pub use signed::FileFault;
pub use signed::Signable;
pub use signed::Signed;
pub use split::append_split;
pub use statement::Figures;
pub use statement::FilmLine;
pub use statement::Named;
pub use statement::ShareLine;
pub use statement::Statement;
pub use year::MonthLine;
pub use year::YearStatement;

/// How often it is looked whether a month is over.
const CLOSE_EVERY: Duration = Duration::from_secs(3600);

/// The pages of splits and statements.
pub fn router() -> Router<AppState> {
    routes::router()
}

/// The background work of this slice.
pub fn register(runner: &mut Runner, state: &AppState) {
    let closer = state.clone();
    runner.every("payouts.close", CLOSE_EVERY, move || {
        let state = closer.clone();
        async move { close_due(&state).await.map(drop) }
    });
    let sweeper = state.clone();
    runner.every("payouts.sweep", CLOSE_EVERY, move || {
        let state = sweeper.clone();
        async move {
            let mut tx = state.db.begin_write().await?;
            store::forget_links(&mut tx, state.now()).await?;
            Ok(tx.commit().await?)
        }
    });
}

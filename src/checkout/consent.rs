//! Consent: what a buyer in the EU agrees to before paying, and what follows where they do not.
//!
//! Two boxes stand beside the price, both empty at first: the film is to be there at once, and the
//! right of withdrawal ends when it begins to run. Only both together are a consent. Without it
//! one buys all the same, and may withdraw within 14 days, watched or not.

use crate::kernel::Country;
use crate::kernel::Time;
use crate::kernel::ids::AccountId;
use crate::kernel::ids::TitleId;
use crate::platform::AppResult;
use crate::platform::AppState;

use super::store;

/// Names the words of the boxes as they are now. Whoever changes `consent-at-once` or
/// `consent-no-withdrawal` in a catalog gives them another date.
pub const CONSENT_VERSION: &str = "2026-11-23";

/// What a buyer agreed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// Which words they saw.
    pub version: String,
    /// When.
    pub given_at: Time,
    /// From which network address.
    pub from: String,
}

/// Notes at the order that waits for payment what its buyer said last (a consent, or none), and
/// the country of the network they came from: a proof of place, like the address and the card.
pub(super) async fn note(
    state: &AppState,
    buyer: AccountId,
    title: TitleId,
    consent: Option<&Consent>,
    network: Option<Country>,
) -> AppResult<()> {
    let mut tx = state.db.begin_write().await?;
    store::note_visit(&mut tx, buyer, title, consent, network).await?;
    Ok(tx.commit().await?)
}

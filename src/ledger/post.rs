//! Post: write a transfer, once per cause.

use crate::kernel::Time;
use crate::kernel::ids::TransferId;
use crate::platform::db::Conn;

use super::model::Cause;
use super::model::Transfer;
use super::sales;
use super::store;
use super::terms::Settlement;
use super::terms::Terms;

/// What became of a posting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Posted {
    /// It is in the books now.
    Now,
    /// Its cause was posted before; nothing was written.
    Before,
    /// It moves nothing, so there is nothing to write.
    Nothing,
}

/// Writes what a transfer did to the balance, which was not known when it was posted.
pub async fn post_late(
    tx: &mut Conn,
    terms: &Terms,
    cause: &Cause,
    settlement: Settlement,
    now: Time,
) -> Result<(), sqlx::Error> {
    let cause = terms.transfer(cause.clone(), Vec::new()).cause_text();
    let lines = store::lines_of_cause(tx, &cause).await?;
    let transfer = terms.booked(cause, lines, settlement);
    post(tx, &transfer, now).await.map(drop)
}

/// Writes a transfer into the transaction that makes its cause true.
pub async fn post(tx: &mut Conn, transfer: &Transfer, now: Time) -> Result<Posted, sqlx::Error> {
    if transfer.lines.is_empty() {
        return Ok(Posted::Nothing);
    }
    let id = TransferId::new(now, &mut rand::rng());
    if store::insert_transfer(tx, id, transfer, now).await? == 0 {
        return Ok(Posted::Before);
    }
    store::open_accounts(tx, transfer).await?;
    store::insert_entries(tx, id, transfer).await?;
    let figures = sales::figures(transfer).map_err(sales::overflow)?;
    if let Some(facets) = transfer.facets.as_ref().filter(|_| !figures.is_empty()) {
        sales::insert_figures(tx, id, transfer, facets, &figures, now).await?;
    }
    Ok(Posted::Now)
}

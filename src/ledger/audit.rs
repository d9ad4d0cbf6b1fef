//! Audit: recompute what must hold, one sentence for each thing that does not.

use crate::platform::db::Conn;

use super::sales;
use super::store;

/// Everything that is wrong with the books; empty when they balance. The shape of the tables
/// should make each of these impossible, and a damaged or doctored file still shows here.
pub async fn audit(conn: &mut Conn) -> Result<Vec<String>, sqlx::Error> {
    let mut faults = Vec::new();
    for (transfer, wanted, found) in store::transfers_with_wrong_lines(conn).await? {
        faults.push(format!(
            "{transfer} should have {wanted} entries and has {found}"
        ));
    }
    for (transfer, currency) in store::transfers_leaving_gross(conn).await? {
        faults.push(format!(
            "{transfer} leaves something of its gross in {currency} undivided"
        ));
    }
    for (currency, sum) in store::currencies_out_of_balance(conn).await? {
        faults.push(format!(
            "all balances in {currency} together are {sum}, not zero"
        ));
    }
    for entry in store::entries_of_foreign_accounts(conn).await? {
        faults.push(format!(
            "{entry} touches an account of another studio or currency"
        ));
    }
    for transfer in sales::transfers_with_wrong_figures(conn).await? {
        faults.push(format!(
            "the figures of {transfer} are not those of its entries"
        ));
    }
    Ok(faults)
}

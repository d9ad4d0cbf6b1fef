//! `matinee verify`: books, entitlements, statements and stored films, looked at from the outside.

use crate::checkout;
use crate::commands::CommandError;
use crate::commands::progress::bytes_bar;
use crate::invoices;
use crate::ledger;
use crate::payouts;
use crate::platform::blobs::Blobs;
use crate::platform::config::Places;
use crate::platform::db::Db;
use crate::uploads;

/// Prints a line for each fault; exit code 1 if there is any. Nothing is changed, and a running
/// store is not disturbed.
pub async fn run() -> Result<(), CommandError> {
    let places = Places::from_env().map_err(CommandError::usage)?;
    // What is not there must not be made by looking at it.
    let address = places.database_url.replace("mode=rwc", "mode=rw");
    let db = Db::connect(&address)
        .await
        .map_err(|_| CommandError::usage("DATABASE_URL names no database of a store"))?;
    let blobs = Blobs::open(&places.blobs_dir)
        .map_err(|error| CommandError::usage(format_args!("MATINEE_BLOBS: {error}")))?;
    let faults = faults(&db, &blobs).await.map_err(|error| {
        CommandError::failed(format_args!("the store cannot be looked at: {error:#}"))
    })?;
    for fault in &faults {
        println!("{fault}");
    }
    match faults.len() {
        0 => {
            println!("everything holds");
            Ok(())
        }
        1 => Err(CommandError::failed("1 fault")),
        many => Err(CommandError::failed(format_args!("{many} faults"))),
    }
}

async fn faults(db: &Db, blobs: &Blobs) -> anyhow::Result<Vec<String>> {
    let mut conn = db.read().await?;
    let mut faults = ledger::audit(&mut conn).await?;
    faults.extend(checkout::audit(&mut conn).await?);
    faults.extend(invoices::audit(&mut conn).await?);
    faults.extend(payouts::audit(&mut conn).await?);
    let bar = bytes_bar("reading films", 0);
    let drawn = bar.clone();
    let progress = move |done, total| {
        drawn.set_length(total);
        drawn.set_position(done);
    };
    faults.extend(uploads::scrub(&mut conn, blobs, progress).await?);
    bar.finish_and_clear();
    Ok(faults)
}

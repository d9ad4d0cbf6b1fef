//! `matinee operator add EMAIL`: who may see every order.

use clap::Args;
use clap::Subcommand;

use crate::accounts;
use crate::accounts::MadeOperator;
use crate::commands::CommandError;
use crate::kernel::Clock;
use crate::kernel::clock::SystemClock;
use crate::kernel::text::EmailAddress;
use crate::platform::config::Places;
use crate::platform::db::Db;

/// What to do about operators.
#[derive(Args)]
pub struct OperatorArgs {
    #[command(subcommand)]
    deed: Deed,
}

#[derive(Subcommand)]
enum Deed {
    /// Make an operator of an account; an address without one gets one
    Add {
        /// The e-mail address
        email: String,
    },
}

/// Runs the command against the database of the environment.
pub async fn run(args: OperatorArgs) -> Result<(), CommandError> {
    let Deed::Add { email } = args.deed;
    let email = EmailAddress::parse(&email)
        .map_err(|_| CommandError::usage(format_args!("{email} is not an e-mail address")))?;
    let places = Places::from_env().map_err(CommandError::usage)?;
    let address = places.database_url.replace("mode=rwc", "mode=rw");
    let db = Db::connect(&address)
        .await
        .map_err(|_| CommandError::usage("DATABASE_URL names no database of a store"))?;
    let made = accounts::make_operator(&db, &email, SystemClock.now()).await;
    let made = made.map_err(|error| CommandError::failed(format_args!("{error:#}")))?;
    match made {
        MadeOperator::Promoted => println!("{email} is an operator now"),
        MadeOperator::Created => {
            println!("{email} is an operator now; choose a password at /account/forgot");
        }
    }
    db.close().await;
    Ok(())
}

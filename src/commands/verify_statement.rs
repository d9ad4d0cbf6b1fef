//! `matinee verify-statement`: statements of account, proven by their files alone.

use std::path::PathBuf;

use clap::Args;

use crate::commands::CommandError;
use crate::commands::about;
use crate::payouts;
use crate::payouts::Proved;
use crate::payouts::Signed;
use crate::payouts::Statement;
use crate::payouts::YearStatement;
use crate::sealed::signing::PublicKey;

/// Larger than any statement; what is larger is not read into memory.
const MOST_BYTES: u64 = 256 * 1024 * 1024;

/// What to check.
#[derive(Args, Debug)]
pub struct VerifyStatementArgs {
    /// Statements as PDF, CSV or JSON; of several the chain is checked too, and that a year is the sum of its months
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The store's public key, as it stands at /statements/key
    #[arg(long, value_name = "HEX")]
    key: Option<String>,
}

/// Prints a line for each file that holds; exit code 1 with the reason at the first that does not.
/// It asks no server and reads nothing but the files.
pub fn run(args: &VerifyStatementArgs) -> Result<(), CommandError> {
    let key = args
        .key
        .as_deref()
        .map(|text| text.trim().to_ascii_lowercase().parse());
    let key: Option<PublicKey> = key
        .transpose()
        .map_err(|_| CommandError::usage("--key is not a key: it has 64 hexadecimal digits"))?;
    let (mut months, mut years): (Vec<Statement>, Vec<YearStatement>) = Default::default();
    for file in &args.files {
        let size = std::fs::metadata(file).map(|data| data.len());
        let size = size.map_err(|error| CommandError::usage(about("reading", file, &error)))?;
        if size > MOST_BYTES {
            let name = file.display();
            return Err(CommandError::failed(format_args!(
                "{name} does not hold: it is too large"
            )));
        }
        let bytes = std::fs::read(file)
            .map_err(|error| CommandError::usage(about("reading", file, &error)))?;
        let checked = payouts::check_file(&bytes, key).map_err(|fault| {
            CommandError::failed(format_args!("{} does not hold: {fault}", file.display()))
        })?;
        println!("{}: {}", file.display(), said(&checked));
        match checked {
            Proved::Month(signed) => months.push(signed.statement),
            Proved::Year(signed) => years.push(signed.statement),
        }
    }
    if key.is_none() {
        println!("compare the key with the one at /statements/key of the store, or give --key");
    }
    let months: Vec<&Statement> = months.iter().collect();
    if let Some(fault) = payouts::chain_fault(&months) {
        return Err(CommandError::failed(fault));
    }
    for year in &years {
        let fitting = payouts::year_fault(year, &months).map_err(CommandError::failed)?;
        let (name, months) = (&year.year, year.months.len());
        match fitting {
            0 => println!("{name}: give its {months} months too, to prove that it is their sum"),
            _ => println!("{name}: made of {fitting} of these files; it has {months} months"),
        }
    }
    Ok(())
}

fn said(checked: &Proved) -> String {
    match checked {
        Proved::Month(signed) => said_of_month(signed),
        Proved::Year(signed) => said_of_year(signed),
    }
}

fn said_of_month(signed: &Signed<Statement>) -> String {
    let statement = &signed.statement;
    format!(
        "holds; statement {} of {} for {} in {}, account of {}, closing balance {}, signed by {}",
        statement.number,
        statement.studio.name,
        statement.month,
        statement.currency,
        statement.about().name,
        statement.number_of(statement.closing),
        signed.key,
    )
}

fn said_of_year(signed: &Signed<YearStatement>) -> String {
    let year = &signed.statement;
    format!(
        "holds; statement of {} for the year {} in {}, account of {}, sum of {} months, closing \
         balance {}, signed by {}",
        year.studio.name,
        year.year,
        year.currency,
        year.about().name,
        year.months.len(),
        year.number_of(year.closing),
        signed.key,
    )
}

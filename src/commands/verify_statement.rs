//! `matinee verify-statement`: statements of account, proven by their files alone.

use std::path::PathBuf;

use clap::Args;

use crate::commands::CommandError;
use crate::commands::about;
use crate::payouts;
use crate::payouts::SignedStatement;
use crate::payouts::Statement;
use crate::sealed::signing::PublicKey;

/// Larger than any statement; what is larger is not read into memory.
const MOST_BYTES: u64 = 256 * 1024 * 1024;

/// What to check.
#[derive(Args, Debug)]
pub struct VerifyStatementArgs {
    /// Statements as PDF, CSV or JSON; of several that follow each other the chain is checked too
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
    let mut statements: Vec<Statement> = Vec::new();
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
        statements.push(checked.statement);
    }
    if key.is_none() {
        println!("compare the key with the one at /statements/key of the store, or give --key");
    }
    let all: Vec<&Statement> = statements.iter().collect();
    payouts::chain_fault(&all).map_or(Ok(()), |fault| Err(CommandError::failed(fault)))
}

fn said(checked: &SignedStatement) -> String {
    let statement = &checked.statement;
    format!(
        "holds; statement {} of {} for {} in {}, account of {}, closing balance {}, signed by {}",
        statement.number,
        statement.studio.name,
        statement.month,
        statement.currency,
        statement.about().name,
        statement.number_of(statement.closing),
        checked.key,
    )
}

//! The `matinee` binary: reads the command line and hands over to [`matinee::commands`].

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use matinee::commands::{self, CommandError};
use matinee::platform::telemetry;

/// A store where studios sell sealed films straight to their audience.
#[derive(Parser)]
#[command(version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the store; configured by the environment
    Serve,
    /// Open a whole demo shop on this machine
    Demo(commands::demo::DemoArgs),
    /// Seal a file into a container
    Seal(commands::seal::SealArgs),
    /// Open a container, or a range of it
    Open(commands::open::OpenArgs),
    /// Seal a film and send it to a store; run again to go on after an interruption
    Upload(commands::upload::UploadArgs),
    /// Say who runs the store
    Operator(commands::operator::OperatorArgs),
    /// Check books and films; one line for each fault
    Verify,
    /// Check statements of account by their files alone
    VerifyStatement(commands::verify_statement::VerifyStatementArgs),
}

fn main() -> ExitCode {
    // One TLS provider for everything that speaks TLS; a second call can only come from a test.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let outcome = run(Cli::parse().command);
    outcome.map_or_else(|error: CommandError| error.report(), |()| ExitCode::SUCCESS)
}

fn run(command: Command) -> Result<(), CommandError> {
    match command {
        Command::Serve => with_runtime(commands::serve::run()),
        Command::Demo(args) => with_runtime(commands::demo::run(args)),
        Command::Seal(args) => commands::seal::run(&args),
        Command::Open(args) => commands::open::run(&args),
        Command::Upload(args) => with_runtime(commands::upload::run(args)),
        Command::Operator(args) => with_runtime(commands::operator::run(args)),
        Command::Verify => with_runtime(commands::verify::run()),
        Command::VerifyStatement(args) => commands::verify_statement::run(&args),
    }
}

/// Runs a command that serves or talks over the network.
fn with_runtime(work: impl Future<Output = Result<(), CommandError>>) -> Result<(), CommandError> {
    telemetry::start_log(matinee::platform::config::log_filter().as_deref());
    let runtime = tokio::runtime::Runtime::new().map_err(CommandError::failed)?;
    runtime.block_on(work)
}

//! The commands of the binary. Each ends with 0 (done), 1 (what was checked does not hold) or
//! 2 (wrong use or configuration, one sentence on stderr).

use std::error::Error;
use std::fmt;
use std::path::Path;
use std::process::ExitCode;

pub mod demo;
mod key_file;
pub mod open;
pub mod operator;
mod output;
mod progress;
pub mod seal;
pub mod serve;
pub mod upload;
pub mod verify;
pub mod verify_statement;

/// How a command ends when it does not end well.
#[derive(Debug)]
pub enum CommandError {
    /// What was checked or tried does not hold: exit code 1.
    Failed(String),
    /// The command line or the environment is wrong: exit code 2.
    Usage(String),
}

impl CommandError {
    /// Something was tried and did not work.
    pub fn failed(words: impl fmt::Display) -> Self {
        Self::Failed(words.to_string())
    }

    /// The caller has to change something first.
    pub fn usage(words: impl fmt::Display) -> Self {
        Self::Usage(words.to_string())
    }

    /// Says the sentence on stderr and gives the exit code.
    pub fn report(&self) -> ExitCode {
        let (sentence, code) = match self {
            Self::Failed(sentence) => (sentence, 1),
            Self::Usage(sentence) => (sentence, 2),
        };
        eprintln!("matinee: {sentence}");
        ExitCode::from(code)
    }
}

/// What could not be done with which file, and what the system said.
fn about(verb: &str, path: &Path, error: &dyn Error) -> String {
    format!("{verb} {}: {error}", path.display())
}

/// An error and its causes in one sentence.
fn with_causes(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| (*error).source());
    causes
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}

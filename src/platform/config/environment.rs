//! The environment itself; it is read in this file only.
#![allow(clippy::disallowed_methods)] // everywhere else it is an argument

use std::path::PathBuf;

use secrecy::SecretString;

use super::Config;
use super::ConfigError;
use super::Places;

impl Config {
    /// Reads the process's environment.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::read(&variable)
    }
}

impl Places {
    /// Reads the process's environment.
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::read(&variable)
    }
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The API token of `matinee upload`, from `MATINEE_TOKEN`.
pub fn upload_token() -> Option<SecretString> {
    let token = variable("MATINEE_TOKEN")?;
    let token = token.trim();
    (!token.is_empty()).then(|| token.to_owned().into())
}

/// Where programs keep what must survive a restart, by the XDG base directory rules.
pub fn state_home() -> Option<PathBuf> {
    let folder = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let named = folder("XDG_STATE_HOME").filter(|path| path.is_absolute());
    named.or_else(|| Some(folder("HOME")?.join(".local/state")))
}

/// Folder of further languages, from `MATINEE_MESSAGES`, for the demo.
pub fn messages_dir() -> Option<PathBuf> {
    std::env::var_os("MATINEE_MESSAGES").map(PathBuf::from)
}

/// What is logged, from `RUST_LOG`.
pub fn log_filter() -> Option<String> {
    variable("RUST_LOG")
}

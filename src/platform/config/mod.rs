//! Configuration, read from the environment once, at the start. A wrong value stops the start
//! with one sentence that names the variable.

mod environment;
mod public_url;
mod read;
mod variables;

use std::fmt;
use std::net::IpAddr;
use std::net::SocketAddr;
use std::path::PathBuf;

use lettre::message::Mailbox;
use secrecy::SecretString;
use url::Url;

use crate::kernel::BasisPoints;

pub use environment::log_filter;
pub use environment::messages_dir;
pub use environment::state_home;
pub use environment::upload_token;
pub use public_url::PublicUrl;
pub use public_url::is_loopback;
pub use variables::VARIABLES;
pub use variables::Variable;

/// The largest fee an operator may take, in basis points.
pub const MAX_FEE_BP: u16 = 500;

/// Everything `serve` needs to know.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen.
    pub bind: SocketAddr,
    /// The address people type, without a path.
    pub public_url: PublicUrl,
    /// Folder of everything that is not in the database.
    pub data_dir: PathBuf,
    /// `sqlite://…` or `postgres://…`.
    pub database_url: String,
    /// Folder of the sealed films.
    pub blobs_dir: PathBuf,
    /// File of the key-encryption keys.
    pub kek_file: PathBuf,
    /// How to reach Stripe.
    pub stripe: StripeConfig,
    /// How mail leaves; `None` prints it to the console (demo only).
    pub smtp: Option<SmtpConfig>,
    /// What the operator takes of a sale.
    pub fee: BasisPoints,
    /// Addresses of proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Folder of messages in further languages, if the operator has some.
    pub messages_dir: Option<PathBuf>,
    /// Whether this is the demo: mail at `/dev/mail`, sandbox payments.
    pub demo: bool,
}

/// How to reach Stripe.
#[derive(Debug, Clone)]
pub struct StripeConfig {
    /// `sk_live_…` or `sk_test_…`.
    pub secret_key: SecretString,
    /// Secrets of the webhook endpoint; several while one is rotated.
    pub webhook_secrets: Vec<SecretString>,
    /// Secrets of the endpoint for events of connected accounts. With one, each studio sells by its
    /// own Stripe account; without, all sell by the operator's.
    pub connect_webhook_secrets: Vec<SecretString>,
    /// Where the API lives, with a path prefix if it has one.
    pub api_base: Url,
}

impl StripeConfig {
    /// Whether each studio sells by its own Stripe account.
    pub fn uses_connect(&self) -> bool {
        !self.connect_webhook_secrets.is_empty()
    }
}

/// How mail leaves.
#[derive(Debug, Clone)]
pub struct SmtpConfig {
    /// `smtp://user:password@host:port` or `smtps://…`.
    pub url: SecretString,
    /// `From:` of every mail.
    pub from: Mailbox,
}

/// Where a store keeps what it has: all that a command needs to look at it.
#[derive(Debug, Clone)]
pub struct Places {
    /// Folder of everything that is not in the database.
    pub data_dir: PathBuf,
    /// `sqlite://…` or `postgres://…`.
    pub database_url: String,
    /// Folder of the sealed films.
    pub blobs_dir: PathBuf,
}

/// One sentence that names the variable and says what is wrong with it.
#[derive(Debug, PartialEq, Eq)]
pub struct ConfigError(String);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}

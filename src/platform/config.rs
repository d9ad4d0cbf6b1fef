//! Configuration, read from the environment once, at the start. A wrong value stops the start
//! with one sentence that names the variable.

use std::fmt;
use std::net::IpAddr;
use std::net::SocketAddr;
use std::path::PathBuf;

use lettre::message::Mailbox;
use secrecy::SecretString;
use url::Url;

use crate::kernel::BasisPoints;

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

/// The store's own origin, such as `https://films.example`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// Accepts an http(s) origin without path, query or password.
    pub fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let plain = matches!(url.scheme(), "http" | "https")
            && url.host_str().is_some()
            && url.path() == "/"
            && url.query().is_none()
            && url.username().is_empty();
        plain.then(|| Self(url.origin().ascii_serialization()))
    }

    /// A full address of a path of this site.
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }

    /// The origin itself.
    pub fn origin(&self) -> &str {
        &self.0
    }

    /// Whether visitors come over TLS, so that cookies may be marked secure.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https:")
    }
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

/// A variable of the environment and what it is for; the README's table is checked against it.
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What it says, and its default.
    pub meaning: &'static str,
}

/// Every variable that `serve` reads.
pub const VARIABLES: &[Variable] = &[
    Variable {
        name: "MATINEE_BIND",
        meaning: "address to listen on; 127.0.0.1:8080",
    },
    Variable {
        name: "MATINEE_PUBLIC_URL",
        meaning: "the address people type; required",
    },
    Variable {
        name: "MATINEE_DATA_DIR",
        meaning: "folder of the store's data; ./data",
    },
    Variable {
        name: "DATABASE_URL",
        meaning: "sqlite:// or postgres://; a file in the data folder",
    },
    Variable {
        name: "MATINEE_BLOBS",
        meaning: "folder of the sealed films; blobs in the data folder",
    },
    Variable {
        name: "MATINEE_KEK_FILE",
        meaning: "file of the key-encryption keys; kek in the data folder",
    },
    Variable {
        name: "STRIPE_SECRET_KEY",
        meaning: "secret key of the Stripe account; required",
    },
    Variable {
        name: "STRIPE_WEBHOOK_SECRET",
        meaning: "secret of the webhook endpoint, several with commas; required",
    },
    Variable {
        name: "STRIPE_CONNECT_WEBHOOK_SECRET",
        meaning: "secret of the endpoint for connected accounts, several with commas; with it each \
                  studio sells by its own Stripe account; none",
    },
    Variable {
        name: "STRIPE_API_BASE",
        meaning: "where Stripe's API lives; https://api.stripe.com",
    },
    Variable {
        name: "SMTP_URL",
        meaning: "smtp:// or smtps:// with user and password; required",
    },
    Variable {
        name: "MATINEE_MAIL_FROM",
        meaning: "sender of all mail; required",
    },
    Variable {
        name: "MATINEE_FEE_BP",
        meaning: "the operator's share in basis points, 0 to 500; 0",
    },
    Variable {
        name: "MATINEE_TRUSTED_PROXIES",
        meaning: "addresses of proxies, with commas; none",
    },
    Variable {
        name: "MATINEE_MESSAGES",
        meaning: "folder of texts in further languages, one <language>.ftl each; none",
    },
    Variable {
        name: "RUST_LOG",
        meaning: "what is logged; info",
    },
];

impl Config {
    /// Reads the process's environment.
    #[allow(clippy::disallowed_methods)] // the one place where the environment is read
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::read(&|name| std::env::var(name).ok())
    }

    /// Reads any source of variables; empty ones count as absent.
    pub fn read(source: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let get = |name: &str| source(name).filter(|value| !value.trim().is_empty());
        let required = |name: &str| get(name).ok_or_else(|| wrong(name, "is missing"));
        let Places {
            data_dir,
            database_url,
            blobs_dir,
        } = Places::read(source)?;
        Ok(Self {
            bind: parse(
                &get,
                "MATINEE_BIND",
                "127.0.0.1:8080",
                "must be an address such as 127.0.0.1:8080",
            )?,
            public_url: PublicUrl::parse(&required("MATINEE_PUBLIC_URL")?).ok_or_else(|| {
                wrong(
                    "MATINEE_PUBLIC_URL",
                    "must be an address such as https://films.example without a path",
                )
            })?,
            blobs_dir,
            kek_file: get("MATINEE_KEK_FILE").map_or_else(|| data_dir.join("kek"), PathBuf::from),
            stripe: read_stripe(&get, &required)?,
            smtp: Some(read_smtp(&required)?),
            fee: read_fee(get("MATINEE_FEE_BP"))?,
            trusted_proxies: read_proxies(get("MATINEE_TRUSTED_PROXIES"))?,
            messages_dir: get("MATINEE_MESSAGES").map(PathBuf::from),
            demo: false,
            database_url,
            data_dir,
        })
    }
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

impl Places {
    /// Reads the process's environment.
    #[allow(clippy::disallowed_methods)] // the environment is read in this module only
    pub fn from_env() -> Result<Self, ConfigError> {
        Self::read(&|name| std::env::var(name).ok())
    }

    fn read(source: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let get = |name: &str| source(name).filter(|value| !value.trim().is_empty());
        let data_dir = PathBuf::from(get("MATINEE_DATA_DIR").unwrap_or_else(|| "data".to_owned()));
        let database_url = get("DATABASE_URL").unwrap_or_else(|| sqlite_in(&data_dir));
        if !database_url.starts_with("sqlite:") && !database_url.starts_with("postgres") {
            return Err(wrong(
                "DATABASE_URL",
                "must begin with sqlite: or postgres:",
            ));
        }
        Ok(Self {
            blobs_dir: blobs_dir(get("MATINEE_BLOBS"), &data_dir)?,
            database_url,
            data_dir,
        })
    }
}

/// The API token of `matinee upload`, from `MATINEE_TOKEN`.
#[allow(clippy::disallowed_methods)] // the environment is read in this module only
pub fn upload_token() -> Option<SecretString> {
    let token = std::env::var("MATINEE_TOKEN").ok()?;
    let token = token.trim();
    (!token.is_empty()).then(|| token.to_owned().into())
}

/// Where programs keep what must survive a restart, by the XDG base directory rules.
#[allow(clippy::disallowed_methods)] // the environment is read in this module only
pub fn state_home() -> Option<PathBuf> {
    let folder = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let named = folder("XDG_STATE_HOME").filter(|path| path.is_absolute());
    named.or_else(|| Some(folder("HOME")?.join(".local/state")))
}

/// Folder of further languages, from `MATINEE_MESSAGES`, for the demo.
#[allow(clippy::disallowed_methods)] // the environment is read in this module only
pub fn messages_dir() -> Option<PathBuf> {
    std::env::var_os("MATINEE_MESSAGES").map(PathBuf::from)
}

/// What is logged, from `RUST_LOG`.
#[allow(clippy::disallowed_methods)] // the environment is read in this module only
pub fn log_filter() -> Option<String> {
    std::env::var("RUST_LOG").ok()
}

type Source<'a> = dyn Fn(&str) -> Option<String> + 'a;
type Required<'a> = dyn Fn(&str) -> Result<String, ConfigError> + 'a;

fn wrong(name: &str, what: &str) -> ConfigError {
    ConfigError(format!("{name} {what}."))
}

fn sqlite_in(data_dir: &std::path::Path) -> String {
    format!(
        "sqlite://{}?mode=rwc",
        data_dir.join("matinee.db").display()
    )
}

fn parse<T: std::str::FromStr>(
    get: &Source<'_>,
    name: &str,
    default: &str,
    what: &str,
) -> Result<T, ConfigError> {
    get(name)
        .unwrap_or_else(|| default.to_owned())
        .trim()
        .parse()
        .map_err(|_| wrong(name, what))
}

fn blobs_dir(value: Option<String>, data_dir: &std::path::Path) -> Result<PathBuf, ConfigError> {
    match value {
        Some(text) if text.contains("://") => Err(wrong(
            "MATINEE_BLOBS",
            "must be a folder; storage behind an address such as s3:// is not supported yet",
        )),
        Some(text) => Ok(PathBuf::from(text)),
        None => Ok(data_dir.join("blobs")),
    }
}

fn read_stripe(get: &Source<'_>, required: &Required<'_>) -> Result<StripeConfig, ConfigError> {
    let secret_key = required("STRIPE_SECRET_KEY")?;
    if !secret_key.starts_with("sk_") && !secret_key.starts_with("rk_") {
        return Err(wrong("STRIPE_SECRET_KEY", "must begin with sk_ or rk_"));
    }
    let secrets = required("STRIPE_WEBHOOK_SECRET")?;
    let connect = "STRIPE_CONNECT_WEBHOOK_SECRET";
    let api_base: Url = parse(
        get,
        "STRIPE_API_BASE",
        "https://api.stripe.com",
        "must be an address",
    )?;
    let loopback = is_loopback(&api_base);
    if api_base.scheme() != "https" && !loopback {
        return Err(wrong(
            "STRIPE_API_BASE",
            "must be https unless it is on this machine",
        ));
    }
    Ok(StripeConfig {
        secret_key: secret_key.into(),
        webhook_secrets: read_secrets("STRIPE_WEBHOOK_SECRET", &secrets)?,
        connect_webhook_secrets: match get(connect) {
            Some(secrets) => read_secrets(connect, &secrets)?,
            None => Vec::new(),
        },
        api_base,
    })
}

/// Secrets with commas between them. An empty one would let anybody sign.
fn read_secrets(name: &str, text: &str) -> Result<Vec<SecretString>, ConfigError> {
    let secret = |part: &str| {
        let part = part.trim();
        let rest = part.strip_prefix("whsec_").filter(|rest| !rest.is_empty());
        rest.map(|_| part.to_owned().into())
    };
    let secrets: Option<Vec<_>> = text.split(',').map(secret).collect();
    secrets.ok_or_else(|| wrong(name, "must begin with whsec_, with commas between several"))
}

/// Whether an address points at this very machine.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

fn read_smtp(required: &Required<'_>) -> Result<SmtpConfig, ConfigError> {
    let url = required("SMTP_URL")?;
    if !url.starts_with("smtp://") && !url.starts_with("smtps://") {
        return Err(wrong("SMTP_URL", "must begin with smtp:// or smtps://"));
    }
    let from = required("MATINEE_MAIL_FROM")?;
    let what = "must be an address such as Matinee <shop@films.example>";
    let from = from.parse().map_err(|_| wrong("MATINEE_MAIL_FROM", what))?;
    Ok(SmtpConfig {
        url: url.into(),
        from,
    })
}

fn read_fee(value: Option<String>) -> Result<BasisPoints, ConfigError> {
    let points = value
        .unwrap_or_else(|| "0".to_owned())
        .trim()
        .parse::<u16>()
        .ok();
    points
        .filter(|points| *points <= MAX_FEE_BP)
        .and_then(BasisPoints::new)
        .ok_or_else(|| wrong("MATINEE_FEE_BP", "must be a whole number from 0 to 500"))
}

fn read_proxies(value: Option<String>) -> Result<Vec<IpAddr>, ConfigError> {
    let what = "must be addresses such as 10.0.0.1, with commas between them";
    value
        .unwrap_or_default()
        .split(',')
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .map(|text| {
            text.parse()
                .map_err(|_| wrong("MATINEE_TRUSTED_PROXIES", what))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    fn read(change: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let mut vars = HashMap::from([
            ("MATINEE_PUBLIC_URL", "https://films.example"),
            ("STRIPE_SECRET_KEY", "sk_test_x"),
            ("STRIPE_WEBHOOK_SECRET", "whsec_a, whsec_b"),
            ("SMTP_URL", "smtp://localhost:1025"),
            ("MATINEE_MAIL_FROM", "Films <shop@films.example>"),
        ]);
        vars.extend(change.iter().copied());
        Config::read(&|name| vars.get(name).map(|v| (*v).to_owned()))
    }

    #[test]
    fn the_least_configuration_is_enough() {
        let config = read(&[]).unwrap();
        assert_eq!(config.bind.to_string(), "127.0.0.1:8080");
        assert_eq!(config.database_url, "sqlite://data/matinee.db?mode=rwc");
        assert_eq!(config.blobs_dir, PathBuf::from("data/blobs"));
        assert_eq!(config.stripe.webhook_secrets.len(), 2);
        assert!(!config.stripe.uses_connect());
        let connected = read(&[("STRIPE_CONNECT_WEBHOOK_SECRET", "whsec_c")]).unwrap();
        assert!(connected.stripe.uses_connect());
        assert_eq!(
            config.public_url.join("/films"),
            "https://films.example/films"
        );
    }

    #[test]
    fn each_wrong_value_is_named() {
        let wrong = [
            ("MATINEE_BIND", "8080"),
            ("MATINEE_PUBLIC_URL", "films.example"),
            ("MATINEE_PUBLIC_URL", "https://films.example/shop"),
            ("MATINEE_PUBLIC_URL", ""),
            ("DATABASE_URL", "mysql://x"),
            ("MATINEE_BLOBS", "s3://bucket/films"),
            ("STRIPE_SECRET_KEY", "pk_test_x"),
            ("STRIPE_SECRET_KEY", ""),
            ("STRIPE_WEBHOOK_SECRET", ""),
            ("STRIPE_WEBHOOK_SECRET", "whsec_a,"),
            ("STRIPE_WEBHOOK_SECRET", "whsec_"),
            ("STRIPE_CONNECT_WEBHOOK_SECRET", "sk_test_x"),
            ("STRIPE_CONNECT_WEBHOOK_SECRET", "whsec_a,,whsec_b"),
            ("STRIPE_API_BASE", "http://stripe.example"),
            ("STRIPE_API_BASE", "::"),
            ("SMTP_URL", "http://mail.example"),
            ("MATINEE_MAIL_FROM", "nobody"),
            ("MATINEE_FEE_BP", "501"),
            ("MATINEE_FEE_BP", "-1"),
            ("MATINEE_TRUSTED_PROXIES", "10.0.0.1,proxy"),
        ];
        for (name, value) in wrong {
            let error = read(&[(name, value)]).expect_err(name).to_string();
            assert!(error.starts_with(name) && error.ends_with('.'), "{error}");
        }
    }

    #[test]
    fn secrets_do_not_show_when_the_configuration_is_printed() {
        let text = format!(
            "{:?}",
            read(&[("SMTP_URL", "smtps://ada:hunter2@mail.example")]).unwrap()
        );
        assert!(
            !text.contains("sk_test_x") && !text.contains("whsec") && !text.contains("hunter2")
        );
    }
}

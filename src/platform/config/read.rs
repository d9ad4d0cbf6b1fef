//! What the variables mean, and what is wrong with them.

use std::net::IpAddr;
use std::path::Path;
use std::path::PathBuf;

use secrecy::SecretString;
use url::Url;

use super::Config;
use super::ConfigError;
use super::MAX_FEE_BP;
use super::Places;
use super::PublicUrl;
use super::SmtpConfig;
use super::StripeConfig;
use super::is_loopback;
use crate::kernel::BasisPoints;

impl Config {
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

impl Places {
    pub(super) fn read(source: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
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

type Source<'a> = dyn Fn(&str) -> Option<String> + 'a;
type Required<'a> = dyn Fn(&str) -> Result<String, ConfigError> + 'a;

fn wrong(name: &str, what: &str) -> ConfigError {
    ConfigError(format!("{name} {what}."))
}

fn sqlite_in(data_dir: &Path) -> String {
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

fn blobs_dir(value: Option<String>, data_dir: &Path) -> Result<PathBuf, ConfigError> {
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

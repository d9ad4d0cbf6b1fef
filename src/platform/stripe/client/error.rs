//! Why a call brought no answer, and which failures are worth another try.

use std::time::Duration;

use stripe::StripeError;

/// Pauses before the second and third attempt.
const PAUSES: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(1)];

/// Why a call brought no answer.
#[derive(Debug, thiserror::Error)]
pub enum StripeCallError {
    /// Stripe knows no such object.
    #[error("Stripe knows no such object")]
    NotFound,
    /// Stripe said no; trying again would not help.
    #[error("Stripe refused with status {status} ({code})")]
    Refused {
        /// HTTP status.
        status: u16,
        /// Stripe's error code, or its type.
        code: String,
    },
    /// Our key may not do this, or is none any more: for the operator to mend, and worth a try then.
    #[error("Stripe does not let our key do this: status {status} ({code})")]
    Denied {
        /// HTTP status.
        status: u16,
        /// Stripe's error code, or its type.
        code: String,
    },
    /// The account does not take money in the currency that was asked for.
    #[error("Stripe does not take this currency for the account")]
    WrongCurrency,
    /// No usable answer after all attempts; later it may work.
    #[error("Stripe could not be reached")]
    Unreachable(#[source] Summary),
    /// An answer came that does not have the promised shape.
    #[error("Stripe's answer could not be read")]
    BadAnswer(#[source] Summary),
    /// The key, the address or an idempotency key cannot be used.
    #[error("the Stripe client is not set up properly")]
    Setup(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What a log may hold of an error of the crate, which prints whole objects, buyers' data included.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Summary(String);

/// The code of a connection that its account ended; no key of ours would help.
const CUT_OFF: &str = "account_invalid";

impl StripeCallError {
    /// An answer in the promised shape that says something we cannot work with.
    pub(super) fn unreadable(what: impl Into<String>) -> Self {
        Self::BadAnswer(Summary(what.into()))
    }
}

/// Runs a call, and again after a pause while the failure may be a passing one.
pub(super) async fn retrying<T, F, Fut>(call: F) -> Result<T, StripeCallError>
where
    F: Fn() -> Fut,
    Fut: Future<Output = Result<T, StripeError>>,
{
    for pause in PAUSES {
        match call().await {
            Err(error) if is_passing(&error) => {
                tracing::warn!(error = %summary(&error), "Stripe call failed, trying again");
                tokio::time::sleep(pause).await;
            }
            other => return other.map_err(StripeCallError::from),
        }
    }
    call().await.map_err(StripeCallError::from)
}

fn is_passing(error: &StripeError) -> bool {
    match error {
        StripeError::Stripe(_, status) => is_passing_status(*status),
        StripeError::ClientError(_) | StripeError::Timeout => true,
        StripeError::JSONDeserialize(_) | StripeError::ConfigError(_) => false,
    }
}

fn is_passing_status(status: u16) -> bool {
    matches!(status, 409 | 429 | 500..=599)
}

/// The crate prints whole error objects; a log line needs the status and the code.
fn summary(error: &StripeError) -> String {
    match error {
        StripeError::Stripe(body, status) => format!("status {status}, {}", code(body)),
        other => other.to_string(),
    }
}

/// Whether Stripe speaks of our key, and not of what was asked for.
fn is_about_key(body: &stripe::ApiErrors, status: u16) -> bool {
    status == 401 || (status == 403 && code(body) != CUT_OFF)
}

fn code(body: &stripe::ApiErrors) -> String {
    body.code
        .as_ref()
        .map(|code| code.as_str().to_owned())
        .unwrap_or_else(|| body.type_.as_str().to_owned())
}

/// Whether a parameter such as `line_items[0][price_data][currency]` was refused.
fn is_about_currency(body: &stripe::ApiErrors) -> bool {
    let name = body.param.as_deref().unwrap_or_default();
    name == "currency" || name.ends_with("[currency]")
}

impl From<StripeError> for StripeCallError {
    fn from(error: StripeError) -> Self {
        match error {
            StripeError::Stripe(_, 404) => Self::NotFound,
            StripeError::Stripe(body, 400) if is_about_currency(&body) => Self::WrongCurrency,
            StripeError::Stripe(body, status) if is_about_key(&body, status) => Self::Denied {
                status,
                code: code(&body),
            },
            StripeError::Stripe(body, status) if !is_passing_status(status) => Self::Refused {
                status,
                code: code(&body),
            },
            StripeError::JSONDeserialize(_) => Self::BadAnswer(Summary(summary(&error))),
            StripeError::ConfigError(_) => Self::Setup(Box::new(error)),
            other => Self::Unreachable(Summary(summary(&other))),
        }
    }
}

//! Outgoing calls: a thin, typed wrapper over async-stripe.
//!
//! What leaves this module are our own small structs, so that a new release of the crate or a new
//! API version stays a matter of this folder. Every call has a time-out. Every POST carries an
//! idempotency key that the caller makes from its own rows, so that repeating it is harmless, and
//! that is why conflicts, overload and lost answers are retried here.
//!
//! One file per kind of object: [`sessions`], [`refunds`], [`disputes`], [`balance`] and
//! [`accounts`]. A client [acts for](StripeClient::acting_for) the operator's own account or for
//! a connected one; nothing of one account is visible from another.

pub mod accounts;
pub mod balance;
pub mod disputes;
mod error;
pub mod refunds;
pub mod sessions;

use std::time::Duration;

use secrecy::ExposeSecret;
use secrecy::SecretString;
use stripe::IdempotencyKey;
use stripe::RequestStrategy;
use stripe::StripeRequest;

use crate::kernel::Time;

pub use self::accounts::Account;
pub use self::accounts::ConnectedAccount;
pub use self::accounts::NotAnAccount;
pub use self::balance::BalanceTransaction;
pub use self::balance::Charge;
pub use self::disputes::Dispute;
pub use self::disputes::DisputeStatus;
pub use self::disputes::Evidence;
pub use self::error::StripeCallError;
pub use self::refunds::NewRefund;
pub use self::refunds::Refund;
pub use self::refunds::RefundReason;
pub use self::refunds::RefundStatus;
pub use self::sessions::CheckoutSession;
pub use self::sessions::NewSession;
pub use self::sessions::PaymentStatus;
pub use self::sessions::SessionPage;
pub use self::sessions::SessionStatus;

/// One attempt may take this long; the crate itself would wait for ever.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Objects per page when listing, Stripe's maximum.
const PAGE: i64 = 100;

/// Talks to Stripe, or to the sandbox, under one secret key and for one account.
#[derive(Debug, Clone)]
pub struct StripeClient {
    inner: stripe::Client,
    livemode: bool,
    /// The connected account that is acted for; `None` for the key's own.
    account: Option<ConnectedAccount>,
}

/// One page of a list, newest first.
#[derive(Debug, Clone)]
pub struct Page<T> {
    /// The objects of this page.
    pub items: Vec<T>,
    /// Pass it on to get the next page; `None` at the end.
    pub next: Option<String>,
}

impl StripeClient {
    /// Makes a client for `base_url`, which may carry a path (`https://host/prefix`).
    pub fn new(secret_key: &SecretString, base_url: &str) -> Result<Self, StripeCallError> {
        // The crate appends `v1/…` to the address as it stands.
        let base = format!("{}/", base_url.trim_end_matches('/'));
        let inner = stripe::ClientBuilder::new(secret_key.expose_secret())
            .url(base)
            .timeout(TIMEOUT)
            .app_info("matinee", Some(env!("CARGO_PKG_VERSION").to_owned()), None)
            .build()
            .map_err(|error| StripeCallError::Setup(Box::new(error)))?;
        Ok(Self {
            inner,
            livemode: is_live(secret_key.expose_secret()),
            account: None,
        })
    }

    /// The same client acting for a connected account; `None` is the operator's own.
    pub fn acting_for(&self, account: Option<&ConnectedAccount>) -> Self {
        Self {
            account: account.cloned(),
            ..self.clone()
        }
    }

    /// Whether the key moves real money; an object of the other mode is never ours.
    pub fn livemode(&self) -> bool {
        self.livemode
    }

    /// Sends a GET.
    async fn read<R>(&self, request: &R) -> Result<R::Output, StripeCallError>
    where
        R: StripeRequest,
        R::Output: miniserde::Deserialize,
    {
        error::retrying(|| {
            let mut call = request.customize();
            if let Some(account) = &self.account {
                call = call.account_id(account.into());
            }
            call.send(&self.inner)
        })
        .await
    }

    /// Sends a POST under an idempotency key.
    async fn write<R>(&self, request: &R, key: &str) -> Result<R::Output, StripeCallError>
    where
        R: StripeRequest,
        R::Output: miniserde::Deserialize,
    {
        let key =
            IdempotencyKey::new(key).map_err(|error| StripeCallError::Setup(Box::new(error)))?;
        let strategy = RequestStrategy::Idempotent(key);
        error::retrying(|| {
            let mut call = request.customize().request_strategy(strategy.clone());
            if let Some(account) = &self.account {
                call = call.account_id(account.into());
            }
            call.send(&self.inner)
        })
        .await
    }
}

fn is_live(key: &str) -> bool {
    key.starts_with("sk_live_") || key.starts_with("rk_live_")
}

/// The filter for what was made at `since` or later.
fn from(since: Time) -> stripe_types::RangeQueryTs {
    stripe_types::RangeQueryTs::gte(since.seconds())
}

/// A list as it came, in our own types; `id` names an object, for the next page.
fn page<W, T>(
    list: stripe_types::List<W>,
    id: impl Fn(&W) -> String,
    convert: impl Fn(W) -> Result<T, StripeCallError>,
) -> Result<Page<T>, StripeCallError> {
    let next = list.data.last().filter(|_| list.has_more).map(id);
    let items: Result<_, _> = list.data.into_iter().map(convert).collect();
    Ok(Page {
        items: items?,
        next,
    })
}

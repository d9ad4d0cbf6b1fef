//! Outgoing calls: a thin, typed wrapper over async-stripe.
//!
//! What leaves this module are our own small structs, so that a new release of the crate or a new
//! API version stays a matter of this file. Every call has a time-out. Every POST carries an
//! idempotency key that the caller makes from its own rows, so that repeating it is harmless, and
//! that is why conflicts, overload and lost answers are retried here.

use std::collections::HashMap;
use std::time::Duration;

use secrecy::ExposeSecret;
use secrecy::SecretString;
use stripe::IdempotencyKey;
use stripe::RequestStrategy;
use stripe::StripeError;
use stripe::StripeRequest;
use stripe_checkout::checkout_session::CreateCheckoutSession;
use stripe_checkout::checkout_session::CreateCheckoutSessionLineItems;
use stripe_checkout::checkout_session::CreateCheckoutSessionLineItemsPriceData;
use stripe_checkout::checkout_session::CreateCheckoutSessionPaymentIntentData;
use stripe_checkout::checkout_session::ExpireCheckoutSession;
use stripe_checkout::checkout_session::ListCheckoutSession;
use stripe_checkout::checkout_session::ProductData;
use stripe_checkout::checkout_session::RetrieveCheckoutSession;

use crate::kernel::Currency;
use crate::kernel::Money;
use crate::kernel::Time;

/// One attempt may take this long; the crate itself would wait for ever.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Pauses before the second and third attempt.
const PAUSES: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(1)];
/// The metadata key under which an order's id travels.
const ORDER_KEY: &str = "order_id";
/// Sessions per page when listing, Stripe's maximum.
const PAGE: i64 = 100;

/// Talks to Stripe, or to the sandbox, under one secret key.
#[derive(Debug, Clone)]
pub struct StripeClient {
    inner: stripe::Client,
    livemode: bool,
}

/// What is to be sold, for one hosted payment page.
#[derive(Debug, Clone)]
pub struct NewSession<'a> {
    /// Our order's id, compared again at settling.
    pub order_id: &'a str,
    /// From the order id and the attempt, never from the clock.
    pub idempotency_key: &'a str,
    /// What the buyer pays.
    pub price: Money,
    /// Name of the film on the payment page.
    pub title_name: &'a str,
    /// Second line on the payment page: the studio.
    pub description: &'a str,
    /// Fills the e-mail field.
    pub customer_email: &'a str,
    /// Where the buyer comes back; may hold `{CHECKOUT_SESSION_ID}`.
    pub success_url: &'a str,
    /// Where the buyer goes who changes their mind.
    pub cancel_url: &'a str,
    /// When the page closes, 30 minutes to 24 hours from now.
    pub expires_at: Time,
}

/// Where a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionStatus {
    /// Can still be paid.
    Open,
    /// Gone through; whether money came is in the payment status.
    Complete,
    /// Can no longer be paid.
    Expired,
    /// A word we do not know; treated as not finished.
    Unknown,
}

/// Whether money came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentStatus {
    /// Yes.
    Paid,
    /// Not yet, or not at all.
    Unpaid,
    /// The total was zero.
    NoPaymentRequired,
    /// A word we do not know; treated as unpaid.
    Unknown,
}

/// A Checkout Session, reduced to what the store decides by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckoutSession {
    /// `cs_…`
    pub id: String,
    /// The hosted page, while the session is open.
    pub url: Option<String>,
    /// Where the session stands.
    pub status: SessionStatus,
    /// Whether money came.
    pub payment_status: PaymentStatus,
    /// What the buyer pays or paid; `None` if it is in no currency we know.
    pub total: Option<Money>,
    /// Our order's id as the reference.
    pub client_reference_id: Option<String>,
    /// Our order's id from the metadata.
    pub order_id: Option<String>,
    /// `pi_…`, once a payment was tried.
    pub payment_intent: Option<String>,
    /// Whether the bank said no after the session was complete; it stays complete and unpaid.
    pub payment_failed: bool,
    /// What the provider kept, once its balance transaction exists. Its currency is the one the
    /// account settles in, which may differ from the total's.
    pub provider_fee: Option<Money>,
    /// Whether real money is meant.
    pub livemode: bool,
    /// When it was made.
    pub created: Time,
    /// When it closes, or closed.
    pub expires_at: Time,
}

impl CheckoutSession {
    /// Whether the buyer owes nothing more, so that the order may be fulfilled.
    pub fn is_settled(&self) -> bool {
        self.status == SessionStatus::Complete
            && matches!(
                self.payment_status,
                PaymentStatus::Paid | PaymentStatus::NoPaymentRequired
            )
    }
}

/// One page of sessions, newest first.
#[derive(Debug, Clone)]
pub struct SessionPage {
    /// The sessions of this page.
    pub sessions: Vec<CheckoutSession>,
    /// Pass it on to get the next page; `None` at the end.
    pub next: Option<String>,
}

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
    /// No usable answer after all attempts; later it may work.
    #[error("Stripe could not be reached")]
    Unreachable(#[source] StripeError),
    /// An answer came that does not have the promised shape.
    #[error("Stripe's answer could not be read")]
    BadAnswer(#[source] StripeError),
    /// The key, the address or an idempotency key cannot be used.
    #[error("the Stripe client is not set up properly")]
    Setup(#[source] Box<dyn std::error::Error + Send + Sync>),
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
        })
    }

    /// Whether the key moves real money; an object of the other mode is never ours.
    pub fn livemode(&self) -> bool {
        self.livemode
    }

    /// Opens a hosted payment page for one order.
    pub async fn create_checkout_session(
        &self,
        new: &NewSession<'_>,
    ) -> Result<CheckoutSession, StripeCallError> {
        let key = IdempotencyKey::new(new.idempotency_key)
            .map_err(|error| StripeCallError::Setup(Box::new(error)))?;
        let request = creation(new);
        let strategy = RequestStrategy::Idempotent(key);
        retrying(|| {
            request
                .customize()
                .request_strategy(strategy.clone())
                .send(&self.inner)
        })
        .await
        .map(CheckoutSession::from)
    }

    /// The session as it stands now, with the provider's fee when that is known.
    pub async fn checkout_session(&self, id: &str) -> Result<CheckoutSession, StripeCallError> {
        let request = RetrieveCheckoutSession::new(id).expand(vec![
            "payment_intent.latest_charge.balance_transaction".to_owned(),
        ]);
        retrying(|| request.customize().send(&self.inner))
            .await
            .map(CheckoutSession::from)
    }

    /// Closes an open payment page; refused when it was paid or closed meanwhile.
    pub async fn expire_checkout_session(
        &self,
        id: &str,
    ) -> Result<CheckoutSession, StripeCallError> {
        let key = IdempotencyKey::new(format!("expire:{id}"))
            .map_err(|error| StripeCallError::Setup(Box::new(error)))?;
        let request = ExpireCheckoutSession::new(id);
        let strategy = RequestStrategy::Idempotent(key);
        retrying(|| {
            request
                .customize()
                .request_strategy(strategy.clone())
                .send(&self.inner)
        })
        .await
        .map(CheckoutSession::from)
    }

    /// Sessions created at or after `since`, a page at a time, newest first.
    pub async fn checkout_sessions_since(
        &self,
        since: Time,
        cursor: Option<&str>,
    ) -> Result<SessionPage, StripeCallError> {
        let mut request = ListCheckoutSession::new()
            .created(stripe_types::RangeQueryTs::gte(since.seconds()))
            .limit(PAGE);
        if let Some(cursor) = cursor {
            request = request.starting_after(cursor);
        }
        let list = retrying(|| request.customize().send(&self.inner)).await?;
        let more = list.has_more;
        let sessions: Vec<CheckoutSession> =
            list.data.into_iter().map(CheckoutSession::from).collect();
        let next = sessions.last().filter(|_| more).map(|last| last.id.clone());
        Ok(SessionPage { sessions, next })
    }
}

fn is_live(key: &str) -> bool {
    key.starts_with("sk_live_") || key.starts_with("rk_live_")
}

fn creation(new: &NewSession<'_>) -> CreateCheckoutSession {
    let metadata = HashMap::from([(ORDER_KEY.to_owned(), new.order_id.to_owned())]);
    let mut product = ProductData::new(new.title_name);
    product.description = Some(new.description.to_owned());
    let mut price =
        CreateCheckoutSessionLineItemsPriceData::new(stripe_currency(new.price.currency()));
    price.unit_amount = Some(new.price.minor());
    price.product_data = Some(product);
    let mut line = CreateCheckoutSessionLineItems::new();
    line.price_data = Some(price);
    line.quantity = Some(1);
    let mut intent = CreateCheckoutSessionPaymentIntentData::new();
    // Refunds and disputes name the intent, so the order must be found from there too.
    intent.metadata = Some(metadata.clone());
    CreateCheckoutSession::new()
        .mode(stripe_shared::CheckoutSessionMode::Payment)
        .line_items(vec![line])
        .client_reference_id(new.order_id)
        .metadata(metadata)
        .payment_intent_data(intent)
        .customer_email(new.customer_email)
        .success_url(new.success_url)
        .cancel_url(new.cancel_url)
        .expires_at(new.expires_at.seconds())
}

fn stripe_currency(currency: Currency) -> stripe_types::Currency {
    match currency.stripe_code().parse() {
        Ok(currency) => currency,
        Err(never) => match never {},
    }
}

/// Runs a call, and again after a pause while the failure may be a passing one.
async fn retrying<T, F, Fut>(call: F) -> Result<T, StripeCallError>
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

fn code(body: &stripe::ApiErrors) -> String {
    body.code
        .as_ref()
        .map(|code| code.as_str().to_owned())
        .unwrap_or_else(|| body.type_.as_str().to_owned())
}

impl From<StripeError> for StripeCallError {
    fn from(error: StripeError) -> Self {
        match error {
            StripeError::Stripe(_, 404) => Self::NotFound,
            StripeError::Stripe(body, status) if !is_passing_status(status) => Self::Refused {
                status,
                code: code(&body),
            },
            StripeError::JSONDeserialize(_) => Self::BadAnswer(error),
            StripeError::ConfigError(_) => Self::Setup(Box::new(error)),
            other => Self::Unreachable(other),
        }
    }
}

impl From<stripe_shared::CheckoutSession> for CheckoutSession {
    fn from(wire: stripe_shared::CheckoutSession) -> Self {
        let total = wire
            .amount_total
            .zip(wire.currency.as_ref())
            .and_then(money);
        let intent = wire
            .payment_intent
            .as_ref()
            .and_then(|intent| intent.as_object());
        let provider_fee = intent.and_then(provider_fee);
        let payment_failed = wire.payment_status.as_str() == "unpaid"
            && wire
                .status
                .as_ref()
                .is_some_and(|status| status.as_str() == "complete")
            && intent.is_some_and(has_failed);
        Self {
            id: wire.id.to_string(),
            url: wire.url,
            status: wire
                .status
                .as_ref()
                .map_or(SessionStatus::Unknown, SessionStatus::from),
            payment_status: PaymentStatus::from(&wire.payment_status),
            total,
            client_reference_id: wire.client_reference_id,
            order_id: wire
                .metadata
                .and_then(|mut metadata| metadata.remove(ORDER_KEY)),
            payment_intent: wire
                .payment_intent
                .map(|intent| intent.into_id().to_string()),
            payment_failed,
            provider_fee,
            livemode: wire.livemode,
            created: Time::from_seconds(wire.created),
            expires_at: Time::from_seconds(wire.expires_at),
        }
    }
}

fn money((minor, currency): (i64, &stripe_types::Currency)) -> Option<Money> {
    Currency::parse(&currency.to_string())
        .ok()
        .map(|currency| Money::new(minor, currency))
}

/// Reads the fee through the expanded charge.
fn provider_fee(intent: &stripe_shared::PaymentIntent) -> Option<Money> {
    let charge = intent.latest_charge.as_ref()?.as_object()?;
    let balance = charge.balance_transaction.as_ref()?.as_object()?;
    money((balance.fee, &balance.currency))
}

fn has_failed(intent: &stripe_shared::PaymentIntent) -> bool {
    matches!(
        intent.status.as_str(),
        "requires_payment_method" | "canceled"
    )
}

impl From<&stripe_shared::CheckoutSessionStatus> for SessionStatus {
    fn from(wire: &stripe_shared::CheckoutSessionStatus) -> Self {
        match wire.as_str() {
            "open" => Self::Open,
            "complete" => Self::Complete,
            "expired" => Self::Expired,
            _ => Self::Unknown,
        }
    }
}

impl From<&stripe_shared::CheckoutSessionPaymentStatus> for PaymentStatus {
    fn from(wire: &stripe_shared::CheckoutSessionPaymentStatus) -> Self {
        match wire.as_str() {
            "paid" => Self::Paid,
            "unpaid" => Self::Unpaid,
            "no_payment_required" => Self::NoPaymentRequired,
            _ => Self::Unknown,
        }
    }
}

//! Checkout Sessions: Stripe's hosted payment page for one order.

use std::collections::HashMap;

use stripe_checkout::checkout_session::CreateCheckoutSession;
use stripe_checkout::checkout_session::CreateCheckoutSessionAutomaticTax;
use stripe_checkout::checkout_session::CreateCheckoutSessionLineItems;
use stripe_checkout::checkout_session::CreateCheckoutSessionLineItemsPriceData;
use stripe_checkout::checkout_session::CreateCheckoutSessionLineItemsPriceDataTaxBehavior;
use stripe_checkout::checkout_session::CreateCheckoutSessionPaymentIntentData;
use stripe_checkout::checkout_session::ExpireCheckoutSession;
use stripe_checkout::checkout_session::ListCheckoutSession;
use stripe_checkout::checkout_session::ProductData;
use stripe_checkout::checkout_session::RetrieveCheckoutSession;

use crate::kernel::Currency;
use crate::kernel::Money;
use crate::kernel::Time;

use super::StripeCallError;
use super::StripeClient;
use super::balance;
use super::balance::Charge;

/// The metadata key under which an order's id travels.
const ORDER_KEY: &str = "order_id";
/// The rates of the tax.
const RATES: &str = "total_details.breakdown";
/// Everything about the payment that one call can bring.
const PAYMENT: &str = "payment_intent.latest_charge.balance_transaction";

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
    /// The platform's share, for a charge on a connected account; zero is none.
    pub application_fee: Option<Money>,
    /// Whether Stripe works out the tax; the price includes it.
    pub automatic_tax: bool,
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
    /// What the provider kept, the platform's share not counted, once its balance transaction exists. Its currency is the one the
    /// account settles in, which may differ from the total's.
    pub provider_fee: Option<Money>,
    /// Whether real money is meant.
    pub livemode: bool,
    /// When it was made.
    pub created: Time,
    /// When it closes, or closed.
    pub expires_at: Time,
    /// The charge that brought the money; only where the payment was asked for with it.
    pub charge: Option<Charge>,
    /// The tax within the total; `None` where Stripe did not work one out.
    pub tax: Option<Money>,
    /// Its rate in thousandths of a percent, where Stripe names one.
    pub tax_rate: Option<i64>,
    /// The country of the address the buyer gave (ISO 3166).
    pub billing_country: Option<String>,
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

impl StripeClient {
    /// Opens a hosted payment page for one order.
    pub async fn create_checkout_session(
        &self,
        new: &NewSession<'_>,
    ) -> Result<CheckoutSession, StripeCallError> {
        let wire = self.write(&creation(new), new.idempotency_key).await?;
        CheckoutSession::try_from(wire)
    }

    /// The session as it stands now, with the provider's fee when that is known.
    pub async fn checkout_session(&self, id: &str) -> Result<CheckoutSession, StripeCallError> {
        let request =
            RetrieveCheckoutSession::new(id).expand(vec![PAYMENT.to_owned(), RATES.to_owned()]);
        CheckoutSession::try_from(self.read(&request).await?)
    }

    /// The session through which a payment was made, as it stands now.
    pub async fn session_of_payment(
        &self,
        payment_intent: &str,
    ) -> Result<Option<CheckoutSession>, StripeCallError> {
        let request = ListCheckoutSession::new()
            .payment_intent(payment_intent)
            .expand(vec![format!("data.{PAYMENT}")]);
        let found = self.read(&request).await?.data.into_iter().next();
        found.map(CheckoutSession::try_from).transpose()
    }

    /// Closes an open payment page; refused when it was paid or closed meanwhile.
    pub async fn expire_checkout_session(
        &self,
        id: &str,
    ) -> Result<CheckoutSession, StripeCallError> {
        let request = ExpireCheckoutSession::new(id);
        CheckoutSession::try_from(self.write(&request, &format!("expire:{id}")).await?)
    }

    /// Sessions created at or after `since`, a page at a time, newest first.
    pub async fn checkout_sessions_since(
        &self,
        since: Time,
        cursor: Option<&str>,
    ) -> Result<SessionPage, StripeCallError> {
        let mut request = ListCheckoutSession::new()
            .created(super::from(since))
            .limit(super::PAGE);
        if let Some(cursor) = cursor {
            request = request.starting_after(cursor);
        }
        let list = self.read(&request).await?;
        let page = super::page(list, |wire| wire.id.to_string(), CheckoutSession::try_from)?;
        Ok(SessionPage {
            sessions: page.items,
            next: page.next,
        })
    }
}

fn creation(new: &NewSession<'_>) -> CreateCheckoutSession {
    let metadata = HashMap::from([(ORDER_KEY.to_owned(), new.order_id.to_owned())]);
    let mut product = ProductData::new(new.title_name);
    product.description = Some(new.description.to_owned());
    let mut price =
        CreateCheckoutSessionLineItemsPriceData::new(stripe_currency(new.price.currency()));
    price.unit_amount = Some(new.price.minor());
    price.product_data = Some(product);
    if new.automatic_tax {
        // The buyer pays the price on the poster, whatever the tax at their place.
        price.tax_behavior = Some(CreateCheckoutSessionLineItemsPriceDataTaxBehavior::Inclusive);
    }
    let mut line = CreateCheckoutSessionLineItems::new();
    line.price_data = Some(price);
    line.quantity = Some(1);
    let mut intent = CreateCheckoutSessionPaymentIntentData::new();
    // Refunds and disputes name the intent, so the order must be found from there too.
    intent.metadata = Some(metadata.clone());
    // Stripe takes a share of at least 1; none at all is said by silence.
    let share = new.application_fee.map(Money::minor);
    intent.application_fee_amount = share.filter(|minor| *minor > 0);
    let request = CreateCheckoutSession::new()
        .mode(stripe_shared::CheckoutSessionMode::Payment)
        .line_items(vec![line])
        .client_reference_id(new.order_id)
        .metadata(metadata)
        .payment_intent_data(intent)
        .customer_email(new.customer_email)
        .success_url(new.success_url)
        .cancel_url(new.cancel_url)
        .expires_at(new.expires_at.seconds());
    if new.automatic_tax {
        request.automatic_tax(CreateCheckoutSessionAutomaticTax::new(true))
    } else {
        request
    }
}

fn stripe_currency(currency: Currency) -> stripe_types::Currency {
    match currency.stripe_code().parse() {
        Ok(currency) => currency,
        Err(never) => match never {},
    }
}

impl TryFrom<stripe_shared::CheckoutSession> for CheckoutSession {
    type Error = StripeCallError;

    fn try_from(wire: stripe_shared::CheckoutSession) -> Result<Self, StripeCallError> {
        let status = wire
            .status
            .as_ref()
            .map_or(SessionStatus::Unknown, SessionStatus::from);
        let payment_status = PaymentStatus::from(&wire.payment_status);
        let intent = wire.payment_intent.as_ref().and_then(|i| i.as_object());
        let payment_failed = payment_status == PaymentStatus::Unpaid
            && status == SessionStatus::Complete
            && intent.is_some_and(has_failed);
        let charge = intent.and_then(charge_of).transpose()?;
        let balance = charge.as_ref().and_then(|charge| charge.balance.as_ref());
        Ok(Self {
            id: wire.id.to_string(),
            status,
            payment_status,
            total: amount(wire.amount_total, wire.currency.as_ref()),
            tax: tax_of(&wire),
            tax_rate: tax_rate(&wire),
            billing_country: billing_country(&wire),
            client_reference_id: wire.client_reference_id,
            order_id: wire.metadata.and_then(|mut m| m.remove(ORDER_KEY)),
            payment_failed,
            provider_fee: balance.map(|line| line.provider_fee()),
            charge,
            payment_intent: wire.payment_intent.map(|i| i.into_id().to_string()),
            url: wire.url,
            livemode: wire.livemode,
            created: Time::from_seconds(wire.created),
            expires_at: Time::from_seconds(wire.expires_at),
        })
    }
}

fn amount(minor: Option<i64>, currency: Option<&stripe_types::Currency>) -> Option<Money> {
    balance::money(minor?, currency?)
}

/// The charge through which the money came; a try that failed is none.
fn charge_of(intent: &stripe_shared::PaymentIntent) -> Option<Result<Charge, StripeCallError>> {
    let charge = intent.latest_charge.as_ref()?.as_object()?;
    (charge.status.as_str() == "succeeded").then(|| Charge::try_from(charge))
}

/// The tax within the total, where Stripe worked one out.
fn tax_of(wire: &stripe_shared::CheckoutSession) -> Option<Money> {
    let state = wire.automatic_tax.status.as_ref()?;
    let details = wire.total_details.as_ref()?;
    (wire.automatic_tax.enabled && state.as_str() == "complete")
        .then(|| amount(Some(details.amount_tax), wire.currency.as_ref()))
        .flatten()
}

/// The rate of the tax; of several (a state's and a city's, say) the sum. Stripe writes rates as
/// decimal fractions, and no amount is computed from them.
fn tax_rate(wire: &stripe_shared::CheckoutSession) -> Option<i64> {
    let breakdown = wire.total_details.as_ref()?.breakdown.as_ref()?;
    let charged = breakdown.taxes.iter().filter(|tax| tax.amount > 0);
    let percent = |tax: &stripe_shared::LineItemsTaxAmount| {
        let rate = &tax.rate;
        rate.effective_percentage.unwrap_or(rate.percentage)
    };
    let rates: Vec<i64> = charged
        .map(|tax| (percent(tax) * 1_000.0).round() as i64)
        .collect();
    (!rates.is_empty()).then(|| rates.iter().sum())
}

fn billing_country(wire: &stripe_shared::CheckoutSession) -> Option<String> {
    let address = wire.customer_details.as_ref()?.address.as_ref()?;
    address.country.clone()
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

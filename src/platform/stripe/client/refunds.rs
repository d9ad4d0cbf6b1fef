//! Refunds: made by us, or found because someone made them in Stripe's dashboard.

use std::collections::HashMap;

use stripe_core::refund::CreateRefund;
use stripe_core::refund::CreateRefundReason;
use stripe_core::refund::ListRefund;

use crate::kernel::Money;
use crate::kernel::Time;

use super::Page;
use super::StripeCallError;
use super::StripeClient;
use super::balance;
use super::balance::BalanceTransaction;

/// The metadata key under which our refund's id travels.
const REFUND_KEY: &str = "refund_id";

/// Money to go back to a buyer.
#[derive(Debug, Clone, Copy)]
pub struct NewRefund<'a> {
    /// The payment, `pi_…`.
    pub payment_intent: &'a str,
    /// How much, in the payment's currency.
    pub amount: Money,
    /// Our refund's id. It travels as metadata and makes the idempotency key, so that one row of
    /// ours can never become two refunds.
    pub refund_id: &'a str,
    /// Why, in one of Stripe's words.
    pub reason: RefundReason,
    /// Whether the platform gives its share back too, in proportion.
    pub refund_application_fee: bool,
}

/// Stripe's words for the reason of a refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundReason {
    /// The buyer asked for it.
    RequestedByCustomer,
    /// Paid twice.
    Duplicate,
    /// Paid by someone else than the owner of the card.
    Fraudulent,
}

/// A refund as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    /// `re_…`, or `pyr_…` for a debit.
    pub id: String,
    /// `pi_…`
    pub payment_intent: Option<String>,
    /// `ch_…`
    pub charge: Option<String>,
    /// Our refund's id; `None` when it was not made by us.
    pub refund_id: Option<String>,
    /// Where it stands.
    pub status: RefundStatus,
    /// How much, in the payment's currency.
    pub amount: Money,
    /// When it was made.
    pub created: Time,
    /// What it took from the balance; `None` until Stripe has booked it.
    pub balance: Option<BalanceTransaction>,
    /// What came back when it failed.
    pub failure_balance: Option<BalanceTransaction>,
}

/// Where a refund stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundStatus {
    /// On its way.
    Pending,
    /// The buyer has to do something.
    RequiresAction,
    /// Done. Even then the bank may send it back, and it fails after all.
    Succeeded,
    /// The money came back to the account.
    Failed,
    /// Called off while pending.
    Canceled,
    /// A word we do not know; treated as pending.
    Unknown,
}

impl RefundStatus {
    /// Whether the money is with the buyer, or on its way there.
    pub fn counts(self) -> bool {
        !matches!(self, Self::Failed | Self::Canceled)
    }

    fn from_word(word: Option<&str>) -> Self {
        match word {
            Some("pending") => Self::Pending,
            Some("requires_action") => Self::RequiresAction,
            Some("succeeded") => Self::Succeeded,
            Some("failed") => Self::Failed,
            Some("canceled") => Self::Canceled,
            _ => Self::Unknown,
        }
    }
}

impl StripeClient {
    /// Sends money back. Refused when more than the rest is asked for, or when the payment is
    /// disputed.
    pub async fn create_refund(&self, new: &NewRefund<'_>) -> Result<Refund, StripeCallError> {
        let metadata = HashMap::from([(REFUND_KEY.to_owned(), new.refund_id.to_owned())]);
        let mut request = CreateRefund::new()
            .payment_intent(new.payment_intent)
            .amount(new.amount.minor())
            .reason(CreateRefundReason::from(new.reason))
            .metadata(metadata)
            .expand(expansions(""));
        if new.refund_application_fee {
            request = request.refund_application_fee(true);
        }
        let key = format!("refund:{}", new.refund_id);
        Refund::try_from(self.write(&request, &key).await?)
    }

    /// Every refund of a payment, newest first.
    pub async fn refunds_of(&self, payment_intent: &str) -> Result<Vec<Refund>, StripeCallError> {
        let request = ListRefund::new().payment_intent(payment_intent);
        let mut all = Vec::new();
        let mut cursor = None;
        loop {
            let page = self.refund_page(request.clone(), cursor.as_deref()).await?;
            all.extend(page.items);
            cursor = page.next;
            if cursor.is_none() {
                return Ok(all);
            }
        }
    }

    /// Refunds made at or after `since`, a page at a time, newest first.
    pub async fn refunds_since(
        &self,
        since: Time,
        cursor: Option<&str>,
    ) -> Result<Page<Refund>, StripeCallError> {
        let request = ListRefund::new().created(super::from(since));
        self.refund_page(request, cursor).await
    }

    async fn refund_page(
        &self,
        request: ListRefund,
        cursor: Option<&str>,
    ) -> Result<Page<Refund>, StripeCallError> {
        let mut request = request.limit(super::PAGE).expand(expansions("data."));
        if let Some(cursor) = cursor {
            request = request.starting_after(cursor);
        }
        let list = self.read(&request).await?;
        super::page(list, |wire| wire.id.to_string(), Refund::try_from)
    }
}

fn expansions(prefix: &str) -> Vec<String> {
    ["balance_transaction", "failure_balance_transaction"]
        .map(|name| format!("{prefix}{name}"))
        .to_vec()
}

impl From<RefundReason> for CreateRefundReason {
    fn from(reason: RefundReason) -> Self {
        match reason {
            RefundReason::RequestedByCustomer => Self::RequestedByCustomer,
            RefundReason::Duplicate => Self::Duplicate,
            RefundReason::Fraudulent => Self::Fraudulent,
        }
    }
}

impl TryFrom<stripe_shared::Refund> for Refund {
    type Error = StripeCallError;

    fn try_from(wire: stripe_shared::Refund) -> Result<Self, StripeCallError> {
        Ok(Self {
            id: wire.id.to_string(),
            payment_intent: wire.payment_intent.map(|i| i.into_id().to_string()),
            charge: wire.charge.map(|charge| charge.into_id().to_string()),
            refund_id: wire.metadata.and_then(|mut m| m.remove(REFUND_KEY)),
            status: RefundStatus::from_word(wire.status.as_deref()),
            amount: balance::known_money(wire.amount, &wire.currency)?,
            created: Time::from_seconds(wire.created),
            balance: balance::expanded(wire.balance_transaction.as_ref())?,
            failure_balance: balance::expanded(wire.failure_balance_transaction.as_ref())?,
        })
    }
}

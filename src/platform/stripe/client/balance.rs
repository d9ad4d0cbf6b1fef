//! Charges and what they and everything after them did to the account's balance.

use stripe_core::balance_transaction::ListBalanceTransaction;
use stripe_types::Expandable;

use crate::kernel::Currency;
use crate::kernel::Money;
use crate::kernel::Time;

use super::Page;
use super::StripeCallError;
use super::StripeClient;

/// The part of a fee that the platform takes, in Stripe's word.
const APPLICATION_FEE: &str = "application_fee";

/// The charge that brought the money of a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    /// `ch_…`, or `py_…` for a debit.
    pub id: String,
    /// `pi_…`
    pub payment_intent: String,
    /// What the buyer paid.
    pub amount: Money,
    /// What went back, pending refunds included; a refund that fails is taken out again.
    pub refunded: Money,
    /// Whether a dispute was ever opened.
    pub disputed: bool,
    /// What it did to the balance; `None` until Stripe has booked it.
    pub balance: Option<BalanceTransaction>,
    /// The platform's share, of a charge on a connected account.
    pub application_fee: Option<Money>,
    /// Where the card or the bank account is at home (ISO 3166).
    pub card_country: Option<String>,
}

/// One line of the account's balance, in the currency in which the account settles.
///
/// `net` is `amount - fee`, and `fee` is everything that was kept: Stripe's part and, on a
/// connected account, the platform's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BalanceTransaction {
    /// `txn_…`
    pub id: String,
    /// Stripe's `type`: `charge`, `payment`, `refund`, `adjustment`, …
    pub kind: String,
    /// Stripe's finer word: a dispute and its reversal are both of type `adjustment`.
    pub category: String,
    /// Before fees; below zero when money left.
    pub amount: Money,
    /// All fees; below zero when a fee came back.
    pub fee: Money,
    /// The platform's share of `fee`; below zero when it came back.
    pub application_fee: Money,
    /// What the balance changed by.
    pub net: Money,
    /// The charge, refund, dispute, … it belongs to.
    pub source: Option<String>,
    /// When.
    pub created: Time,
}

impl BalanceTransaction {
    /// What Stripe itself kept.
    pub fn provider_fee(&self) -> Money {
        Money::new(
            self.fee.minor() - self.application_fee.minor(),
            self.fee.currency(),
        )
    }
}

impl StripeClient {
    /// Lines of the balance made at or after `since`, a page at a time, newest first.
    pub async fn balance_transactions_since(
        &self,
        since: Time,
        cursor: Option<&str>,
    ) -> Result<Page<BalanceTransaction>, StripeCallError> {
        let mut request = ListBalanceTransaction::new()
            .created(super::from(since))
            .limit(super::PAGE);
        if let Some(cursor) = cursor {
            request = request.starting_after(cursor);
        }
        let list = self.read(&request).await?;
        super::page(
            list,
            |wire| wire.id.to_string(),
            |wire| BalanceTransaction::try_from(&wire),
        )
    }
}

/// An amount in a currency we know.
pub(super) fn money(minor: i64, currency: &stripe_types::Currency) -> Option<Money> {
    Currency::parse(&currency.to_string())
        .ok()
        .map(|currency| Money::new(minor, currency))
}

/// As [`money`], where an unknown currency makes the whole object useless.
pub(super) fn known_money(
    minor: i64,
    currency: &stripe_types::Currency,
) -> Result<Money, StripeCallError> {
    money(minor, currency)
        .ok_or_else(|| StripeCallError::unreadable(format!("unknown currency {currency}")))
}

/// The expanded line; `None` where Stripe has not booked it yet.
pub(super) fn expanded(
    wire: Option<&Expandable<stripe_shared::BalanceTransaction>>,
) -> Result<Option<BalanceTransaction>, StripeCallError> {
    wire.and_then(Expandable::as_object)
        .map(BalanceTransaction::try_from)
        .transpose()
}

impl TryFrom<&stripe_shared::BalanceTransaction> for BalanceTransaction {
    type Error = StripeCallError;

    fn try_from(wire: &stripe_shared::BalanceTransaction) -> Result<Self, StripeCallError> {
        let money = |minor| known_money(minor, &wire.currency);
        let of_platform = wire.fee_details.iter();
        let of_platform = of_platform.filter(|fee| fee.type_ == APPLICATION_FEE);
        Ok(Self {
            id: wire.id.to_string(),
            kind: wire.type_.as_str().to_owned(),
            category: wire.reporting_category.clone(),
            amount: money(wire.amount)?,
            fee: money(wire.fee)?,
            application_fee: money(of_platform.map(|fee| fee.amount).sum())?,
            net: money(wire.net)?,
            source: wire.source.as_ref().map(|source| source.id().to_string()),
            created: Time::from_seconds(wire.created),
        })
    }
}

impl TryFrom<&stripe_shared::Charge> for Charge {
    type Error = StripeCallError;

    fn try_from(wire: &stripe_shared::Charge) -> Result<Self, StripeCallError> {
        let money = |minor| known_money(minor, &wire.currency);
        let intent = wire.payment_intent.as_ref().map(|i| i.id().to_string());
        let method = wire.payment_method_details.as_ref();
        let card = method.and_then(|m| m.card.as_ref()?.country.clone());
        let account = || method.and_then(|m| m.sepa_debit.as_ref()?.country.clone());
        Ok(Self {
            id: wire.id.to_string(),
            payment_intent: intent
                .ok_or_else(|| StripeCallError::unreadable("a charge without a payment intent"))?,
            amount: money(wire.amount_captured)?,
            refunded: money(wire.amount_refunded)?,
            disputed: wire.disputed,
            balance: expanded(wire.balance_transaction.as_ref())?,
            application_fee: wire.application_fee_amount.map(money).transpose()?,
            card_country: card.or_else(account),
        })
    }
}

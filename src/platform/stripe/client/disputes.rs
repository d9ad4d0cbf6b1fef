//! Disputes: a buyer's bank takes the money back, and the shop may object once.

use stripe_core::dispute::ListDispute;
use stripe_core::dispute::UpdateDispute;
use stripe_core::dispute::UpdateDisputeEvidence;
use stripe_shared::DisputeStatus as WireStatus;

use crate::kernel::Money;
use crate::kernel::Time;

use super::Page;
use super::StripeCallError;
use super::StripeClient;
use super::balance;
use super::balance::BalanceTransaction;

/// A dispute as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dispute {
    /// `du_…` or `dp_…`
    pub id: String,
    /// `pi_…`
    pub payment_intent: Option<String>,
    /// `ch_…`
    pub charge: String,
    /// Where it stands.
    pub status: DisputeStatus,
    /// How much is disputed, in the payment's currency.
    pub amount: Money,
    /// Stripe's word for the bank's reason: `fraudulent`, `product_not_received`, …
    pub reason: String,
    /// When it was opened.
    pub created: Time,
    /// Until when evidence counts; `None` when none is wanted any more.
    pub evidence_due: Option<Time>,
    /// What it did to the balance: the money that left with Stripe's fee, and, after a win, the
    /// money that came back. Empty for a mere warning.
    pub balance: Vec<BalanceTransaction>,
}

/// Where a dispute stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisputeStatus {
    /// The bank only asks; no money left.
    Warning,
    /// Money left, evidence is wanted.
    NeedsResponse,
    /// Evidence is with the bank.
    UnderReview,
    /// The money came back.
    Won,
    /// The money is gone.
    Lost,
    /// The bank asked no further.
    WarningClosed,
    /// Settled before it became a dispute, by a refund that Stripe made.
    Prevented,
    /// A word we do not know; treated as open.
    Unknown,
}

/// What a shop can say to the bank. All texts together take 150,000 characters at most.
#[derive(Debug, Clone, Copy, Default)]
pub struct Evidence<'a> {
    /// What was sold.
    pub product_description: &'a str,
    /// The buyer's address for mail.
    pub customer_email: &'a str,
    /// From where they bought.
    pub purchase_ip: Option<&'a str>,
    /// The day on which the film could be watched, as text.
    pub service_date: &'a str,
    /// Sign-ins and plays, one a line.
    pub access_log: &'a str,
    /// The terms on refunds as the buyer saw them, and where.
    pub refund_policy: &'a str,
    /// Order, consent and receipts in full.
    pub statement: &'a str,
}

impl StripeClient {
    /// Every dispute of a payment, newest first. Several are rare, more than a page cannot be.
    pub async fn disputes_of(&self, payment_intent: &str) -> Result<Vec<Dispute>, StripeCallError> {
        let request = ListDispute::new().payment_intent(payment_intent);
        Ok(self.dispute_page(request, None).await?.items)
    }

    /// Disputes opened at or after `since`, a page at a time, newest first.
    pub async fn disputes_since(
        &self,
        since: Time,
        cursor: Option<&str>,
    ) -> Result<Page<Dispute>, StripeCallError> {
        let request = ListDispute::new().created(super::from(since));
        self.dispute_page(request, cursor).await
    }

    /// Hands the evidence to the bank. That can be done once: the same evidence again brings the
    /// same answer, other evidence is refused.
    pub async fn submit_evidence(
        &self,
        dispute: &str,
        evidence: &Evidence<'_>,
    ) -> Result<Dispute, StripeCallError> {
        let request = UpdateDispute::new(dispute)
            .evidence(UpdateDisputeEvidence::from(evidence))
            .submit(true);
        let wire = self.write(&request, &format!("evidence:{dispute}")).await?;
        Dispute::try_from(wire)
    }

    async fn dispute_page(
        &self,
        request: ListDispute,
        cursor: Option<&str>,
    ) -> Result<Page<Dispute>, StripeCallError> {
        let mut request = request.limit(super::PAGE);
        if let Some(cursor) = cursor {
            request = request.starting_after(cursor);
        }
        let list = self.read(&request).await?;
        super::page(list, |wire| wire.id.to_string(), Dispute::try_from)
    }
}

impl From<&Evidence<'_>> for UpdateDisputeEvidence {
    fn from(evidence: &Evidence<'_>) -> Self {
        // An empty text would erase what is there, so it is left out.
        let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        let mut wire = Self::new();
        wire.product_description = text(evidence.product_description);
        wire.customer_email_address = text(evidence.customer_email);
        wire.customer_purchase_ip = evidence.purchase_ip.and_then(text);
        wire.service_date = text(evidence.service_date);
        wire.access_activity_log = text(evidence.access_log);
        wire.refund_policy_disclosure = text(evidence.refund_policy);
        wire.uncategorized_text = text(evidence.statement);
        wire
    }
}

impl From<&WireStatus> for DisputeStatus {
    fn from(wire: &WireStatus) -> Self {
        match wire {
            WireStatus::WarningNeedsResponse | WireStatus::WarningUnderReview => Self::Warning,
            WireStatus::NeedsResponse => Self::NeedsResponse,
            WireStatus::UnderReview => Self::UnderReview,
            WireStatus::Won => Self::Won,
            WireStatus::Lost => Self::Lost,
            WireStatus::WarningClosed => Self::WarningClosed,
            WireStatus::Prevented => Self::Prevented,
            _ => Self::Unknown,
        }
    }
}

impl TryFrom<stripe_shared::Dispute> for Dispute {
    type Error = StripeCallError;

    fn try_from(wire: stripe_shared::Dispute) -> Result<Self, StripeCallError> {
        let lines = wire.balance_transactions.iter();
        Ok(Self {
            id: wire.id.to_string(),
            payment_intent: wire.payment_intent.map(|i| i.into_id().to_string()),
            charge: wire.charge.into_id().to_string(),
            status: DisputeStatus::from(&wire.status),
            amount: balance::known_money(wire.amount, &wire.currency)?,
            reason: wire.reason,
            created: Time::from_seconds(wire.created),
            evidence_due: wire.evidence_details.due_by.map(Time::from_seconds),
            balance: lines
                .map(BalanceTransaction::try_from)
                .collect::<Result<_, _>>()?,
        })
    }
}

//! All that Stripe knows of the payment of an order, as it stands now.

use crate::platform::stripe::CheckoutSession;
use crate::platform::stripe::ConnectedAccount;
use crate::platform::stripe::Dispute;
use crate::platform::stripe::Refund;
use crate::platform::stripe::StripeCallError;
use crate::platform::stripe::StripeClient;
use crate::platform::stripe::VerifiedEvent;

/// Why somebody wants to know how a payment stands.
#[derive(Clone, Copy, Debug)]
pub enum Occasion<'a> {
    /// A message of Stripe's.
    Event(&'a VerifiedEvent),
    /// The buyer looks at the order.
    Visit,
    /// It might have changed in any way, refunds that failed included.
    Doubt,
    /// The session stood in the list of this account, or of the operator's own.
    Listed(Option<&'a ConnectedAccount>),
}

impl Occasion<'_> {
    /// Whether refunds and disputes are to be asked for even where the charge shows none: one that
    /// failed is not in its sum any more.
    fn wants_returns(self) -> bool {
        match self {
            Self::Event(event) => !event.kind().starts_with("checkout."),
            Self::Visit => false,
            Self::Doubt | Self::Listed(_) => true,
        }
    }
}

/// A session with everything that happened to its money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// The studio's own account that was asked; `None` for the operator's.
    pub seller: Option<ConnectedAccount>,
    /// The payment page.
    pub session: CheckoutSession,
    /// The oldest first.
    pub refunds: Vec<Refund>,
    /// The oldest first.
    pub disputes: Vec<Dispute>,
}

impl Payment {
    /// Asks Stripe.
    pub(super) async fn ask(
        stripe: &StripeClient,
        seller: Option<ConnectedAccount>,
        session: &str,
        occasion: Occasion<'_>,
    ) -> Result<Self, StripeCallError> {
        let stripe = stripe.acting_for(seller.as_ref());
        let session = stripe.checkout_session(session).await?;
        let mut payment = Self {
            seller,
            session,
            refunds: Vec::new(),
            disputes: Vec::new(),
        };
        let Some(charge) = &payment.session.charge else {
            return Ok(payment);
        };
        let thorough = occasion.wants_returns();
        if thorough || charge.refunded.minor() > 0 {
            payment.refunds = stripe.refunds_of(&charge.payment_intent).await?;
            payment.refunds.reverse();
        }
        if thorough || charge.disputed {
            payment.disputes = stripe.disputes_of(&charge.payment_intent).await?;
            payment.disputes.reverse();
        }
        Ok(payment)
    }
}

//! An order, and what an answer of Stripe means for it; pure.

use std::str::FromStr;

use crate::kernel::BasisPoints;
use crate::kernel::Money;
use crate::kernel::Source;
use crate::kernel::Time;
use crate::kernel::ids::AccountId;
use crate::kernel::ids::OfferId;
use crate::kernel::ids::OrderId;
use crate::kernel::ids::StudioId;
use crate::kernel::ids::TitleId;
use crate::kernel::text::EmailAddress;
use crate::ledger::Facets;
use crate::ledger::Settlement;
use crate::ledger::Terms;
use crate::library::Facts;
use crate::offers::OfferKind;
use crate::platform::stripe::BalanceTransaction;
use crate::platform::stripe::CheckoutSession;
use crate::platform::stripe::ConnectedAccount;
use crate::platform::stripe::PaymentStatus;
use crate::platform::stripe::SessionStatus;

use super::consent::Consent;
use super::places::Places;

/// Where an order stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrderState {
    /// Can be paid.
    Open,
    /// The buyer did their part; the bank takes its time.
    Pending,
    /// Paid, and the film is in the library.
    Paid,
    /// Paid although the film was bought by another order, or after the account of its buyer was
    /// erased; the money must go back.
    Surplus,
    /// Was not paid in time.
    Expired,
    /// The bank said no in the end.
    Failed,
}

impl OrderState {
    /// Every state.
    pub const ALL: [Self; 6] = [
        Self::Open,
        Self::Pending,
        Self::Paid,
        Self::Surplus,
        Self::Expired,
        Self::Failed,
    ];

    /// The word in the database.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Pending => "pending",
            Self::Paid => "paid",
            Self::Surplus => "surplus",
            Self::Expired => "expired",
            Self::Failed => "failed",
        }
    }
}

/// Not a state we know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the state of an order")]
pub struct StateFault;

impl FromStr for OrderState {
    type Err = StateFault;

    fn from_str(word: &str) -> Result<Self, StateFault> {
        Self::ALL
            .into_iter()
            .find(|state| state.word() == word)
            .ok_or(StateFault)
    }
}

/// What somebody wants to buy: an offer as it stands, with the names a receipt needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The offer.
    pub offer: OfferId,
    /// Its film.
    pub title: TitleId,
    /// The film's name.
    pub title_name: String,
    /// The film's address under `/films/`.
    pub title_slug: String,
    /// Who sells it.
    pub studio: StudioId,
    /// The seller's name.
    pub studio_name: String,
    /// What it costs.
    pub price: Money,
    /// What the buyer gets for it.
    pub kind: OfferKind,
    /// The studio's account by which it is sold; `None` is the operator's own.
    pub seller: Option<ConnectedAccount>,
}

/// The address of a film's page for somebody who was there before and came to it by a source, so
/// that a way over signing in, or back from the payment page, does not look like the way they came.
pub(super) fn film_path(slug: &str, source: &Source) -> String {
    match source {
        Source::Unknown | Source::Direct => format!("/films/{slug}"),
        known => format!("/films/{slug}?came={known}"), // nothing in it needs to be escaped
    }
}

/// An order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Its id, which is also the number on the receipt.
    pub id: OrderId,
    /// Who buys.
    pub account: AccountId,
    /// What, at which price.
    pub wanted: Wanted,
    /// Where the receipt goes.
    pub email: EmailAddress,
    /// Whose words it is in, as `Words::reader` names them.
    pub reader: String,
    /// How its buyer came to the film.
    pub source: Source,
    /// The operator's share, as it was when the order was made.
    pub operator_fee: BasisPoints,
    /// Up to which share of the film it may be given back once it was watched, as its studio had it
    /// when the order was made.
    pub return_share: BasisPoints,
    /// Where it stands.
    pub state: OrderState,
    /// Number of the payment page.
    pub attempt: i64,
    /// The payment page's session, once it exists.
    pub session_id: Option<String>,
    /// Where the buyer pays.
    pub session_url: Option<String>,
    /// When the payment page closes.
    pub session_expires_at: Time,
    /// When it was made.
    pub created_at: Time,
    /// When it was paid.
    pub paid_at: Option<Time>,
    /// When the provider's fee was posted.
    pub fee_posted_at: Option<Time>,
    /// The payment itself (`pi_…`), once it is paid.
    pub payment_intent: Option<String>,
    /// The tax in its price, in minor units; known once it is paid.
    pub tax: i64,
    /// Its rate in thousandths of a percent, where the provider names one.
    pub tax_rate: Option<i64>,
    /// Where the buyer says to be, where their card is at home, and from which network they came:
    /// proofs of the place that tax is owed to.
    pub places: Places,
    /// What went back by refunds, in minor units.
    pub refunded: i64,
    /// What the bank took for good, in minor units.
    pub lost: i64,
    /// What the bank withholds, in minor units.
    pub withheld: i64,
    /// When all of it had gone back.
    pub returned_at: Option<Time>,
    /// What its buyer agreed to; without it, the right of withdrawal stands.
    pub consent: Option<Consent>,
    /// When the account of its buyer was erased.
    pub erased_at: Option<Time>,
}

impl Order {
    /// Whether money may still come.
    pub fn is_unsettled(&self) -> bool {
        matches!(self.state, OrderState::Open | OrderState::Pending)
    }

    /// What happened to it, as far as the right to watch goes.
    pub fn facts(&self) -> Facts {
        Facts {
            paid_at: self.paid_at,
            surplus: self.state == OrderState::Surplus,
            erased: self.erased_at.is_some(),
            price: self.wanted.price.minor(),
            refunded: self.refunded,
            lost: self.lost,
            withheld: self.withheld,
        }
    }

    /// What was paid and neither went back nor is contested.
    pub fn left(&self) -> Money {
        let price = self.wanted.price;
        let gone = self.refunded + self.lost + self.withheld;
        Money::new((price.minor() - gone).max(0), price.currency())
    }

    /// Whether the buyer's bank contests it, or did and won: Stripe refunds nothing of it then.
    pub fn is_contested(&self) -> bool {
        self.withheld > 0 || self.lost > 0
    }

    /// What its transfers in the books follow from.
    pub fn terms(&self) -> Terms {
        Terms {
            order: self.id,
            studio: self.wanted.studio,
            title: self.wanted.title,
            paid: self.wanted.price,
            tax: self.tax(),
            operator: self.operator_share(),
            facets: self.facets(),
        }
    }

    /// By what the studio tells its sales apart.
    fn facets(&self) -> Facets {
        Facets {
            territory: self.places.country(),
            source: self.source.clone(),
            kind: self.wanted.kind,
        }
    }

    /// The tax in its price, known once it is paid.
    pub fn tax(&self) -> Money {
        Money::new(self.tax, self.wanted.price.currency())
    }

    /// The operator's share. What the provider is to hand over is fixed before the tax is known
    /// and so is a share of the price; the operator's own account is shared out without the tax.
    fn operator_share(&self) -> Money {
        let price = self.wanted.price;
        let shared = match self.wanted.seller {
            Some(_) => price,
            None => Money::new(price.minor() - self.tax, price.currency()),
        };
        shared.split(self.operator_fee).0
    }

    /// The operator's share, to be taken where the sale goes to the studio's own account.
    pub fn application_fee(&self) -> Option<Money> {
        self.wanted.seller.as_ref()?;
        let share = self.operator_share();
        (share.minor() > 0).then_some(share)
    }

    /// The key under which this attempt's payment page is made.
    pub fn idempotency_key(&self) -> String {
        format!("{}:{}", self.id, self.attempt)
    }
}

/// What a session means for its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The money came.
    Pay,
    /// The bank takes its time.
    Wait,
    /// It will not be paid by this session.
    Close(OrderState),
    /// Paid before; now it is known what the provider kept.
    PostFee(Settlement),
    /// Nothing new.
    Nothing,
}

/// Why a session cannot be the payment of its order. Nothing changes then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    /// It names another order, or two.
    #[error("the session names another order")]
    Order,
    /// It is over another amount or currency.
    #[error("the session is over another amount")]
    Amount,
    /// It is of another account than the one that sells.
    #[error("the session is of another account")]
    Account,
}

/// Reads a session's present state for its order.
pub fn decide(order: &Order, session: &CheckoutSession) -> Result<Decision, Mismatch> {
    let names = [&session.order_id, &session.client_reference_id];
    let id = order.id.to_string();
    if names.iter().any(|name| name.as_deref() != Some(&*id)) {
        return Err(Mismatch::Order);
    }
    if session.total != Some(order.wanted.price) || !fits(session.tax, order.wanted.price) {
        return Err(Mismatch::Amount);
    }
    // An order may have had an earlier payment page; its end is not the order's.
    let current = order
        .session_id
        .as_ref()
        .is_none_or(|known| *known == session.id);
    let undecided = order.is_unsettled() && current;
    Ok(match (session.status, session.payment_status) {
        _ if order.paid_at.is_some() => late_fee(order, session),
        _ if session.is_settled() => Decision::Pay,
        (SessionStatus::Complete, _) if session.payment_failed && undecided => {
            Decision::Close(OrderState::Failed)
        }
        (SessionStatus::Complete, PaymentStatus::Unpaid) if order.state == OrderState::Open => {
            Decision::Wait
        }
        (SessionStatus::Expired, _) if undecided => Decision::Close(OrderState::Expired),
        _ => Decision::Nothing,
    })
}

/// Whether a tax can be within a price.
fn fits(tax: Option<Money>, price: Money) -> bool {
    tax.is_none_or(|tax| {
        tax.currency() == price.currency() && (0..=price.minor()).contains(&tax.minor())
    })
}

fn late_fee(order: &Order, session: &CheckoutSession) -> Decision {
    match settlement(order, session) {
        Some(settlement) if order.fee_posted_at.is_none() => Decision::PostFee(settlement),
        _ => Decision::Nothing,
    }
}

/// What the payment did to the balance; `None` until Stripe has booked it.
pub(super) fn settlement(order: &Order, session: &CheckoutSession) -> Option<Settlement> {
    let balance = session
        .charge
        .as_ref()
        .and_then(|charge| charge.balance.as_ref());
    match balance {
        Some(line) => Some(settled_by(order, line)),
        None => session.provider_fee.map(|fee| Settlement {
            amount: order.wanted.price,
            fee,
            share: order.application_fee(),
        }),
    }
}

/// What a line of the balance says of an order's money.
pub(super) fn settled_by(order: &Order, line: &BalanceTransaction) -> Settlement {
    Settlement {
        amount: line.amount,
        fee: line.provider_fee(),
        share: order.wanted.seller.as_ref().map(|_| line.application_fee),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::kernel::Currency;
    use rand::SeedableRng;

    const NOW: Time = Time::from_seconds(1_800_000_000);

    fn usd(minor: i64) -> Money {
        Money::new(minor, Currency::parse("USD").unwrap())
    }

    pub(in crate::checkout) fn order() -> Order {
        let mut rng = rand::rngs::StdRng::seed_from_u64(1);
        let rng = &mut rng;
        Order {
            id: OrderId::new(NOW, rng),
            account: AccountId::new(NOW, rng),
            wanted: Wanted {
                offer: OfferId::new(NOW, rng),
                title: TitleId::new(NOW, rng),
                title_name: "Night Train".to_owned(),
                title_slug: "night-train".to_owned(),
                studio: StudioId::new(NOW, rng),
                studio_name: "Lantern".to_owned(),
                price: usd(999),
                kind: OfferKind::Buy,
                seller: None,
            },
            email: EmailAddress::parse("ada@example.org").unwrap(),
            reader: String::new(),
            source: Source::Direct,
            operator_fee: BasisPoints::ZERO,
            return_share: BasisPoints::new(1_000).unwrap(),
            state: OrderState::Open,
            attempt: 1,
            session_id: Some("cs_1".to_owned()),
            session_url: Some("https://pay.example/cs_1".to_owned()),
            session_expires_at: NOW,
            created_at: NOW,
            paid_at: None,
            fee_posted_at: None,
            payment_intent: None,
            tax: 0,
            tax_rate: None,
            places: Places::default(),
            refunded: 0,
            lost: 0,
            withheld: 0,
            returned_at: None,
            consent: None,
            erased_at: None,
        }
    }

    fn session(status: SessionStatus, payment_status: PaymentStatus) -> CheckoutSession {
        let id = order().id.to_string();
        CheckoutSession {
            id: "cs_1".to_owned(),
            url: None,
            status,
            payment_status,
            payment_failed: false,
            total: Some(usd(999)),
            client_reference_id: Some(id.clone()),
            order_id: Some(id),
            payment_intent: None,
            provider_fee: None,
            livemode: false,
            created: NOW,
            expires_at: NOW,
            charge: None,
            tax: None,
            tax_rate: None,
            billing_country: None,
        }
    }

    #[test]
    fn states_are_read_as_they_are_written() {
        for state in OrderState::ALL {
            assert_eq!(state.word().parse(), Ok(state));
        }
    }

    #[test]
    fn an_open_order_follows_its_session() {
        use PaymentStatus::*;
        use SessionStatus::*;
        for (status, payment, decision) in [
            (Open, Unpaid, Decision::Nothing),
            (Open, Paid, Decision::Nothing),
            (Complete, Paid, Decision::Pay),
            (Complete, NoPaymentRequired, Decision::Pay),
            (Complete, Unpaid, Decision::Wait),
            (Expired, Unpaid, Decision::Close(OrderState::Expired)),
            (SessionStatus::Unknown, Paid, Decision::Nothing),
            (Complete, PaymentStatus::Unknown, Decision::Nothing),
        ] {
            let session = session(status, payment);
            assert_eq!(
                decide(&order(), &session),
                Ok(decision),
                "{status:?} {payment:?}"
            );
        }
    }

    #[test]
    fn a_debit_that_failed_closes_a_pending_order() {
        let pending = Order {
            state: OrderState::Pending,
            ..order()
        };
        let waiting = session(SessionStatus::Complete, PaymentStatus::Unpaid);
        assert_eq!(decide(&pending, &waiting), Ok(Decision::Nothing));
        let failed = CheckoutSession {
            payment_failed: true,
            ..waiting
        };
        assert_eq!(
            decide(&pending, &failed),
            Ok(Decision::Close(OrderState::Failed))
        );
    }

    #[test]
    fn money_counts_even_when_the_order_was_given_up() {
        let paid = session(SessionStatus::Complete, PaymentStatus::Paid);
        for state in [OrderState::Expired, OrderState::Failed] {
            assert_eq!(
                decide(&Order { state, ..order() }, &paid),
                Ok(Decision::Pay)
            );
        }
    }

    #[test]
    fn the_end_of_an_earlier_payment_page_is_not_the_orders_end() {
        let newer = Order {
            session_id: Some("cs_2".to_owned()),
            ..order()
        };
        let expired = session(SessionStatus::Expired, PaymentStatus::Unpaid);
        assert_eq!(decide(&newer, &expired), Ok(Decision::Nothing));
    }

    #[test]
    fn a_paid_order_only_learns_its_fee_and_only_once() {
        let paid = Order {
            state: OrderState::Paid,
            paid_at: Some(NOW),
            ..order()
        };
        let mut session = session(SessionStatus::Complete, PaymentStatus::Paid);
        assert_eq!(decide(&paid, &session), Ok(Decision::Nothing));
        session.provider_fee = Some(usd(59));
        assert_eq!(
            decide(&paid, &session),
            Ok(Decision::PostFee(Settlement {
                amount: usd(999),
                fee: usd(59),
                share: None
            }))
        );
        let known = Order {
            fee_posted_at: Some(NOW),
            ..paid
        };
        assert_eq!(decide(&known, &session), Ok(Decision::Nothing));
    }

    #[test]
    fn the_operator_takes_a_share_of_what_a_studio_sells_by_itself() {
        let order = |points, seller| {
            let mut order = order();
            order.operator_fee = BasisPoints::new(points).unwrap();
            order.wanted.seller = seller;
            order.application_fee()
        };
        let studio = ConnectedAccount::parse("acct_1").ok();
        assert_eq!(order(500, studio.clone()), Some(usd(49)));
        assert_eq!(order(0, studio), None);
        assert_eq!(order(500, None), None);
    }

    #[test]
    fn another_order_amount_or_currency_is_refused() {
        let good = session(SessionStatus::Complete, PaymentStatus::Paid);
        let euro = Money::new(999, Currency::parse("EUR").unwrap());
        for total in [None, Some(usd(998)), Some(usd(1_000)), Some(euro)] {
            let session = CheckoutSession {
                total,
                ..good.clone()
            };
            assert_eq!(decide(&order(), &session), Err(Mismatch::Amount));
        }
        for name in [None, Some("order_x".to_owned())] {
            let session = CheckoutSession {
                order_id: name.clone(),
                ..good.clone()
            };
            assert_eq!(decide(&order(), &session), Err(Mismatch::Order));
            let session = CheckoutSession {
                client_reference_id: name,
                ..good.clone()
            };
            assert_eq!(decide(&order(), &session), Err(Mismatch::Order));
        }
    }
}

//! The pages of buying.

use askama::Template;
use askama_web::WebTemplate;

use crate::invoices::Link;
use crate::kernel::Money;
use crate::kernel::Time;
use crate::platform::web::FormErrors;
use crate::platform::web::Page;

use super::model::Order;
use super::model::OrderState;
use super::returns::DisputeLine;
use super::returns::DisputeState;
use super::returns::Ground;
use super::returns::NoReturn;
use super::returns::RefundLine;
use super::returns::RefundState;

/// An order: the page one returns to after paying, and the receipt later on.
#[derive(Template, WebTemplate)]
#[template(path = "checkout/order.html")]
pub(super) struct ShowOrder {
    page: Page,
    order: OrderView,
    /// Stripe did not answer just now, so the state may be behind.
    unsure: bool,
    /// Money that went back, or is asked for.
    refunds: Vec<RefundLine>,
    /// Objections of the buyer's bank.
    disputes: Vec<DisputeLine>,
    /// Its invoice and credit notes, as far as they were asked for.
    documents: Vec<Link>,
    /// Whether the film may be given back.
    may: Result<Ground, NoReturn>,
}

/// The last question before a film is given back.
#[derive(Template, WebTemplate)]
#[template(path = "checkout/return.html")]
pub(super) struct GiveBack {
    page: Page,
    order: OrderView,
    may: Result<Ground, NoReturn>,
    /// The token of a link, for somebody who is not signed in.
    token: Option<String>,
}

/// Order and address, for a link by mail.
#[derive(Template, WebTemplate)]
#[template(path = "checkout/withdraw.html")]
pub(super) struct Withdraw {
    pub(super) page: Page,
    pub(super) errors: FormErrors,
    pub(super) order: String,
    pub(super) email: String,
    pub(super) sent: bool,
}

/// A link that was used or is too old.
#[derive(Template, WebTemplate)]
#[template(path = "checkout/link_over.html")]
pub(super) struct LinkOver {
    pub(super) page: Page,
}

/// A contract that is no more.
#[derive(Template, WebTemplate)]
#[template(path = "checkout/withdrawn.html")]
pub(super) struct Withdrawn {
    page: Page,
    order: OrderView,
}

/// "You own this film."
#[derive(Template, WebTemplate)]
#[template(path = "checkout/owned.html")]
pub(super) struct Owned {
    page: Page,
    order: OrderView,
}

struct OrderView {
    id: String,
    title_name: String,
    title_slug: String,
    studio_name: String,
    price: Money,
    /// The tax in it, if any.
    tax: Option<Money>,
    email: String,
    created: Time,
    paid: Option<Time>,
    pay_url: Option<String>,
    state: OrderState,
    /// What went back.
    refunded: Money,
    /// What was paid and is still paid.
    left: Money,
    /// All of it went back.
    is_returned: bool,
    is_withheld: bool,
    consented_at: Option<Time>,
    consent_version: String,
    /// Up to which share of the film it may be given back, in hundredths of a percent.
    return_share: i64,
}

impl OrderView {
    fn of(order: &Order) -> Self {
        Self {
            id: order.id.to_string(),
            title_name: order.wanted.title_name.clone(),
            title_slug: order.wanted.title_slug.clone(),
            studio_name: order.wanted.studio_name.clone(),
            price: order.wanted.price,
            tax: Some(order.tax()).filter(|tax| tax.minor() > 0),
            email: order.email.to_string(),
            created: order.created_at,
            paid: order.paid_at,
            pay_url: order
                .session_url
                .clone()
                .filter(|_| order.state == OrderState::Open),
            state: order.state,
            refunded: Money::new(order.refunded, order.wanted.price.currency()),
            left: order.left(),
            is_returned: order.returned_at.is_some(),
            is_withheld: order.withheld > 0,
            consented_at: order.consent.as_ref().map(|consent| consent.given_at),
            consent_version: order
                .consent
                .as_ref()
                .map_or_else(String::new, |consent| consent.version.clone()),
            return_share: i64::from(order.return_share.points()),
        }
    }

    fn heading(&self) -> &'static str {
        match self.state {
            OrderState::Open => "order-not-paid-yet",
            OrderState::Pending => "order-your-bank-takes-its-time",
            OrderState::Paid if self.is_withheld => "order-is-contested",
            OrderState::Paid if self.is_returned => "order-given-back",
            OrderState::Paid => "order-it-is-yours",
            OrderState::Surplus => "order-paid-twice",
            OrderState::Expired => "order-not-paid-in-time",
            OrderState::Failed => "order-the-payment-did-not",
        }
    }

    fn explanation(&self) -> &'static str {
        match self.state {
            OrderState::Open => "order-we-have-not-heard",
            OrderState::Pending => "order-your-order-is-placed",
            OrderState::Paid if self.is_withheld => "order-the-bank-looks",
            OrderState::Paid if self.is_returned => "order-the-film-has-left",
            OrderState::Paid => "order-the-film-is-in",
            OrderState::Surplus => "order-you-had-bought",
            OrderState::Expired => "order-the-payment-page-was",
            OrderState::Failed => "order-the-bank-turned",
        }
    }

    fn is_paid(&self) -> bool {
        self.state == OrderState::Paid
    }

    /// Paid, and nothing took the film away.
    fn can_watch(&self) -> bool {
        self.is_paid() && !self.is_returned && !self.is_withheld
    }

    fn is_unsettled(&self) -> bool {
        matches!(self.state, OrderState::Open | OrderState::Pending)
    }

    fn is_over(&self) -> bool {
        matches!(self.state, OrderState::Expired | OrderState::Failed)
    }
}

impl ShowOrder {
    pub(super) fn new(page: Page, order: &Order, unsure: bool) -> Self {
        Self {
            page,
            order: OrderView::of(order),
            unsure,
            refunds: Vec::new(),
            disputes: Vec::new(),
            documents: Vec::new(),
            may: Err(NoReturn::NotPaid),
        }
    }

    pub(super) fn with(
        self,
        refunds: Vec<RefundLine>,
        disputes: Vec<DisputeLine>,
        documents: Vec<Link>,
        may: Result<Ground, NoReturn>,
    ) -> Self {
        Self {
            refunds,
            disputes,
            documents,
            may,
            ..self
        }
    }

    /// Words for where a refund stands.
    fn refund_state(&self, line: &RefundLine) -> &'static str {
        refund_words(line.state)
    }

    fn dispute_state(&self, line: &DisputeLine) -> &'static str {
        dispute_words(line.state)
    }
}

/// The key of the words for where a refund stands.
pub fn refund_words(state: RefundState) -> &'static str {
    match state {
        RefundState::Requested => "refund-requested",
        RefundState::Refused => "refund-refused",
        RefundState::Pending => "refund-pending",
        RefundState::Succeeded => "refund-succeeded",
        RefundState::Failed => "refund-failed",
        RefundState::Canceled => "refund-canceled",
    }
}

/// The key of the words for where a dispute stands.
pub fn dispute_words(state: DisputeState) -> &'static str {
    match state {
        DisputeState::Warning => "dispute-warning",
        DisputeState::Open => "dispute-open",
        DisputeState::Won => "dispute-won",
        DisputeState::Lost => "dispute-lost",
        DisputeState::Closed => "dispute-closed",
    }
}

impl GiveBack {
    pub(super) fn new(
        page: Page,
        order: &Order,
        may: Result<Ground, NoReturn>,
        token: Option<String>,
    ) -> Self {
        Self {
            page,
            order: OrderView::of(order),
            may,
            token,
        }
    }
}

impl Withdraw {
    pub(super) fn new(page: Page) -> Self {
        Self {
            page,
            errors: FormErrors::new(),
            order: String::new(),
            email: String::new(),
            sent: false,
        }
    }
}

impl Withdrawn {
    pub(super) fn new(page: Page, order: &Order) -> Self {
        Self {
            page,
            order: OrderView::of(order),
        }
    }
}

impl Owned {
    pub(super) fn new(page: Page, order: &Order) -> Self {
        Self {
            page,
            order: OrderView::of(order),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkout::model::tests::order;

    fn page_of(state: OrderState) -> String {
        let paid_at = matches!(state, OrderState::Paid | OrderState::Surplus)
            .then(|| Time::from_seconds(1_800_000_000));
        let order = Order {
            state,
            paid_at,
            ..order()
        };
        ShowOrder::new(Page::sample("/orders/x"), &order, false)
            .render()
            .unwrap()
    }

    #[test]
    fn every_state_says_what_happened_and_what_to_do_next() {
        for (state, word, next) in [
            (OrderState::Open, "Not paid yet", "https://pay.example/cs_1"),
            (OrderState::Pending, "takes its time", "Look again"),
            (OrderState::Paid, "It is yours", "/watch/night-train"),
            (OrderState::Surplus, "Paid twice", "/library"),
            (
                OrderState::Expired,
                "Not paid in time",
                "/films/night-train",
            ),
            (
                OrderState::Failed,
                "did not go through",
                "/films/night-train",
            ),
        ] {
            let html = page_of(state);
            for part in [
                word,
                next,
                "Night Train",
                "Lantern",
                "$9.99",
                "order-status",
            ] {
                assert!(
                    html.contains(part),
                    "{state:?}: {part} is missing in {html}"
                );
            }
        }
    }

    #[test]
    fn a_film_that_is_owned_leads_to_watching_it() {
        let html = Owned::new(Page::sample("/checkout"), &order())
            .render()
            .unwrap();
        assert!(
            html.contains("/watch/night-train") && html.contains("/orders/order_"),
            "{html}"
        );
    }
}

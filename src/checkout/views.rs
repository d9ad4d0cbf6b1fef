//! The pages of buying.

use askama::Template;
use askama_web::WebTemplate;

use crate::kernel::Money;
use crate::kernel::Time;
use crate::platform::web::Page;

use super::model::Order;
use super::model::OrderState;

/// An order: the page one returns to after paying, and the receipt later on.
#[derive(Template, WebTemplate)]
#[template(path = "checkout/order.html")]
pub(super) struct ShowOrder {
    page: Page,
    order: OrderView,
    /// Stripe did not answer just now, so the state may be behind.
    unsure: bool,
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
        }
    }

    fn heading(&self) -> &'static str {
        match self.state {
            OrderState::Open => "order-not-paid-yet",
            OrderState::Pending => "order-your-bank-takes-its-time",
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
            OrderState::Paid => "order-the-film-is-in",
            OrderState::Surplus => "order-you-had-bought",
            OrderState::Expired => "order-the-payment-page-was",
            OrderState::Failed => "order-the-bank-turned",
        }
    }

    fn is_paid(&self) -> bool {
        self.state == OrderState::Paid
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

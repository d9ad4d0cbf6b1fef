//! What the operator sees.

use askama::Template;
use askama_web::WebTemplate;

use crate::checkout::Difference;
use crate::checkout::Order;
use crate::checkout::Run;
use crate::kernel::Time;
use crate::pages::order_desk;
use crate::pages::order_desk::Desk;
use crate::platform::web::Page;

/// How the store stands, and its orders.
#[derive(Template, WebTemplate)]
#[template(path = "back_office/orders.html")]
pub(super) struct Office {
    pub(super) page: Page,
    /// The newest first.
    pub(super) runs: Vec<Run>,
    /// How far each account was compared.
    pub(super) marks: Vec<(String, Time)>,
    /// Where our books and Stripe's balance say different things.
    pub(super) differences: Vec<Difference>,
    pub(super) orders: Vec<Order>,
    pub(super) query: String,
}

impl Office {
    fn words_of(&self, order: &Order) -> &'static str {
        order_desk::order_words(order)
    }
}

/// One order.
#[derive(Template, WebTemplate)]
#[template(path = "back_office/order.html")]
pub(super) struct ShowOfficeOrder {
    pub(super) page: Page,
    pub(super) desk: Desk,
}

//! Tax within the price, and where the buyer is.

use serde_json::json;

use crate::platform::stripe::CheckoutSession;

use super::World;
use super::world;

const US_CARD: &str = "4242424242424242";
const GERMAN_CARD: &str = "4000002760000016";

impl World {
    async fn taxed(&self, order_id: &str, with: serde_json::Value) -> CheckoutSession {
        let mut new = self.new_session(order_id, 1200, "EUR");
        new.automatic_tax = true;
        let session = self.client.create_checkout_session(&new).await.unwrap();
        assert_eq!((session.tax, &session.billing_country), (None, &None));
        let path = format!("pay/{}", session.id);
        assert_eq!(self.knob(&path, with).await.0, 200);
        self.client.checkout_session(&session.id).await.unwrap()
    }
}

#[tokio::test]
async fn in_the_european_union_the_price_includes_tax() {
    let world = world().await;
    for (order_id, card, country, place, home, tax, rate) in [
        ("order_1", GERMAN_CARD, None, "DE", "DE", 192, Some(19_000)), // 191.6 of 1200
        (
            "order_2",
            US_CARD,
            Some("FR"),
            "FR",
            "US",
            200,
            Some(20_000),
        ),
        (
            "order_3",
            US_CARD,
            Some("FI"),
            "FI",
            "US",
            244,
            Some(25_500),
        ), // 243.8
        ("order_4", US_CARD, None, "US", "US", 0, None),
    ] {
        let with = json!({"card": card, "country": country});
        let paid = world.taxed(order_id, with).await;
        assert_eq!(paid.total.unwrap().minor(), 1200);
        assert_eq!(paid.tax.map(|tax| tax.minor()), Some(tax));
        assert_eq!(paid.tax_rate, rate);
        assert_eq!(paid.billing_country.as_deref(), Some(place));
        let charge = paid.charge.unwrap();
        assert_eq!(charge.card_country.as_deref(), Some(home));
    }
}

#[tokio::test]
async fn without_the_wish_no_tax_is_worked_out() {
    let world = world().await;
    let paid = world.paid("order_1", 1200, "EUR", GERMAN_CARD).await;
    assert_eq!(paid.tax, None);
    assert_eq!(paid.billing_country.as_deref(), Some("DE"));
}

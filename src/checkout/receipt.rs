//! The receipt, as a letter.

use crate::platform::config::PublicUrl;
use crate::platform::mail::Letter;
use crate::platform::mail::Message;

use super::model::Order;

/// The receipt of a paid order; sent once, whatever happens.
pub(super) fn message(order: &Order, url: &PublicUrl) -> Result<Message, askama::Error> {
    let wanted = &order.wanted;
    let paid_at = order.paid_at.unwrap_or(order.created_at);
    let facts = [
        ("Film", wanted.title_name.clone()),
        ("Sold by", wanted.studio_name.clone()),
        ("Paid", wanted.price.to_string()),
        ("Date", paid_at.minute()),
        ("Order", order.id.to_string()),
    ];
    Letter::new(format!("Your receipt for {}", wanted.title_name))
        .say("Thank you. The film is yours to watch, as often as you like.")
        .facts(
            facts
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        )
        .button(
            "Watch it now",
            url.join(&format!("/watch/{}", wanted.title_slug)),
        )
        .note(format!(
            "You find this receipt again at {}",
            url.join(&format!("/orders/{}", order.id))
        ))
        .because(format!("receipt:{}", order.id))
        .to(order.email.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkout::model::tests::order;

    #[test]
    fn a_receipt_names_film_seller_amount_and_order() {
        let order = order();
        let url = PublicUrl::parse("https://films.example").unwrap();
        let mail = message(&order, &url).unwrap();
        let watch = "https://films.example/watch/night-train";
        for part in [
            "Night Train",
            "Lantern",
            "$9.99",
            &order.id.to_string(),
            watch,
        ] {
            assert!(
                mail.text.contains(part) && mail.html.contains(part),
                "{part}"
            );
        }
        assert_eq!(mail.cause, Some(format!("receipt:{}", order.id)));
    }
}

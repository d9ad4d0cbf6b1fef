//! Letters about an order: its receipt, refunds, withdrawals.

use crate::accounts::SecretToken;
use crate::kernel::Money;
use crate::kernel::Time;
use crate::platform::config::PublicUrl;
use crate::platform::mail::Letter;
use crate::platform::mail::Message;
use crate::platform::words::Words;

use super::model::Order;

/// What a letter about an order says between the film with its seller and the order's number.
fn facts(
    words: &Words,
    order: &Order,
    what: impl IntoIterator<Item = (&'static str, String)>,
) -> Vec<(String, String)> {
    let wanted = &order.wanted;
    let film = [
        ("shared-film", wanted.title_name.clone()),
        ("order-sold-by", wanted.studio_name.clone()),
    ];
    film.into_iter()
        .chain(what)
        .chain([("order-order", order.id.to_string())])
        .map(|(key, value)| (words.t(key).to_owned(), value))
        .collect()
}

fn page_of(order: &Order, url: &PublicUrl) -> String {
    url.join(&format!("/orders/{}", order.id))
}

/// The receipt of a paid order; sent once, whatever happens.
pub(super) fn message(
    words: &Words,
    order: &Order,
    url: &PublicUrl,
) -> Result<Message, askama::Error> {
    let wanted = &order.wanted;
    let paid_at = order.paid_at.unwrap_or(order.created_at);
    let tax = order.tax();
    let taxed = (tax.minor() > 0).then(|| ("order-tax", words.price(tax)));
    let what = [("order-paid", words.price(wanted.price))]
        .into_iter()
        .chain(taxed)
        .chain([("mail-receipt-date", words.minute(paid_at))]);
    let name = wanted.title_name.as_str();
    let subject = words.say("mail-receipt-subject").with("film", name);
    let agreed = match &order.consent {
        Some(consent) => words
            .say("mail-receipt-consent")
            .with("when", words.minute(consent.given_at))
            .with("version", consent.version.as_str())
            .to_string(),
        None => words.t("mail-receipt-no-consent").to_owned(),
    };
    let withdraw = words
        .say("mail-receipt-withdraw")
        .with("link", url.join("/withdraw"));
    let again = words
        .say("mail-receipt-note")
        .with("link", page_of(order, url));
    let invoice = words
        .say("mail-receipt-invoice")
        .with("link", url.join(&format!("/orders/{}/invoice", order.id)));
    Letter::new(words, subject.to_string())
        .say(words.t("mail-receipt-thanks"))
        .facts(facts(words, order, what))
        .button(
            words.t("mail-receipt-button"),
            url.join(&format!("/watch/{}", wanted.title_slug)),
        )
        .note(words.t("mail-receipt-licence"))
        .note(agreed)
        .note(withdraw.to_string())
        .note(again.to_string())
        .note(invoice.to_string())
        .because(format!("receipt:{}", order.id))
        .to(order.email.clone())
}

/// The news of a refund; sent once, whatever happens.
pub(super) fn refund(
    words: &Words,
    order: &Order,
    name: &str,
    amount: Money,
    url: &PublicUrl,
) -> Result<Message, askama::Error> {
    let what = [
        ("mail-refund-refunded", words.price(amount)),
        ("mail-refund-of", words.price(order.wanted.price)),
    ];
    let film = order.wanted.title_name.as_str();
    let subject = words.say("mail-refund-subject").with("film", film);
    Letter::new(words, subject.to_string())
        .say(words.t("mail-refund-on-its-way"))
        .facts(facts(words, order, what))
        .button(words.t("mail-refund-button"), page_of(order, url))
        .because(format!("refund:{name}"))
        .to(order.email.clone())
}

/// Confirms a withdrawal; sent once.
pub(super) fn withdrawal(
    words: &Words,
    order: &Order,
    declared_at: Time,
    url: &PublicUrl,
) -> Result<Message, askama::Error> {
    let what = [("mail-withdrawal-declared", words.minute(declared_at))];
    let film = order.wanted.title_name.as_str();
    let subject = words.say("mail-withdrawal-subject").with("film", film);
    Letter::new(words, subject.to_string())
        .say(words.t("mail-withdrawal-we-have-it"))
        .facts(facts(words, order, what))
        .button(words.t("mail-refund-button"), page_of(order, url))
        .because(format!("withdrawal:{}", order.id))
        .to(order.email.clone())
}

/// The link by which a buyer withdraws without signing in.
pub(super) fn withdrawal_link(
    words: &Words,
    order: &Order,
    token: &SecretToken,
    url: &PublicUrl,
) -> Result<Message, askama::Error> {
    let film = order.wanted.title_name.as_str();
    let subject = words.say("mail-withdraw-link-subject").with("film", film);
    Letter::new(words, subject.to_string())
        .say(words.t("mail-withdraw-link-why"))
        .button(
            words.t("withdraw-confirm"),
            url.join(&format!("/withdraw/confirm?token={}", token.reveal())),
        )
        .note(words.t("mail-withdraw-link-note"))
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
        let mail = message(&Words::english(), &order, &url).unwrap();
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

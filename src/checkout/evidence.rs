//! Evidence: what a bank is told when a payment is disputed. The pack is English, as banks want it:
//! the order, the consent, the letters that went out, sign-ins, and when the film ran.
//!
//! A bank takes evidence once. So the words are written down before they are sent, and whoever
//! presses the button again sends the same words, which Stripe answers as before.

use std::fmt::Write;
use std::time::Duration;

use serde::Deserialize;
use serde::Serialize;

use crate::accounts;
use crate::accounts::SignIn;
use crate::kernel::ids::DisputeId;
use crate::kernel::ids::OrderId;
use crate::library;
use crate::library::Viewing;
use crate::platform::AppError;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::platform::db::Conn;
use crate::platform::mail;
use crate::platform::stripe::Evidence;
use crate::platform::stripe::StripeCallError;

use super::model::Order;
use super::payment::Occasion;
use super::returns;
use super::settle::settle;
use super::store;

/// Stripe takes 150,000 characters in all; one field takes this much of them here.
const MOST: usize = 20_000;

/// Sign-ins so long before the order still say something about it.
const BEFORE_ORDER: Duration = Duration::from_secs(24 * 60 * 60);

/// Evidence as it is kept and sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pack {
    product: String,
    email: String,
    address: Option<String>,
    since: String,
    log: String,
    policy: String,
    statement: String,
}

impl Pack {
    fn evidence(&self) -> Evidence<'_> {
        Evidence {
            product_description: &self.product,
            customer_email: &self.email,
            purchase_ip: self.address.as_deref(),
            service_date: &self.since,
            access_log: &self.log,
            refund_policy: &self.policy,
            statement: &self.statement,
        }
    }

    fn text(&self) -> String {
        format!(
            "{}\n\nWHAT WAS SOLD\n{}\n\nTERMS ON REFUNDS\n{}\n\nSIGN-INS AND PLAYS\n{}\n",
            self.statement, self.product, self.policy, self.log
        )
    }
}

/// The whole pack of an order as a text to read and to print.
pub async fn evidence_text(state: &AppState, order: &Order) -> AppResult<String> {
    let mut conn = state.db.read().await?;
    Ok(assemble(&mut conn, state, order).await?.text())
}

/// Hands the pack to the buyer's bank. What is refused is said by the key of a message, and
/// nothing was written then.
pub async fn submit_evidence(
    state: &AppState,
    order: OrderId,
    dispute: DisputeId,
) -> AppResult<Result<(), &'static str>> {
    let now = state.now();
    let mut tx = state.db.begin_write().await?;
    let order = store::lock(&mut tx, order)
        .await?
        .ok_or(AppError::NotFound)?;
    let lines = returns::dispute_lines(&mut tx, order.id).await?;
    let line = lines.into_iter().find(|line| line.id == dispute);
    let line = line.ok_or(AppError::NotFound)?;
    if line.submitted_at.is_some() {
        return Ok(Err("evidence-was-submitted"));
    }
    if !line.wants_evidence(now) {
        return Ok(Err("evidence-is-not-wanted"));
    }
    let fresh = assemble(&mut tx, state, &order).await?;
    let pack = returns::keep_evidence(&mut tx, dispute, &fresh, now).await?;
    tx.commit().await?;
    let stripe = state.stripe.acting_for(order.wanted.seller.as_ref());
    match stripe
        .submit_evidence(&line.provider_id, &pack.evidence())
        .await
    {
        Ok(_) => {}
        Err(StripeCallError::Refused { status, code }) => {
            tracing::error!(dispute = %dispute, status, code, "evidence was refused");
            return Ok(Err("evidence-was-refused"));
        }
        Err(error) => {
            tracing::error!(dispute = %dispute, "evidence could not be sent: {:#}", anyhow::Error::from(error));
            return Ok(Err("evidence-could-not-be-sent"));
        }
    }
    let mut tx = state.db.begin_write().await?;
    returns::mark_submitted(&mut tx, dispute, state.now()).await?;
    tx.commit().await?;
    if let Some(session) = &order.session_id
        && let Err(error) = settle(state, session, Occasion::Doubt).await
    {
        let chain = anyhow::Error::from(error); // reconciliation asks again
        tracing::error!(order = %order.id, "the dispute's state is not known: {chain:#}");
    }
    Ok(Ok(()))
}

async fn assemble(conn: &mut Conn, state: &AppState, order: &Order) -> AppResult<Pack> {
    let mut sign_ins = accounts::sign_ins(conn, order.account).await?;
    // What somebody did long before they bought is none of the studio's business.
    let around = order.created_at.before(BEFORE_ORDER);
    sign_ins.retain(|sign_in| sign_in.at >= around);
    let viewings = library::viewings(conn, order.account, order.wanted.title).await?;
    let letters = mail::by_cause(conn, &format!("receipt:{}", order.id)).await?;
    let url = &state.config.public_url;
    let wanted = &order.wanted;
    let statement = statement(order, letters.as_ref(), &state.now().minute());
    Ok(Pack {
        product: format!(
            "A licence to watch the film \"{}\" in the browser, sold by {} at {}. It is delivered at once, online.",
            wanted.title_name,
            wanted.studio_name,
            url.join(&format!("/films/{}", wanted.title_slug)),
        ),
        email: order.email.to_string(),
        address: order
            .consent
            .as_ref()
            .map(|consent| consent.from.clone())
            .filter(|address| !address.is_empty()), // of somebody who left, none is kept
        since: order.paid_at.unwrap_or(order.created_at).date(),
        log: cut(log(&sign_ins, &viewings)),
        policy: format!(
            "The buyer saw the terms at {} and a link to them beside the button. A purchase may be withdrawn from within 14 days by a button on the page of the order.",
            url.join("/legal/terms#withdrawal"),
        ),
        statement: cut(statement),
    })
}

fn statement(order: &Order, receipt: Option<&mail::Stored>, now: &str) -> String {
    let wanted = &order.wanted;
    let paid = order
        .paid_at
        .map_or_else(|| "not paid".to_owned(), |at| at.minute());
    let mut text = format!(
        "EVIDENCE FOR ORDER {}\nPut together on {now}.\n\nTHE ORDER\nFilm: {}\nSold by: {}\nPrice: {} {}\nOrdered: {}\nPaid: {paid}\nPayment: {}\nBuyer's address: {}\n",
        order.id,
        wanted.title_name,
        wanted.studio_name,
        wanted.price.number(),
        wanted.price.currency().code(),
        order.created_at.minute(),
        order.payment_intent.as_deref().unwrap_or("none"),
        order.email,
    );
    for (name, place) in [
        ("Billing country", &order.places.billing),
        ("Card country", &order.places.card),
        ("Network country", &order.places.network),
    ] {
        if let Some(place) = place {
            let _ = writeln!(text, "{name}: {place}");
        }
    }
    text.push_str("\nTHE CONSENT\n");
    match &order.consent {
        Some(consent) => {
            let from = match consent.from.as_str() {
                "" => "an address that is not kept any more",
                address => address,
            };
            let _ = writeln!(
                text,
                "On {} from {from} the buyer ticked two boxes, empty at first: that the film is made available at once, and that the right of withdrawal ends when it begins to run (words of {}).",
                consent.given_at.minute(),
                consent.version,
            );
        }
        None => text.push_str(
            "The buyer left the boxes empty, so the right of withdrawal stood for 14 days.\n",
        ),
    }
    text.push_str("\nTHE RECEIPT\n");
    match receipt {
        Some(letter) => {
            let sent = letter
                .sent_at
                .map_or_else(|| "not yet sent".to_owned(), |at| at.minute());
            let _ = writeln!(
                text,
                "To {} ({sent}): {}\n{}",
                letter.recipient, letter.subject, letter.body_text
            );
        }
        None => text.push_str("None is kept.\n"),
    }
    text
}

fn log(sign_ins: &[SignIn], viewings: &[Viewing]) -> String {
    let mut lines: Vec<_> = sign_ins
        .iter()
        .map(|sign_in| (sign_in.at, format!("signed in from {}", sign_in.address)))
        .collect();
    lines.extend(viewings.iter().map(|viewing| {
        let words = format!(
            "opened the film on {} from {}; it ran for {} s, until {}",
            viewing.device,
            viewing.address,
            viewing.watched_seconds,
            viewing.last_at.minute(),
        );
        (viewing.begun_at, words)
    }));
    lines.sort();
    if lines.is_empty() {
        return "Nothing was noted.".to_owned();
    }
    let lines = lines
        .iter()
        .map(|(at, words)| format!("{} {words}", at.minute()));
    lines.collect::<Vec<_>>().join("\n")
}

/// Keeps the beginning; whole characters.
fn cut(text: String) -> String {
    text.chars().take(MOST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkout::model::tests::order;
    use crate::kernel::Time;

    #[test]
    fn a_pack_names_order_consent_and_what_was_done() {
        let at = Time::from_seconds(1_800_000_000);
        let sign_ins = [SignIn {
            at,
            address: "192.0.2.1".to_owned(),
        }];
        let log = log(&sign_ins, &[]);
        assert!(log.contains("signed in from 192.0.2.1"), "{log}");
        let order = order();
        let text = statement(&order, None, "today");
        for part in [
            &*order.id.to_string(),
            "Night Train",
            "9.99 USD",
            "boxes empty",
            "None is kept",
        ] {
            assert!(text.contains(part), "{part} is missing in {text}");
        }
        assert_eq!(cut("é".repeat(MOST + 1)).chars().count(), MOST);
    }
}

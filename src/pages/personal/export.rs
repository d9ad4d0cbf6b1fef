//! Export: everything the store keeps of a person, as JSON.

use std::collections::HashMap;

use serde_json::Value;
use serde_json::json;

use crate::accounts;
use crate::accounts::SignedIn;
use crate::catalog;
use crate::checkout;
use crate::checkout::Order;
use crate::checkout::RefundLine;
use crate::invoices;
use crate::invoices::Document;
use crate::kernel::Money;
use crate::kernel::Time;
use crate::kernel::ids::TitleId;
use crate::library;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::platform::mail;
use crate::playback;

/// The file of whoever is signed in.
pub(super) async fn export(state: &AppState, person: &SignedIn) -> AppResult<Value> {
    let id = person.account_id();
    let mut conn = state.db.read().await?;
    let orders = checkout::orders_of_viewer(&mut conn, id).await?;
    let (mut refunds, mut documents) = (Vec::new(), Vec::new());
    for order in &orders {
        let of_order = checkout::refund_lines(&mut conn, order.id).await?;
        refunds.extend(of_order.iter().map(|line| refund(order, line)));
        let of_order = invoices::documents_of_order(&mut conn, order.id).await?;
        documents.extend(of_order.iter().map(|issued| document(&issued.document)));
    }
    let devices = accounts::devices_of(&mut conn, person, state.now()).await?;
    let letters = mail::to(&mut conn, person.email()).await?;
    let rights = library::of_viewer(&mut conn, id).await?;
    let viewings = library::viewings_of(&mut conn, id).await?;
    let positions = playback::positions_of(&mut conn, id).await?;
    let sign_ins = accounts::sign_ins(&mut conn, id).await?;
    let mut ids: Vec<TitleId> = rights.iter().map(|right| right.title).collect();
    ids.extend(viewings.iter().map(|viewing| viewing.title));
    ids.extend(positions.iter().map(|position| position.title));
    ids.sort_unstable();
    ids.dedup();
    let titles = catalog::titles_by_ids(&mut conn, &ids).await?;
    drop(conn);
    let names: HashMap<TitleId, &str> = titles.iter().map(|t| (t.id, t.name())).collect();
    let film = |id: &TitleId| names.get(id).copied().unwrap_or_default();
    let account = person.account();
    Ok(json!({
        "made_at": at(state.now()),
        "profile": {
            "id": id.to_string(),
            "name": account.name.as_str(),
            "email": account.email.as_str(),
            "email_confirmed": account.email_verified,
            "created_at": at(account.created_at),
            "works_for_a_studio": account.has_studio,
        },
        "orders": orders.iter().map(order).collect::<Vec<_>>(),
        "refunds": refunds,
        "invoices": documents,
        "consents": orders.iter().filter_map(consent).collect::<Vec<_>>(),
        "library": rights.iter().map(|right| json!({
            "film": film(&right.title),
            "order": right.order.to_string(),
            "since": at(right.granted_at),
        })).collect::<Vec<_>>(),
        "positions": positions.iter().map(|position| json!({
            "film": film(&position.title),
            "seconds": position.seconds,
            "at": at(position.updated_at),
        })).collect::<Vec<_>>(),
        "viewings": viewings.iter().map(|viewing| json!({
            "film": film(&viewing.title),
            "device": viewing.device,
            "network_address": viewing.address,
            "begun_at": at(viewing.begun_at),
            "last_at": at(viewing.last_at),
            "position_seconds": viewing.position_seconds,
            "watched_seconds": viewing.watched_seconds,
        })).collect::<Vec<_>>(),
        "sign_ins": sign_ins.iter().map(|sign_in| json!({
            "at": at(sign_in.at),
            "network_address": sign_in.address,
        })).collect::<Vec<_>>(),
        "sessions": devices.iter().map(|(device, since)| json!({
            "device": device,
            "since": at(*since),
        })).collect::<Vec<_>>(),
        // Without their words: a link in one may still open something.
        "mails": letters.iter().map(|letter| json!({
            "subject": letter.subject,
            "written_at": at(letter.created_at),
            "sent_at": letter.sent_at.map(at),
        })).collect::<Vec<_>>(),
    }))
}

fn at(time: Time) -> String {
    time.rfc3339()
}

fn order(order: &Order) -> Value {
    let wanted = &order.wanted;
    let currency = wanted.price.currency();
    json!({
        "id": order.id.to_string(),
        "film": wanted.title_name,
        "studio": wanted.studio_name,
        "kind": wanted.kind.as_str(),
        "price": wanted.price.number(),
        "tax": order.tax().number(),
        "refunded": Money::new(order.refunded, currency).number(),
        "currency": currency.code(),
        "state": order.state.word(),
        "ordered_at": at(order.created_at),
        "paid_at": order.paid_at.map(at),
        "receipt_to": order.email.as_str(),
        "came_by": order.source.to_string(),
        "billing_country": order.places.billing,
        "card_country": order.places.card,
        "network_country": order.places.network,
        "payment": order.payment_intent,
    })
}

fn refund(order: &Order, line: &RefundLine) -> Value {
    json!({
        "order": order.id.to_string(),
        "amount": line.amount.number(),
        "currency": line.amount.currency().code(),
        "state": line.state.word(),
        "asked_by": line.by.word(),
        "asked_at": at(line.asked_at),
    })
}

fn document(document: &Document) -> Value {
    json!({
        "order": document.order.to_string(),
        "kind": document.kind.word(),
        "number": document.number,
        "issued_at": at(Time::from_millis(document.issued_at)),
        "made_out_to": document.buyer,
        "from": document.seller,
        "total": document.money(document.gross).map(Money::number),
        "currency": document.currency,
    })
}

fn consent(order: &Order) -> Option<Value> {
    let consent = order.consent.as_ref()?;
    Some(json!({
        "order": order.id.to_string(),
        "words_of": consent.version,
        "given_at": at(consent.given_at),
        "network_address": consent.from,
    }))
}

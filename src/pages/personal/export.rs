//! Export: everything the store keeps of a person, as JSON.

use std::collections::HashMap;

use serde_json::Value;
use serde_json::json;

use crate::accounts;
use crate::accounts::SignedIn;
use crate::catalog;
use crate::checkout;
use crate::checkout::Order;
use crate::kernel::Money;
use crate::kernel::Time;
use crate::kernel::ids::TitleId;
use crate::library;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::playback;

/// The file of whoever is signed in.
pub(super) async fn export(state: &AppState, person: &SignedIn) -> AppResult<Value> {
    let id = person.account_id();
    let mut conn = state.db.read().await?;
    let orders = checkout::orders_of_viewer(&mut conn, id).await?;
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
        "payment": order.payment_intent,
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

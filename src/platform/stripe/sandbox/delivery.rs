//! Webhooks: signed, sent in the background, and sent again until the store takes them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;
use serde_json::Value;

use crate::platform::stripe::webhook;

use super::objects;
use super::shared::Shared;

/// Pauses before each further try, in milliseconds; the last one repeats.
const PAUSES_MS: [u64; 6] = [200, 1_000, 3_000, 10_000, 30_000, 60_000];
/// Then the sandbox gives up, until it is started again.
const MAX_TRIES: u32 = 50;

/// Sends every event that was never taken.
pub(super) fn resume(shared: &Arc<Shared>) {
    let waiting: Vec<String> = shared.look(|books| {
        let mut waiting: Vec<_> = books.events.iter().filter(|(_, e)| !e.delivered).collect();
        waiting.sort_by_key(|(_, event)| event.made);
        waiting.into_iter().map(|(id, _)| id.clone()).collect()
    });
    for id in waiting {
        begin(shared, id);
    }
}

/// Sends one event in the background.
pub(super) fn begin(shared: &Arc<Shared>, event_id: String) {
    let shared = shared.clone();
    tokio::spawn(async move {
        let stop = shared.stop.clone();
        stop.run_until_cancelled(until_taken(&shared, &event_id))
            .await;
    });
}

async fn until_taken(shared: &Shared, event_id: &str) {
    loop {
        let held = shared.knobs().hold_webhooks;
        if held || shared.look(|books| books.events.get(event_id).is_none_or(|e| e.delivered)) {
            return;
        }
        let Ok(status) = send(shared, event_id).await else {
            return;
        };
        let taken = status.is_some_and(|status| (200..300).contains(&status));
        let tries = shared.tried(event_id, taken);
        if taken || tries >= MAX_TRIES {
            return;
        }
        let step = usize::try_from(tries)
            .unwrap_or(usize::MAX)
            .min(PAUSES_MS.len())
            - 1;
        tokio::time::sleep(Duration::from_millis(PAUSES_MS[step])).await;
    }
}

/// Delivers one event many times, whatever became of it before, and counts the answers by
/// status; `0` counts deliveries that got none.
pub(super) async fn repeat(
    shared: &Shared,
    event_id: &str,
    times: u32,
    parallel: usize,
) -> Result<BTreeMap<u16, u32>, NoAddress> {
    let sendings = stream::iter(0..times).map(|_| send(shared, event_id));
    let mut answers = sendings.buffer_unordered(parallel.max(1));
    let mut counts = BTreeMap::new();
    while let Some(answer) = answers.next().await {
        *counts.entry(answer?.unwrap_or_default()).or_insert(0) += 1;
    }
    Ok(counts)
}

/// Nobody said where events go.
#[derive(Debug)]
pub(super) struct NoAddress;

/// One delivery; the status, or `None` when no answer came.
async fn send(shared: &Shared, event_id: &str) -> Result<Option<u16>, NoAddress> {
    let url = shared.knobs().webhook_url.clone().ok_or(NoAddress)?;
    let body = shared.look(|books| books.events.get(event_id).map(objects::event));
    let body = body.unwrap_or(Value::Null);
    let secret = match body.get("account") {
        Some(_) => &shared.connect_webhook_secret,
        None => &shared.webhook_secret,
    };
    let body = body.to_string();
    let now = shared.clock.now().seconds();
    let signature = webhook::sign(body.as_bytes(), secret, now);
    let request = shared
        .web
        .post(url)
        .header("content-type", "application/json; charset=utf-8")
        .header("stripe-signature", signature)
        .header("user-agent", "Matinee-Stripe-Sandbox/1.0")
        .body(body);
    Ok(request
        .send()
        .await
        .ok()
        .map(|answer| answer.status().as_u16()))
}

//! A log of the conversation, for people who look and for the check against Stripe's description.

use std::collections::VecDeque;
use std::fs::File;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::PoisonError;

use serde_json::Value;
use serde_json::json;

use super::SandboxError;

/// Lines kept in memory for `GET /_sandbox/requests`.
const KEPT: usize = 2_000;

/// The last lines in memory, and all of them in a file if one was named.
pub(super) struct Log {
    kept: Mutex<VecDeque<Value>>,
    file: Option<Mutex<File>>,
}

/// One API request with its answer.
pub(super) struct Exchange<'a> {
    pub method: &'a str,
    pub path: &'a str,
    pub query: &'a str,
    pub body: &'a str,
    pub idempotency_key: Option<&'a str>,
    pub stripe_version: Option<&'a str>,
    pub status: u16,
    pub answer: &'a Value,
}

impl Log {
    /// Appends to `path` if there is one.
    pub(super) fn open(path: Option<PathBuf>) -> Result<Self, SandboxError> {
        let file = match path {
            None => None,
            Some(path) => {
                let opened = OpenOptions::new().create(true).append(true).open(&path);
                Some(Mutex::new(
                    opened.map_err(|error| SandboxError::File(path, error))?,
                ))
            }
        };
        Ok(Self {
            kept: Mutex::default(),
            file,
        })
    }

    /// Notes a request. Keys and cookies are not part of it.
    pub(super) fn request(&self, exchange: &Exchange<'_>) {
        self.push(json!({
            "kind": "request", "method": exchange.method, "path": exchange.path,
            "query": exchange.query, "body": exchange.body,
            "idempotency_key": exchange.idempotency_key,
            "stripe_version": exchange.stripe_version,
            "status": exchange.status, "answer": exchange.answer,
        }));
    }

    /// Notes an event as it is delivered.
    pub(super) fn event(&self, body: &Value) {
        self.push(json!({ "kind": "event", "event": body }));
    }

    /// The last lines, oldest first.
    pub(super) fn lines(&self) -> Vec<Value> {
        self.kept
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .iter()
            .cloned()
            .collect()
    }

    fn push(&self, line: Value) {
        if let Some(file) = &self.file {
            let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
            // One write, so that several sandboxes may share a file.
            if let Err(error) = file.write_all(format!("{line}\n").as_bytes()) {
                tracing::error!(%error, "the Stripe sandbox cannot write its log");
            }
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() == KEPT {
            kept.pop_front();
        }
        kept.push_back(line);
    }
}

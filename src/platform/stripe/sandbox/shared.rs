//! The running sandbox: records behind a lock, knobs, clock, files.

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;

use secrecy::SecretString;
use tokio_util::sync::CancellationToken;

use crate::kernel::Clock;

use super::SandboxConfig;
use super::SandboxError;
use super::delivery;
use super::log::Log;
use super::records::Books;
use super::till::Till;

/// What one sandbox consists of.
pub(super) struct Shared {
    /// Where it is reached, without a slash at the end.
    pub base_url: String,
    /// Signs webhooks.
    pub webhook_secret: SecretString,
    /// Signs those of connected accounts.
    pub connect_webhook_secret: SecretString,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Delivers webhooks.
    pub web: reqwest::Client,
    /// Notes what came and went.
    pub log: Log,
    /// Ends background work.
    pub stop: CancellationToken,
    books: Mutex<Books>,
    knobs: Mutex<Knobs>,
    state_file: Option<PathBuf>,
}

/// What tests can turn.
#[derive(Debug, Default)]
pub(super) struct Knobs {
    /// Where events go.
    pub webhook_url: Option<String>,
    /// Events are kept back while this is set.
    pub hold_webhooks: bool,
    /// Charges get no balance transaction while this is set.
    pub hold_balances: bool,
    /// Statuses the next API calls fail with.
    pub faults: VecDeque<u16>,
    /// Every API call waits this long first.
    pub delay: Duration,
}

impl Shared {
    /// Reads the state file, if there is one, and opens the log.
    pub(super) fn open(
        config: SandboxConfig,
        address: SocketAddr,
        stop: CancellationToken,
    ) -> Result<Self, SandboxError> {
        // Another part of the process may have named ring first; that is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let web = reqwest::Client::builder()
            .timeout(Duration::from_secs(20))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()
            .map_err(SandboxError::Client)?;
        let books = match &config.state_file {
            Some(path) => load(path).map_err(|error| SandboxError::File(path.clone(), error))?,
            None => Books::default(),
        };
        Ok(Self {
            base_url: format!("http://{address}"),
            connect_webhook_secret: config
                .connect_webhook_secret
                .unwrap_or_else(|| config.webhook_secret.clone()),
            webhook_secret: config.webhook_secret,
            clock: config.clock,
            web,
            log: Log::open(config.log_file)?,
            stop,
            books: Mutex::new(books),
            knobs: Mutex::new(Knobs {
                webhook_url: config.webhook_url,
                ..Knobs::default()
            }),
            state_file: config.state_file,
        })
    }

    /// The knobs, for a moment.
    pub(super) fn knobs(&self) -> MutexGuard<'_, Knobs> {
        self.knobs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs one step on the records as they are now, keeps the result, and sends the events that
    /// came of it on their way.
    pub(super) fn change<R>(self: &Arc<Self>, step: impl FnOnce(&mut Till<'_>) -> R) -> R {
        let hold_balances = self.knobs().hold_balances;
        let mut books = self.books.lock().unwrap_or_else(PoisonError::into_inner);
        let before = books.made;
        let mut till = Till {
            books: &mut books,
            now: self.clock.now().seconds(),
            base_url: &self.base_url,
            api_version: stripe_shared::version::VERSION.as_str(),
            hold_balances,
            account: None,
        };
        till.sweep();
        let result = step(&mut till);
        let fresh = std::mem::take(&mut books.outbox);
        for event in fresh.iter().filter_map(|id| books.events.get(id)) {
            self.log.event(&event.body);
        }
        if books.made != before {
            self.save(&books);
        }
        drop(books);
        for id in fresh {
            delivery::begin(self, id);
        }
        result
    }

    /// Looks at the records without changing them.
    pub(super) fn look<R>(&self, question: impl FnOnce(&Books) -> R) -> R {
        question(&self.books.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Notes how the delivery of an event went; returns how often it was tried.
    pub(super) fn tried(&self, event_id: &str, taken: bool) -> u32 {
        let mut books = self.books.lock().unwrap_or_else(PoisonError::into_inner);
        let attempts = books.events.get_mut(event_id).map(|event| {
            event.attempts += 1;
            event.delivered |= taken;
            event.attempts
        });
        self.save(&books);
        attempts.unwrap_or_default()
    }

    fn save(&self, books: &Books) {
        let Some(path) = &self.state_file else { return };
        if let Err(error) = store(path, books) {
            tracing::error!(%error, "the Stripe sandbox cannot save its state");
        }
    }
}

fn load(path: &Path) -> io::Result<Books> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(serde_json::from_slice(&bytes)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Books::default()),
        Err(error) => Err(error),
    }
}

/// Written beside and moved over, so that a kill leaves the old state or the new one.
fn store(path: &Path, books: &Books) -> io::Result<()> {
    let beside = path.with_extension("new");
    std::fs::write(&beside, serde_json::to_vec(books)?)?;
    std::fs::rename(&beside, path)
}

//! What every handler shares: one `Arc`, made once in `app`.

use std::ops::Deref;
use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::kernel::Clock;
use crate::kernel::Time;
use crate::platform::blobs::Blobs;
use crate::platform::config::Config;
use crate::platform::db::Db;
use crate::platform::mail::Mailer;
use crate::platform::stripe::StripeClient;
use crate::platform::words::Catalog;
use crate::sealed::Keyring;

/// The parts of a running store.
pub struct Parts {
    /// How it was configured.
    pub config: Config,
    /// Its languages.
    pub catalog: Catalog,
    /// Its database.
    pub db: Db,
    /// Its sealed films.
    pub blobs: Blobs,
    /// Its key-encryption keys.
    pub keyring: Keyring,
    /// Its clock.
    pub clock: Arc<dyn Clock>,
    /// Its line to Stripe.
    pub stripe: StripeClient,
    /// Its way to send mail.
    pub mailer: Mailer,
    /// Places for memory-hungry work (password hashes, pictures), so that it cannot pile up.
    pub heavy_work: Arc<Semaphore>,
}

/// A cheap handle on the [`Parts`].
#[derive(Clone)]
pub struct AppState(Arc<Parts>);

impl AppState {
    /// The state of a store.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// The current moment, by the store's clock.
    pub fn now(&self) -> Time {
        self.clock.now()
    }

    /// Runs memory-hungry blocking work, a bounded number of pieces at once.
    pub async fn heavy<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> anyhow::Result<T> {
        let place = Arc::clone(&self.heavy_work).acquire_owned().await?;
        let done = tokio::task::spawn_blocking(move || {
            let _place = place; // held until the work is done, even if the caller went away
            work()
        });
        Ok(done.await?)
    }
}

impl Deref for AppState {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

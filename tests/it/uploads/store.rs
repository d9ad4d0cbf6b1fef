//! A store with nothing but uploads, on a real listener, and a client that speaks tus by hand.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use matinee::kernel::Time;
use matinee::kernel::clock::ManualClock;
use matinee::kernel::ids::TitleId;
use matinee::packaging;
use matinee::platform::AppState;
use matinee::platform::blobs::Blobs;
use matinee::platform::config::Config;
use matinee::platform::db::Db;
use matinee::platform::jobs::Runner;
use matinee::platform::mail::Mailer;
use matinee::platform::state::Parts;
use matinee::platform::stripe::StripeClient;
use matinee::platform::web::serve;
use matinee::sealed::ContainerId;
use matinee::sealed::Dek;
use matinee::sealed::Keyring;
use matinee::sealed::Root;
use matinee::sealed::Sealer;
use matinee::sealed::keyring::wrap_for_ingest;
use matinee::uploads;
use reqwest::Method;
use reqwest::RequestBuilder;
use reqwest::Response;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::harness::people;

/// The store, one studio of it and a title of that studio.
pub struct Store {
    pub state: AppState,
    pub clock: Arc<ManualClock>,
    pub address: SocketAddr,
    pub token: String,
    pub stranger: String,
    pub title: TitleId,
    http: reqwest::Client,
    _folder: tempfile::TempDir,
    stop: CancellationToken,
}

/// A film that is sealed and known to nobody yet.
pub struct Film {
    pub container: ContainerId,
    pub sealed: Vec<u8>,
    pub root: Root,
    pub metadata: String,
}

impl Drop for Store {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Store {
    pub async fn start(db: &Db) -> Self {
        Self::start_in(db, tempfile::tempdir().unwrap()).await
    }

    /// A store whose films lie in this folder.
    pub async fn start_in(db: &Db, folder: tempfile::TempDir) -> Self {
        let clock = Arc::new(ManualClock::at(Time::from_seconds(1_800_000_000)));
        let blobs_dir = folder.path().join("blobs");
        let state = AppState::new(parts(db, &clock, folder.path(), &blobs_dir));
        let (token, stranger, title) = people::two_studios(&state, "night-train").await;
        let stop = CancellationToken::new();
        let address = listen(&state, &stop).await;
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::new();
        Self {
            state,
            clock,
            address,
            token,
            stranger,
            title,
            http,
            _folder: folder,
            stop,
        }
    }

    /// The same store in a new process, as far as uploads can tell.
    pub async fn restart(&mut self) {
        self.stop.cancel();
        self.stop = CancellationToken::new();
        self.address = listen(&self.state, &self.stop).await;
    }

    /// A sealed film of `length` plaintext bytes.
    pub fn film(&self, length: usize) -> Film {
        let plaintext: Vec<u8> = (0..length).map(|i| (i * 31 % 251) as u8).collect();
        self.film_of(&plaintext)
    }

    pub fn film_of(&self, plaintext: &[u8]) -> Film {
        let (container, dek) = (
            ContainerId::generate(&mut rand::rng()),
            Dek::generate(&mut rand::rng()),
        );
        let mut sealer = Sealer::new(dek.clone(), container, plaintext.len() as u64).unwrap();
        let mut sealed = Vec::new();
        let root = sealer.seal_all(plaintext, &mut sealed, |_| ()).unwrap();
        let key = self.state.keyring.ingest_key().public_key();
        let wrapped = wrap_for_ingest(&key, container, &dek, &mut rand::rng()).unwrap();
        let metadata = metadata(&[
            ("title", "night-train"),
            ("container", &container.to_string()),
            ("length", &plaintext.len().to_string()),
            ("wrapped_dek", &URL_SAFE_NO_PAD.encode(wrapped)),
            ("commitment", &dek.commitment(container).to_string()),
            ("filename", "night train.mp4"),
        ]);
        Film {
            container,
            sealed,
            root,
            metadata,
        }
    }

    /// A request of the studio, with the protocol's version.
    pub fn ask(&self, method: &str, path: &str) -> RequestBuilder {
        self.bare(method, path)
            .bearer_auth(&self.token)
            .header("Tus-Resumable", "1.0.0")
    }

    /// A request of nobody in no protocol.
    pub fn bare(&self, method: &str, path: &str) -> RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        self.http
            .request(method, format!("http://{}{path}", self.address))
    }

    pub fn creation(&self, film: &Film) -> RequestBuilder {
        self.ask("POST", "/studio/uploads")
            .header("Upload-Length", film.sealed.len())
            .header("Upload-Metadata", &film.metadata)
    }

    /// Creates an upload and returns its path.
    pub async fn create(&self, film: &Film) -> String {
        let answer = self.creation(film).send().await.unwrap();
        assert_eq!(answer.status(), 201);
        header(&answer, "location").unwrap()
    }

    pub fn patch(&self, path: &str, offset: u64, bytes: &[u8]) -> RequestBuilder {
        self.ask("PATCH", path)
            .header("Content-Type", "application/offset+octet-stream")
            .header("Upload-Offset", offset)
            .body(bytes.to_vec())
    }

    pub async fn offset(&self, path: &str) -> u64 {
        let answer = self.ask("HEAD", path).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        header(&answer, "upload-offset").unwrap().parse().unwrap()
    }

    pub fn finish(&self, path: &str, root: &str) -> RequestBuilder {
        self.ask("POST", &format!("{path}/finish"))
            .json(&serde_json::json!({ "root": root }))
    }

    /// Sends a whole film and returns the upload's path.
    pub async fn send(&self, film: &Film) -> String {
        let path = self.create(film).await;
        let answer = self.patch(&path, 0, &film.sealed).send().await.unwrap();
        assert_eq!(answer.status(), 204);
        path
    }

    /// The stored file of an upload that is not finished.
    pub fn incoming(&self, path: &str) -> PathBuf {
        let id: matinee::kernel::ids::UploadId = path.rsplit('/').next().unwrap().parse().unwrap();
        self.state.blobs.incoming(id)
    }

    /// A runner with the background work of uploads, its periodic jobs due now.
    pub async fn runner(&self) -> Runner {
        let mut runner = Runner::new(self.state.db.clone(), self.clock.clone());
        uploads::register(&mut runner, &self.state);
        packaging::register(&mut runner, &self.state);
        runner.schedule_periodic().await.unwrap();
        runner
    }
}

pub fn header(answer: &Response, name: &str) -> Option<String> {
    answer
        .headers()
        .get(name)
        .map(|value| value.to_str().unwrap().to_owned())
}

pub fn metadata(pairs: &[(&str, &str)]) -> String {
    let pairs: Vec<_> = pairs
        .iter()
        .map(|(key, value)| format!("{key} {}", STANDARD.encode(value)))
        .collect();
    pairs.join(",")
}

async fn listen(state: &AppState, stop: &CancellationToken) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = uploads::router().with_state(state.clone());
    tokio::spawn(serve::serve(listener, router, stop.clone()));
    address
}

fn parts(
    db: &Db,
    clock: &Arc<ManualClock>,
    folder: &std::path::Path,
    blobs_dir: &std::path::Path,
) -> Parts {
    let config = Config::read(&|name| {
        let value = match name {
            "MATINEE_PUBLIC_URL" => "http://127.0.0.1:8080",
            "MATINEE_DATA_DIR" => folder.to_str().unwrap(),
            "STRIPE_SECRET_KEY" => "sk_test_x",
            "STRIPE_WEBHOOK_SECRET" => "whsec_x",
            "SMTP_URL" => "smtp://127.0.0.1:1",
            "MATINEE_MAIL_FROM" => "shop@films.example",
            _ => return None,
        };
        Some(value.to_owned())
    });
    let config = config.unwrap();
    let base = config.stripe.api_base.as_str();
    Parts {
        catalog: matinee::platform::words::Catalog::load(None).unwrap(),
        stripe: StripeClient::new(&config.stripe.secret_key, base).unwrap(),
        db: db.clone(),
        blobs: Blobs::open(blobs_dir).unwrap(),
        keyring: Keyring::ephemeral(&mut rand::rng()),
        clock: clock.clone(),
        mailer: Mailer::console(),
        heavy_work: Arc::new(tokio::sync::Semaphore::new(2)),
        config,
    }
}

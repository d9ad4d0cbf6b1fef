//! A whole store for one test: real listener, fresh database, a clock that tests move, and the
//! Stripe sandbox. Dropping it checks that the books balance.

use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

use matinee::app;
use matinee::app::App;
use matinee::checkout;
use matinee::invoices;
use matinee::kernel::BasisPoints;
use matinee::kernel::Time;
use matinee::kernel::clock::ManualClock;
use matinee::ledger;
use matinee::payouts;
use matinee::platform::AppState;
use matinee::platform::config::Config;
use matinee::platform::config::PublicUrl;
use matinee::platform::config::StripeConfig;
use matinee::platform::db::Db;
use matinee::platform::jobs::Runner;
use matinee::platform::stripe::sandbox;
use matinee::platform::stripe::sandbox::SandboxConfig;
use matinee::platform::stripe::sandbox::SandboxHandle;
use matinee::platform::web::serve;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::Person;
use super::TestDb;

/// When every test begins.
pub const START: Time = Time::from_seconds(1_800_000_000);
const WEBHOOK_SECRET: &str = "whsec_of_the_tests";
const CONNECT_SECRET: &str = "whsec_of_accounts";

/// A running store.
pub struct TestApp {
    /// Its address, `http://127.0.0.1:PORT`.
    pub url: String,
    /// Its parts, for tests that look behind the pages.
    pub state: AppState,
    /// Its clock; it stands still until a test moves it.
    pub clock: Arc<ManualClock>,
    /// The payments it talks to.
    pub sandbox: SandboxHandle,
    /// Whether the test writes into the books by itself, without orders to compare them with.
    pub books_alone: AtomicBool,
    runner: Runner,
    stop: CancellationToken,
    _folder: tempfile::TempDir,
    db: TestDb,
}

impl TestApp {
    /// A store on SQLite.
    pub async fn sqlite() -> Self {
        Self::start(TestDb::sqlite().await).await
    }

    /// A store on PostgreSQL, if there is a test server.
    pub async fn postgres() -> Option<Self> {
        Some(Self::start(TestDb::postgres().await?).await)
    }

    /// A store on SQLite that speaks one more language.
    pub async fn speaking(tag: &str, messages: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(format!("{tag}.ftl")), messages).unwrap();
        let messages_dir = Some(folder.path().to_owned());
        let change = |config: Config| Config {
            messages_dir,
            ..config
        };
        Self::start_with(TestDb::sqlite().await, change).await
    }

    /// A store on SQLite behind a proxy, whose word about addresses it takes.
    pub async fn behind_proxy() -> Self {
        let trust = |config: Config| Config {
            trusted_proxies: vec![std::net::IpAddr::from([127, 0, 0, 1])],
            ..config
        };
        Self::start_with(TestDb::sqlite().await, trust).await
    }

    /// Starts a store on a database. Background work is done when a test calls [`Self::work`].
    async fn start(db: TestDb) -> Self {
        Self::start_with(db, |config| config).await
    }

    async fn start_with(db: TestDb, change: impl FnOnce(Config) -> Config) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let clock = Arc::new(ManualClock::at(START));
        let sandbox = start_sandbox(&url, &clock).await;
        let config = change(config(&url, &db, folder.path(), &sandbox));
        let App {
            state,
            router,
            runner,
        } = app::build(config, clock.clone()).await.unwrap();
        let stop = CancellationToken::new();
        tokio::spawn(serve::serve(listener, router, stop.clone()));
        Self {
            url,
            state,
            clock,
            sandbox,
            books_alone: AtomicBool::new(false),
            runner,
            stop,
            _folder: folder,
            db,
        }
    }

    /// Does every background job that is due; how many.
    pub async fn work(&self) -> usize {
        self.runner.drain().await.unwrap()
    }

    /// The address of its database, as `DATABASE_URL` has it.
    pub fn database(&self) -> &str {
        &self.db.address
    }

    /// Someone with a browser of their own, who is not signed in.
    pub fn nobody(&self) -> Person {
        Person::new(&self.url)
    }
}

async fn start_sandbox(url: &str, clock: &Arc<ManualClock>) -> SandboxHandle {
    sandbox::start(SandboxConfig {
        bind: "127.0.0.1:0".parse().unwrap(),
        webhook_url: Some(format!("{url}/webhooks/stripe")),
        webhook_secret: WEBHOOK_SECRET.to_owned().into(),
        connect_webhook_secret: Some(CONNECT_SECRET.to_owned().into()),
        clock: clock.clone(),
        state_file: None,
        // tests/run holds what is said there against Stripe's own description.
        log_file: std::env::var_os("MATINEE_STRIPE_LOG").map(Into::into),
    })
    .await
    .unwrap()
}

fn config(url: &str, db: &TestDb, folder: &Path, sandbox: &SandboxHandle) -> Config {
    Config {
        bind: "127.0.0.1:0".parse().unwrap(), // the listener exists already
        public_url: PublicUrl::parse(url).unwrap(),
        data_dir: folder.to_owned(),
        database_url: db.address.clone(),
        blobs_dir: folder.join("blobs"),
        kek_file: folder.join("kek"),
        stripe: StripeConfig {
            secret_key: "sk_test_of_the_tests".to_owned().into(),
            webhook_secrets: vec![WEBHOOK_SECRET.to_owned().into()],
            connect_webhook_secrets: Vec::new(),
            api_base: sandbox.base_url().parse().unwrap(),
        },
        smtp: None,
        fee: BasisPoints::new(500).unwrap(),
        trusted_proxies: Vec::new(),
        messages_dir: None,
        demo: true,
    }
}

/// A store in which each studio sells by its own account.
pub struct ConnectedApp(TestApp);

impl ConnectedApp {
    /// Such a store on SQLite.
    pub async fn sqlite() -> Self {
        Self::start(TestDb::sqlite().await).await
    }

    /// Such a store on PostgreSQL, if there is a test server.
    pub async fn postgres() -> Option<Self> {
        Some(Self::start(TestDb::postgres().await?).await)
    }

    async fn start(db: TestDb) -> Self {
        let connect = |mut config: Config| {
            config.stripe.connect_webhook_secrets = vec![CONNECT_SECRET.to_owned().into()];
            config
        };
        Self(TestApp::start_with(db, connect).await)
    }
}

impl Deref for ConnectedApp {
    type Target = TestApp;

    fn deref(&self) -> &TestApp {
        &self.0
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.stop.cancel();
        if std::thread::panicking() {
            return; // the test has its own complaint
        }
        let address = self.db.address.clone();
        let books_alone = self.books_alone.load(Ordering::Relaxed);
        let faults = super::db::in_the_end(async move {
            let db = Db::connect(&address).await.unwrap();
            let mut conn = db.read().await.unwrap();
            let mut faults = ledger::audit(&mut conn).await.unwrap();
            if !books_alone {
                faults.extend(checkout::audit(&mut conn).await.unwrap());
                faults.extend(invoices::audit(&mut conn).await.unwrap());
            }
            faults.extend(payouts::audit(&mut conn).await.unwrap());
            faults
        });
        assert!(faults.is_empty(), "the books do not balance: {faults:#?}");
    }
}

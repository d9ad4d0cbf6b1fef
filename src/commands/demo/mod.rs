//! `matinee demo`: a whole shop on this machine, for people who want to see it before they set
//! anything up. Payments go to the built-in sandbox, mail is printed and readable at `/dev/mail`.
//! It starts again with what it had.

use std::io::Write as _;
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use rand::Rng as _;
use secrecy::SecretString;
use tokio::net::TcpListener;

use crate::app;
use crate::commands::CommandError;
use crate::commands::demo::past::DemoClock;
use crate::commands::serve;
use crate::kernel::BasisPoints;
use crate::kernel::Clock;
use crate::platform::config::Config;
use crate::platform::config::PublicUrl;
use crate::platform::config::StripeConfig;
use crate::platform::config::is_loopback;
use crate::platform::config::messages_dir;
use crate::platform::stripe::sandbox;
use crate::platform::stripe::sandbox::SandboxConfig;
use crate::platform::stripe::sandbox::SandboxHandle;

mod connect;
mod films;
mod past;
mod seed;
mod send;

/// The file of the database.
const DATABASE: &str = "matinee.db";

/// What `matinee demo` may be told.
#[derive(Debug, clap::Args)]
pub struct DemoArgs {
    /// Address to listen on; only this machine can reach it
    #[arg(long, default_value = "127.0.0.1:8080")]
    bind: SocketAddr,
    /// The address people type, when a proxy on this machine stands before the shop
    #[arg(long, value_name = "URL", value_parser = local_address)]
    public_url: Option<PublicUrl>,
    /// Folder in which the shop keeps everything
    #[arg(long, default_value = "matinee-demo")]
    data: PathBuf,
    /// Keep orders and books in this database of its own (postgres://…) instead of a file in the folder
    #[arg(long, value_name = "URL", value_parser = database_address)]
    database: Option<String>,
    /// Open the shop without films, studios and viewers
    #[arg(long)]
    empty: bool,
    /// Sell by the operator's Stripe account, as a shop of one studio does; otherwise each studio
    /// connects its own
    #[arg(long)]
    own_account: bool,
}

/// Runs the demo until Ctrl-C.
pub async fn run(args: DemoArgs) -> Result<(), CommandError> {
    if !args.bind.ip().is_loopback() {
        return Err(CommandError::usage(format!(
            "--bind: the demo has no real payments and prints its passwords, so it listens on \
             this machine only, not on {}.",
            args.bind
        )));
    }
    let listener = listen(args.bind).await?;
    let address = listener.local_addr().map_err(CommandError::failed)?;
    std::fs::create_dir_all(&args.data).map_err(|error| {
        CommandError::usage(format!("--data: {}: {error}.", args.data.display()))
    })?;
    let is_new = !args.empty && !args.data.join(DATABASE).exists();
    let demo_clock = Arc::new(if is_new {
        DemoClock::in_the_past()
    } else {
        DemoClock::default()
    });
    let clock: Arc<dyn Clock> = Arc::<DemoClock>::clone(&demo_clock);
    let secrets = Secrets::of(&args.data).map_err(CommandError::failed)?;
    let sandbox = start_sandbox(&args.data, &secrets, address, Arc::clone(&clock)).await?;
    let public_url = args.public_url.map_or_else(|| own_address(address), Ok)?;
    let mut config = config(&args.data, address, public_url, &sandbox, secrets)?;
    if let Some(database) = args.database {
        config.database_url = database;
    }
    if args.own_account {
        config.stripe.connect_webhook_secrets.clear();
    }
    let app = app::build(config, clock).await?;
    let state = app.state.clone();
    let stop = serve::stop_on_signal()?;
    let serving = tokio::spawn(serve::until_stopped(app, listener, stop.clone()));
    let origin = state.config.public_url.origin().to_owned();
    if !args.empty {
        let seeded = tokio::select! {
            seeded = seed::seed(&state, &sandbox, is_new.then_some(&*demo_clock)) => seeded,
            () = stop.cancelled() => Ok(()),
        };
        seeded
            .map_err(|error| CommandError::failed(format!("filling the demo shop: {error:#}")))?;
    }
    if !stop.is_cancelled() {
        println!("{}", welcome(&origin, sandbox.base_url(), args.empty));
    }
    serving.await.map_err(CommandError::failed)
}

/// Reads `--public-url`; the demo stays on this machine, whatever stands before it.
fn local_address(text: &str) -> Result<PublicUrl, String> {
    let local = url::Url::parse(text).is_ok_and(|url| is_loopback(&url));
    PublicUrl::parse(text).filter(|_| local).ok_or_else(|| {
        "must be an address on this machine, such as http://127.0.0.1:9000".to_owned()
    })
}

/// Reads `--database`.
fn database_address(text: &str) -> Result<String, String> {
    let known = ["sqlite:", "postgres:", "postgresql:"];
    let is_known = known.iter().any(|scheme| text.starts_with(scheme));
    let refusal = || "must begin with sqlite: or postgres:".to_owned();
    is_known.then(|| text.to_owned()).ok_or_else(refusal)
}

/// Without `--public-url`, people type the address the shop listens on.
fn own_address(address: SocketAddr) -> Result<PublicUrl, CommandError> {
    PublicUrl::parse(&format!("http://{address}"))
        .ok_or_else(|| CommandError::usage("--bind: not an address."))
}

/// Takes the address; the usual one being taken gets words of its own.
async fn listen(bind: SocketAddr) -> Result<TcpListener, CommandError> {
    TcpListener::bind(bind).await.map_err(|error| {
        CommandError::usage(format!(
            "--bind: cannot listen on {bind}: {error}. Another port: --bind 127.0.0.1:8090"
        ))
    })
}

async fn start_sandbox(
    data: &Path,
    secrets: &Secrets,
    store: SocketAddr,
    clock: Arc<dyn Clock>,
) -> Result<SandboxHandle, CommandError> {
    let config = |port| SandboxConfig {
        bind: SocketAddr::from(([127, 0, 0, 1], port)),
        webhook_url: Some(format!("http://{store}/webhooks/stripe")),
        webhook_secret: secrets.own.clone(),
        connect_webhook_secret: Some(secrets.connected.clone()),
        clock: Arc::clone(&clock),
        state_file: Some(data.join("stripe-sandbox.json")),
        log_file: Some(data.join("stripe-sandbox.log")),
    };
    // The port beside the store's, so that payment pages opened before a restart still work.
    let beside = store.port().checked_add(1).unwrap_or(0);
    match sandbox::start(config(beside)).await {
        Ok(sandbox) => Ok(sandbox),
        Err(_) => sandbox::start(config(0))
            .await
            .map_err(CommandError::failed),
    }
}

fn config(
    data: &Path,
    address: SocketAddr,
    public_url: PublicUrl,
    sandbox: &SandboxHandle,
    secrets: Secrets,
) -> Result<Config, CommandError> {
    Ok(Config {
        bind: address,
        public_url,
        data_dir: data.to_owned(),
        database_url: format!("sqlite://{}?mode=rwc", data.join(DATABASE).display()),
        blobs_dir: data.join("blobs"),
        kek_file: data.join("kek"),
        stripe: StripeConfig {
            secret_key: "sk_test_sandbox".to_owned().into(),
            webhook_secrets: vec![secrets.own],
            connect_webhook_secrets: vec![secrets.connected],
            api_base: sandbox.base_url().parse().map_err(CommandError::failed)?,
        },
        smtp: None,
        fee: BasisPoints::ZERO,
        trusted_proxies: Vec::new(),
        messages_dir: messages_dir(),
        demo: true,
    })
}

/// The secrets between sandbox and store: of the shop's own events, and of connected accounts'.
struct Secrets {
    own: SecretString,
    connected: SecretString,
}

impl Secrets {
    fn of(data: &Path) -> std::io::Result<Self> {
        Ok(Self {
            own: webhook_secret(&data.join("webhook-secret"))?,
            connected: webhook_secret(&data.join("connect-webhook-secret"))?,
        })
    }
}

/// A secret, made at the first start.
fn webhook_secret(file: &Path) -> std::io::Result<SecretString> {
    if let Ok(secret) = std::fs::read_to_string(file) {
        return Ok(secret.into());
    }
    let mut random = [0_u8; 24];
    rand::rng().fill_bytes(&mut random);
    let secret = format!("whsec_{}", hex::encode(random));
    let mut options = std::fs::OpenOptions::new();
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)?;
    file.write_all(secret.as_bytes())?;
    file.sync_all()?;
    Ok(secret.into())
}

fn welcome(origin: &str, stripe: &str, empty: bool) -> String {
    let accounts = if empty {
        String::new()
    } else {
        seed::accounts()
    };
    format!(
        "\nThe shop is open: {origin}\n{accounts}\n  mail     {origin}/dev/mail\n  \
         stripe   {stripe}/dashboard\n  payments are \
         pretended: card 4242 4242 4242 4242, any date to come, any CVC\n\nCtrl-C closes the shop."
    )
}

//! The only place where everything meets: state, router, background jobs.

use std::os::unix::fs::DirBuilderExt;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::extract::MatchedPath;
use axum::extract::Request;
use axum::http::Extensions;
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::Version;
use axum::http::header;
use axum::middleware;
use axum::middleware::Next;
use axum::response::Response;
use tokio::sync::Semaphore;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::request_id::MakeRequestUuid;
use tower_http::request_id::PropagateRequestIdLayer;
use tower_http::request_id::SetRequestIdLayer;
use tower_http::timeout::TimeoutLayer;
use tower_http::trace::TraceLayer;

use crate::accounts;
use crate::catalog;
use crate::checkout;
use crate::invoices;
use crate::kernel::Clock;
use crate::packaging;
use crate::pages::back_office;
use crate::pages::dev_mail;
use crate::pages::personal;
use crate::pages::storefront;
use crate::pages::studio_portal;
use crate::payouts;
use crate::platform::AppError;
use crate::platform::AppState;
use crate::platform::blobs::Blobs;
use crate::platform::config::Config;
use crate::platform::db;
use crate::platform::db::Db;
use crate::platform::jobs::Runner;
use crate::platform::limits;
use crate::platform::mail;
use crate::platform::mail::Mailer;
use crate::platform::state::Parts;
use crate::platform::stripe::StripeClient;
use crate::platform::telemetry;
use crate::platform::web::assets;
use crate::platform::web::errors;
use crate::platform::web::headers;
use crate::platform::web::health;
use crate::platform::web::session;
use crate::platform::words::Catalog;
use crate::playback;
use crate::sealed::Keyring;
use crate::studios;
use crate::uploads;

/// How long an ordinary request may take, its body included. Uploads and posters have rules of
/// their own.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// The largest body of an ordinary request.
const BODY_LIMIT: usize = 256 * 1024;

/// A store that is ready to serve.
pub struct App {
    /// What its handlers share.
    pub state: AppState,
    /// Its routes, layers included.
    pub router: Router,
    /// Its background work.
    pub runner: Runner,
}

/// Why a store cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration names something that is not usable; one sentence.
    #[error("{0}")]
    Refused(String),
    /// A part of it does not work.
    #[error("{0}")]
    Broken(&'static str, #[source] anyhow::Error),
}

/// Puts a store together from its configuration.
pub async fn build(config: Config, clock: Arc<dyn Clock>) -> Result<App, StartError> {
    make_private_folder(&config.data_dir)?;
    let db = Db::open(&config.database_url)
        .await
        .map_err(|error| broken("DATABASE_URL names a database that cannot be used", error))?;
    let keyring = Keyring::load_or_create(&config.kek_file, &mut rand::rng())
        .map_err(|error| StartError::Refused(format!("MATINEE_KEK_FILE: {error}.")))?;
    check_keyring(&db, &keyring).await?;
    let blobs = Blobs::open(&config.blobs_dir)
        .map_err(|error| broken("MATINEE_BLOBS names a folder that cannot be used", error))?;
    let stripe = StripeClient::new(&config.stripe.secret_key, config.stripe.api_base.as_str())
        .map_err(|error| broken("STRIPE_API_BASE cannot be used", error))?;
    let mailer = mailer(&config)?;
    let catalog = Catalog::load(config.messages_dir.as_deref())
        .map_err(|fault| StartError::Refused(format!("MATINEE_MESSAGES: {fault}.")))?;
    let session_layer = session::layer(db.clone(), Arc::clone(&clock), &config.public_url);
    let state = AppState::new(Parts {
        config,
        catalog,
        db,
        blobs,
        keyring,
        clock,
        stripe,
        mailer,
        heavy_work: Arc::new(Semaphore::new(heavy_places())),
    });
    let router = layered(routes(&state), &state, session_layer);
    let runner = runner(&state);
    Ok(App {
        state,
        router,
        runner,
    })
}

/// Every route of the store. Ordinary ones have a time-out; uploads and posters take longer.
fn routes(state: &AppState) -> Router<AppState> {
    let metrics = telemetry::start_metrics();
    let ordinary = Router::new()
        .merge(health::router(metrics))
        .merge(accounts::router())
        .merge(studios::router())
        .merge(playback::router())
        .merge(studio_portal::router())
        .merge(invoices::router())
        .merge(payouts::router())
        .merge(personal::router())
        .merge(storefront::router())
        .layer(TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            REQUEST_TIMEOUT,
        ))
        .merge(checkout::router()) // waits for Stripe, with a time-out of its own
        .merge(studios::payments_router()) // so does this
        .merge(studio_portal::orders_router())
        .merge(back_office::router())
        .merge(studio_portal::poster_router()) // a picture takes longer to arrive
        .fallback(|| async { AppError::NotFound }) // so that its page, too, knows the visitor
        .layer(middleware::from_fn_with_state(
            state.clone(),
            accounts::identify,
        ));
    let demo = if state.config.demo {
        dev_mail::router()
    } else {
        Router::new()
    };
    Router::new()
        .merge(ordinary)
        .merge(assets::router())
        .merge(playback::sealed_router())
        .merge(uploads::router())
        .merge(catalog::router())
        .merge(demo)
}

/// Every kind of background work.
fn runner(state: &AppState) -> Runner {
    let mut runner = Runner::new(state.db.clone(), Arc::clone(&state.clock));
    let of_mail = state.clone();
    runner.on(mail::SEND, move |job| {
        let state = of_mail.clone();
        async move { mail::send(&state.db, &state.mailer, job, state.now()).await }
    });
    accounts::register(&mut runner, state);
    checkout::register(&mut runner, state);
    uploads::register(&mut runner, state);
    packaging::register(&mut runner, state);
    playback::register(&mut runner, state);
    payouts::register(&mut runner, state);
    let of_sweep = state.clone();
    runner.every("platform.sweep", Duration::from_secs(3600), move || {
        let state = of_sweep.clone();
        async move { sweep(&state).await }
    });
    runner
}

/// Forgets sessions and counters that are over.
async fn sweep(state: &AppState) -> anyhow::Result<()> {
    let now = state.now();
    let mut tx = state.db.begin_write().await?;
    session::forget_expired(&mut tx, now).await?;
    limits::forget_old(&mut tx, now).await?;
    tx.commit().await?;
    Ok(())
}

/// The layers around every route, the outermost last.
fn layered(
    routes: Router<AppState>,
    state: &AppState,
    sessions: tower_sessions::SessionManagerLayer<session::DbSessions>,
) -> Router {
    routes
        .layer(sessions)
        .layer(CsrfLayer::new())
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(CatchPanicLayer::new())
        .layer(middleware::from_fn_with_state(
            state.clone(),
            storefront::offer_films,
        ))
        .layer(middleware::from_fn_with_state(
            state.clone(),
            errors::render,
        ))
        .layer(CompressionLayer::new().compress_when(is_text))
        .layer(middleware::from_fn_with_state(
            state.clone(),
            headers::secure,
        ))
        .layer(middleware::from_fn(measure))
        .layer(TraceLayer::new_for_http().make_span_with(span))
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
        .with_state(state.clone())
}

/// Pages, JSON and tables are compressed on the way; films, posters and static files are not
/// (they do not shrink, or were compressed at build).
fn is_text(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or("");
    [
        "text/html",
        "text/csv",
        "application/json",
        "application/xml",
    ]
    .iter()
    .any(|text| kind.starts_with(text))
}

/// A request in the log: method and path, never the query, which may hold a ticket.
fn span(request: &Request) -> tracing::Span {
    let id = errors::request_id(request.headers());
    tracing::info_span!("request", id, method = %request.method(), path = request.uri().path())
}

/// Counts and times every request by its route.
async fn measure(request: Request, next: Next) -> Response {
    let matched = request.extensions().get::<MatchedPath>();
    let route = matched.map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());
    let started = std::time::Instant::now();
    let answer = next.run(request).await;
    let labels = [
        ("route", route),
        ("status", answer.status().as_u16().to_string()),
    ];
    metrics::counter!("matinee_requests_total", &labels).increment(1);
    metrics::histogram!("matinee_request_seconds", &labels).record(started.elapsed().as_secs_f64());
    answer
}

/// Password hashes take 46 MiB and a core each: as many at once as there are cores.
fn heavy_places() -> usize {
    std::thread::available_parallelism().map_or(2, std::num::NonZero::get)
}

fn mailer(config: &Config) -> Result<Mailer, StartError> {
    let Some(smtp) = &config.smtp else {
        return Ok(Mailer::console());
    };
    let url = secrecy::ExposeSecret::expose_secret(&smtp.url);
    Mailer::smtp(url, smtp.from.clone())
        .map_err(|error| StartError::Broken("SMTP_URL cannot be used", error))
}

/// The data folder is for the store's own user only.
fn make_private_folder(folder: &Path) -> Result<(), StartError> {
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|error| broken("MATINEE_DATA_DIR names a folder that cannot be made", error))
}

/// A database belongs to the keys it began with: another key file would leave every film closed.
async fn check_keyring(db: &Db, keyring: &Keyring) -> Result<(), StartError> {
    let ours = keyring.fingerprint().to_string();
    let asked = async {
        let mut tx = db.begin_write().await?;
        let known = db::write_setting_once(&mut tx, "kek", &ours).await?;
        tx.commit().await?;
        Ok::<_, sqlx::Error>(known)
    };
    let known = asked
        .await
        .map_err(|error| broken("the database cannot be read", error))?;
    if known
        .parse()
        .is_ok_and(|fingerprint| keyring.holds(fingerprint))
    {
        return Ok(());
    }
    Err(StartError::Refused(
        "MATINEE_KEK_FILE does not hold the key that this database was made with.".to_owned(),
    ))
}

fn broken(what: &'static str, error: impl Into<anyhow::Error>) -> StartError {
    StartError::Broken(what, error.into())
}

//! `matinee serve`: the production store.

use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::signal::unix::SignalKind;
use tokio::signal::unix::signal;
use tokio_util::sync::CancellationToken;

use crate::app;
use crate::app::App;
use crate::app::StartError;
use crate::commands::CommandError;
use crate::kernel::clock::SystemClock;
use crate::platform::config::Config;
use crate::platform::web::serve;

/// Runs the store that the environment describes, until SIGTERM or Ctrl-C.
pub async fn run() -> Result<(), CommandError> {
    let config = Config::from_env().map_err(CommandError::usage)?;
    let bind = config.bind;
    let app = app::build(config, Arc::new(SystemClock)).await?;
    let listener = listen(bind).await?;
    let address = listener.local_addr().map_err(CommandError::failed)?;
    let stop = stop_on_signal()?; // before the first word: who reads it may stop us at once
    eprintln!(
        "matinee: serving {} on http://{address}",
        app.state.config.public_url.origin()
    );
    until_stopped(app, listener, stop).await;
    Ok(())
}

/// Takes the address to serve on.
pub async fn listen(bind: std::net::SocketAddr) -> Result<TcpListener, CommandError> {
    TcpListener::bind(bind).await.map_err(|error| {
        CommandError::usage(format!("MATINEE_BIND: cannot listen on {bind}: {error}."))
    })
}

/// Serves and works in the background until `stop`, then drains and closes the database.
pub async fn until_stopped(app: App, listener: TcpListener, stop: CancellationToken) {
    let App {
        state,
        router,
        runner,
    } = app;
    if let Err(error) = runner.schedule_periodic().await {
        tracing::error!("periodic work cannot be scheduled: {error}");
    }
    let work = tokio::spawn({
        let stop = stop.clone();
        async move { runner.run(stop).await }
    });
    serve::serve(listener, router, stop).await;
    let _ = tokio::time::timeout(serve::DRAIN, work).await; // a longer job is taken up again later
    state.db.close().await;
}

/// A token that the first SIGTERM or Ctrl-C cancels; the second one ends the process at once.
pub fn stop_on_signal() -> Result<CancellationToken, CommandError> {
    let mut terminate = signal(SignalKind::terminate()).map_err(CommandError::failed)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(CommandError::failed)?;
    let stop = CancellationToken::new();
    let stopper = stop.clone();
    tokio::spawn(async move {
        for first in [true, false] {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            if first {
                eprintln!("matinee: finishing running requests; stop again to end at once");
                stopper.cancel();
            } else {
                std::process::exit(130);
            }
        }
    });
    Ok(stop)
}

impl From<StartError> for CommandError {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Refused(sentence) => Self::usage(sentence),
            StartError::Broken(what, cause) => Self::usage(format!("{what}: {cause:#}.")),
        }
    }
}

//! Our own accept loop: `axum::serve` has no header time-out, no cap on connections and no bounded
//! drain. A client has [`HEADER_TIMEOUT`] for a request head and may rest between two requests for
//! [`IDLE_TIMEOUT`]; [`MAX_CONNECTIONS`] are open at most; after `stop` nothing new is accepted and
//! running requests have [`DRAIN`] to finish.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper_util::rt::TokioExecutor;
use hyper_util::rt::TokioIo;
use hyper_util::rt::TokioTimer;
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use crate::platform::web::client::Peer;
use crate::platform::web::stream::Stage;
use crate::platform::web::stream::Stream;

/// How long a client may take for a request head: for the first from the connection on, for each
/// later one from its first byte.
pub const HEADER_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a connection may rest between two requests.
pub const IDLE_TIMEOUT: Duration = Duration::from_secs(75);
/// Connections open at once.
pub const MAX_CONNECTIONS: usize = 12_000;
/// How long running requests may go on after the stop.
pub const DRAIN: Duration = Duration::from_secs(25);

/// Serves until `stop` is cancelled, then drains.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) {
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let graceful = GracefulShutdown::new();
    loop {
        let place = Arc::clone(&places)
            .acquire_owned()
            .await
            .expect("never closed");
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                let connection = connection(stream, peer, router.clone(), graceful.watcher());
                tokio::spawn(async move {
                    connection.await;
                    drop(place);
                });
            }
            Err(error) => pause_after(&error).await,
        }
    }
    drop(listener); // new connections are refused from here on
    if tokio::time::timeout(DRAIN, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("some requests did not finish within {} s", DRAIN.as_secs());
    }
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    watcher: hyper_util::server::graceful::Watcher,
) {
    let stage = Stage::default();
    let stream = Stream::new(stream, stage.clone(), HEADER_TIMEOUT);
    let service = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
        stage.head_is_complete();
        let mut request: Request = request.map(Body::new);
        request.extensions_mut().insert(Peer(peer));
        let (stage, answer) = (stage.clone(), router.clone().oneshot(request));
        async move {
            let answer = answer.await?;
            Ok::<_, Infallible>(answer.map(|body| stage.until_the_end_of(body)))
        }
    });
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(IDLE_TIMEOUT) // hyper counts from the end of the last answer
        .max_buf_size(64 * 1024)
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(Duration::from_secs(20))
        .max_concurrent_streams(64)
        .max_header_list_size(32 * 1024);
    let served = builder
        .serve_connection(TokioIo::new(stream), service)
        .into_owned();
    if let Err(error) = watcher.watch(served).await {
        tracing::debug!(%peer, "connection ended: {error}");
    }
}

/// Out of file descriptors: waiting is all that helps. Other errors concern one client only.
async fn pause_after(error: &io::Error) {
    tracing::warn!("accepting a connection: {error}");
    tokio::time::sleep(Duration::from_millis(50)).await;
}

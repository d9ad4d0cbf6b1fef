//! One client's connection, below hyper: sends films from their files, and is impatient with request
//! heads only.

use std::future::Future;
use std::io;
use std::io::IoSlice;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::AtomicU8;
use std::sync::atomic::Ordering;
use std::task::Context;
use std::task::Poll;
use std::task::ready;
use std::time::Duration;

use axum::body::Body;
use axum::body::Bytes;
use hyper::body::Frame;
use hyper::body::SizeHint;
use tokio::io::AsyncRead;
use tokio::io::AsyncWrite;
use tokio::io::Interest;
use tokio::io::ReadBuf;
use tokio::net::TcpStream;
use tokio::time::Sleep;

use crate::platform::blobs::Source;
use crate::platform::blobs::source_of;

/// Bytes of a file that are sent at once, so that a quick client does not keep a thread for itself.
const MOST_AT_ONCE: usize = 1 << 20;
/// Bytes that may wait in a socket beyond what its client has room for. More would only be sent
/// later, by whoever brings the client's acknowledgements, and keeps an answer that nobody reads
/// any more on its way.
#[cfg(target_os = "linux")]
const MOST_UNSENT: u32 = 256 << 10;
/// How a client opens who speaks HTTP/2 at once; that protocol looks after idle clients itself.
const HTTP2_PREFACE: &[u8] = b"PRI ";

/// Where a connection stands between two requests.
const IDLE: u8 = 0;
const IN_HEAD: u8 = 1;
const BUSY: u8 = 2;

/// Shared between a connection and the requests on it.
#[derive(Clone, Debug, Default)]
pub(super) struct Stage(Arc<AtomicU8>);

impl Stage {
    fn is(&self, stage: u8) -> bool {
        self.0.load(Ordering::Acquire) == stage
    }

    fn set(&self, stage: u8) {
        self.0.store(stage, Ordering::Release);
    }

    /// The head of a request is here.
    pub(super) fn head_is_complete(&self) {
        self.set(BUSY);
    }

    /// The body of an answer, at whose end the connection is idle again.
    pub(super) fn until_the_end_of(&self, body: Body) -> Body {
        Body::new(LastPart {
            body,
            stage: self.clone(),
        })
    }
}

/// A connection.
pub(super) struct Stream {
    tcp: TcpStream,
    stage: Stage,
    patience: Duration,
    deadline: Option<Pin<Box<Sleep>>>,
    has_spoken: bool,
    is_http2: bool,
}

impl Stream {
    /// `patience` is how long a request head may take: the first counts from now, each later one
    /// from its first byte.
    pub(super) fn new(tcp: TcpStream, stage: Stage, patience: Duration) -> Self {
        tune(&tcp);
        stage.set(IN_HEAD);
        Self {
            tcp,
            stage,
            patience,
            deadline: Some(Box::pin(tokio::time::sleep(patience))),
            has_spoken: false,
            is_http2: false,
        }
    }

    /// Something came in: while nothing was asked, it is the beginning of a head.
    fn note(&mut self, came: &[u8]) {
        if came.is_empty() {
            return;
        }
        if !self.has_spoken {
            self.has_spoken = true;
            self.is_http2 = came.starts_with(HTTP2_PREFACE);
        }
        if self.is_http2 {
            self.stage.set(BUSY);
        } else if self.stage.is(IDLE) {
            self.stage.set(IN_HEAD);
            self.deadline = Some(Box::pin(tokio::time::sleep(self.patience)));
        }
    }

    /// Fails once a head has taken too long.
    fn poll_patience(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        if !self.stage.is(IN_HEAD) {
            self.deadline = None;
        }
        match &mut self.deadline {
            Some(deadline) => {
                ready!(deadline.as_mut().poll(cx));
                Poll::Ready(io::ErrorKind::TimedOut.into())
            }
            None => Poll::Pending,
        }
    }

    fn poll_send(
        &mut self,
        cx: &mut Context<'_>,
        source: &Source,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let most = bytes.len().min(MOST_AT_ONCE);
        loop {
            ready!(self.tcp.poll_write_ready(cx))?;
            let tcp = &self.tcp;
            match tcp.try_io(Interest::WRITABLE, || source.send(tcp, most)) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                // Not every file system can; then the bytes are written like any others.
                Err(error) if is_unable(&error) => {
                    return Pin::new(&mut self.tcp).poll_write(cx, bytes);
                }
                sent => return Poll::Ready(sent),
            }
        }
    }
}

/// None of it is needed for a right answer, so what a system cannot do is left out.
fn tune(tcp: &TcpStream) {
    let _ = tcp.set_nodelay(true); // small answers must not wait for more
    #[cfg(target_os = "linux")]
    let _ = socket2::SockRef::from(tcp).set_tcp_notsent_lowat(MOST_UNSENT);
}

fn is_unable(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported
    )
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        if let Poll::Ready(read) = Pin::new(&mut self.tcp).poll_read(cx, buffer) {
            self.note(&buffer.filled()[before..]);
            return Poll::Ready(read);
        }
        self.poll_patience(cx).map(Err)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match source_of(bytes) {
            Some(source) => self.poll_send(cx, &source, bytes),
            None => Pin::new(&mut self.tcp).poll_write(cx, bytes),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let found = slices.iter().map(|slice| source_of(slice));
        match found.enumerate().find_map(|(at, found)| Some((at, found?))) {
            Some((0, source)) => self.poll_send(cx, &source, &slices[0]),
            Some((at, _)) => Pin::new(&mut self.tcp).poll_write_vectored(cx, &slices[..at]),
            None => Pin::new(&mut self.tcp).poll_write_vectored(cx, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tcp).poll_shutdown(cx)
    }
}

/// The body of an answer; when it goes, the next request may come.
struct LastPart {
    body: Body,
    stage: Stage,
}

impl Drop for LastPart {
    fn drop(&mut self) {
        self.stage.set(IDLE);
    }
}

impl hyper::body::Body for LastPart {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

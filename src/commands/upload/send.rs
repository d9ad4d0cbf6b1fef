//! Sending: a thread reads and seals the next block while the one before it is on the line.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use indicatif::ProgressBar;
use reqwest::Body;
use tokio::sync::Mutex;
use tokio::sync::mpsc;
use tokio::task::JoinError;
use tokio::task::spawn_blocking;
use url::Url;

use super::client::Client;
use super::client::ClientError;
use super::journal::Journal;
use super::source::Film;
use crate::commands::CommandError;
use crate::sealed::SealError;
use crate::sealed::Sealer;
use crate::sealed::layout::SEGMENT_BYTES;

/// Bytes that are read, sealed and sent in one piece.
const BLOCK_BYTES: u64 = 8 << 20;
/// Sealed blocks that wait for the line, besides the one on it.
const BLOCKS_AHEAD: usize = 1;
/// Bytes of one request.
const REQUEST_BYTES: u64 = 512 << 20;
/// How long a line may stand still.
const STALLED: Duration = Duration::from_secs(60);

/// Why sending stopped.
#[derive(Debug, thiserror::Error)]
pub(super) enum SendError {
    /// The store, or the line to it.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The file is not what it was.
    #[error("{0}; run again with --restart to throw away what was sent and begin anew")]
    Changed(SealError),
    /// The journal does not reach as far as the store does.
    #[error("the journal of this upload is gone")]
    JournalLost,
    /// Reading, sealing or the journal failed.
    #[error("{0}")]
    Local(String),
}

/// Sends everything from `offset` on. The journal comes back in any case.
pub(super) async fn send(
    client: &Client,
    film: &Film,
    sealer: Sealer,
    upload: &Url,
    offset: u64,
    journal: Journal,
    bar: &ProgressBar,
) -> Result<(Journal, Result<(), SendError>), CommandError> {
    if journal.len() * SEGMENT_BYTES < offset {
        let gap = journal.len() < film.layout.segments_of_ciphertext(0..offset).end;
        if gap {
            return Ok((journal, Err(SendError::JournalLost)));
        }
    }
    let file = film.file.try_clone().map_err(CommandError::failed)?;
    let (blocks, receiver) = mpsc::channel(BLOCKS_AHEAD);
    let sealing = spawn_blocking(move || seal_blocks(sealer, &file, offset, journal, &blocks));
    let sent = send_blocks(
        client,
        film.layout.ciphertext_len(),
        upload,
        offset,
        receiver,
        bar,
    )
    .await;
    let gone = |error: JoinError| CommandError::failed(error);
    let (journal, sealed) = sealing.await.map_err(gone)?; // ends soon: nobody takes its blocks
    // What went wrong here explains what the store saw.
    Ok((journal, sealed.and(sent)))
}

/// Seals block after block; each leaves only when its tags are in the journal for good.
fn seal_blocks(
    mut sealer: Sealer,
    file: &std::fs::File,
    offset: u64,
    mut journal: Journal,
    blocks: &mpsc::Sender<Bytes>,
) -> (Journal, Result<(), SendError>) {
    let mut work = |journal: &mut Journal| -> Result<(), SendError> {
        let end = sealer.layout().ciphertext_len();
        // The last whole segment that the store has is sealed once more, only to be compared.
        let again = (offset / SEGMENT_BYTES).saturating_sub(1) * SEGMENT_BYTES;
        let mut take = |n: u64, tag: &_| journal.take(n, tag);
        let seal = |error| match error {
            SealError::Changed { .. } => SendError::Changed(error),
            other => SendError::Local(super::super::with_causes(&other)),
        };
        sealer
            .seal_range(file, again..offset, &mut io::sink(), &mut take)
            .map_err(seal)?;
        let mut at = offset;
        while at < end {
            // Blocks end where a segment does, so that none is sealed twice.
            let next = end.min((at / BLOCK_BYTES + 1) * BLOCK_BYTES);
            let mut block = Vec::with_capacity((next - at) as usize);
            let mut take = |n: u64, tag: &_| journal.take(n, tag);
            sealer
                .seal_range(file, at..next, &mut block, &mut take)
                .map_err(seal)?;
            journal
                .sync()
                .map_err(|error| SendError::Local(format!("the journal: {error}")))?;
            if blocks.blocking_send(block.into()).is_err() {
                return Ok(()); // the line broke
            }
            at = next;
        }
        Ok(())
    };
    let done = work(&mut journal);
    (journal, done)
}

/// Sends the blocks in requests of a bounded length.
async fn send_blocks(
    client: &Client,
    end: u64,
    upload: &Url,
    offset: u64,
    blocks: mpsc::Receiver<Bytes>,
    bar: &ProgressBar,
) -> Result<(), SendError> {
    let blocks = Arc::new(Mutex::new((blocks, Bytes::new())));
    let taken = Arc::new(AtomicU64::new(offset));
    let mut at = offset;
    while at < end {
        let length = REQUEST_BYTES.min(end - at);
        let body = body(Arc::clone(&blocks), Arc::clone(&taken), length, bar.clone());
        let request = client.patch(upload, at, length, body);
        let stored = tokio::select! {
            stored = request => stored?,
            () = stalled(&taken) => return Err(ClientError::Away(client.origin()).into()),
        };
        if stored != at + length {
            return Err(ClientError::NotNow(format!("it has {stored} bytes")).into());
        }
        at = stored;
    }
    Ok(())
}

type Blocks = Arc<Mutex<(mpsc::Receiver<Bytes>, Bytes)>>;

/// The next `length` bytes as the body of a request.
fn body(blocks: Blocks, taken: Arc<AtomicU64>, length: u64, bar: ProgressBar) -> Body {
    Body::wrap_stream(stream::try_unfold(length, move |left| {
        let (blocks, taken, bar) = (Arc::clone(&blocks), Arc::clone(&taken), bar.clone());
        async move {
            if left == 0 {
                return Ok(None);
            }
            let mut blocks = blocks.lock().await;
            if blocks.1.is_empty() {
                let next = blocks.0.recv().await;
                blocks.1 = next.ok_or_else(|| io::Error::other("sealing stopped"))?;
            }
            let most = usize::try_from(left)
                .unwrap_or(usize::MAX)
                .min(blocks.1.len());
            let piece = blocks.1.split_to(most);
            let before = taken.fetch_add(piece.len() as u64, Ordering::Relaxed);
            bar.set_position(before); // this piece is on the line, those before it have left
            let rest = left - piece.len() as u64;
            Ok::<_, io::Error>(Some((piece, rest)))
        }
    }))
}

/// Ends when no byte was taken for too long.
async fn stalled(taken: &AtomicU64) {
    let mut before = taken.load(Ordering::Relaxed);
    loop {
        tokio::time::sleep(STALLED).await;
        let now = taken.load(Ordering::Relaxed);
        if now == before {
            return;
        }
        before = now;
    }
}

//! The root: one digest over every segment tag in order.

use std::io;
use std::io::Read;

use sha2::Digest;
use sha2::Sha256;
use thiserror::Error;

use super::digest::Root;
use super::id::ContainerId;
use super::layout::Layout;
use super::layout::LayoutError;
use super::layout::SEGMENT_BYTES;
use super::segment::Tag;

const ROOT_LABEL: &[u8] = b"matinee/v1/root";
/// Segments read at a time when a stored container is walked through.
const BATCH_SEGMENTS: u64 = 16;

/// Why a stored container has no root.
#[derive(Debug, Error)]
pub enum RootError {
    /// The declared length has no layout.
    #[error("working out the layout of the container")]
    Layout(#[from] LayoutError),
    /// Fewer or more bytes are stored than the declared length asks for.
    #[error("the stored container does not have the length it was declared with")]
    WrongLength,
    /// Storage failed.
    #[error("reading the stored container")]
    Read(#[source] io::Error),
}

/// Takes the tags of a container in order and becomes its root.
#[derive(Clone)]
pub struct RootHasher(Sha256);

impl RootHasher {
    /// A hasher for this container, bound to its id and length.
    pub fn new(container: ContainerId, layout: Layout) -> Self {
        let hasher = Sha256::new()
            .chain_update(ROOT_LABEL)
            .chain_update(container.as_bytes())
            .chain_update(layout.plaintext_len().to_be_bytes());
        Self(hasher)
    }

    /// Takes the tag of the next segment.
    pub fn update(&mut self, tag: &Tag) {
        self.0.update(tag);
    }

    /// The root of all tags taken.
    pub fn finish(self) -> Root {
        Root::from_bytes(self.0.finalize().into())
    }
}

/// Computes the root of a stored container without any key, reading it once from start to end.
pub fn root_of(
    mut ciphertext: impl Read,
    container: ContainerId,
    plaintext_len: u64,
) -> Result<Root, RootError> {
    let layout = Layout::new(plaintext_len)?;
    let mut hasher = RootHasher::new(container, layout);
    let mut batch = vec![0; (BATCH_SEGMENTS * SEGMENT_BYTES) as usize];
    let mut left = layout.ciphertext_len();
    while left > 0 {
        let take = left.min(batch.len() as u64) as usize;
        ciphertext
            .read_exact(&mut batch[..take])
            .map_err(short_is_wrong_length)?;
        for slot in batch[..take].chunks(SEGMENT_BYTES as usize) {
            let tag = slot
                .last_chunk()
                .expect("a layout leaves room for a tag in every segment");
            hasher.update(tag);
        }
        left -= take as u64;
    }
    match ciphertext.read(&mut batch[..1]).map_err(RootError::Read)? {
        0 => Ok(hasher.finish()),
        _ => Err(RootError::WrongLength),
    }
}

fn short_is_wrong_length(error: io::Error) -> RootError {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => RootError::WrongLength,
        _ => RootError::Read(error),
    }
}

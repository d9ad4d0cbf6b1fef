//! Sealing: from a plaintext with random access to any range of its container.

use std::io;
use std::io::Write;
use std::ops::Range;

use rand::CryptoRng;
use thiserror::Error;

use super::digest::Commitment;
use super::digest::Root;
use super::id::ContainerId;
use super::keys::Dek;
use super::keys::KEY_BYTES;
use super::keys::PeriodHeader;
use super::layout::Layout;
use super::layout::LayoutError;
use super::layout::SEGMENT_BYTES;
use super::layout::Segment;
use super::root::RootHasher;
use super::segment::PeriodCipher;
use super::segment::Tag;
use super::source::ReadAt;

/// Segments sealed between two writes: few enough to stay in a core's own cache.
const BATCH_SEGMENTS: u64 = 4;
const BATCH_BYTES: u64 = BATCH_SEGMENTS * SEGMENT_BYTES;

/// Why sealing stopped.
#[derive(Debug, Error)]
pub enum SealError {
    /// The plaintext cannot be read, or has become shorter.
    #[error("reading the file that is sealed")]
    Read(#[source] io::Error),
    /// The sealed bytes cannot be written.
    #[error("writing the sealed bytes")]
    Write(#[source] io::Error),
    /// The plaintext is not the one that this key began to seal.
    #[error("the file changed since sealing began (segment {segment})")]
    Changed {
        /// The first segment that differs.
        segment: u64,
    },
}

/// Seals one plaintext of a fixed length under one DEK.
///
/// It makes the bytes of any range of the container when asked, in bounded memory. One made by
/// [`new`](Self::new), asked again for the same range of the same plaintext, in another process
/// if need be, makes the same bytes.
pub struct Sealer {
    dek: Dek,
    container: ContainerId,
    layout: Layout,
    header_seed: Vec<u8>,
    period: Option<SealingPeriod>,
    batch: Vec<u8>,
}

struct SealingPeriod {
    index: u32,
    header: PeriodHeader,
    cipher: PeriodCipher,
}

impl Sealer {
    /// A sealer for a plaintext of this length, which another process can continue.
    ///
    /// The caller keeps a journal of tags: see [`seal_range`](Self::seal_range).
    pub fn new(dek: Dek, container: ContainerId, plaintext_len: u64) -> Result<Self, LayoutError> {
        let (layout, header_seed) = (Layout::new(plaintext_len)?, Vec::new());
        Ok(Self {
            dek,
            container,
            layout,
            header_seed,
            period: None,
            batch: Vec::new(),
        })
    }

    /// A sealer that works in one go: its bytes differ each time, so there is nothing to journal
    /// and nothing to continue.
    pub fn in_one_go(
        dek: Dek,
        container: ContainerId,
        plaintext_len: u64,
        rng: &mut dyn CryptoRng,
    ) -> Result<Self, LayoutError> {
        let mut header_seed = vec![0; KEY_BYTES];
        rng.fill_bytes(&mut header_seed);
        Ok(Self {
            header_seed,
            ..Self::new(dek, container, plaintext_len)?
        })
    }

    /// Where everything will lie.
    pub const fn layout(&self) -> Layout {
        self.layout
    }

    /// The id that is bound into every key.
    pub const fn container(&self) -> ContainerId {
        self.container
    }

    /// The commitment to the key, to be stored beside its envelope.
    pub fn commitment(&self) -> Commitment {
        self.dek.commitment(self.container)
    }

    /// Writes the bytes `range` of the container to `out`, in order.
    ///
    /// `witness` is given number and tag of each segment that the range touches, before any byte
    /// of it is written. Whoever can restart answers from a journal of tags: it records a new
    /// tag durably, and refuses with [`SealError::Changed`] a segment that had another one. This
    /// is what makes nonce reuse impossible. The part of the range beyond the end is ignored.
    pub fn seal_range(
        &mut self,
        plaintext: &(impl ReadAt + ?Sized),
        range: Range<u64>,
        out: &mut (impl Write + ?Sized),
        mut witness: impl FnMut(u64, &Tag) -> Result<(), SealError>,
    ) -> Result<(), SealError> {
        let layout = self.layout;
        let segments = layout.segments_of_ciphertext(range.clone());
        let mut batch = std::mem::take(&mut self.batch);
        batch.resize(BATCH_BYTES as usize, 0);
        let mut next = segments.start;
        while next < segments.end {
            let first = next;
            let mut filled = 0;
            next = segments.end.min(first + BATCH_SEGMENTS);
            for place in (first..next).filter_map(|number| layout.segment(number)) {
                let slot = &mut batch[filled..filled + place.slot_len() as usize];
                plaintext
                    .read_exact_at(&mut slot[place.plaintext_in_slot()], place.plaintext.start)
                    .map_err(SealError::Read)?;
                let tag = self.seal_in_place(&place, slot);
                witness(place.number, &tag)?;
                filled += slot.len();
            }
            let wanted = within(&range, first * SEGMENT_BYTES, filled);
            out.write_all(&batch[wanted]).map_err(SealError::Write)?;
        }
        self.batch = batch;
        Ok(())
    }

    /// Writes the whole container to `out` and returns its root.
    ///
    /// `progress` is told how many bytes of the container are written so far.
    pub fn seal_all(
        &mut self,
        plaintext: &(impl ReadAt + ?Sized),
        out: &mut (impl Write + ?Sized),
        mut progress: impl FnMut(u64),
    ) -> Result<Root, SealError> {
        let mut hasher = RootHasher::new(self.container, self.layout);
        let end = self.layout.ciphertext_len();
        let mut at = 0;
        while at < end {
            let next = end.min(at + BATCH_BYTES);
            self.seal_range(plaintext, at..next, out, |_, tag| {
                hasher.update(tag);
                Ok(())
            })?;
            at = next;
            progress(at);
        }
        Ok(hasher.finish())
    }

    /// Seals segment `place` where it lies: `slot` holds its plaintext between the room for the
    /// header (first segments only) and the room for the tag.
    ///
    /// For callers that lay out their own buffers; what [`seal_range`](Self::seal_range) says
    /// about the journal of tags holds for them too.
    pub fn seal_in_place(&mut self, place: &Segment, slot: &mut [u8]) -> Tag {
        let period = self.enter(place.period);
        let (header, body) = slot.split_at_mut(place.header_len() as usize);
        if !header.is_empty() {
            header.copy_from_slice(&period.header.to_bytes());
        }
        let (body, tag_bytes) = body.split_at_mut(place.plaintext_len() as usize);
        let tag = period.cipher.seal(place.index, place.last, body);
        tag_bytes.copy_from_slice(&tag);
        tag
    }

    /// The period's header and cipher, derived once while work stays inside it.
    fn enter(&mut self, index: u32) -> &SealingPeriod {
        if self
            .period
            .as_ref()
            .is_none_or(|period| period.index != index)
        {
            let header =
                self.dek
                    .period_header(self.container, self.layout, index, &self.header_seed);
            let key = self
                .dek
                .period_key(self.container, self.layout, index, &header);
            let cipher = PeriodCipher::new(&key, &header);
            self.period = Some(SealingPeriod {
                index,
                header,
                cipher,
            });
        }
        self.period.as_ref().expect("entered just above")
    }
}

/// The part of a batch that begins at `start` and lies within `range`.
fn within(range: &Range<u64>, start: u64, len: usize) -> Range<usize> {
    let from = range.start.saturating_sub(start).min(len as u64) as usize;
    let to = range.end.saturating_sub(start).min(len as u64) as usize;
    from..to
}

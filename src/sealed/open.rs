//! Opening: any range of the plaintext from a container with random access.

use std::io;
use std::io::Read;
use std::io::Seek;
use std::io::SeekFrom;
use std::io::Write;
use std::ops::Range;

use thiserror::Error;

use super::id::ContainerId;
use super::keys::Dek;
use super::keys::PeriodHeader;
use super::layout::Layout;
use super::layout::LayoutError;
use super::layout::SEGMENT_BYTES;
use super::layout::Segment;
use super::segment::PeriodCipher;
use super::source::ReadAt;

/// Why opening stopped.
///
/// A wrong key, a wrong id and every kind of altered byte are one and the same
/// [`Damaged`](Self::Damaged): telling them apart would only help whoever alters bytes.
#[derive(Debug, Error)]
pub enum OpenError {
    /// The container does not hold what was sealed under this key and id.
    #[error("the container is damaged, or was not sealed with this key and id")]
    Damaged,
    /// The container was made by a format that this program does not know.
    #[error("unknown format version")]
    UnknownVersion,
    /// Bytes are missing at the end.
    #[error("the container is truncated")]
    Truncated,
    /// Storage failed.
    #[error("reading the container")]
    Read(#[source] io::Error),
    /// The opened bytes cannot be written.
    #[error("writing the opened bytes")]
    Write(#[source] io::Error),
}

/// Opens ranges of one container.
///
/// It reads only the segments that a range touches, holds one of them at a time, and releases
/// nothing of a segment before its tag was checked.
pub struct Opener<S> {
    source: S,
    dek: Dek,
    container: ContainerId,
    layout: Layout,
    period: Option<OpeningPeriod>,
    buffer: Vec<u8>,
    opened: Option<Opened>,
}

struct OpeningPeriod {
    index: u32,
    cipher: PeriodCipher,
}

/// The segment whose plaintext lies in the buffer.
#[derive(Clone)]
struct Opened {
    place: Segment,
    at: Range<usize>,
}

impl<S: ReadAt> Opener<S> {
    /// An opener for a container whose layout follows from its length.
    pub fn new(source: S, dek: Dek, container: ContainerId) -> Result<Self, OpenError> {
        let size = source.size().map_err(OpenError::Read)?;
        let layout = Layout::from_ciphertext_len(size).map_err(|fault| match fault {
            LayoutError::TooLong => OpenError::Damaged,
            LayoutError::Empty | LayoutError::NotAContainerLength => OpenError::Truncated,
        })?;
        Ok(Self::prepared(source, dek, container, layout))
    }

    /// An opener for a container whose length is known from elsewhere, as the store's is.
    pub fn with_layout(
        source: S,
        dek: Dek,
        container: ContainerId,
        layout: Layout,
    ) -> Result<Self, OpenError> {
        let size = source.size().map_err(OpenError::Read)?;
        match size.cmp(&layout.ciphertext_len()) {
            std::cmp::Ordering::Less => Err(OpenError::Truncated),
            std::cmp::Ordering::Equal => Ok(Self::prepared(source, dek, container, layout)),
            std::cmp::Ordering::Greater => Err(OpenError::Damaged),
        }
    }

    fn prepared(source: S, dek: Dek, container: ContainerId, layout: Layout) -> Self {
        let buffer = vec![0; SEGMENT_BYTES as usize];
        Self {
            source,
            dek,
            container,
            layout,
            period: None,
            buffer,
            opened: None,
        }
    }

    /// Where everything lies.
    pub const fn layout(&self) -> Layout {
        self.layout
    }

    /// Opens segment `number` and returns its plaintext; beyond the end, an empty slice.
    pub fn segment(&mut self, number: u64) -> Result<&[u8], OpenError> {
        let Some(opened) = self.open(number)? else {
            return Ok(&[]);
        };
        Ok(&self.buffer[opened.at])
    }

    /// Writes the plaintext bytes `range` to `out`, in order, segment by segment.
    ///
    /// The part of the range beyond the end is ignored. After an error `out` holds only bytes of
    /// segments that were checked.
    pub fn copy_range(
        &mut self,
        range: Range<u64>,
        out: &mut (impl Write + ?Sized),
    ) -> Result<(), OpenError> {
        for number in self.layout.segments_of_plaintext(range.clone()) {
            let Some(opened) = self.open(number)? else {
                break;
            };
            let start = opened.place.plaintext.start;
            let plain = &self.buffer[opened.at];
            let from = range.start.saturating_sub(start) as usize;
            let to = (range.end - start).min(plain.len() as u64) as usize;
            out.write_all(&plain[from..to]).map_err(OpenError::Write)?;
        }
        Ok(())
    }

    /// The plaintext as a stream that can be read and sought, for parsers of film files.
    pub const fn into_reader(self) -> PlaintextReader<S> {
        PlaintextReader {
            opener: self,
            position: 0,
        }
    }

    fn open(&mut self, number: u64) -> Result<Option<Opened>, OpenError> {
        if let Some(opened) = self.opened.as_ref().filter(|o| o.place.number == number) {
            return Ok(Some(opened.clone()));
        }
        let Some(place) = self.layout.segment(number) else {
            return Ok(None);
        };
        self.opened = None;
        let mut buffer = std::mem::take(&mut self.buffer);
        let slot = &mut buffer[..place.slot_len() as usize];
        let result = read(&self.source, slot, place.slot.start)
            .and_then(|()| self.open_in_place(&place, slot));
        self.buffer = buffer;
        result?;
        let opened = Opened {
            at: place.plaintext_in_slot(),
            place,
        };
        self.opened = Some(opened.clone());
        Ok(Some(opened))
    }

    /// Opens segment `place` where it lies: `slot` holds its bytes of the container, and the
    /// plaintext stands at [`Segment::plaintext_in_slot`] afterwards. After an error it holds
    /// nothing of the plaintext.
    pub fn open_in_place(&mut self, place: &Segment, slot: &mut [u8]) -> Result<(), OpenError> {
        self.enter(place.period)?;
        let period = self.period.as_ref().expect("entered just above");
        let sealed = &mut slot[place.header_len() as usize..];
        period
            .cipher
            .open(place.index, place.last, sealed)
            .map(drop)
    }

    /// Reads the period's header and derives its key, once while work stays inside it.
    fn enter(&mut self, index: u32) -> Result<(), OpenError> {
        if self
            .period
            .as_ref()
            .is_some_and(|period| period.index == index)
        {
            return Ok(());
        }
        let place = self.layout.period(index).ok_or(OpenError::Truncated)?;
        let mut bytes = [0; PeriodHeader::BYTES];
        read(&self.source, &mut bytes, place.ciphertext.start)?;
        let header = PeriodHeader::parse(&bytes)?;
        let key = self
            .dek
            .period_key(self.container, self.layout, index, &header);
        self.period = Some(OpeningPeriod {
            index,
            cipher: PeriodCipher::new(&key, &header),
        });
        Ok(())
    }
}

fn read(source: &impl ReadAt, buf: &mut [u8], offset: u64) -> Result<(), OpenError> {
    source
        .read_exact_at(buf, offset)
        .map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => OpenError::Truncated,
            _ => OpenError::Read(error),
        })
}

/// The plaintext of a container as [`Read`] and [`Seek`].
pub struct PlaintextReader<S> {
    opener: Opener<S>,
    position: u64,
}

impl<S: ReadAt> PlaintextReader<S> {
    /// Where everything lies.
    pub const fn layout(&self) -> Layout {
        self.opener.layout
    }
}

impl<S: ReadAt> Read for PlaintextReader<S> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let rest = self.position..self.opener.layout.plaintext_len();
        let segments = self.opener.layout.segments_of_plaintext(rest);
        if buf.is_empty() || segments.is_empty() {
            return Ok(0);
        }
        let opened = self.opener.open(segments.start).map_err(io::Error::from)?;
        let Some(Opened { place, at }) = opened else {
            return Ok(0);
        };
        let plain = &self.opener.buffer[at];
        let rest = &plain[(self.position - place.plaintext.start) as usize..];
        let take = rest.len().min(buf.len());
        buf[..take].copy_from_slice(&rest[..take]);
        self.position += take as u64;
        Ok(take)
    }
}

impl<S: ReadAt> Seek for PlaintextReader<S> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let target = match to {
            SeekFrom::Start(offset) => Some(offset),
            SeekFrom::End(by) => self.opener.layout.plaintext_len().checked_add_signed(by),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
        };
        self.position = target.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

impl From<OpenError> for io::Error {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Read(error) | OpenError::Write(error) => error,
            OpenError::Truncated => Self::new(io::ErrorKind::UnexpectedEof, error),
            OpenError::Damaged | OpenError::UnknownVersion => {
                Self::new(io::ErrorKind::InvalidData, error)
            }
        }
    }
}

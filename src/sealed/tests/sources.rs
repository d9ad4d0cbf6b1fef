//! Plaintexts and containers of any length that exist only where they are read.

use std::cell::RefCell;
use std::io;
use std::ops::Range;

use crate::sealed::ContainerId;
use crate::sealed::Dek;
use crate::sealed::OpenError;
use crate::sealed::Opener;
use crate::sealed::ReadAt;
use crate::sealed::Sealer;

/// The key of every test container.
pub(super) fn dek() -> Dek {
    Dek::from_bytes([0x11; 32])
}

/// The id of every test container.
pub(super) fn id() -> ContainerId {
    uuid::Uuid::from_bytes([0x22; 16]).into()
}

/// No divisor or multiple of a segment's length, so that every segment looks different.
const PAGE: u64 = 1_000;

/// A plaintext whose pages begin with their number.
#[derive(Clone, Copy)]
pub(super) struct Film(pub(super) u64);

impl Film {
    /// The bytes of a range.
    pub(super) fn bytes(self, range: Range<u64>) -> Vec<u8> {
        let mut out = vec![0; (range.end - range.start) as usize];
        self.read_exact_at(&mut out, range.start).unwrap();
        out
    }

    /// The whole container in memory.
    pub(super) fn sealed(self) -> Vec<u8> {
        let mut out = Vec::new();
        sealer(self).seal_all(&self, &mut out, |_| ()).unwrap();
        out
    }
}

impl ReadAt for Film {
    fn size(&self) -> io::Result<u64> {
        Ok(self.0)
    }

    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()> {
        if offset + buf.len() as u64 > self.0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut filled = 0;
        while filled < buf.len() {
            let at = offset + filled as u64;
            let skip = (at % PAGE) as usize;
            let mut page = [0xA5; PAGE as usize];
            page[..8].copy_from_slice(&(at / PAGE).to_be_bytes());
            let take = (page.len() - skip).min(buf.len() - filled);
            buf[filled..filled + take].copy_from_slice(&page[skip..skip + take]);
            filled += take;
        }
        Ok(())
    }
}

/// A sealer of this film under the test key and id.
pub(super) fn sealer(film: Film) -> Sealer {
    Sealer::new(dek(), id(), film.0).unwrap()
}

/// A container that is sealed where it is read, so that it can have any number of periods.
pub(super) struct SealedOnRead {
    film: Film,
    sealer: RefCell<Sealer>,
}

impl SealedOnRead {
    pub(super) fn new(film: Film) -> Self {
        Self {
            film,
            sealer: RefCell::new(sealer(film)),
        }
    }
}

impl ReadAt for SealedOnRead {
    fn size(&self) -> io::Result<u64> {
        Ok(self.sealer.borrow().layout().ciphertext_len())
    }

    fn read_exact_at(&self, mut buf: &mut [u8], offset: u64) -> io::Result<()> {
        let range = offset..offset + buf.len() as u64;
        let mut sealer = self.sealer.borrow_mut();
        sealer
            .seal_range(&self.film, range, &mut buf, |_, _| Ok(()))
            .unwrap();
        Ok(())
    }
}

/// A container whose bytes come from elsewhere in another: what a hostile store can build.
pub(super) struct Rearranged<S> {
    /// The container the bytes come from.
    pub(super) inner: S,
    /// The ranges of it that make up the new one, in order.
    pub(super) parts: Vec<Range<u64>>,
}

impl<S: ReadAt> ReadAt for Rearranged<S> {
    fn size(&self) -> io::Result<u64> {
        Ok(self.parts.iter().map(|part| part.end - part.start).sum())
    }

    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()> {
        let (mut filled, mut part_start) = (0, 0);
        for part in &self.parts {
            let at = offset + filled as u64;
            let part_end = part_start + part.end - part.start;
            if at < part_end && filled < buf.len() {
                let take = (buf.len() - filled).min((part_end - at) as usize);
                let from = part.start + at - part_start;
                self.inner
                    .read_exact_at(&mut buf[filled..filled + take], from)?;
                filled += take;
            }
            part_start = part_end;
        }
        if filled < buf.len() {
            Err(io::ErrorKind::UnexpectedEof.into())
        } else {
            Ok(())
        }
    }
}

/// Opens a range with the test key and id.
pub(super) fn open(source: impl ReadAt, range: Range<u64>) -> Result<Vec<u8>, OpenError> {
    let mut out = Vec::new();
    Opener::new(source, dek(), id())?.copy_range(range, &mut out)?;
    Ok(out)
}

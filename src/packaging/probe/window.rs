//! A file seen through a small window: reads at any offset, never much at once, and in all not
//! more than headers need.

use std::io::ErrorKind;
use std::io::Read;
use std::io::Seek;
use std::io::SeekFrom;

use super::ProbeError;
use super::malformed;

/// The largest header that is read in one piece.
pub(super) const MOST_AT_ONCE: u64 = 1 << 20;
/// Bytes and pieces that all headers together may have.
const BUDGET: u64 = 64 << 20;
const PIECES: u64 = 400_000;

/// The window.
pub(super) struct Window<R> {
    reader: R,
    length: u64,
    budget: u64,
    pieces: u64,
}

impl<R: Read + Seek> Window<R> {
    pub(super) const fn new(reader: R, length: u64) -> Self {
        Self {
            reader,
            length,
            budget: BUDGET,
            pieces: PIECES,
        }
    }

    /// Bytes of the whole file.
    pub(super) const fn length(&self) -> u64 {
        self.length
    }

    /// Exactly `length` bytes at `offset`.
    pub(super) fn exactly(&mut self, offset: u64, length: u64) -> Result<Vec<u8>, ProbeError> {
        let bytes = self.up_to(offset, length)?;
        if bytes.len() as u64 == length {
            Ok(bytes)
        } else {
            Err(malformed())
        }
    }

    /// At most `length` bytes at `offset`, fewer at the end of the file.
    pub(super) fn up_to(&mut self, offset: u64, length: u64) -> Result<Vec<u8>, ProbeError> {
        let length = length.min(self.length.saturating_sub(offset));
        if length > MOST_AT_ONCE {
            return Err(malformed());
        }
        self.budget = self.budget.checked_sub(length).ok_or_else(malformed)?;
        self.pieces = self.pieces.checked_sub(1).ok_or_else(malformed)?;
        let mut bytes = vec![0; length as usize];
        self.reader.seek(SeekFrom::Start(offset))?;
        match self.reader.read_exact(&mut bytes) {
            Ok(()) => Ok(bytes),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => Err(malformed()),
            Err(error) => Err(error.into()),
        }
    }
}

/// Numbers of a slice, big-endian; `None` beyond its end.
pub(super) trait Numbers {
    /// One byte.
    fn u8_at(&self, at: usize) -> Option<u8>;
    /// Two bytes.
    fn u16_at(&self, at: usize) -> Option<u16>;
    /// Four bytes.
    fn u32_at(&self, at: usize) -> Option<u32>;
    /// Eight bytes.
    fn u64_at(&self, at: usize) -> Option<u64>;
}

impl Numbers for [u8] {
    fn u8_at(&self, at: usize) -> Option<u8> {
        self.get(at).copied()
    }

    fn u16_at(&self, at: usize) -> Option<u16> {
        Some(u16::from_be_bytes(*self.get(at..)?.first_chunk()?))
    }

    fn u32_at(&self, at: usize) -> Option<u32> {
        Some(u32::from_be_bytes(*self.get(at..)?.first_chunk()?))
    }

    fn u64_at(&self, at: usize) -> Option<u64> {
        Some(u64::from_be_bytes(*self.get(at..)?.first_chunk()?))
    }
}

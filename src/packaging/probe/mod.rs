//! Reading what a film file says about itself. Only its headers are read, a few kilobytes of
//! them at a time; lengths and counts in a file are claims, and nothing is allocated or repeated
//! because a file says so.

mod codecs;
mod entry;
mod mp4;
mod webm;
mod window;

use std::io;
use std::io::Read;
use std::io::Seek;

use crate::packaging::model::Track;
use window::Window;

/// What a file says about itself.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Found {
    /// The kind of file.
    pub(super) wrapper: Wrapper,
    /// How long the film runs; zero if the file does not say.
    pub(super) duration_ms: u64,
    /// Its tracks, in the order of the file.
    pub(super) tracks: Vec<Track>,
    /// Whether a track is encrypted.
    pub(super) encrypted: bool,
    /// Whether the index stands behind the film.
    pub(super) index_last: bool,
    /// Whether there is no index at all.
    pub(super) no_index: bool,
}

/// The kind of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrapper {
    /// ISO base media (`.mp4`, `.m4v`).
    Mp4,
    /// QuickTime (`.mov`), the same boxes under another brand.
    QuickTime,
    /// The part of Matroska that browsers play.
    WebM,
    /// Matroska (`.mkv`).
    Matroska,
}

/// Why a file could not be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum ProbeError {
    /// Not a film that browsers could play; one sentence.
    #[error("{0}")]
    Refused(String),
    /// The bytes could not be had.
    #[error("reading the film")]
    Read(#[from] io::Error),
}

impl ProbeError {
    pub(super) fn refused(words: impl Into<String>) -> Self {
        Self::Refused(words.into())
    }
}

/// A file whose boxes make no sense.
fn malformed() -> ProbeError {
    ProbeError::refused(
        "The file is damaged or incomplete: its headers contradict each other. Export it again.",
    )
}

/// A file that ends too early.
fn cut_off() -> ProbeError {
    ProbeError::refused(
        "The file is cut off: it says that it is longer than it is. Copy or export it again.",
    )
}

/// Reads the headers of a film of `length` bytes.
pub(super) fn probe(reader: impl Read + Seek, length: u64) -> Result<Found, ProbeError> {
    let mut window = Window::new(reader, length);
    let start = window.up_to(0, 512)?;
    match start.as_slice() {
        [0x1A, 0x45, 0xDF, 0xA3, ..] => webm::read(&mut window),
        [_, _, _, _, kind @ ..] if mp4::is_first_box(kind) => mp4::read(&mut window),
        other => Err(ProbeError::refused(match foreign_name(other) {
            Some(name) => {
                format!("The file is {name}, which browsers do not play. Export it as MP4 or WebM.")
            }
            None => "This is not a film file that we know. Export the film as MP4 or WebM.".into(),
        })),
    }
}

/// Other kinds of files that people may have at hand.
fn foreign_name(start: &[u8]) -> Option<&'static str> {
    let at = |offset: usize, bytes: &[u8]| {
        start
            .get(offset..offset + bytes.len())
            .is_some_and(|found| found == bytes)
    };
    let names: [(bool, &str); 11] = [
        (at(0, b"RIFF") && at(8, b"AVI "), "an AVI file"),
        (at(0, b"RIFF"), "a RIFF file such as WAV"),
        (at(0, b"OggS"), "an Ogg file"),
        (at(0, b"FLV\x01"), "a Flash video"),
        (at(0, &[0x30, 0x26, 0xB2, 0x75]), "a Windows Media file"),
        (
            at(0, &[0, 0, 1, 0xBA]) || at(0, &[0, 0, 1, 0xB3]),
            "an MPEG program stream",
        ),
        (
            at(0, b"\x47") && at(188, b"\x47"),
            "an MPEG transport stream",
        ),
        (
            at(4, b"\x47") && at(196, b"\x47"),
            "an MPEG transport stream",
        ),
        (at(0, &[0x06, 0x0E, 0x2B, 0x34]), "an MXF file"),
        (at(0, b"PK\x03\x04"), "a ZIP archive"),
        (at(0, b"\xFF\xD8\xFF") || at(0, b"\x89PNG"), "a picture"),
    ];
    names.iter().find(|(is, _)| *is).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests;

//! MP4 and QuickTime: boxes within boxes (ISO/IEC 14496-12).

use std::io::Read;
use std::io::Seek;
use std::ops::Range;

use super::Found;
use super::ProbeError;
use super::Wrapper;
use super::cut_off;
use super::entry;
use super::malformed;
use super::window::MOST_AT_ONCE;
use super::window::Numbers;
use super::window::Window;
use crate::packaging::model::Track;
use crate::packaging::model::TrackKind;

/// A film has a handful of tracks; this bounds what a hostile one may claim.
const MOST_TRACKS: usize = 64;

/// A box: its kind, and where its body lies in the file.
#[derive(Clone, Debug)]
struct Atom {
    kind: [u8; 4],
    body: Range<u64>,
}

/// What the walk over the boxes gathers.
#[derive(Default)]
struct Movie {
    brand: Option<[u8; 4]>,
    moov: Option<Atom>,
    media_before_moov: bool,
    media: bool,
    /// Decode times at which the last two fragments of a track begin.
    fragments: Vec<(u32, u64, u64)>,
    timescale: u32,
    duration: u64,
    tracks: Vec<Track>,
    timescales: Vec<(u32, u32)>,
    encrypted: bool,
}

/// Whether a file whose first box is of this kind may be one of ours.
pub(super) fn is_first_box(kind: &[u8]) -> bool {
    let known: [&[u8; 4]; 7] = [
        b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot",
    ];
    known.iter().any(|known| kind.starts_with(*known))
}

pub(super) fn read<R: Read + Seek>(window: &mut Window<R>) -> Result<Found, ProbeError> {
    let mut movie = Movie::default();
    let mut at = 0;
    while at < window.length() {
        let Some(atom) = atom_at(window, at, window.length())? else {
            break;
        };
        movie.take_top_level(window, &atom)?;
        at = atom.body.end;
    }
    let moov = movie.moov.clone().ok_or_else(|| {
        ProbeError::refused("The file has no index (moov); it was not exported to its end.")
    })?;
    if !movie.media {
        return Err(cut_off());
    }
    movie.take_moov(window, moov.body)?;
    Ok(movie.into_found())
}

/// The box at an offset. `None` where nothing but padding is left.
fn atom_at<R: Read + Seek>(
    window: &mut Window<R>,
    at: u64,
    end: u64,
) -> Result<Option<Atom>, ProbeError> {
    let head = window.up_to(at, 16.min(end - at))?;
    if head.len() < 8 {
        return Ok(None);
    }
    let (small, kind) = (head.u32_at(0), head[4..].first_chunk());
    let (small, kind) = small.zip(kind).ok_or_else(malformed)?;
    let (size, header) = match small {
        0 if at > 0 && *kind == [0; 4] => return Ok(None), // zeros at the end of a box or file
        0 => (end - at, 8),
        1 => (head.u64_at(8).ok_or_else(malformed)?, 16),
        size => (u64::from(size), 8),
    };
    if size < header {
        return Err(malformed());
    }
    let box_end = at.checked_add(size).ok_or_else(malformed)?;
    if box_end > end {
        return Err(if end == window.length() {
            cut_off()
        } else {
            malformed()
        });
    }
    Ok(Some(Atom {
        kind: *kind,
        body: at + header..box_end,
    }))
}

/// The boxes within a box.
fn children<R: Read + Seek>(
    window: &mut Window<R>,
    body: &Range<u64>,
) -> Result<Vec<Atom>, ProbeError> {
    let (mut atoms, mut at) = (Vec::new(), body.start);
    while at < body.end {
        let Some(atom) = atom_at(window, at, body.end)? else {
            break;
        };
        at = atom.body.end;
        atoms.push(atom);
    }
    Ok(atoms)
}

/// The first box of a kind within a box.
fn child<R: Read + Seek>(
    window: &mut Window<R>,
    body: &Range<u64>,
    kind: &[u8; 4],
) -> Result<Option<Range<u64>>, ProbeError> {
    let atoms = children(window, body)?;
    Ok(atoms
        .into_iter()
        .find(|atom| atom.kind == *kind)
        .map(|atom| atom.body))
}

/// The first bytes of a box's body, at most `most`.
fn bytes<R: Read + Seek>(
    window: &mut Window<R>,
    body: &Range<u64>,
    most: u64,
) -> Result<Vec<u8>, ProbeError> {
    window.exactly(body.start, (body.end - body.start).min(most))
}

/// Time scale and duration of an `mvhd` or `mdhd`, whose fields are wider in version 1.
fn scale_and_duration(header: &[u8]) -> Option<(u32, u64)> {
    let wide = header.u8_at(0)? == 1;
    let (scale, duration) = match wide {
        true => (header.u32_at(20)?, header.u64_at(24)?),
        false => (header.u32_at(12)?, u64::from(header.u32_at(16)?)),
    };
    let unknown = duration == u64::MAX || (!wide && duration == u64::from(u32::MAX));
    Some((scale, if unknown { 0 } else { duration }))
}

impl Movie {
    fn take_top_level<R: Read + Seek>(
        &mut self,
        window: &mut Window<R>,
        atom: &Atom,
    ) -> Result<(), ProbeError> {
        match &atom.kind {
            b"ftyp" => {
                let brand = bytes(window, &atom.body, 4)?;
                self.brand = brand.first_chunk().copied();
            }
            b"moov" if self.moov.is_none() => {
                self.media_before_moov = self.media;
                self.moov = Some(atom.clone());
            }
            b"mdat" => self.media = true,
            b"moof" => self.take_fragment(window, &atom.body)?,
            _ => {}
        }
        Ok(())
    }

    /// Notes when a fragment begins, since fragmented files rarely say how long they are.
    fn take_fragment<R: Read + Seek>(
        &mut self,
        window: &mut Window<R>,
        body: &Range<u64>,
    ) -> Result<(), ProbeError> {
        let trafs = children(window, body)?
            .into_iter()
            .filter(|atom| atom.kind == *b"traf");
        for traf in trafs.take(MOST_TRACKS) {
            let Some(tfhd) = child(window, &traf.body, b"tfhd")? else {
                continue;
            };
            let Some(tfdt) = child(window, &traf.body, b"tfdt")? else {
                continue;
            };
            let track = bytes(window, &tfhd, 8)?.u32_at(4).ok_or_else(malformed)?;
            let time = bytes(window, &tfdt, 12)?;
            let time = match time.u8_at(0) {
                Some(1) => time.u64_at(4),
                _ => time.u32_at(4).map(u64::from),
            };
            let time = time.ok_or_else(malformed)?;
            let room = self.fragments.len() < MOST_TRACKS;
            match self
                .fragments
                .iter_mut()
                .find(|(known, ..)| *known == track)
            {
                Some((_, before, last)) => (*before, *last) = (*last, time),
                None if room => self.fragments.push((track, time, time)),
                None => {}
            }
        }
        Ok(())
    }

    fn take_moov<R: Read + Seek>(
        &mut self,
        window: &mut Window<R>,
        body: Range<u64>,
    ) -> Result<(), ProbeError> {
        for atom in children(window, &body)? {
            match &atom.kind {
                b"mvhd" => {
                    let header = bytes(window, &atom.body, 32)?;
                    let facts = scale_and_duration(&header).ok_or_else(malformed)?;
                    (self.timescale, self.duration) = facts;
                }
                b"trak" if self.tracks.len() < MOST_TRACKS => {
                    self.take_track(window, &atom.body)?;
                }
                b"mvex" => {
                    if let Some(mehd) = child(window, &atom.body, b"mehd")? {
                        let header = bytes(window, &mehd, 12)?;
                        let whole = match header.u8_at(0) {
                            Some(1) => header.u64_at(4),
                            _ => header.u32_at(4).map(u64::from),
                        };
                        self.duration = self.duration.max(whole.unwrap_or(0));
                    }
                }
                b"cmov" => {
                    return Err(ProbeError::refused(
                        "The index of the file is compressed in an old QuickTime way. Export it as MP4.",
                    ));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn take_track<R: Read + Seek>(
        &mut self,
        window: &mut Window<R>,
        body: &Range<u64>,
    ) -> Result<(), ProbeError> {
        let mdia = child(window, body, b"mdia")?.ok_or_else(malformed)?;
        let mdhd = child(window, &mdia, b"mdhd")?.ok_or_else(malformed)?;
        let hdlr = child(window, &mdia, b"hdlr")?.ok_or_else(malformed)?;
        let mdhd = bytes(window, &mdhd, 34)?;
        let (scale, _) = scale_and_duration(&mdhd).ok_or_else(malformed)?;
        let handler = bytes(window, &hdlr, 12)?;
        let kind = match handler.get(8..12) {
            Some(b"vide") => TrackKind::Video,
            Some(b"soun") => TrackKind::Audio,
            _ => TrackKind::Other,
        };
        if let Some(tkhd) = child(window, body, b"tkhd")? {
            let header = bytes(window, &tkhd, 24)?;
            let id = if header.u8_at(0) == Some(1) {
                header.u32_at(20)
            } else {
                header.u32_at(12)
            };
            self.timescales.push((id.ok_or_else(malformed)?, scale));
        }
        let mut track = match sample_entries(window, &mdia)? {
            Some(entries) => entry::read(kind, &entries, &mut self.encrypted),
            None => return Ok(()), // a track of references, without samples of its own
        };
        let at = if mdhd.u8_at(0) == Some(1) { 32 } else { 20 };
        track.language = mdhd.u16_at(at).and_then(language);
        self.tracks.push(track);
        Ok(())
    }

    fn into_found(self) -> Found {
        let in_ms = |time: u64, scale: u32| match scale {
            0 => 0,
            scale => u64::try_from(u128::from(time) * 1000 / u128::from(scale)).unwrap_or(0),
        };
        let by_fragments = self.fragments.iter().map(|(track, before, last)| {
            let scale = self
                .timescales
                .iter()
                .find(|(id, _)| id == track)
                .map_or(0, |(_, s)| *s);
            in_ms(last.saturating_add(last.saturating_sub(*before)), scale)
        });
        let by_fragments = by_fragments.max().unwrap_or(0);
        let by_header = in_ms(self.duration, self.timescale);
        let quicktime = !matches!(self.brand, Some(brand) if &brand != b"qt  ");
        Found {
            wrapper: if quicktime {
                Wrapper::QuickTime
            } else {
                Wrapper::Mp4
            },
            duration_ms: if by_header > 0 {
                by_header
            } else {
                by_fragments
            },
            tracks: self.tracks,
            encrypted: self.encrypted,
            index_last: self.media_before_moov,
            no_index: false,
        }
    }
}

/// The body of a track's `stsd`, behind its count.
fn sample_entries<R: Read + Seek>(
    window: &mut Window<R>,
    mdia: &Range<u64>,
) -> Result<Option<Vec<u8>>, ProbeError> {
    let Some(minf) = child(window, mdia, b"minf")? else {
        return Ok(None);
    };
    let Some(stbl) = child(window, &minf, b"stbl")? else {
        return Ok(None);
    };
    let Some(stsd) = child(window, &stbl, b"stsd")? else {
        return Ok(None);
    };
    let body = bytes(window, &stsd, MOST_AT_ONCE)?;
    Ok(body
        .get(8..)
        .map(<[u8]>::to_vec)
        .filter(|entries| !entries.is_empty()))
}

/// Three letters of five bits; QuickTime's numbers and "undetermined" count as unknown.
fn language(packed: u16) -> Option<String> {
    let letter = |shift: u16| char::from((packed >> shift & 31) as u8 + 0x60);
    let text: String = [letter(10), letter(5), letter(0)].iter().collect();
    (text.bytes().all(|byte| byte.is_ascii_lowercase()) && text != "und").then_some(text)
}

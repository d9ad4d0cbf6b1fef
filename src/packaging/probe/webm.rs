//! WebM and Matroska: EBML elements within elements (RFC 8794, RFC 9559).

use std::io::Read;
use std::io::Seek;
use std::ops::Range;

use super::Found;
use super::ProbeError;
use super::Wrapper;
use super::codecs;
use super::cut_off;
use super::malformed;
use super::window::Window;
use crate::packaging::model::Codec;
use crate::packaging::model::Track;
use crate::packaging::model::TrackKind;

const EBML: u32 = 0x1A45_DFA3;
const DOC_TYPE: u32 = 0x4282;
const SEGMENT: u32 = 0x1853_8067;
const SEEK_HEAD: u32 = 0x114D_9B74;
const SEEK: u32 = 0x4DBB;
const SEEK_ID: u32 = 0x53AB;
const INFO: u32 = 0x1549_A966;
const TIMESTAMP_SCALE: u32 = 0x2A_D7B1;
const DURATION: u32 = 0x4489;
const TRACKS: u32 = 0x1654_AE6B;
const TRACK_ENTRY: u32 = 0xAE;
const TRACK_TYPE: u32 = 0x83;
const CODEC_ID: u32 = 0x86;
const CODEC_PRIVATE: u32 = 0x63A2;
const LANGUAGE: u32 = 0x22_B59C;
const VIDEO: u32 = 0xE0;
const PIXEL_WIDTH: u32 = 0xB0;
const PIXEL_HEIGHT: u32 = 0xBA;
const AUDIO: u32 = 0xE1;
const CHANNELS: u32 = 0x9F;
const CONTENT_ENCODINGS: u32 = 0x6D80;
const CONTENT_ENCODING: u32 = 0x6240;
const CONTENT_ENCRYPTION: u32 = 0x5035;
const CLUSTER: u32 = 0x1F43_B675;
const CUES: u32 = 0x1C53_BB6B;

/// A film has a handful of tracks; this bounds what a hostile one may claim.
const MOST_TRACKS: usize = 64;
/// Values of the elements that are read are short.
const MOST_VALUE: u64 = 4096;

/// An element: its id, and where its body lies in the file.
struct Element {
    id: u32,
    body: Range<u64>,
}

/// What the walk gathers.
struct Movie {
    wrapper: Wrapper,
    scale: u64,
    duration: f64,
    tracks: Vec<Track>,
    encrypted: bool,
    cues: bool,
    clusters: bool,
}

pub(super) fn read<R: Read + Seek>(window: &mut Window<R>) -> Result<Found, ProbeError> {
    let length = window.length();
    let head = element_at(window, 0, length)?;
    let mut movie = Movie {
        wrapper: Wrapper::Matroska,
        scale: 1_000_000,
        duration: 0.0,
        tracks: Vec::new(),
        encrypted: false,
        cues: false,
        clusters: false,
    };
    debug_assert_eq!(head.id, EBML, "the caller looked at the first bytes");
    if value_of(window, &head.body, DOC_TYPE)?.is_some_and(|name| text(&name) == "webm") {
        movie.wrapper = Wrapper::WebM;
    }
    let segment = element_at(window, head.body.end, length)?;
    if segment.id != SEGMENT {
        return Err(malformed());
    }
    movie.take_segment(window, &segment.body)?;
    if !movie.clusters {
        return Err(cut_off());
    }
    let ms = movie.duration * movie.scale as f64 / 1e6;
    Ok(Found {
        wrapper: movie.wrapper,
        // Casting saturates; what is not a sensible number of milliseconds counts as unknown.
        duration_ms: if ms.is_finite() && ms < 1e12 {
            ms as u64
        } else {
            0
        },
        tracks: movie.tracks,
        encrypted: movie.encrypted,
        index_last: false,
        no_index: !movie.cues,
    })
}

impl Movie {
    /// Walks up to the first cluster: what describes a film stands before it.
    fn take_segment<R: Read + Seek>(
        &mut self,
        window: &mut Window<R>,
        body: &Range<u64>,
    ) -> Result<(), ProbeError> {
        let mut at = body.start;
        while at < body.end {
            let element = element_at(window, at, body.end)?;
            match element.id {
                SEEK_HEAD => self.take_seek_head(window, &element.body)?,
                INFO => self.take_info(window, &element.body)?,
                TRACKS => {
                    for entry in children(window, &element.body)? {
                        if entry.id == TRACK_ENTRY && self.tracks.len() < MOST_TRACKS {
                            self.take_track(window, &entry.body)?;
                        }
                    }
                }
                CUES => self.cues = true,
                CLUSTER => {
                    self.clusters = true;
                    return Ok(());
                }
                _ => {}
            }
            at = element.body.end;
        }
        Ok(())
    }

    fn take_seek_head<R: Read + Seek>(
        &mut self,
        window: &mut Window<R>,
        body: &Range<u64>,
    ) -> Result<(), ProbeError> {
        for seek in children(window, body)? {
            if seek.id == SEEK {
                let id = value_of(window, &seek.body, SEEK_ID)?;
                self.cues |= id.is_some_and(|id| number(&id) == u64::from(CUES));
            }
        }
        Ok(())
    }

    fn take_info<R: Read + Seek>(
        &mut self,
        window: &mut Window<R>,
        body: &Range<u64>,
    ) -> Result<(), ProbeError> {
        if let Some(scale) = value_of(window, body, TIMESTAMP_SCALE)? {
            self.scale = number(&scale);
        }
        if let Some(duration) = value_of(window, body, DURATION)? {
            self.duration = float(&duration);
        }
        Ok(())
    }

    fn take_track<R: Read + Seek>(
        &mut self,
        window: &mut Window<R>,
        body: &Range<u64>,
    ) -> Result<(), ProbeError> {
        let kind = match value_of(window, body, TRACK_TYPE)?.map(|value| number(&value)) {
            Some(1) => TrackKind::Video,
            Some(2) => TrackKind::Audio,
            _ => TrackKind::Other,
        };
        let id = value_of(window, body, CODEC_ID)?
            .map(|id| text(&id))
            .unwrap_or_default();
        let private = value_of(window, body, CODEC_PRIVATE)?.unwrap_or_default();
        let elements = children(window, body)?;
        let part = |id| {
            elements
                .iter()
                .find(|element| element.id == id)
                .map(|found| &found.body)
        };
        let size = match part(VIDEO) {
            Some(video) => {
                let width = value_of(window, video, PIXEL_WIDTH)?;
                let height = value_of(window, video, PIXEL_HEIGHT)?;
                width
                    .zip(height)
                    .map(|(width, height)| (small(&width), small(&height)))
            }
            None => None,
        };
        let channels = match part(AUDIO) {
            Some(audio) => value_of(window, audio, CHANNELS)?.map(|value| small(&value)),
            None => None,
        };
        if let Some(encodings) = part(CONTENT_ENCODINGS) {
            for encoding in children(window, encodings)? {
                let sealed = encoding.id == CONTENT_ENCODING
                    && value_of(window, &encoding.body, CONTENT_ENCRYPTION)?.is_some();
                self.encrypted |= sealed;
            }
        }
        let language = value_of(window, body, LANGUAGE)?.map(|value| text(&value));
        let language = language.filter(|language| language != "und");
        self.tracks.push(Track {
            kind,
            codec: codec(&id, &private),
            size,
            channels,
            language,
        });
        Ok(())
    }
}

fn codec(id: &str, private: &[u8]) -> Codec {
    match id {
        "V_VP8" => Codec::known("VP8", "vp8"),
        "V_VP9" => Codec::known("VP9", "vp9"),
        "V_AV1" => codecs::av1(private).unwrap_or_else(|| Codec::known("AV1", "av01.0.08M.08")),
        "A_OPUS" => Codec::known("Opus", "opus"),
        "A_VORBIS" => Codec::known("Vorbis", "vorbis"),
        other => codecs::foreign_id(other),
    }
}

/// The element at an offset.
fn element_at<R: Read + Seek>(
    window: &mut Window<R>,
    at: u64,
    end: u64,
) -> Result<Element, ProbeError> {
    let head = window.up_to(at, 12.min(end - at))?;
    let (id, id_bytes) = vint(&head, 4, false).ok_or_else(malformed)?;
    let (size, size_bytes) = vint(&head[id_bytes..], 8, true).ok_or_else(malformed)?;
    let id = u32::try_from(id).map_err(|_| malformed())?;
    let start = at + (id_bytes + size_bytes) as u64;
    let unknown = size == (1 << (7 * size_bytes)) - 1;
    let body_end = if unknown {
        end
    } else {
        start.checked_add(size).ok_or_else(malformed)?
    };
    if body_end > end {
        // A cluster that is cut at the end of the file means that the film is.
        return Err(if end == window.length() {
            cut_off()
        } else {
            malformed()
        });
    }
    Ok(Element {
        id,
        body: start..body_end,
    })
}

/// The elements within an element.
fn children<R: Read + Seek>(
    window: &mut Window<R>,
    body: &Range<u64>,
) -> Result<Vec<Element>, ProbeError> {
    let (mut elements, mut at) = (Vec::new(), body.start);
    while at < body.end {
        let element = element_at(window, at, body.end)?;
        at = element.body.end;
        elements.push(element);
    }
    Ok(elements)
}

/// The value of the first element of an id within an element.
fn value_of<R: Read + Seek>(
    window: &mut Window<R>,
    body: &Range<u64>,
    id: u32,
) -> Result<Option<Vec<u8>>, ProbeError> {
    let found = children(window, body)?
        .into_iter()
        .find(|element| element.id == id);
    found
        .map(|element| {
            let length = element.body.end - element.body.start;
            window.exactly(element.body.start, length.min(MOST_VALUE))
        })
        .transpose()
}

/// A number of variable length and the bytes it takes; the length marker is part of an id, but
/// not of a size.
fn vint(bytes: &[u8], most: usize, strip: bool) -> Option<(u64, usize)> {
    let first = *bytes.first()?;
    let length = first.leading_zeros() as usize + 1;
    if length > most {
        return None;
    }
    let mut value = u64::from(first);
    if strip {
        value &= (1 << (8 - length)) - 1;
    }
    for byte in bytes.get(1..length)? {
        value = value << 8 | u64::from(*byte);
    }
    Some((value, length))
}

fn number(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .take(8)
        .fold(0, |value, byte| value << 8 | u64::from(*byte))
}

fn small(bytes: &[u8]) -> u32 {
    u32::try_from(number(bytes)).unwrap_or(0)
}

fn float(bytes: &[u8]) -> f64 {
    match *bytes {
        [a, b, c, d] => f64::from(f32::from_be_bytes([a, b, c, d])),
        [a, b, c, d, e, f, g, h] => f64::from_be_bytes([a, b, c, d, e, f, g, h]),
        _ => 0.0,
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes)
        .trim_end_matches('\0')
        .to_owned()
}

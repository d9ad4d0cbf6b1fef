//! Sample entries of MP4: how a track is coded.

use super::codecs;
use super::window::Numbers;
use crate::packaging::model::Codec;
use crate::packaging::model::Track;
use crate::packaging::model::TrackKind;

/// Bytes of a visual entry before its boxes, and of an audio entry of version 0.
const VISUAL_BYTES: usize = 78;
const AUDIO_BYTES: usize = 28;

/// Reads the first entry of a track; `encrypted` is set if it or any other is.
pub(super) fn read(kind: TrackKind, entries: &[u8], encrypted: &mut bool) -> Track {
    let (format, body) = match boxes(entries).next() {
        Some(first) => first,
        None => (*b"    ", &[][..]),
    };
    *encrypted |= boxes(entries).any(|(format, _)| is_protected(&format));
    let mut track = Track {
        kind,
        codec: Codec::unplayable(""),
        size: None,
        channels: None,
        language: None,
    };
    track.codec = match kind {
        TrackKind::Video => {
            let size = body.u16_at(24).zip(body.u16_at(26));
            track.size = size.map(|(width, height)| (width.into(), height.into()));
            video(&format, body.get(VISUAL_BYTES..).unwrap_or_default())
        }
        TrackKind::Audio => {
            track.channels = body.u16_at(16).map(u32::from);
            audio(&format, audio_boxes(body))
        }
        TrackKind::Other => Codec::unplayable(String::from_utf8_lossy(&format).trim()),
    };
    track
}

fn is_protected(format: &[u8; 4]) -> bool {
    [b"encv", b"enca", b"drms", b"drmi"].contains(&format)
}

fn video(format: &[u8; 4], inner: &[u8]) -> Codec {
    let known = match format {
        b"avc1" => find(inner, b"avcC").and_then(|record| codecs::avc("avc1", record)),
        b"avc3" => find(inner, b"avcC").and_then(|record| codecs::avc("avc3", record)),
        b"vp08" => Some(Codec::known("VP8", "vp8")),
        b"vp09" => find(inner, b"vpcC").and_then(codecs::vp9),
        b"av01" => find(inner, b"av1C").and_then(codecs::av1),
        _ => None,
    };
    known.unwrap_or_else(|| codecs::foreign_format(format))
}

fn audio(format: &[u8; 4], inner: &[u8]) -> Codec {
    let known = match format {
        b"mp4a" => {
            let esds = find(inner, b"esds").or_else(|| find(find(inner, b"wave")?, b"esds"));
            esds.and_then(codecs::mpeg_audio)
        }
        b"Opus" => Some(Codec::known("Opus", "opus")),
        b"fLaC" => Some(Codec::known("FLAC", "flac")),
        b".mp3" => Some(Codec::known("MP3", "mp3")),
        _ => None,
    };
    known.unwrap_or_else(|| codecs::foreign_format(format))
}

/// QuickTime's versions 1 and 2 of the audio entry are longer.
fn audio_boxes(body: &[u8]) -> &[u8] {
    let more = match body.u16_at(8) {
        Some(1) => 16,
        Some(2) => 36,
        _ => 0,
    };
    body.get(AUDIO_BYTES + more..).unwrap_or_default()
}

/// The body of the first box of a kind.
fn find<'a>(bytes: &'a [u8], kind: &[u8; 4]) -> Option<&'a [u8]> {
    boxes(bytes)
        .find(|(found, _)| found == kind)
        .map(|(_, body)| body)
}

/// The boxes in a slice, as far as they make sense.
fn boxes(bytes: &[u8]) -> impl Iterator<Item = ([u8; 4], &[u8])> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let size = usize::try_from(rest.u32_at(0)?).ok()?;
        let kind = *rest.get(4..)?.first_chunk()?;
        let body = rest.get(8..size)?;
        rest = rest.get(size..)?;
        Some((kind, body))
    })
}

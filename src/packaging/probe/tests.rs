//! Small films written by hand, so that each header can be wrong in its own way. Real films are
//! looked at in the integration tests.

use std::io::Cursor;

use proptest::prelude::*;

use super::*;
use crate::packaging::model::TrackKind;

fn look(bytes: &[u8]) -> Result<Found, String> {
    probe(Cursor::new(bytes), bytes.len() as u64).map_err(|error| error.to_string())
}

/// A box of MP4.
fn atom(kind: &str, parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    let size = u32::try_from(body.len() + 8).unwrap();
    [&size.to_be_bytes()[..], kind.as_bytes(), &body].concat()
}

fn mvhd(scale: u32, duration: u32) -> Vec<u8> {
    let (scale, duration) = (scale.to_be_bytes(), duration.to_be_bytes());
    atom("mvhd", &[&[0; 12], &scale, &duration, &[0; 80]])
}

fn track(handler: &str, entry: &[u8]) -> Vec<u8> {
    let stsd = atom("stsd", &[&[0; 4], &1_u32.to_be_bytes(), entry]);
    let minf = atom("minf", &[&atom("stbl", &[&stsd])]);
    let hdlr = atom("hdlr", &[&[0; 8], handler.as_bytes(), &[0; 13]]);
    let english = (5_u16 << 10 | 14 << 5 | 7).to_be_bytes();
    let mdhd = atom(
        "mdhd",
        &[
            &[0; 12],
            &1000_u32.to_be_bytes(),
            &[0; 4],
            &english,
            &[0; 2],
        ],
    );
    let tkhd = atom("tkhd", &[&[0; 12], &1_u32.to_be_bytes(), &[0; 68]]);
    atom("trak", &[&tkhd, &atom("mdia", &[&mdhd, &hdlr, &minf])])
}

fn picture(format: &str, inner: &[u8]) -> Vec<u8> {
    let size = [&640_u16.to_be_bytes()[..], &360_u16.to_be_bytes()].concat();
    track("vide", &atom(format, &[&[0; 24], &size, &[0; 50], inner]))
}

fn h264() -> Vec<u8> {
    picture("avc1", &atom("avcC", &[&[1, 100, 0, 31, 255]]))
}

fn mp4_of(moov: &[&[u8]]) -> Vec<u8> {
    let ftyp = atom("ftyp", &[b"isom\0\0\0\0isom"]);
    [ftyp, atom("moov", moov), atom("mdat", &[&[7; 100]])].concat()
}

fn mp4() -> Vec<u8> {
    mp4_of(&[&mvhd(1000, 5280), &h264()])
}

/// An element of EBML, its size in eight bytes.
fn element(id: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    let size = (body.len() as u64 | 1 << 56).to_be_bytes();
    [id, &size, &body].concat()
}

fn webm() -> Vec<u8> {
    let head = element(
        &[0x1A, 0x45, 0xDF, 0xA3],
        &[&element(&[0x42, 0x82], &[b"webm"])],
    );
    let duration = element(&[0x44, 0x89], &[&5280.0_f64.to_be_bytes()]);
    let info = element(&[0x15, 0x49, 0xA9, 0x66], &[&duration]);
    let (width, height) = (
        element(&[0xB0], &[&[2, 128]]),
        element(&[0xBA], &[&[1, 104]]),
    );
    let size = element(&[0xE0], &[&width, &height]);
    let (kind, id) = (element(&[0x83], &[&[1]]), element(&[0x86], &[b"V_VP9"]));
    let tracks = element(
        &[0x16, 0x54, 0xAE, 0x6B],
        &[&element(&[0xAE], &[&kind, &id, &size])],
    );
    let cluster = element(&[0x1F, 0x43, 0xB6, 0x75], &[&[0; 50]]);
    [
        head,
        element(&[0x18, 0x53, 0x80, 0x67], &[&info, &tracks, &cluster]),
    ]
    .concat()
}

#[test]
fn an_mp4_is_read() {
    let found = look(&mp4()).unwrap();
    assert_eq!((found.wrapper, found.duration_ms), (Wrapper::Mp4, 5_280));
    let track = &found.tracks[0];
    assert_eq!(
        (track.kind, track.size),
        (TrackKind::Video, Some((640, 360)))
    );
    assert_eq!(track.codec.string.as_deref(), Some("avc1.64001f"));
    assert_eq!(track.language.as_deref(), Some("eng"));
    assert!(!found.index_last && !found.encrypted);
}

#[test]
fn a_webm_is_read() {
    let found = look(&webm()).unwrap();
    assert_eq!((found.wrapper, found.duration_ms), (Wrapper::WebM, 5_280));
    assert_eq!(found.tracks[0].size, Some((640, 360)));
    assert_eq!(found.tracks[0].codec.string.as_deref(), Some("vp9"));
    assert!(found.no_index);
}

#[test]
fn what_is_cut_off_is_said_to_be() {
    for film in [mp4(), webm()] {
        let said = look(&film[..film.len() - 1]).unwrap_err();
        assert!(said.contains("cut off"), "{said}");
    }
    let without_index = [atom("ftyp", &[b"isom\0\0\0\0"]), atom("mdat", &[&[0; 9]])].concat();
    assert!(look(&without_index).unwrap_err().contains("no index"));
}

#[test]
fn protection_and_foreign_brands_are_seen() {
    let encrypted = mp4_of(&[&mvhd(1000, 1), &picture("encv", &[])]);
    assert!(look(&encrypted).unwrap().encrypted);
    let quicktime = mp4();
    let quicktime = [&quicktime[..8], b"qt  ", &quicktime[12..]].concat();
    assert_eq!(look(&quicktime).unwrap().wrapper, Wrapper::QuickTime);
}

#[test]
fn a_fragmented_film_is_as_long_as_its_fragments() {
    let fragment = |time: u32| {
        let tfhd = atom("tfhd", &[&[0; 4], &1_u32.to_be_bytes()]);
        let tfdt = atom("tfdt", &[&[0; 4], &time.to_be_bytes()]);
        [
            atom("moof", &[&atom("traf", &[&tfhd, &tfdt])]),
            atom("mdat", &[&[0; 9]]),
        ]
        .concat()
    };
    let film = [
        mp4_of(&[&mvhd(1000, 0), &h264()]),
        fragment(0),
        fragment(2000),
        fragment(4000),
    ];
    assert_eq!(look(&film.concat()).unwrap().duration_ms, 6_000);
}

#[test]
fn foreign_files_are_named() {
    let said = |bytes: &[u8]| look(bytes).unwrap_err();
    assert!(said(b"RIFF\0\0\0\0AVI LIST").contains("an AVI file"));
    assert!(said(b"OggS\0\0\0\0\0\0").contains("an Ogg file"));
    let mut stream = vec![0; 400];
    (stream[0], stream[188]) = (0x47, 0x47);
    assert!(said(&stream).contains("transport stream"));
    assert!(said(b"hello, this is a text").contains("not a film file"));
    assert!(said(b"x").contains("not a film file"));
    assert!(said(b"").contains("not a film file"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn no_damage_panics(
        webm_film in any::<bool>(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut film = if webm_film { webm() } else { mp4() };
        for (at, value) in flips {
            let at = at.index(film.len());
            film[at] = value;
        }
        let _ = look(&film);
        let _ = look(&film[..cut.index(film.len())]);
    }

    #[test]
    fn no_bytes_panic(start in prop::sample::select(vec![
        b"\x1A\x45\xDF\xA3".to_vec(), b"\0\0\0\x20ftypisom".to_vec(), b"\0\0\0\x08moov".to_vec(),
    ]), rest in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = look(&[start, rest].concat());
    }
}

//! Sealing and opening on one core beside ring's bare AES-256-GCM over the same bytes.
//!
//! `cargo bench --bench seal` prints a line for each; the goal is a ratio of at least 0.8. Rounds
//! alternate between the two, so that a busy machine disturbs both alike.

#![allow(clippy::unwrap_used)] // a failed unwrap is a failed benchmark

use std::time::Duration;
use std::time::Instant;

use matinee::sealed::ContainerId;
use matinee::sealed::Dek;
use matinee::sealed::Layout;
use matinee::sealed::Opener;
use matinee::sealed::RootHasher;
use matinee::sealed::Sealer;
use matinee::sealed::layout::SEGMENT_BYTES;
use matinee::sealed::layout::SEGMENT_PLAINTEXT_BYTES;
use matinee::sealed::layout::Segment;
use ring::aead;

const FILM_BYTES: usize = 128 * 1_024 * 1_024;
const ROUNDS: usize = 21;

fn main() {
    let layout = Layout::new(FILM_BYTES as u64).unwrap();
    let places: Vec<_> = (0..layout.segments())
        .filter_map(|n| layout.segment(n))
        .collect();
    let mut bare = Bare::new(vec![0x5A; layout.ciphertext_len() as usize]);
    let mut ours = bare.bytes.clone();
    in_place(&places, &mut ours, &mut bare);
    through_buffers();
}

/// Both work in place on a buffer of their own; ours also writes headers and hashes the root.
fn in_place(places: &[Segment], ours: &mut [u8], bare: &mut Bare) {
    compare(
        "seal",
        || {
            let mut sealer = Sealer::new(dek(), id(), FILM_BYTES as u64).unwrap();
            let mut root = RootHasher::new(id(), sealer.layout());
            timed(|| {
                for (place, slot) in places.iter().zip(ours.chunks_mut(SEGMENT_BYTES as usize)) {
                    root.update(&sealer.seal_in_place(place, slot));
                }
            })
        },
        || timed(|| bare.seal()),
    );
    let (sealed, untouched) = (ours.to_vec(), bare.clone());
    compare(
        "open",
        || {
            ours.copy_from_slice(&sealed);
            let mut opener = Opener::new(sealed.as_slice(), dek(), id()).unwrap();
            timed(|| {
                for (place, slot) in places.iter().zip(ours.chunks_mut(SEGMENT_BYTES as usize)) {
                    opener.open_in_place(place, slot).unwrap();
                }
            })
        },
        || {
            bare.bytes.copy_from_slice(&untouched.bytes);
            timed(|| bare.open())
        },
    );
}

/// From one buffer to another, as `matinee seal` and `open` do between files.
fn through_buffers() {
    let film = vec![0x5A; FILM_BYTES];
    let mut sealed = Vec::with_capacity(FILM_BYTES + FILM_BYTES / 1_000);
    let mut bare = Bare::new(film.clone());
    let mut moved = Vec::with_capacity(FILM_BYTES);
    compare(
        "seal from buffer to buffer, ring with the same copies",
        || {
            let mut sealer = Sealer::new(dek(), id(), film.len() as u64).unwrap();
            sealed.clear();
            timed(|| {
                sealer
                    .seal_all(&film, &mut sealed, |_| ())
                    .map(drop)
                    .unwrap()
            })
        },
        || {
            moved.clear();
            timed(|| bare.seal_moved(&film, &mut moved))
        },
    );
    let mut opened = Vec::with_capacity(FILM_BYTES);
    compare(
        "open from buffer to buffer, ring with the same copies",
        || {
            let mut opener = Opener::new(&sealed, dek(), id()).unwrap();
            opened.clear();
            timed(|| opener.copy_range(0..u64::MAX, &mut opened).unwrap())
        },
        || {
            bare.bytes.clear();
            timed(|| bare.open_moved(&moved))
        },
    );
    assert!(opened == film && bare.bytes == film);
}

fn id() -> ContainerId {
    "6f1c2a52-6d0a-4a0e-9d3f-0d7a1f6f7a10".parse().unwrap()
}

fn dek() -> Dek {
    Dek::from_bytes([1; 32])
}

/// Segments of the same size, without header, periods or a place to come from.
#[derive(Clone)]
struct Bare {
    key: aead::LessSafeKey,
    bytes: Vec<u8>,
    tags: Vec<aead::Tag>,
}

impl Bare {
    fn new(bytes: Vec<u8>) -> Self {
        let key = aead::UnboundKey::new(&aead::AES_256_GCM, &[1; 32]).unwrap();
        Self {
            key: aead::LessSafeKey::new(key),
            bytes,
            tags: Vec::new(),
        }
    }

    fn seal(&mut self) {
        self.tags.clear();
        let pieces = self.bytes.chunks_mut(SEGMENT_PLAINTEXT_BYTES as usize);
        self.tags.extend(pieces.enumerate().map(|(index, piece)| {
            self.key
                .seal_in_place_separate_tag(nonce(index), aead::Aad::empty(), piece)
                .unwrap()
        }));
    }

    fn seal_moved(&mut self, from: &[u8], to: &mut Vec<u8>) {
        self.tags.clear();
        let mut buffer = vec![0; SEGMENT_PLAINTEXT_BYTES as usize];
        for (index, piece) in from.chunks(SEGMENT_PLAINTEXT_BYTES as usize).enumerate() {
            let buffer = &mut buffer[..piece.len()];
            buffer.copy_from_slice(piece);
            let aad = aead::Aad::empty();
            self.tags.push(
                self.key
                    .seal_in_place_separate_tag(nonce(index), aad, buffer)
                    .unwrap(),
            );
            to.extend_from_slice(buffer);
        }
    }

    fn open_moved(&mut self, from: &[u8]) {
        let mut buffer = vec![0; SEGMENT_PLAINTEXT_BYTES as usize];
        let pieces = from
            .chunks(SEGMENT_PLAINTEXT_BYTES as usize)
            .zip(&self.tags);
        for (index, (piece, tag)) in pieces.enumerate() {
            let buffer = &mut buffer[..piece.len()];
            buffer.copy_from_slice(piece);
            let aad = aead::Aad::empty();
            self.key
                .open_in_place_separate_tag(nonce(index), aad, *tag, buffer, 0..)
                .unwrap();
            self.bytes.extend_from_slice(buffer);
        }
    }

    fn open(&mut self) {
        let pieces = self.bytes.chunks_mut(SEGMENT_PLAINTEXT_BYTES as usize);
        for (index, (piece, tag)) in pieces.zip(&self.tags).enumerate() {
            let aad = aead::Aad::empty();
            self.key
                .open_in_place_separate_tag(nonce(index), aad, *tag, piece, 0..)
                .unwrap();
        }
    }
}

/// Repeated from round to round, as only a benchmark may.
fn nonce(index: usize) -> aead::Nonce {
    let mut bytes = [0; 12];
    bytes[4..].copy_from_slice(&(index as u64).to_be_bytes());
    aead::Nonce::assume_unique_for_key(bytes)
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn compare(name: &str, mut ours: impl FnMut() -> Duration, mut bare: impl FnMut() -> Duration) {
    let rounds: Vec<_> = (0..=ROUNDS).map(|_| (ours(), bare())).skip(1).collect();
    let ours = median(rounds.iter().map(|round| round.0));
    let bare = median(rounds.iter().map(|round| round.1));
    let ratio = bare.as_secs_f64() / ours.as_secs_f64();
    println!(
        "{name}: matinee {:.2} GiB/s, ring {:.2} GiB/s, ratio {ratio:.2} (median of {ROUNDS})",
        speed(ours),
        speed(bare)
    );
}

fn median(times: impl Iterator<Item = Duration>) -> Duration {
    let mut times: Vec<_> = times.collect();
    times.sort_unstable();
    times[times.len() / 2]
}

fn speed(time: Duration) -> f64 {
    FILM_BYTES as f64 / f64::from(1 << 30) / time.as_secs_f64()
}

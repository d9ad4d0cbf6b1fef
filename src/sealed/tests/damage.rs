//! Whatever is done to a container, no byte of a bad segment comes out of it.

use std::ops::Range;

use proptest::prelude::*;

use super::sources::Film;
use super::sources::Rearranged;
use super::sources::SealedOnRead;
use super::sources::dek;
use super::sources::id;
use super::sources::open;
use super::sources::sealer;
use crate::sealed::Dek;
use crate::sealed::Layout;
use crate::sealed::OpenError;
use crate::sealed::Opener;
use crate::sealed::ReadAt;
use crate::sealed::Sealer;
use crate::sealed::layout::PERIOD_BYTES;
use crate::sealed::layout::PERIOD_PLAINTEXT_BYTES;
use crate::sealed::layout::SEGMENT_BYTES;

/// Four and a bit segments: a first, several middle ones, a short last.
const FILM: Film = Film(65_480 + 3 * 65_520 + 1_000);

/// Opens everything and returns what came out before the error.
fn released(source: impl ReadAt) -> (Vec<u8>, Result<(), OpenError>) {
    let mut out = Vec::new();
    let result = Opener::new(source, dek(), id())
        .and_then(|mut opener| opener.copy_range(0..u64::MAX, &mut out));
    (out, result)
}

/// Asserts that opening fails, and that at most the first `good` segments came out, unaltered.
fn assert_nothing_of(bad: u64, source: impl ReadAt) {
    let (out, result) = released(source);
    assert!(result.is_err(), "damage went unnoticed");
    let layout = Layout::new(FILM.0).unwrap();
    let good = layout
        .segment(bad)
        .map_or(FILM.0, |segment| segment.plaintext.start);
    assert!(
        out.len() as u64 <= good,
        "{} bytes released, {good} are good",
        out.len()
    );
    assert!(FILM.bytes(0..FILM.0).starts_with(&out));
}

fn slot(number: u64) -> Range<u64> {
    Layout::new(FILM.0).unwrap().segment(number).unwrap().slot
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_flipped_bit_spoils_its_segment(at in 0.0..1.0f64, bit in 0..8u8) {
        let mut container = FILM.sealed();
        let at = (container.len() as f64 * at) as usize;
        container[at] ^= 1 << bit;
        // Salt and prefix are part of every key and nonce of the period.
        let bad = if at < 40 { 0 } else { at as u64 / SEGMENT_BYTES };
        assert_nothing_of(bad, container);
    }

    #[test]
    fn a_cut_container_releases_nothing_at_all(at in 0.0..1.0f64) {
        let mut container = FILM.sealed();
        container.truncate((container.len() as f64 * at) as usize);
        let (out, result) = released(container);
        prop_assert!(out.is_empty());
        let told = matches!(result, Err(OpenError::Truncated | OpenError::Damaged));
        prop_assert!(told, "{:?}", result);
    }

    #[test]
    fn a_lengthened_container_releases_nothing_at_all(
        more in proptest::collection::vec(any::<u8>(), 1..100),
    ) {
        let mut container = FILM.sealed();
        container.extend(more);
        let (out, result) = released(container);
        prop_assert!(out.is_empty() && result.is_err());
    }

    #[test]
    fn swapped_segments_open_in_neither_place(a in 1..4u64, b in 1..4u64) {
        prop_assume!(a != b);
        let mut parts: Vec<_> = (0..5).map(slot).collect();
        parts.swap(a as usize, b as usize);
        assert_nothing_of(a.min(b), Rearranged { inner: FILM.sealed(), parts });
    }

    #[test]
    fn a_removed_or_repeated_segment_is_noticed(at in 0..4u64, repeated in any::<bool>()) {
        let mut parts: Vec<_> = (0..5).map(slot).collect();
        if repeated {
            parts.insert(at as usize, slot(at));
        } else {
            parts.remove(at as usize);
        }
        // The length changed, and the length is part of every key.
        assert_nothing_of(0, Rearranged { inner: FILM.sealed(), parts });
    }

    #[test]
    fn bytes_spliced_from_another_container_open_nothing(
        at in 0.0..1.0f64,
        len in 1..200_000usize,
        other_key in any::<bool>(),
    ) {
        let (key, name) =
            if other_key { (Dek::from_bytes([9; 32]), id()) } else { (dek(), uuid::Uuid::nil().into()) };
        let mut other = Vec::new();
        let mut sealer = Sealer::new(key, name, FILM.0).unwrap();
        sealer.seal_all(&FILM, &mut other, |_| ()).unwrap();
        let mut container = FILM.sealed();
        let at = (container.len() as f64 * at) as usize;
        let end = (at + len).min(container.len());
        // A run of one or two bytes can be the same by chance.
        prop_assume!(container[at..end] != other[at..end]);
        let first = (at..end).find(|i| container[*i] != other[*i]).unwrap();
        container[at..end].copy_from_slice(&other[at..end]);
        let bad = if first < 40 { 0 } else { first as u64 / SEGMENT_BYTES };
        assert_nothing_of(bad, container);
    }

    #[test]
    fn arbitrary_bytes_never_open(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let (out, result) = released(bytes);
        prop_assert!(out.is_empty() && result.is_err());
    }
}

#[test]
fn every_byte_of_a_small_container_counts() {
    let film = Film(5);
    for at in 0..film.sealed().len() {
        let mut container = film.sealed();
        container[at] ^= 0x80;
        let (out, result) = released(container);
        assert!(out.is_empty(), "byte {at}");
        let expected = if at == 0 {
            "unknown format version"
        } else {
            "the container is damaged"
        };
        assert!(
            result.unwrap_err().to_string().starts_with(expected),
            "byte {at}"
        );
    }
}

#[test]
fn a_good_segment_beside_a_bad_one_still_opens() {
    let mut container = FILM.sealed();
    container[2 * SEGMENT_BYTES as usize + 7] ^= 1;
    let mut opener = Opener::new(container, dek(), id()).unwrap();
    assert!(opener.segment(1).is_ok());
    assert!(matches!(opener.segment(2), Err(OpenError::Damaged)));
    assert!(
        matches!(opener.segment(2), Err(OpenError::Damaged)),
        "nothing of it is kept"
    );
    assert!(opener.segment(3).is_ok());
}

#[test]
fn whole_periods_cannot_be_dropped_repeated_or_swapped() {
    let film = Film(2 * PERIOD_PLAINTEXT_BYTES + 1);
    let periods = [0..PERIOD_BYTES, PERIOD_BYTES..2 * PERIOD_BYTES];
    let tail = 2 * PERIOD_BYTES..2 * PERIOD_BYTES + 57;
    let [first, second] = periods;
    let cases = [
        vec![first.clone(), second.clone()],
        vec![second.clone(), tail.clone()],
        vec![second.clone(), first.clone(), tail.clone()],
        vec![first.clone(), first.clone(), second.clone(), tail],
    ];
    for parts in cases {
        let source = Rearranged {
            inner: SealedOnRead::new(film),
            parts,
        };
        let mut opener = Opener::new(source, dek(), id()).unwrap();
        for segment in [0, 1, 1_023] {
            assert!(matches!(opener.segment(segment), Err(OpenError::Damaged)));
        }
    }
}

#[test]
fn another_key_or_id_opens_nothing() {
    let container = FILM.sealed();
    let other_key = Opener::new(&container, Dek::from_bytes([0; 32]), id()).unwrap();
    let other_id = Opener::new(&container, dek(), uuid::Uuid::nil().into()).unwrap();
    for mut opener in [other_key, other_id] {
        let mut out = Vec::new();
        let result = opener.copy_range(0..u64::MAX, &mut out);
        assert!(matches!(result, Err(OpenError::Damaged)));
        assert!(out.is_empty());
    }
}

#[test]
fn a_known_length_tells_a_cut_from_a_lengthened_container() {
    let layout = sealer(FILM).layout();
    let open_as = |bytes: Vec<u8>| Opener::with_layout(bytes, dek(), id(), layout).map(drop);
    let mut container = FILM.sealed();
    assert!(open_as(container.clone()).is_ok());
    container.push(0);
    assert!(matches!(
        open_as(container.clone()),
        Err(OpenError::Damaged)
    ));
    container.truncate(container.len() - 2);
    assert!(matches!(open_as(container), Err(OpenError::Truncated)));
}

#[test]
fn an_empty_container_is_a_truncated_one() {
    assert!(matches!(open(Vec::new(), 0..1), Err(OpenError::Truncated)));
}

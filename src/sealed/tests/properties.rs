//! What holds for every length and every range.

use std::io::Read;
use std::io::Seek;
use std::io::SeekFrom;
use std::ops::Range;

use proptest::prelude::*;

use super::sources::Film;
use super::sources::SealedOnRead;
use super::sources::dek;
use super::sources::id;
use super::sources::open;
use super::sources::sealer;
use crate::sealed::Layout;
use crate::sealed::Opener;
use crate::sealed::ReadAt;
use crate::sealed::RootError;
use crate::sealed::SealError;
use crate::sealed::Sealer;
use crate::sealed::layout::PERIOD_PLAINTEXT_BYTES;
use crate::sealed::root_of;

/// Lengths up to a few segments, and lengths around the edges of the first periods.
fn length() -> impl Strategy<Value = u64> {
    prop_oneof![
        1..400_000u64,
        Just(65_479),
        Just(65_480),
        Just(65_481),
        131_000 - 2..=131_000 + 2u64,
        PERIOD_PLAINTEXT_BYTES - 200_000..PERIOD_PLAINTEXT_BYTES + 200_000,
        (2 * PERIOD_PLAINTEXT_BYTES - 2)..=(2 * PERIOD_PLAINTEXT_BYTES + 2),
        Just(1 << 40),
    ]
}

/// A length and a range within it, at most a few segments long, often at an end or an edge.
fn length_and_range() -> impl Strategy<Value = (u64, Range<u64>)> {
    (length(), any::<u64>(), 0..200_000u64, 0..4u8).prop_map(|(length, at, len, place)| {
        let start = match place {
            0 => 0,
            1 => length.saturating_sub(len),
            2 => PERIOD_PLAINTEXT_BYTES.saturating_sub(len / 2).min(length),
            _ => at % length,
        };
        (length, start..(start + len).min(length))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_range_of_any_length_opens_to_its_plaintext((length, range) in length_and_range()) {
        let film = Film(length);
        let opened = open(SealedOnRead::new(film), range.clone()).unwrap();
        prop_assert!(opened == film.bytes(range));
    }

    #[test]
    fn a_container_is_the_same_however_its_sealing_is_cut(
        length in 1..300_000u64,
        cuts in proptest::collection::vec(0.0..1.0f64, 0..6),
    ) {
        let film = Film(length);
        let whole = film.sealed();
        prop_assert_eq!(whole.len() as u64, Layout::new(length).unwrap().ciphertext_len());
        let mut cuts: Vec<u64> = cuts.iter().map(|c| (whole.len() as f64 * c) as u64).collect();
        cuts.extend([0, whole.len() as u64]);
        cuts.sort_unstable();
        let mut pieces = Vec::new();
        for cut in cuts.windows(2) {
            // A new sealer each time, as after a crash of the uploader.
            let mut other = sealer(film);
            other.seal_range(&film, cut[0]..cut[1], &mut pieces, |_, _| Ok(())).unwrap();
        }
        prop_assert!(pieces == whole);
    }

    #[test]
    fn the_reader_reads_and_seeks_like_the_plain_file((length, range) in length_and_range()) {
        let film = Film(length);
        let mut reader = Opener::new(SealedOnRead::new(film), dek(), id()).unwrap().into_reader();
        reader.seek(SeekFrom::End(range.start as i64 - length as i64)).unwrap();
        let mut read = Vec::new();
        reader.by_ref().take(range.end - range.start).read_to_end(&mut read).unwrap();
        prop_assert!(read == film.bytes(range));
    }
}

#[test]
fn every_edge_length_of_the_format_page_opens_whole() {
    let edges = [1, 65_479, 65_480, 65_481, 130_999, 131_000, 131_001];
    for length in edges {
        assert!(open(Film(length).sealed(), 0..length).unwrap() == Film(length).bytes(0..length));
    }
}

#[test]
fn two_periods_and_a_byte_open_whole() {
    let film = Film(2 * PERIOD_PLAINTEXT_BYTES + 1);
    let mut opener = Opener::new(SealedOnRead::new(film), dek(), id()).unwrap();
    let layout = opener.layout();
    for number in 0..layout.segments() {
        let range = layout.segment(number).unwrap().plaintext;
        assert!(
            opener.segment(number).unwrap() == film.bytes(range),
            "segment {number}"
        );
    }
    assert!(opener.segment(layout.segments()).unwrap().is_empty());
}

#[test]
fn ranges_beyond_the_end_are_cut_off() {
    let film = Film(100);
    assert_eq!(open(film.sealed(), 90..1_000).unwrap(), film.bytes(90..100));
    assert!(open(film.sealed(), 100..u64::MAX).unwrap().is_empty());
    let mut out = Vec::new();
    sealer(film)
        .seal_range(&film, 150..u64::MAX, &mut out, |_, _| Ok(()))
        .unwrap();
    assert_eq!(out, film.sealed()[150..]);
}

#[test]
fn the_root_of_the_stored_bytes_is_the_root_of_sealing() {
    for length in [1, 65_480, 65_481, 1_200_000] {
        let film = Film(length);
        let mut stored = Vec::new();
        let root = sealer(film).seal_all(&film, &mut stored, |_| ()).unwrap();
        assert_eq!(root_of(stored.as_slice(), id(), length).unwrap(), root);
        let other = uuid::Uuid::nil().into();
        assert_ne!(root_of(stored.as_slice(), other, length).unwrap(), root);
        let tag = stored.len() - 1;
        stored[tag] ^= 1;
        assert_ne!(root_of(stored.as_slice(), id(), length).unwrap(), root);
    }
}

#[test]
fn a_root_is_refused_for_a_length_that_is_not_the_stored_one() {
    let stored = Film(70_000).sealed();
    for wrong in [69_999, 70_001, 200_000] {
        let root = root_of(stored.as_slice(), id(), wrong);
        assert!(matches!(root, Err(RootError::WrongLength)), "{root:?}");
    }
    assert!(matches!(
        root_of(&[][..], id(), 0),
        Err(RootError::Layout(_))
    ));
}

#[test]
fn the_witness_sees_a_tag_before_any_byte_leaves_and_can_stop_it() {
    let film = Film(1_000_000);
    let mut journal = Vec::new();
    sealer(film)
        .seal_range(&film, 0..u64::MAX, &mut std::io::sink(), |segment, tag| {
            journal.push((segment, *tag));
            Ok(())
        })
        .unwrap();
    assert_eq!(journal.len() as u64, sealer(film).layout().segments());

    // The same file, but for one byte in segment 6.
    let mut changed = film.bytes(0..film.0);
    changed[6 * 65_520 + 100] ^= 1;
    let mut sent = Vec::new();
    let stopped = sealer(film).seal_range(&changed, 0..u64::MAX, &mut sent, |segment, tag| {
        let same = journal.contains(&(segment, *tag));
        if same {
            Ok(())
        } else {
            Err(SealError::Changed { segment })
        }
    });
    assert!(
        matches!(stopped, Err(SealError::Changed { segment: 6 })),
        "{stopped:?}"
    );
    assert!(sent.len() <= 6 * 65_536);
    assert!(film.sealed().starts_with(&sent));
}

#[test]
fn sealing_in_one_go_never_repeats_itself() {
    let film = Film(2 * 65_480);
    let seal = || {
        let mut sealer = Sealer::in_one_go(dek(), id(), film.0, &mut rand::rng()).unwrap();
        let mut container = Vec::new();
        sealer.seal_all(&film, &mut container, |_| ()).unwrap();
        assert_eq!(open(&container, 0..film.0).unwrap(), film.bytes(0..film.0));
        container
    };
    let (one, two) = (seal(), seal());
    assert_ne!(one[..40], two[..40]);
    assert_ne!(one[40..1_000], two[40..1_000]);
}

#[test]
fn a_file_that_became_shorter_stops_sealing() {
    let shorter = Film(99_999);
    let mut sealer = Sealer::new(dek(), id(), 100_000).unwrap();
    let sealed = sealer.seal_all(&shorter, &mut std::io::sink(), |_| ());
    assert!(matches!(sealed, Err(SealError::Read(_))), "{sealed:?}");
}

#[test]
fn sources_refuse_to_read_past_their_end() {
    let bytes = vec![1, 2, 3];
    let mut buf = [0; 2];
    assert!(bytes.read_exact_at(&mut buf, 2).is_err());
    assert!(bytes.read_exact_at(&mut buf, u64::MAX).is_err());
    assert!(bytes.read_exact_at(&mut buf, 1).is_ok());
    assert_eq!(buf, [2, 3]);
}

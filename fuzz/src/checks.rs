//! What must hold whatever bytes arrive. Shared by the fuzz targets and the ordinary tests.

use super::sealed::ContainerId;
use super::sealed::Dek;
use super::sealed::IngestKey;
use super::sealed::Layout;
use super::sealed::LeaseWrapper;
use super::sealed::Opener;
use super::sealed::PeriodHeader;
use super::sealed::Ticket;
use super::sealed::TicketKeys;
use super::sealed::WrappedDek;
use super::sealed::keyring::Keyring;
use super::sealed::layout::HEADER_BYTES;
use super::sealed::layout::TAG_BYTES;

/// Layouts are consistent, headers read back, and arbitrary bytes open to nothing.
pub fn container(data: &[u8]) {
    let mut numbers = data
        .chunks_exact(8)
        .map(|n| u64::from_be_bytes(n.try_into().unwrap()));
    let mut number = || numbers.next().unwrap_or_default();
    let (length, start, end) = (number(), number(), number());
    for length in [length, length % (1 << 32), data.len() as u64] {
        if let Ok(layout) = Layout::new(length) {
            layout_holds(layout, start % length, end % length);
        }
        if let Ok(layout) = Layout::from_ciphertext_len(length) {
            assert_eq!(layout.ciphertext_len(), length);
        }
    }
    if let Ok(header) = PeriodHeader::parse(data) {
        assert_eq!(header.to_bytes(), data[..HEADER_BYTES as usize]);
    }
    let mut released = Vec::new();
    let opened = Opener::new(data, Dek::from_bytes([7; 32]), id())
        .and_then(|mut opener| opener.copy_range(0..u64::MAX, &mut released));
    assert!(opened.is_err() && released.is_empty());
}

/// Tickets, stored keys, uploaded keys and public keys are refused without a panic.
pub fn envelopes(data: &[u8], keyring: &Keyring, ingest: &IngestKey, tickets: &TicketKeys) {
    let text = String::from_utf8_lossy(data);
    assert!(Ticket::verify(&text, tickets, 0).is_err());
    let commitment = Dek::from_bytes([7; 32]).commitment(id());
    assert!(ingest.unwrap_dek(id(), data, &commitment).is_err());
    if let Some(stored) = WrappedDek::from_stored(1, data) {
        let purpose = super::sealed::Purpose::Film;
        assert!(keyring.unwrap(&stored, id(), purpose, &commitment).is_err());
    }
    if let Ok(wrapper) = LeaseWrapper::new(data) {
        assert_eq!(wrapper.server_public_key().len(), data.len());
    }
}

fn layout_holds(layout: Layout, start: u64, end: u64) {
    let (first, last) = (start.min(end), start.max(end));
    assert_eq!(
        Layout::from_ciphertext_len(layout.ciphertext_len()),
        Ok(layout)
    );
    let segments = layout.segments_of_plaintext(first..last + 1);
    for number in [0, segments.start, segments.end - 1, layout.segments() - 1] {
        let place = layout.segment(number).expect("within the layout");
        assert_eq!(
            place.body().end - place.body().start,
            place.plaintext_len() + TAG_BYTES
        );
        assert!(place.plaintext_len() > 0 && place.plaintext.end <= layout.plaintext_len());
        let period = layout
            .period(place.period)
            .expect("a segment's period exists");
        assert!(period.segments.contains(&number));
        assert!(
            period.ciphertext.start <= place.slot.start && place.slot.end <= period.ciphertext.end
        );
        assert_eq!(place.last, number + 1 == period.segments.end);
    }
    assert!(
        layout
            .segment(segments.start)
            .is_some_and(|place| place.plaintext.contains(&first))
    );
    assert!(
        layout
            .segment(segments.end - 1)
            .is_some_and(|place| place.plaintext.contains(&last))
    );
    let fetched = layout.ciphertext_ranges(first..last + 1);
    assert!(
        fetched
            .iter()
            .all(|range| range.end <= layout.ciphertext_len())
    );
}

fn id() -> ContainerId {
    "6f1c2a52-6d0a-4a0e-9d3f-0d7a1f6f7a10"
        .parse()
        .expect("a UUID")
}

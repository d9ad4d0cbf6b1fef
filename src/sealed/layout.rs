//! Where everything lies in a container: arithmetic from the plaintext length alone.
//!
//! A container is a row of crypto-periods, each exactly [`PERIOD_SEGMENTS`] segments of
//! [`SEGMENT_BYTES`], except the last. Segment `n` of the container therefore always begins at
//! byte `n * SEGMENT_BYTES`, and no index is needed to find it.

use std::ops::Range;

use thiserror::Error;

/// Bytes of one segment of ciphertext, its tag included.
pub const SEGMENT_BYTES: u64 = 65_536;
/// Bytes of an AES-GCM tag.
pub const TAG_BYTES: u64 = 16;
/// Bytes of a period's header: its own length, the salt and the nonce prefix.
pub const HEADER_BYTES: u64 = 40;
/// Segments of a full crypto-period.
pub const PERIOD_SEGMENTS: u64 = 1_024;
/// Ciphertext bytes of a full crypto-period.
pub const PERIOD_BYTES: u64 = PERIOD_SEGMENTS * SEGMENT_BYTES;
/// Plaintext bytes of a full segment that is not the first of its period.
pub const SEGMENT_PLAINTEXT_BYTES: u64 = SEGMENT_BYTES - TAG_BYTES;
/// Plaintext bytes of a full first segment, which shares its place with the header.
pub const FIRST_SEGMENT_PLAINTEXT_BYTES: u64 = SEGMENT_PLAINTEXT_BYTES - HEADER_BYTES;
/// Plaintext bytes of a full crypto-period.
pub const PERIOD_PLAINTEXT_BYTES: u64 = PERIOD_SEGMENTS * SEGMENT_PLAINTEXT_BYTES - HEADER_BYTES;
/// The longest plaintext, about 2^58 bytes: periods are counted by a `u32`.
pub const MAX_PLAINTEXT_BYTES: u64 = u32::MAX as u64 * PERIOD_PLAINTEXT_BYTES;

/// Why a length has no layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum LayoutError {
    /// An empty file has nothing to seal.
    #[error("an empty file cannot be sealed")]
    Empty,
    /// More periods than a period index can count.
    #[error("a file longer than {MAX_PLAINTEXT_BYTES} bytes cannot be sealed")]
    TooLong,
    /// No plaintext seals to this many bytes: something is missing at the end.
    #[error("no sealed container has this length")]
    NotAContainerLength,
}

/// The shape of one container.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Layout {
    plaintext_len: u64,
}

/// The place of one segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Counted from the start of the container.
    pub number: u64,
    /// The period it belongs to.
    pub period: u32,
    /// Counted from the start of the period; part of the nonce.
    pub index: u32,
    /// Whether it ends its period; part of the nonce.
    pub last: bool,
    /// Its bytes in the container: the header (first segment only), the sealed bytes and the tag.
    pub slot: Range<u64>,
    /// The plaintext bytes it carries.
    pub plaintext: Range<u64>,
}

/// The place of one crypto-period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Period {
    /// Counted from the start of the container; part of the associated data.
    pub index: u32,
    /// Its bytes in the container, header first.
    pub ciphertext: Range<u64>,
    /// The plaintext bytes it carries.
    pub plaintext: Range<u64>,
    /// Its segments, counted from the start of the container.
    pub segments: Range<u64>,
}

impl Layout {
    /// The layout of a plaintext of this length.
    pub const fn new(plaintext_len: u64) -> Result<Self, LayoutError> {
        match plaintext_len {
            0 => Err(LayoutError::Empty),
            1..=MAX_PLAINTEXT_BYTES => Ok(Self { plaintext_len }),
            _ => Err(LayoutError::TooLong),
        }
    }

    /// The layout of a container of this length.
    ///
    /// Each plaintext length seals to its own ciphertext length, so the way back is exact.
    /// Lengths that no plaintext seals to are refused.
    pub const fn from_ciphertext_len(ciphertext_len: u64) -> Result<Self, LayoutError> {
        let full = ciphertext_len / PERIOD_BYTES;
        let rest = ciphertext_len % PERIOD_BYTES;
        if full > u32::MAX as u64 {
            return Err(LayoutError::TooLong);
        }
        let mut plaintext_len = full * PERIOD_PLAINTEXT_BYTES;
        if rest > 0 {
            let overhead = HEADER_BYTES + TAG_BYTES * rest.div_ceil(SEGMENT_BYTES);
            if rest <= overhead {
                return Err(LayoutError::NotAContainerLength);
            }
            plaintext_len += rest - overhead;
        }
        match Self::new(plaintext_len) {
            Ok(layout) if layout.ciphertext_len() == ciphertext_len => Ok(layout),
            _ => Err(LayoutError::NotAContainerLength),
        }
    }

    /// Bytes of the plaintext.
    pub const fn plaintext_len(&self) -> u64 {
        self.plaintext_len
    }

    /// Bytes of the whole container.
    pub const fn ciphertext_len(&self) -> u64 {
        let full = self.plaintext_len / PERIOD_PLAINTEXT_BYTES;
        let rest = self.plaintext_len % PERIOD_PLAINTEXT_BYTES;
        full * PERIOD_BYTES + sealed_len(rest)
    }

    /// Number of crypto-periods.
    pub const fn periods(&self) -> u32 {
        self.plaintext_len.div_ceil(PERIOD_PLAINTEXT_BYTES) as u32
    }

    /// Number of segments in all periods.
    pub const fn segments(&self) -> u64 {
        self.ciphertext_len().div_ceil(SEGMENT_BYTES)
    }

    /// The place of segment `number`, or `None` beyond the end.
    pub fn segment(&self, number: u64) -> Option<Segment> {
        if number >= self.segments() {
            return None;
        }
        let index = number % PERIOD_SEGMENTS;
        let start = number * SEGMENT_BYTES;
        let plain_start = plaintext_start(number);
        let plain_end = plaintext_start(number + 1).min(self.plaintext_len);
        Some(Segment {
            number,
            period: (number / PERIOD_SEGMENTS) as u32,
            index: index as u32,
            last: index + 1 == PERIOD_SEGMENTS || number + 1 == self.segments(),
            slot: start..(start + SEGMENT_BYTES).min(self.ciphertext_len()),
            plaintext: plain_start..plain_end,
        })
    }

    /// The place of period `index`, or `None` beyond the end.
    pub fn period(&self, index: u32) -> Option<Period> {
        if index >= self.periods() {
            return None;
        }
        let n = u64::from(index);
        let ciphertext_end = ((n + 1) * PERIOD_BYTES).min(self.ciphertext_len());
        let plaintext_end = ((n + 1) * PERIOD_PLAINTEXT_BYTES).min(self.plaintext_len);
        Some(Period {
            index,
            ciphertext: n * PERIOD_BYTES..ciphertext_end,
            plaintext: n * PERIOD_PLAINTEXT_BYTES..plaintext_end,
            segments: n * PERIOD_SEGMENTS..((n + 1) * PERIOD_SEGMENTS).min(self.segments()),
        })
    }

    /// The segments that carry these plaintext bytes; empty for an empty range.
    ///
    /// The part of the range beyond the end of the plaintext is ignored.
    pub fn segments_of_plaintext(&self, range: Range<u64>) -> Range<u64> {
        let end = range.end.min(self.plaintext_len);
        if range.start >= end {
            return 0..0;
        }
        segment_of_plaintext(range.start)..segment_of_plaintext(end - 1) + 1
    }

    /// The segments that these bytes of the container touch; empty for an empty range.
    ///
    /// The part of the range beyond the end of the container is ignored.
    pub fn segments_of_ciphertext(&self, range: Range<u64>) -> Range<u64> {
        let end = range.end.min(self.ciphertext_len());
        if range.start >= end {
            return 0..0;
        }
        range.start / SEGMENT_BYTES..end.div_ceil(SEGMENT_BYTES)
    }

    /// The periods that carry these plaintext bytes; empty for an empty range.
    pub fn periods_of_plaintext(&self, range: Range<u64>) -> Range<u32> {
        let segments = self.segments_of_plaintext(range);
        if segments.is_empty() {
            return 0..0;
        }
        let last = (segments.end - 1) / PERIOD_SEGMENTS;
        (segments.start / PERIOD_SEGMENTS) as u32..last as u32 + 1
    }

    /// The bytes of the container that a reader of these plaintext bytes fetches.
    ///
    /// Whole segments are one contiguous range; when it begins inside a period, that period's
    /// header comes first as a range of its own. The header of every later period lies inside.
    pub fn ciphertext_ranges(&self, plaintext: Range<u64>) -> Vec<Range<u64>> {
        let segments = self.segments_of_plaintext(plaintext);
        if segments.is_empty() {
            return Vec::new();
        }
        let start = segments.start * SEGMENT_BYTES;
        let body = start..(segments.end * SEGMENT_BYTES).min(self.ciphertext_len());
        match start % PERIOD_BYTES {
            0 => vec![body],
            into_period => {
                let header = start - into_period;
                vec![header..header + HEADER_BYTES, body]
            }
        }
    }
}

impl Segment {
    /// The sealed bytes and their tag, without the header.
    pub fn body(&self) -> Range<u64> {
        self.slot.start + self.header_len()..self.slot.end
    }

    /// Bytes of the header in front of the sealed bytes: none, except in a first segment.
    pub const fn header_len(&self) -> u64 {
        if self.index == 0 { HEADER_BYTES } else { 0 }
    }

    /// Where the plaintext lies within the slot, before sealing and after opening.
    pub const fn plaintext_in_slot(&self) -> Range<usize> {
        let start = self.header_len() as usize;
        start..start + self.plaintext_len() as usize
    }

    /// Bytes of the whole slot.
    pub const fn slot_len(&self) -> u64 {
        self.slot.end - self.slot.start
    }

    /// Bytes of plaintext, which are also the sealed bytes without their tag.
    pub const fn plaintext_len(&self) -> u64 {
        self.plaintext.end - self.plaintext.start
    }
}

impl Period {
    /// The header's bytes in the container.
    pub const fn header(&self) -> Range<u64> {
        self.ciphertext.start..self.ciphertext.start + HEADER_BYTES
    }
}

/// Ciphertext bytes of a last period with this much plaintext.
const fn sealed_len(plaintext: u64) -> u64 {
    if plaintext == 0 {
        return 0;
    }
    let segments = (plaintext + HEADER_BYTES).div_ceil(SEGMENT_PLAINTEXT_BYTES);
    HEADER_BYTES + plaintext + TAG_BYTES * segments
}

/// Where the plaintext of segment `number` begins.
const fn plaintext_start(number: u64) -> u64 {
    let index = number % PERIOD_SEGMENTS;
    let header = if index == 0 { 0 } else { HEADER_BYTES };
    number / PERIOD_SEGMENTS * PERIOD_PLAINTEXT_BYTES + index * SEGMENT_PLAINTEXT_BYTES - header
}

/// Which segment carries the plaintext byte at `offset`.
const fn segment_of_plaintext(offset: u64) -> u64 {
    let in_period = offset % PERIOD_PLAINTEXT_BYTES;
    offset / PERIOD_PLAINTEXT_BYTES * PERIOD_SEGMENTS
        + (in_period + HEADER_BYTES) / SEGMENT_PLAINTEXT_BYTES
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Lengths at which something changes: one byte, segment and period boundaries.
    fn edges() -> Vec<u64> {
        let bounds = [
            FIRST_SEGMENT_PLAINTEXT_BYTES,
            FIRST_SEGMENT_PLAINTEXT_BYTES + SEGMENT_PLAINTEXT_BYTES,
            PERIOD_PLAINTEXT_BYTES - SEGMENT_PLAINTEXT_BYTES,
            PERIOD_PLAINTEXT_BYTES,
            PERIOD_PLAINTEXT_BYTES + FIRST_SEGMENT_PLAINTEXT_BYTES,
            2 * PERIOD_PLAINTEXT_BYTES,
            1 << 40,
            MAX_PLAINTEXT_BYTES - 1,
        ];
        let around = bounds.iter().flat_map(|b| [b - 1, *b, b + 1]);
        std::iter::once(1).chain(around).collect()
    }

    #[test]
    fn figures_of_the_format_page_hold() {
        assert_eq!(FIRST_SEGMENT_PLAINTEXT_BYTES, 65_480);
        assert_eq!(SEGMENT_PLAINTEXT_BYTES, 65_520);
        assert_eq!(PERIOD_PLAINTEXT_BYTES, 67_092_440);
        assert_eq!(PERIOD_BYTES, 64 * 1_024 * 1_024);
    }

    #[test]
    fn a_layout_is_refused_for_nothing_and_for_too_much() {
        assert_eq!(Layout::new(0), Err(LayoutError::Empty));
        assert!(Layout::new(MAX_PLAINTEXT_BYTES).is_ok());
        assert_eq!(
            Layout::new(MAX_PLAINTEXT_BYTES + 1),
            Err(LayoutError::TooLong)
        );
        assert_eq!(
            Layout::from_ciphertext_len(u64::MAX),
            Err(LayoutError::TooLong)
        );
    }

    #[test]
    fn lengths_at_the_edges() {
        let len =
            |plain| Layout::new(plain).map(|l| (l.ciphertext_len(), l.segments(), l.periods()));
        assert_eq!(len(1), Ok((57, 1, 1)));
        assert_eq!(len(65_480), Ok((65_536, 1, 1)));
        assert_eq!(len(65_481), Ok((65_536 + 17, 2, 1)));
        assert_eq!(len(67_092_440), Ok((1 << 26, 1_024, 1)));
        assert_eq!(len(67_092_441), Ok(((1 << 26) + 57, 1_025, 2)));
        assert_eq!(
            Layout::new(MAX_PLAINTEXT_BYTES).map(|l| l.periods()),
            Ok(u32::MAX)
        );
    }

    #[test]
    fn no_container_ends_in_a_header_or_a_bare_tag() {
        for impossible in [
            0,
            1,
            40,
            56,
            65_537,
            65_552,
            PERIOD_BYTES + 1,
            PERIOD_BYTES + 56,
        ] {
            assert!(
                Layout::from_ciphertext_len(impossible).is_err(),
                "{impossible}"
            );
        }
    }

    #[test]
    fn segments_tile_plaintext_and_ciphertext_at_every_edge() {
        for plain in edges() {
            let layout = Layout::new(plain).unwrap();
            let end = layout.segments();
            for number in [0, 1, 1_023, 1_024, 1_025, end.saturating_sub(2), end - 1] {
                let Some(here) = layout.segment(number) else {
                    continue;
                };
                assert_eq!(
                    here.body().end - here.body().start,
                    here.plaintext_len() + TAG_BYTES
                );
                assert_eq!(
                    layout.segments_of_plaintext(here.plaintext.clone()),
                    number..number + 1
                );
                assert_eq!(
                    layout.segments_of_ciphertext(here.slot.clone()),
                    number..number + 1
                );
                match layout.segment(number + 1) {
                    Some(next) => {
                        assert_eq!(next.slot.start, here.slot.end);
                        assert_eq!(next.plaintext.start, here.plaintext.end);
                        assert_eq!(here.last, next.index == 0);
                    }
                    None => {
                        assert_eq!(here.slot.end, layout.ciphertext_len());
                        assert_eq!(here.plaintext.end, plain);
                        assert!(here.last);
                    }
                }
            }
            assert_eq!(layout.segment(end), None);
            assert_eq!(layout.period(layout.periods()), None);
        }
    }

    #[test]
    fn a_range_inside_a_period_fetches_the_header_too() {
        let layout = Layout::new(2 * PERIOD_PLAINTEXT_BYTES).unwrap();
        assert_eq!(layout.ciphertext_ranges(0..1), vec![0..65_536]);
        assert_eq!(
            layout.ciphertext_ranges(65_480..65_481),
            vec![0..40, 65_536..131_072]
        );
        let across = PERIOD_PLAINTEXT_BYTES - 1..PERIOD_PLAINTEXT_BYTES + 1;
        let body = PERIOD_BYTES - SEGMENT_BYTES..PERIOD_BYTES + SEGMENT_BYTES;
        assert_eq!(layout.ciphertext_ranges(across.clone()), vec![0..40, body]);
        assert_eq!(layout.periods_of_plaintext(across), 0..2);
        assert!(layout.ciphertext_ranges(5..5).is_empty());
    }

    proptest! {
        #[test]
        fn every_length_survives_the_way_there_and_back(plain in 1..=MAX_PLAINTEXT_BYTES) {
            let layout = Layout::new(plain).unwrap();
            prop_assert_eq!(Layout::from_ciphertext_len(layout.ciphertext_len()), Ok(layout));
        }

        #[test]
        fn any_ciphertext_length_is_answered_exactly(len in any::<u64>()) {
            if let Ok(layout) = Layout::from_ciphertext_len(len) {
                prop_assert_eq!(layout.ciphertext_len(), len);
            }
        }

        #[test]
        fn a_range_is_covered_by_its_segments(
            plain in 1..4 * PERIOD_PLAINTEXT_BYTES,
            a in 0.0..1.0f64,
            b in 0.0..1.0f64,
        ) {
            let layout = Layout::new(plain).unwrap();
            let (a, b) = ((plain as f64 * a) as u64, (plain as f64 * b) as u64);
            let range = a.min(b)..a.max(b) + 1;
            let segments = layout.segments_of_plaintext(range.clone());
            let first = layout.segment(segments.start).unwrap();
            let last = layout.segment(segments.end - 1).unwrap();
            prop_assert!(first.plaintext.contains(&range.start));
            prop_assert!(last.plaintext.contains(&(range.end - 1)));
        }
    }
}

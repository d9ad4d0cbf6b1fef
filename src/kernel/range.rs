//! Byte ranges: inclusive ends, as HTTP writes them (RFC 9110, section 14).

/// A range of bytes that is not empty: `first..=last`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByteRange {
    first: u64,
    last: u64,
}

/// What a request asked for, measured against a known length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Requested {
    /// No usable `Range`: the whole representation.
    Whole,
    /// One range inside the representation.
    Part(ByteRange),
    /// A range that lies outside, or several: 416.
    Unsatisfiable,
}

impl ByteRange {
    /// `first..=last`, refused when it would be empty.
    pub const fn new(first: u64, last: u64) -> Option<Self> {
        if first <= last && last < u64::MAX {
            Some(Self { first, last })
        } else {
            None
        }
    }

    /// Offset of the first byte.
    pub const fn first(self) -> u64 {
        self.first
    }

    /// Offset of the last byte, which belongs to the range.
    pub const fn last(self) -> u64 {
        self.last
    }

    /// Number of bytes; never zero.
    #[allow(clippy::len_without_is_empty)] // a range is never empty
    pub const fn len(self) -> u64 {
        self.last - self.first + 1
    }

    /// Offset of the byte behind the range.
    pub const fn end(self) -> u64 {
        self.last + 1
    }

    /// The value of a `Content-Range` header.
    pub fn content_range(self, total: u64) -> String {
        format!("bytes {}-{}/{total}", self.first, self.last)
    }

    /// Reads a `Range` header against a representation of `total` bytes. An unknown unit or a
    /// malformed value counts as absent (RFC 9110, 14.2); several ranges are refused.
    pub fn requested(header: Option<&str>, total: u64) -> Requested {
        let Some(spec) = header.and_then(|h| h.trim().strip_prefix("bytes=")) else {
            return Requested::Whole;
        };
        if spec.contains(',') {
            return Requested::Unsatisfiable;
        }
        let Some((from, to)) = spec.trim().split_once('-') else {
            return Requested::Whole;
        };
        match (number(from), number(to)) {
            (Some(first), Some(last)) if first > last => Requested::Whole,
            (Some(first), Some(last)) => Self::within(first, last, total),
            (Some(first), None) if to.is_empty() => Self::within(first, u64::MAX, total),
            (None, Some(suffix)) if from.is_empty() => Self::suffix(suffix, total),
            _ => Requested::Whole,
        }
    }

    fn within(first: u64, last: u64, total: u64) -> Requested {
        if first >= total {
            return Requested::Unsatisfiable;
        }
        Requested::Part(Self {
            first,
            last: last.min(total - 1),
        })
    }

    fn suffix(length: u64, total: u64) -> Requested {
        if length == 0 || total == 0 {
            return Requested::Unsatisfiable;
        }
        Requested::Part(Self {
            first: total.saturating_sub(length),
            last: total - 1,
        })
    }
}

/// Digits only; a number too large for us counts as the largest.
fn number(text: &str) -> Option<u64> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some(text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn part(first: u64, last: u64) -> Requested {
        Requested::Part(ByteRange::new(first, last).unwrap())
    }

    #[test]
    fn the_forms_of_rfc_9110() {
        let asked = |h| ByteRange::requested(Some(h), 10_000);
        assert_eq!(asked("bytes=0-499"), part(0, 499));
        assert_eq!(asked("bytes=9500-"), part(9500, 9999));
        assert_eq!(asked("bytes=-500"), part(9500, 9999));
        assert_eq!(asked("bytes=-20000"), part(0, 9999));
        assert_eq!(asked("bytes=0-999999"), part(0, 9999));
        assert_eq!(asked("bytes=10000-"), Requested::Unsatisfiable);
        assert_eq!(asked("bytes=-0"), Requested::Unsatisfiable);
        assert_eq!(asked("bytes=0-1,5-6"), Requested::Unsatisfiable);
        assert_eq!(asked("bytes=5-2"), Requested::Whole);
        assert_eq!(asked("bytes=a-b"), Requested::Whole);
        assert_eq!(asked("lines=1-2"), Requested::Whole);
        assert_eq!(ByteRange::requested(None, 5), Requested::Whole);
        assert_eq!(
            asked("bytes=99999999999999999999999-"),
            Requested::Unsatisfiable
        );
    }

    proptest! {
        #[test]
        fn a_part_always_lies_inside(header in "bytes=[0-9]{0,21}-[0-9]{0,21}", total in any::<u64>()) {
            if let Requested::Part(range) = ByteRange::requested(Some(&header), total) {
                prop_assert!(range.first() <= range.last() && range.last() < total);
            }
        }

        #[test]
        fn no_header_panics(header in ".*", total in any::<u64>()) {
            let _ = ByteRange::requested(Some(&header), total);
        }
    }
}

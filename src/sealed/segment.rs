//! One segment: the only place where a nonce is made and AES-GCM is called in bulk.

use ring::aead;

use super::keys::PREFIX_BYTES;
use super::keys::PeriodHeader;
use super::keys::PeriodKey;
use super::layout::TAG_BYTES;
use super::open::OpenError;

/// The tag of a segment.
pub type Tag = [u8; TAG_BYTES as usize];

/// Prefix, segment number and last flag; there is no other way to make a nonce.
struct Nonce {
    prefix: [u8; PREFIX_BYTES],
    index: u32,
    last: bool,
}

impl From<Nonce> for aead::Nonce {
    fn from(nonce: Nonce) -> Self {
        let mut bytes = [0; aead::NONCE_LEN];
        bytes[..PREFIX_BYTES].copy_from_slice(&nonce.prefix);
        bytes[PREFIX_BYTES..PREFIX_BYTES + 4].copy_from_slice(&nonce.index.to_be_bytes());
        bytes[PREFIX_BYTES + 4] = u8::from(nonce.last);
        Self::assume_unique_for_key(bytes)
    }
}

/// The expanded key of one period, ready for its segments.
pub struct PeriodCipher {
    key: aead::LessSafeKey,
    prefix: [u8; PREFIX_BYTES],
}

impl PeriodCipher {
    /// Expands a period's key.
    pub fn new(key: &PeriodKey, header: &PeriodHeader) -> Self {
        let key = aead::UnboundKey::new(&aead::AES_256_GCM, key.expose())
            .expect("a period key has the length of an AES-256 key");
        Self {
            key: aead::LessSafeKey::new(key),
            prefix: header.prefix(),
        }
    }

    /// Seals `plaintext` where it lies and returns its tag.
    ///
    /// Private to the container: the caller guarantees that this period, segment and flag are
    /// sealed once.
    pub(super) fn seal(&self, index: u32, last: bool, plaintext: &mut [u8]) -> Tag {
        let nonce = Nonce {
            prefix: self.prefix,
            index,
            last,
        };
        let tag = self
            .key
            .seal_in_place_separate_tag(nonce.into(), aead::Aad::empty(), plaintext)
            .expect("a segment is far below AES-GCM's limit of length");
        tag.as_ref().try_into().expect("AES-GCM tags have 16 bytes")
    }

    /// Opens sealed bytes and tag where they lie and returns the plaintext.
    ///
    /// After a failure `sealed` holds nothing of the plaintext.
    pub fn open<'a>(
        &self,
        index: u32,
        last: bool,
        sealed: &'a mut [u8],
    ) -> Result<&'a mut [u8], OpenError> {
        let nonce = Nonce {
            prefix: self.prefix,
            index,
            last,
        };
        self.key
            .open_in_place(nonce.into(), aead::Aad::empty(), sealed)
            .map_err(|_| OpenError::Damaged)
    }
}

/// Opens one segment with a leased key: what the player in the browser does, for tests and
/// tools that hold a period key and no DEK.
pub fn open_segment<'a>(
    key: &PeriodKey,
    header: &PeriodHeader,
    index: u32,
    last: bool,
    sealed: &'a mut [u8],
) -> Result<&'a mut [u8], OpenError> {
    PeriodCipher::new(key, header).open(index, last, sealed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_is_prefix_number_and_flag() {
        let nonce = Nonce {
            prefix: *b"abcdefg",
            index: 0x0102_0304,
            last: true,
        };
        let nonce = aead::Nonce::from(nonce);
        assert_eq!(nonce.as_ref(), b"abcdefg\x01\x02\x03\x04\x01");
    }

    #[test]
    fn a_segment_opens_only_in_its_own_place() {
        let header = PeriodHeader::parse(&[0x28; 40]).unwrap();
        let key = PeriodKey::from_bytes([1; 32]);
        let cipher = PeriodCipher::new(&key, &header);
        let mut sealed = b"plaintext".to_vec();
        let tag = cipher.seal(4, false, &mut sealed);
        sealed.extend(tag);
        let opened = open_segment(&key, &header, 4, false, &mut sealed.clone())
            .unwrap()
            .to_vec();
        assert_eq!(opened, b"plaintext");
        for (index, last) in [(4, true), (5, false), (3, false)] {
            let mut copy = sealed.clone();
            assert!(open_segment(&key, &header, index, last, &mut copy).is_err());
            assert!(
                !copy.windows(4).any(|w| w == b"plai"),
                "plaintext left behind"
            );
        }
        for short in 0..16 {
            assert!(open_segment(&key, &header, 4, false, &mut vec![0; short]).is_err());
        }
    }
}

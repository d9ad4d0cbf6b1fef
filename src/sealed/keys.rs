//! The keys of a container and how each follows from the one before.
//!
//! ```text
//! DEK ── HKDF(salt of the period, associated data) ──► period key ──► segments
//!  │── HKDF("matinee/v1/commitment" ‖ id) ──► commitment
//!  └── HKDF("matinee/v1/header" ‖ id ‖ length ‖ period) ──► salt ‖ nonce prefix of the period
//! ```
//!
//! The last line is a rule of this house on top of the format: the format leaves salt and prefix
//! to chance, we derive them, so that an interrupted upload can seal its next range in another
//! process and continue the same container. A reader takes them from the header in any case.
//!
//! Why a nonce is never used twice: salt and prefix depend on the DEK, so two DEKs never share a
//! period key, and within a container each (period, segment, last) occurs once. What is left is
//! sealing *another* plaintext under the same DEK. One DEK seals one plaintext; whoever may
//! restart keeps a journal of tags, written before any byte of a segment leaves, and
//! [`Sealer::seal_range`](super::Sealer::seal_range) hands it every tag first: a segment that
//! seals to another tag than before ends the work, and a new DEK begins. Sealing in one go, as
//! `matinee seal` does, keeps no journal and needs none: there the derivation is seeded with 32
//! random bytes, so that even a key file used twice gives keys that never met before.

use std::fmt;

use hkdf::Hkdf;
use rand::CryptoRng;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::digest::Commitment;
use super::digest::DigestFault;
use super::id::ContainerId;
use super::layout::HEADER_BYTES;
use super::layout::Layout;
use super::open::OpenError;

const LABEL: &[u8] = b"matinee/v1";
const COMMITMENT_LABEL: &[u8] = b"matinee/v1/commitment";
const HEADER_LABEL: &[u8] = b"matinee/v1/header";

/// Bytes of every symmetric key here.
pub const KEY_BYTES: usize = 32;
const SALT_BYTES: usize = 32;
/// Bytes of a nonce that are the same for a whole period.
pub const PREFIX_BYTES: usize = 7;

/// The key of one container. It leaves memory only wrapped.
#[derive(Clone)]
pub struct Dek(Zeroizing<[u8; KEY_BYTES]>);

/// The key of one crypto-period: all that a browser is ever lent.
#[derive(Clone)]
pub struct PeriodKey(Zeroizing<[u8; KEY_BYTES]>);

/// The first bytes of a period: what, besides the DEK, its key and nonces are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeriodHeader {
    salt: [u8; SALT_BYTES],
    prefix: [u8; PREFIX_BYTES],
}

impl Dek {
    /// A new random key.
    pub fn generate(rng: &mut dyn CryptoRng) -> Self {
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        rng.fill_bytes(key.as_mut());
        Self(key)
    }

    /// A key as it came out of an envelope.
    pub fn from_bytes(bytes: [u8; KEY_BYTES]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// A key as 64 hexadecimal digits, the content of a key file.
    pub fn from_hex(text: &str) -> Result<Self, DigestFault> {
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        hex::decode_to_slice(text, key.as_mut()).map_err(|_| DigestFault)?;
        Ok(Self(key))
    }

    /// The key as hexadecimal digits, for a key file that only its owner may read.
    pub fn to_hex(&self) -> Zeroizing<String> {
        Zeroizing::new(hex::encode(self.0.as_ref()))
    }

    /// The bytes, to be wrapped.
    pub fn expose(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }

    /// The commitment to this key for this container.
    pub fn commitment(&self, container: ContainerId) -> Commitment {
        let mut out = [0; 32];
        derive(
            self.expose(),
            &[],
            &[COMMITMENT_LABEL, container.as_bytes()],
            &mut out,
        );
        Commitment::from_bytes(out)
    }

    /// The header that this house gives to period `period` (see the module's text).
    ///
    /// `seed` is empty where sealing can be resumed, and random where it cannot.
    pub(super) fn period_header(
        &self,
        id: ContainerId,
        layout: Layout,
        period: u32,
        seed: &[u8],
    ) -> PeriodHeader {
        let mut out = [0; SALT_BYTES + PREFIX_BYTES];
        let bound = Bound::new(id, layout, period);
        derive(self.expose(), seed, &bound.info(HEADER_LABEL), &mut out);
        let (mut salt, mut prefix) = ([0; SALT_BYTES], [0; PREFIX_BYTES]);
        salt.copy_from_slice(&out[..SALT_BYTES]);
        prefix.copy_from_slice(&out[SALT_BYTES..]);
        PeriodHeader { salt, prefix }
    }

    /// The key of period `period`, whose header the caller made or read.
    pub fn period_key(
        &self,
        id: ContainerId,
        layout: Layout,
        period: u32,
        header: &PeriodHeader,
    ) -> PeriodKey {
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        let bound = Bound::new(id, layout, period);
        derive(
            self.expose(),
            &header.salt,
            &bound.info(LABEL),
            key.as_mut(),
        );
        PeriodKey(key)
    }
}

impl PeriodKey {
    /// A key as it came out of a lease.
    pub fn from_bytes(bytes: [u8; KEY_BYTES]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes, to be wrapped or used.
    pub fn expose(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }
}

impl PeriodHeader {
    /// Bytes of a header.
    pub const BYTES: usize = HEADER_BYTES as usize;

    /// Reads a header. Its first byte is its length, and says which format this is.
    pub fn parse(bytes: &[u8]) -> Result<Self, OpenError> {
        match bytes.first() {
            None => return Err(OpenError::Truncated),
            Some(&length) if usize::from(length) != Self::BYTES => {
                return Err(OpenError::UnknownVersion);
            }
            Some(_) => {}
        }
        let body = bytes.get(1..Self::BYTES).ok_or(OpenError::Truncated)?;
        let (mut salt, mut prefix) = ([0; SALT_BYTES], [0; PREFIX_BYTES]);
        salt.copy_from_slice(&body[..SALT_BYTES]);
        prefix.copy_from_slice(&body[SALT_BYTES..]);
        Ok(Self { salt, prefix })
    }

    /// The bytes in front of a period's first segment.
    pub fn to_bytes(&self) -> [u8; Self::BYTES] {
        let mut bytes = [0; Self::BYTES];
        bytes[0] = Self::BYTES as u8;
        bytes[1..=SALT_BYTES].copy_from_slice(&self.salt);
        bytes[SALT_BYTES + 1..].copy_from_slice(&self.prefix);
        bytes
    }

    /// The part of every nonce that the header gives.
    pub const fn prefix(&self) -> [u8; PREFIX_BYTES] {
        self.prefix
    }
}

/// What a derived key is bound to, kept as bytes so that it can be borrowed in parts.
struct Bound {
    id: ContainerId,
    length: [u8; 8],
    period: [u8; 4],
}

impl Bound {
    fn new(id: ContainerId, layout: Layout, period: u32) -> Self {
        let length = layout.plaintext_len().to_be_bytes();
        Self {
            id,
            length,
            period: period.to_be_bytes(),
        }
    }

    fn info<'a>(&'a self, label: &'a [u8]) -> [&'a [u8]; 4] {
        [label, self.id.as_bytes(), &self.length, &self.period]
    }
}

/// HKDF-SHA256, the only key derivation of the container and its envelopes.
pub(super) fn derive(ikm: &[u8], salt: &[u8], info: &[&[u8]], out: &mut [u8]) {
    Hkdf::<Sha256>::new(Some(salt), ikm)
        .expand_multi_info(info, out)
        .expect("every key here is far shorter than 255 blocks");
}

macro_rules! hide_in_debug {
    ($($key:ident),+) => {$(
        /// Says what it is and nothing of what it holds.
        impl fmt::Debug for $key {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($key), "(secret)"))
            }
        }
    )+};
}
hide_in_debug!(Dek, PeriodKey);

#[cfg(test)]
mod tests {
    use super::*;

    fn layout() -> Layout {
        Layout::new(1_000).unwrap()
    }

    #[test]
    fn debug_shows_no_key() {
        let dek = Dek::from_bytes([0xAB; 32]);
        let key = PeriodKey::from_bytes([0xAB; 32]);
        assert_eq!(format!("{dek:?} {key:?}"), "Dek(secret) PeriodKey(secret)");
    }

    #[test]
    fn a_header_reads_back_and_names_its_version() {
        let id = ContainerId::from(uuid::Uuid::from_bytes([7; 16]));
        let header = Dek::from_bytes([1; 32]).period_header(id, layout(), 3, &[]);
        let bytes = header.to_bytes();
        assert_eq!(bytes[0], 0x28);
        assert_eq!(PeriodHeader::parse(&bytes).unwrap(), header);
        assert!(matches!(
            PeriodHeader::parse(&bytes[..39]),
            Err(OpenError::Truncated)
        ));
        assert!(matches!(
            PeriodHeader::parse(&[]),
            Err(OpenError::Truncated)
        ));
        assert!(matches!(
            PeriodHeader::parse(&[0x29; 40]),
            Err(OpenError::UnknownVersion)
        ));
    }

    #[test]
    fn header_and_key_depend_on_everything_they_are_bound_to() {
        let (one, two) = (Dek::from_bytes([1; 32]), Dek::from_bytes([2; 32]));
        let id = ContainerId::from(uuid::Uuid::from_bytes([7; 16]));
        let other = ContainerId::from(uuid::Uuid::from_bytes([8; 16]));
        let longer = Layout::new(1_001).unwrap();
        let base = one.period_header(id, layout(), 0, &[]);
        assert_eq!(base, one.period_header(id, layout(), 0, &[]));
        for changed in [
            two.period_header(id, layout(), 0, &[]),
            one.period_header(other, layout(), 0, &[]),
            one.period_header(id, longer, 0, &[]),
            one.period_header(id, layout(), 1, &[]),
        ] {
            assert_ne!(base.prefix, changed.prefix);
            assert_ne!(base.salt, changed.salt);
        }
        let key = |dek: &Dek, id, layout, period, header| {
            *dek.period_key(id, layout, period, header).expose()
        };
        let here = key(&one, id, layout(), 0, &base);
        for changed in [
            key(&two, id, layout(), 0, &base),
            key(&one, other, layout(), 0, &base),
            key(&one, id, longer, 0, &base),
            key(&one, id, layout(), 1, &base),
            key(
                &one,
                id,
                layout(),
                0,
                &one.period_header(id, layout(), 1, &[]),
            ),
        ] {
            assert_ne!(here, changed);
        }
    }
}

//! The store's own keys: versioned key-encryption keys (KEKs) in one file, and what follows from
//! them.
//!
//! - A DEK is stored as AES-256-GCM under a KEK, with purpose, container, KEK id and version as
//!   associated data, so that an envelope moved to another row opens nothing. Its commitment is
//!   checked at every unwrap.
//! - The newest KEK wraps; older ones still unwrap, until everything is wrapped anew.
//! - Ticket keys, signing keys and the ingest key are derived from each KEK: nothing else needs keeping safe,
//!   and all survive a restart.

mod file;
mod ingest;

use std::fmt;
use std::path::Path;
use std::str::FromStr;

use rand::CryptoRng;
use thiserror::Error;
use zeroize::Zeroizing;

pub use self::file::KeyFileError;
pub use self::ingest::INGEST_WRAP_BYTES;
pub use self::ingest::IngestError;
pub use self::ingest::IngestKey;
pub use self::ingest::wrap_for_ingest;
use super::digest::Commitment;
use super::digest::DigestFault;
use super::envelope;
use super::envelope::NONCE_BYTES;
use super::envelope::WRAPPED_BYTES;
use super::id::ContainerId;
use super::keys::Dek;
use super::keys::KEY_BYTES;
use super::keys::derive;
use super::signing::SigningKey;
use super::ticket::TicketKeys;

const ID_LABEL: &[u8] = b"matinee/v1/kek-id";
const TICKET_LABEL: &[u8] = b"matinee/v1/ticket-key";
const SIGNING_LABEL: &[u8] = b"matinee/v1/signing-key";
const INGEST_LABEL: &[u8] = b"matinee/v1/ingest-key";

/// What a wrapped key is for, so that no envelope can be passed off as one of another kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The DEK of a sealed film.
    Film,
}

/// Public name of a KEK: 16 derived bytes that tell nothing about the key. Kept in the database,
/// it shows whether the key file belongs to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KekId([u8; 16]);

/// One version of the key-encryption key.
struct Kek {
    version: u32,
    key: Zeroizing<[u8; KEY_BYTES]>,
}

/// All versions of the key-encryption key, at least one.
pub struct Keyring {
    /// By falling version.
    newest_first: Vec<Kek>,
}

/// A DEK as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrappedDek {
    /// The version of the KEK that wrapped it.
    pub kek_version: u32,
    /// Nonce, sealed key and tag.
    pub bytes: [u8; NONCE_BYTES + WRAPPED_BYTES],
}

/// Why a stored DEK did not come out of its envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum UnwrapError {
    /// The key file no longer holds the KEK that wrapped it.
    #[error("the key file has no key of version {0}")]
    UnknownVersion(u32),
    /// Altered, moved from another row, or wrapped under another KEK.
    #[error("the wrapped film key is damaged")]
    Damaged,
}

impl Keyring {
    /// Reads the key file, or creates it with one new key, readable by its owner only.
    pub fn load_or_create(path: &Path, rng: &mut dyn CryptoRng) -> Result<Self, KeyFileError> {
        file::load_or_create(path, rng).map(Self::from_keks)
    }

    /// A keyring of one new key that no file holds, for tests.
    pub fn ephemeral(rng: &mut dyn CryptoRng) -> Self {
        Self::from_keks(vec![Kek::generate(1, rng)])
    }

    fn from_keks(mut keks: Vec<Kek>) -> Self {
        keks.sort_by_key(|kek| std::cmp::Reverse(kek.version));
        assert!(
            !keks.is_empty(),
            "the key file's parser refuses an empty file"
        );
        Self { newest_first: keks }
    }

    /// The id of the KEK that wraps, to be kept in the database.
    pub fn fingerprint(&self) -> KekId {
        self.newest().id()
    }

    /// The version of the KEK that wraps.
    pub fn newest_version(&self) -> u32 {
        self.newest().version
    }

    /// Whether a fingerprint from the database is that of a key in this file.
    pub fn holds(&self, fingerprint: KekId) -> bool {
        self.newest_first.iter().any(|kek| kek.id() == fingerprint)
    }

    /// Wraps a DEK for storage under the newest KEK.
    pub fn wrap(
        &self,
        dek: &Dek,
        container: ContainerId,
        purpose: Purpose,
        rng: &mut dyn CryptoRng,
    ) -> WrappedDek {
        let kek = self.newest();
        let mut bytes = [0; NONCE_BYTES + WRAPPED_BYTES];
        let mut nonce = [0; NONCE_BYTES];
        rng.fill_bytes(&mut nonce);
        let aad = kek.associated_data(container, purpose);
        bytes[..NONCE_BYTES].copy_from_slice(&nonce);
        bytes[NONCE_BYTES..].copy_from_slice(&envelope::wrap(&kek.key, &nonce, &aad, dek.expose()));
        WrappedDek {
            kek_version: kek.version,
            bytes,
        }
    }

    /// Opens a stored DEK and checks its commitment.
    pub fn unwrap(
        &self,
        wrapped: &WrappedDek,
        container: ContainerId,
        purpose: Purpose,
        commitment: &Commitment,
    ) -> Result<Dek, UnwrapError> {
        let kek = self
            .newest_first
            .iter()
            .find(|kek| kek.version == wrapped.kek_version)
            .ok_or(UnwrapError::UnknownVersion(wrapped.kek_version))?;
        let aad = kek.associated_data(container, purpose);
        let (nonce, body) = wrapped
            .bytes
            .split_first_chunk()
            .ok_or(UnwrapError::Damaged)?;
        let body = body.first_chunk().ok_or(UnwrapError::Damaged)?;
        let key =
            envelope::unwrap(&kek.key, nonce, &aad, body).map_err(|_| UnwrapError::Damaged)?;
        committed(Dek::from_bytes(*key), container, commitment).ok_or(UnwrapError::Damaged)
    }

    /// The keys that sign tickets.
    pub fn ticket_keys(&self) -> TicketKeys {
        TicketKeys::new(
            self.newest_first
                .iter()
                .map(|kek| kek.derived(TICKET_LABEL, 0))
                .collect(),
        )
    }

    /// The keys that sign statements, the newest first.
    pub fn signing_keys(&self) -> Vec<SigningKey> {
        self.newest_first
            .iter()
            .map(|kek| SigningKey::from_seed(&kek.derived(SIGNING_LABEL, 0)))
            .collect()
    }

    /// The key to which studios wrap their DEKs.
    pub fn ingest_key(&self) -> IngestKey {
        IngestKey::derive(
            self.newest_first
                .iter()
                .map(|kek| |n| kek.derived(INGEST_LABEL, n)),
        )
    }

    fn newest(&self) -> &Kek {
        &self.newest_first[0]
    }
}

impl Kek {
    fn generate(version: u32, rng: &mut dyn CryptoRng) -> Self {
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        rng.fill_bytes(key.as_mut());
        Self { version, key }
    }

    fn id(&self) -> KekId {
        let mut id = [0; 16];
        derive(self.key.as_ref(), &[], &[ID_LABEL], &mut id);
        KekId(id)
    }

    fn derived(&self, label: &[u8], attempt: u8) -> Zeroizing<[u8; KEY_BYTES]> {
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        derive(self.key.as_ref(), &[], &[label, &[attempt]], key.as_mut());
        key
    }

    /// Purpose ‖ container id ‖ KEK id ‖ version. Only the purpose varies in length, and no
    /// purpose's label is the end of another's.
    fn associated_data(&self, container: ContainerId, purpose: Purpose) -> Vec<u8> {
        let version = self.version.to_be_bytes();
        [
            purpose.label(),
            container.as_bytes(),
            &self.id().0,
            &version,
        ]
        .concat()
    }
}

impl Purpose {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::Film => b"matinee/v1/dek/film",
        }
    }
}

/// The DEK, if it is the one that was committed to.
fn committed(dek: Dek, container: ContainerId, commitment: &Commitment) -> Option<Dek> {
    (dek.commitment(container) == *commitment).then_some(dek)
}

impl WrappedDek {
    /// An envelope as stored; `None` if it has not the length of one.
    pub fn from_stored(kek_version: u32, bytes: &[u8]) -> Option<Self> {
        Some(Self {
            kek_version,
            bytes: bytes.try_into().ok()?,
        })
    }
}

impl fmt::Display for KekId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl FromStr for KekId {
    type Err = DigestFault;

    fn from_str(text: &str) -> Result<Self, DigestFault> {
        let mut bytes = [0; 16];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| DigestFault)?;
        Ok(Self(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring_of(versions: &[(u32, u8)]) -> Keyring {
        let kek = |&(version, byte): &(u32, u8)| Kek {
            version,
            key: [byte; 32].into(),
        };
        Keyring::from_keks(versions.iter().map(kek).collect())
    }

    fn film() -> (Dek, ContainerId) {
        (
            Dek::from_bytes([5; 32]),
            uuid::Uuid::from_bytes([6; 16]).into(),
        )
    }

    #[test]
    fn a_wrapped_dek_comes_back_also_after_rotation() {
        let (dek, id) = film();
        let wrapped = ring_of(&[(1, 1)]).wrap(&dek, id, Purpose::Film, &mut rand::rng());
        let stored = WrappedDek::from_stored(wrapped.kek_version, &wrapped.bytes).unwrap();
        let rotated = ring_of(&[(1, 1), (2, 2)]);
        let opened = rotated
            .unwrap(&stored, id, Purpose::Film, &dek.commitment(id))
            .unwrap();
        assert_eq!(opened.expose(), dek.expose());
        assert_eq!(
            rotated
                .wrap(&dek, id, Purpose::Film, &mut rand::rng())
                .kek_version,
            2
        );
    }

    #[test]
    fn an_envelope_opens_in_its_own_row_only() {
        let (dek, id) = film();
        let keyring = ring_of(&[(1, 1), (2, 1)]);
        let wrapped = keyring.wrap(&dek, id, Purpose::Film, &mut rand::rng());
        let other: ContainerId = uuid::Uuid::from_bytes([7; 16]).into();
        let open = |wrapped: &WrappedDek, id: ContainerId, commitment: &Commitment| {
            keyring
                .unwrap(wrapped, id, Purpose::Film, commitment)
                .map(|dek| *dek.expose())
        };
        assert!(open(&wrapped, id, &dek.commitment(id)).is_ok());
        let damaged = Err(UnwrapError::Damaged);
        assert_eq!(open(&wrapped, other, &dek.commitment(other)), damaged);
        let downgraded = WrappedDek {
            kek_version: 1,
            ..wrapped.clone()
        };
        assert_eq!(open(&downgraded, id, &dek.commitment(id)), damaged);
        for at in 0..wrapped.bytes.len() {
            let mut flipped = wrapped.clone();
            flipped.bytes[at] ^= 1;
            assert_eq!(open(&flipped, id, &dek.commitment(id)), damaged);
        }
        let removed = WrappedDek {
            kek_version: 3,
            ..wrapped
        };
        assert_eq!(
            open(&removed, id, &dek.commitment(id)),
            Err(UnwrapError::UnknownVersion(3))
        );
    }

    #[test]
    fn a_dek_that_was_not_committed_to_is_never_returned() {
        let (dek, id) = film();
        let keyring = ring_of(&[(1, 1)]);
        let wrapped = keyring.wrap(&dek, id, Purpose::Film, &mut rand::rng());
        let foreign = Dek::from_bytes([9; 32]).commitment(id);
        let opened = keyring.unwrap(&wrapped, id, Purpose::Film, &foreign);
        assert_eq!(opened.err(), Some(UnwrapError::Damaged));
    }

    #[test]
    fn the_fingerprint_tells_keyrings_apart_and_survives_rotation() {
        let (old, new) = (ring_of(&[(1, 1)]), ring_of(&[(1, 1), (2, 2)]));
        assert!(new.holds(old.fingerprint()));
        assert!(!old.holds(new.fingerprint()));
        assert_eq!(old.fingerprint().to_string().parse(), Ok(old.fingerprint()));
    }

    #[test]
    fn two_keyrings_of_one_file_sign_and_take_in_alike() {
        let (dek, id) = film();
        let (one, two) = (ring_of(&[(1, 1)]), ring_of(&[(1, 1), (2, 2)]));
        let public = one.ingest_key().public_key();
        assert_eq!(public, ring_of(&[(1, 1)]).ingest_key().public_key());
        let blob = wrap_for_ingest(&public, id, &dek, &mut rand::rng()).unwrap();
        for keyring in [&one, &two] {
            let opened = keyring
                .ingest_key()
                .unwrap_dek(id, &blob, &dek.commitment(id))
                .unwrap();
            assert_eq!(opened.expose(), dek.expose());
        }
    }
}

//! How a DEK travels from a studio to the store: wrapped to the store's long-lived P-256 key.
//!
//! ```text
//! blob         = 0x01 ‖ sender's ephemeral public key (65) ‖ nonce (12) ‖ wrapped (48)
//! wrapping key = HKDF-SHA256(ikm = x-coordinate of ECDH, salt = sender's ‖ store's public key,
//!                            info = "matinee/v1/ingest" ‖ container id)
//! wrapped      = AES-256-GCM(wrapping key, nonce, DEK, associated data = the same info)
//! ```
//! P-256, because every browser's WebCrypto has it.

use p256::PublicKey;
use p256::SecretKey;
use p256::elliptic_curve::Generate;
use rand::CryptoRng;
use thiserror::Error;
use zeroize::Zeroizing;

use super::committed;
use crate::sealed::digest::Commitment;
use crate::sealed::envelope;
use crate::sealed::envelope::NONCE_BYTES;
use crate::sealed::envelope::WRAPPED_BYTES;
use crate::sealed::id::ContainerId;
use crate::sealed::keys::Dek;
use crate::sealed::keys::KEY_BYTES;
use crate::sealed::keys::derive;

const LABEL: &[u8] = b"matinee/v1/ingest";
const VERSION: u8 = 1;
const POINT_BYTES: usize = 65;
/// Bytes of a DEK wrapped for the store.
pub const INGEST_WRAP_BYTES: usize = 1 + POINT_BYTES + NONCE_BYTES + WRAPPED_BYTES;

/// Why a DEK could not be wrapped for the store or taken in by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum IngestError {
    /// The store's public key is not a point of P-256.
    #[error("the store's ingest key is not valid")]
    PublicKey,
    /// Not wrapped to this store, for this container and commitment.
    #[error("the wrapped film key cannot be opened by this store")]
    Unopened,
}

/// The store's half: the newest key is published, older ones still open what was wrapped to
/// them before a rotation.
pub struct IngestKey {
    newest_first: Vec<SecretKey>,
}

impl IngestKey {
    /// Makes one key of each derivation; a candidate outside the group's order (one in 2^32) is
    /// passed over for the next.
    pub(super) fn derive<F>(derivations: impl Iterator<Item = F>) -> Self
    where
        F: Fn(u8) -> Zeroizing<[u8; KEY_BYTES]>,
    {
        let newest_first = derivations
            .map(|candidate| {
                (0..=u8::MAX)
                    .find_map(|attempt| SecretKey::from_slice(candidate(attempt).as_ref()).ok())
                    .expect("256 candidates all fail with a chance of 2^-8192")
            })
            .collect();
        Self { newest_first }
    }

    /// The public key that uploaders wrap to, an uncompressed point.
    pub fn public_key(&self) -> [u8; POINT_BYTES] {
        point(&self.newest_first[0].public_key())
    }

    /// Opens a DEK that a studio wrapped, and checks that it is the one it committed to.
    pub fn unwrap_dek(
        &self,
        container: ContainerId,
        blob: &[u8],
        commitment: &Commitment,
    ) -> Result<Dek, IngestError> {
        let (sender, nonce, wrapped) = split(blob).ok_or(IngestError::Unopened)?;
        let sender = PublicKey::from_sec1_bytes(sender).map_err(|_| IngestError::Unopened)?;
        let aad = info(container);
        self.newest_first
            .iter()
            .find_map(|own| {
                let key = wrapping_key(own, &sender, &sender, &own.public_key(), &aad);
                envelope::unwrap(&key, nonce, &aad, wrapped).ok()
            })
            .and_then(|key| committed(Dek::from_bytes(*key), container, commitment))
            .ok_or(IngestError::Unopened)
    }
}

/// Wraps a DEK to the store's public key: the sender's half, as `matinee upload` does it.
pub fn wrap_for_ingest(
    store_public_key: &[u8],
    container: ContainerId,
    dek: &Dek,
    rng: &mut dyn CryptoRng,
) -> Result<[u8; INGEST_WRAP_BYTES], IngestError> {
    let uncompressed = store_public_key.len() == POINT_BYTES;
    let store = PublicKey::from_sec1_bytes(store_public_key)
        .ok()
        .filter(|_| uncompressed)
        .ok_or(IngestError::PublicKey)?;
    let own = SecretKey::generate_from_rng(rng);
    let mut nonce = [0; NONCE_BYTES];
    rng.fill_bytes(&mut nonce);
    let aad = info(container);
    let key = wrapping_key(&own, &store, &own.public_key(), &store, &aad);
    let wrapped = envelope::wrap(&key, &nonce, &aad, dek.expose());
    let mut blob = [VERSION; INGEST_WRAP_BYTES];
    blob[1..1 + POINT_BYTES].copy_from_slice(&point(&own.public_key()));
    blob[1 + POINT_BYTES..1 + POINT_BYTES + NONCE_BYTES].copy_from_slice(&nonce);
    blob[1 + POINT_BYTES + NONCE_BYTES..].copy_from_slice(&wrapped);
    Ok(blob)
}

fn wrapping_key(
    own: &SecretKey,
    peer: &PublicKey,
    sender: &PublicKey,
    store: &PublicKey,
    info: &[u8],
) -> Zeroizing<[u8; KEY_BYTES]> {
    let shared = own.diffie_hellman(peer);
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    let salt = [point(sender), point(store)].concat();
    derive(shared.raw_secret_bytes(), &salt, &[info], key.as_mut());
    key
}

fn info(container: ContainerId) -> Vec<u8> {
    [LABEL, container.as_bytes()].concat()
}

fn point(key: &PublicKey) -> [u8; POINT_BYTES] {
    let bytes = key.to_sec1_bytes();
    bytes
        .as_ref()
        .try_into()
        .expect("a P-256 point has 65 bytes uncompressed")
}

type Parts<'a> = (
    &'a [u8; POINT_BYTES],
    &'a [u8; NONCE_BYTES],
    &'a [u8; WRAPPED_BYTES],
);

fn split(blob: &[u8]) -> Option<Parts<'_>> {
    let (&VERSION, blob) = blob.split_first()? else {
        return None;
    };
    let (sender, blob) = blob.split_first_chunk()?;
    let (nonce, blob) = blob.split_first_chunk()?;
    Some((sender, nonce, blob.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(byte: u8) -> IngestKey {
        IngestKey::derive(std::iter::once(|_| Zeroizing::new([byte; 32])))
    }

    #[test]
    fn only_the_store_it_was_wrapped_to_takes_a_dek_in() {
        let dek = Dek::from_bytes([3; 32]);
        let id: ContainerId = uuid::Uuid::from_bytes([4; 16]).into();
        let other: ContainerId = uuid::Uuid::from_bytes([5; 16]).into();
        let blob = wrap_for_ingest(&store(1).public_key(), id, &dek, &mut rand::rng()).unwrap();
        let open = |store: &IngestKey, id: ContainerId, blob: &[u8]| {
            store
                .unwrap_dek(id, blob, &dek.commitment(id))
                .map(|dek| *dek.expose())
        };
        assert_eq!(open(&store(1), id, &blob), Ok([3; 32]));
        assert_eq!(open(&store(2), id, &blob), Err(IngestError::Unopened));
        assert_eq!(open(&store(1), other, &blob), Err(IngestError::Unopened));
        for at in 0..blob.len() {
            let mut flipped = blob;
            flipped[at] ^= 1;
            assert_eq!(
                open(&store(1), id, &flipped),
                Err(IngestError::Unopened),
                "byte {at}"
            );
        }
        for short in [0, 1, 66, blob.len() - 1] {
            assert_eq!(
                open(&store(1), id, &blob[..short]),
                Err(IngestError::Unopened)
            );
        }
        let foreign = Dek::from_bytes([9; 32]).commitment(id);
        assert!(store(1).unwrap_dek(id, &blob, &foreign).is_err());
    }

    #[test]
    fn a_candidate_outside_the_order_is_passed_over() {
        let key = IngestKey::derive(std::iter::once(|attempt: u8| {
            Zeroizing::new(if attempt == 0 { [0xFF; 32] } else { [1; 32] })
        }));
        assert_eq!(key.public_key(), store(1).public_key());
    }

    #[test]
    fn a_bad_store_key_is_refused() {
        let id: ContainerId = uuid::Uuid::from_bytes([4; 16]).into();
        let dek = Dek::from_bytes([3; 32]);
        for bad in [&[][..], &[4; 65], &store(1).public_key()[..64]] {
            let wrapped = wrap_for_ingest(bad, id, &dek, &mut rand::rng());
            assert_eq!(wrapped.err(), Some(IngestError::PublicKey));
        }
    }
}

//! One 32-byte key sealed under another by AES-256-GCM.

use aes_gcm::Aes256Gcm;
use aes_gcm::KeyInit;
use aes_gcm::aead::AeadInOut;
use zeroize::Zeroizing;

use super::keys::KEY_BYTES;

/// Bytes of an AES-GCM nonce.
pub(super) const NONCE_BYTES: usize = 12;
/// Bytes of a wrapped key: the key and its tag.
pub(super) const WRAPPED_BYTES: usize = KEY_BYTES + 16;

/// The envelope did not open. There is nothing more to say about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unopened;

/// Wraps `key`. The caller never uses a nonce twice with one wrapping key.
pub(super) fn wrap(
    wrapping: &[u8; KEY_BYTES],
    nonce: &[u8; NONCE_BYTES],
    aad: &[u8],
    key: &[u8; KEY_BYTES],
) -> [u8; WRAPPED_BYTES] {
    let mut out = [0; WRAPPED_BYTES];
    let (body, tag) = out.split_at_mut(KEY_BYTES);
    body.copy_from_slice(key);
    let made = Aes256Gcm::new(wrapping.into())
        .encrypt_inout_detached(nonce.into(), aad, body.into())
        .expect("32 bytes are far below AES-GCM's limit of length");
    tag.copy_from_slice(&made);
    out
}

/// Opens what [`wrap`] made, or says nothing but no.
pub(super) fn unwrap(
    wrapping: &[u8; KEY_BYTES],
    nonce: &[u8; NONCE_BYTES],
    aad: &[u8],
    wrapped: &[u8; WRAPPED_BYTES],
) -> Result<Zeroizing<[u8; KEY_BYTES]>, Unopened> {
    let mut key = Zeroizing::new([0; KEY_BYTES]);
    let (body, tag) = wrapped.split_at(KEY_BYTES);
    key.copy_from_slice(body);
    let tag = tag.try_into().map_err(|_| Unopened)?;
    Aes256Gcm::new(wrapping.into())
        .decrypt_inout_detached(nonce.into(), aad, key.as_mut_slice().into(), tag)
        .map_err(|_| Unopened)?;
    Ok(key)
}

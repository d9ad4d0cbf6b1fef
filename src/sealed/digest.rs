//! Public 32-byte digests of a container: its root and the commitment to its key.

use std::fmt;
use std::str::FromStr;

use subtle::ConstantTimeEq;
use thiserror::Error;

/// A text that is not a digest in hexadecimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not 64 hexadecimal digits")]
pub struct DigestFault;

/// Names the exact bytes of a container: the rights attestation signs it, and the server
/// computes it anew from the stored bytes when an upload finishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Root([u8; 32]);

/// Pins the one key that opens a container. AES-GCM alone would let one ciphertext open to two
/// films under two keys.
#[derive(Debug, Clone, Copy)]
pub struct Commitment([u8; 32]);

impl Root {
    /// A root as stored.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes to store.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl Commitment {
    /// A commitment as stored.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes to store.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Compared in constant time, since it stands for a key.
impl PartialEq for Commitment {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Commitment {}

impl fmt::Display for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Display for Commitment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl FromStr for Root {
    type Err = DigestFault;

    fn from_str(text: &str) -> Result<Self, DigestFault> {
        parse(text).map(Self)
    }
}

impl FromStr for Commitment {
    type Err = DigestFault;

    fn from_str(text: &str) -> Result<Self, DigestFault> {
        parse(text).map(Self)
    }
}

fn parse(text: &str) -> Result<[u8; 32], DigestFault> {
    let mut bytes = [0; 32];
    hex::decode_to_slice(text, &mut bytes).map_err(|_| DigestFault)?;
    Ok(bytes)
}

//! Signatures that anybody can check: Ed25519, by `ring`.
//!
//! What is signed is `label ‖ 0x0a ‖ message`, so that no signature of one kind can be shown as one
//! of another kind.

use std::fmt;
use std::str::FromStr;

use ring::signature::ED25519;
use ring::signature::Ed25519KeyPair;
use ring::signature::KeyPair;
use ring::signature::UnparsedPublicKey;
use thiserror::Error;

use super::keys::KEY_BYTES;

/// A secret key that signs.
pub struct SigningKey(Ed25519KeyPair);

/// The public half, written in hex.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PublicKey([u8; 32]);

/// A signature, written in hex.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature([u8; 64]);

/// Why a text is no key or signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("not the right number of hexadecimal digits")]
pub struct HexFault;

impl SigningKey {
    pub(super) fn from_seed(seed: &[u8; KEY_BYTES]) -> Self {
        Self(Ed25519KeyPair::from_seed_unchecked(seed).expect("every seed of 32 bytes is a key"))
    }

    /// The half that may be published.
    pub fn public(&self) -> PublicKey {
        let bytes = self.0.public_key().as_ref();
        PublicKey(bytes.try_into().expect("a public key has 32 bytes"))
    }

    /// Signs a message of one kind. The same message gets the same signature.
    pub fn sign(&self, label: &str, message: &[u8]) -> Signature {
        let signature = self.0.sign(&labelled(label, message));
        Signature(
            signature
                .as_ref()
                .try_into()
                .expect("a signature has 64 bytes"),
        )
    }
}

impl PublicKey {
    /// Whether the owner of this key signed the message.
    pub fn verifies(&self, label: &str, message: &[u8], signature: &Signature) -> bool {
        UnparsedPublicKey::new(&ED25519, self.0)
            .verify(&labelled(label, message), &signature.0)
            .is_ok()
    }
}

fn labelled(label: &str, message: &[u8]) -> Vec<u8> {
    [label.as_bytes(), b"\n", message].concat()
}

macro_rules! as_hex {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex::encode(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = HexFault;

            fn from_str(text: &str) -> Result<Self, HexFault> {
                let bytes = hex::decode(text).map_err(|_| HexFault)?;
                let read = bytes.try_into().map(Self).map_err(|_| HexFault)?;
                // One text for one value: no digit may be changed to a capital unnoticed.
                if read.to_string() == text {
                    Ok(read)
                } else {
                    Err(HexFault)
                }
            }
        }
    };
}

as_hex!(PublicKey);
as_hex!(Signature);

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8032, section 7.1, test 2, through our own types.
    #[test]
    fn keys_are_those_of_rfc_8032() {
        let seed = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
        let seed: [u8; 32] = hex::decode(seed).unwrap().try_into().unwrap();
        let key = SigningKey::from_seed(&seed);
        let public = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
        assert_eq!(key.public().to_string(), public);
        assert_eq!(public.parse(), Ok(key.public()));
    }

    #[test]
    fn a_signature_fits_its_key_its_kind_and_its_message_alone() {
        let (key, other) = (
            SigningKey::from_seed(&[1; 32]),
            SigningKey::from_seed(&[2; 32]),
        );
        let signature = key.sign("a", b"words");
        assert!(key.public().verifies("a", b"words", &signature));
        assert!(!key.public().verifies("b", b"words", &signature));
        assert!(!key.public().verifies("a", b"word", &signature));
        assert!(!other.public().verifies("a", b"words", &signature));
        assert_eq!(signature.to_string().parse(), Ok(signature));
        assert_eq!("00".parse::<Signature>(), Err(HexFault));
    }
}

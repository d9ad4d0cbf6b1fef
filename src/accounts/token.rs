//! Secrets that are handed out once and recognised by their hash: links in mails, API tokens.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::Digest;
use sha2::Sha256;

/// 32 random bytes as text. Only [`TokenHash`] is stored, so a stolen table opens nothing.
pub struct SecretToken(String);

/// What the table knows of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenHash(Vec<u8>);

impl SecretToken {
    /// A new token.
    pub fn new(rng: &mut impl rand::CryptoRng) -> Self {
        let mut bytes = [0_u8; 32];
        rng.fill_bytes(&mut bytes);
        Self(URL_SAFE_NO_PAD.encode(bytes))
    }

    /// The text for its owner.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What to store.
    pub fn hash(&self) -> TokenHash {
        TokenHash::of(&self.0)
    }
}

impl fmt::Debug for SecretToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretToken(..)")
    }
}

impl TokenHash {
    /// The hash of whatever somebody presents as a token. A plain SHA-256 is enough for 256 random
    /// bits, and an index may look it up: nobody can steer a hash towards a row byte by byte.
    pub fn of(presented: &str) -> Self {
        Self(Sha256::digest(presented.as_bytes()).to_vec())
    }

    /// The bytes for the table.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_known_by_its_hash_and_shows_nowhere() {
        let token = SecretToken::new(&mut rand::rng());
        assert_eq!(token.reveal().len(), 43, "256 bits");
        assert_eq!(TokenHash::of(token.reveal()), token.hash());
        assert_ne!(SecretToken::new(&mut rand::rng()).hash(), token.hash());
        assert!(!format!("{token:?}").contains(token.reveal()));
    }
}

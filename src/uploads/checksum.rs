//! `Upload-Checksum`: an algorithm and the digest of one request's bytes, in base64. It guards the
//! transport; what guards the film is its root.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha1::Sha1;
use sha2::Digest;
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::uploads::error::TusError;

/// The value of `Tus-Checksum-Algorithm`.
pub(super) const ALGORITHMS: &str = "sha1,sha256";

/// A digest that is being made, and the one it must become.
pub(super) struct Checksum {
    hasher: Hasher,
    expected: Vec<u8>,
}

enum Hasher {
    Sha1(Sha1),
    Sha256(Sha256),
}

impl Checksum {
    /// Reads the header.
    pub(super) fn parse(header: &str) -> Result<Self, TusError> {
        let (algorithm, digest) = header.split_once(' ').unwrap_or((header, ""));
        let hasher = match algorithm {
            "sha1" => Hasher::Sha1(Sha1::new()),
            "sha256" => Hasher::Sha256(Sha256::new()),
            _ => {
                let words = format!("Upload-Checksum must use one of {ALGORITHMS}.");
                return Err(TusError::malformed(words));
            }
        };
        let expected = STANDARD
            .decode(digest.trim())
            .ok()
            .filter(|digest| digest.len() == hasher.length())
            .ok_or_else(|| TusError::malformed("The digest in Upload-Checksum is not valid."))?;
        Ok(Self { hasher, expected })
    }

    /// Takes the next bytes.
    pub(super) fn update(&mut self, bytes: &[u8]) {
        match &mut self.hasher {
            Hasher::Sha1(hasher) => hasher.update(bytes),
            Hasher::Sha256(hasher) => hasher.update(bytes),
        }
    }

    /// Whether the bytes taken are those the digest was made of.
    pub(super) fn matches(self) -> bool {
        let made = match self.hasher {
            Hasher::Sha1(hasher) => hasher.finalize().to_vec(),
            Hasher::Sha256(hasher) => hasher.finalize().to_vec(),
        };
        made.ct_eq(&self.expected).into()
    }
}

impl Hasher {
    const fn length(&self) -> usize {
        match self {
            Self::Sha1(_) => 20,
            Self::Sha256(_) => 32,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_protocol_holds() {
        let matches = |bytes: &[u8]| {
            let mut sum = Checksum::parse("sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=").unwrap();
            bytes.chunks(3).for_each(|piece| sum.update(piece));
            sum.matches()
        };
        assert!(matches(b"hello world"));
        assert!(!matches(b"hello worlD"));
    }

    #[test]
    fn sha256_is_known_and_other_algorithms_are_refused() {
        let digest = STANDARD.encode(Sha256::digest(b"film"));
        let mut sum = Checksum::parse(&format!("sha256 {digest}")).unwrap();
        sum.update(b"film");
        assert!(sum.matches());
        let short = STANDARD.encode([0; 20]);
        for bad in [
            "",
            "sha1",
            "sha1 ",
            "sha1 !!",
            "md5 AAAA",
            &format!("sha256 {short}"),
        ] {
            assert!(Checksum::parse(bad).is_err(), "{bad:?}");
        }
    }
}

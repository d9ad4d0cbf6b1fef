//! `Upload-Metadata`: pairs of a key and a base64 value, with commas between them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::kernel::text::Slug;
use crate::sealed::Commitment;
use crate::sealed::ContainerId;
use crate::uploads::error::TusError;
use crate::uploads::model::UploadKind;

/// What the metadata says about a film.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FilmMetadata {
    /// `title`: slug of the title.
    pub(super) title: Slug,
    /// `container`: UUID of the container.
    pub(super) container: ContainerId,
    /// `length`: bytes of the film before sealing.
    pub(super) plaintext_length: u64,
    /// `wrapped_dek`: the film key, wrapped to the store's ingest key.
    pub(super) wrapped_dek: Vec<u8>,
    /// `commitment`: to the film key.
    pub(super) commitment: Commitment,
    /// `kind`: feature unless it says otherwise.
    pub(super) kind: UploadKind,
}

impl FilmMetadata {
    /// Reads the header; keys that we do not know are left to the client.
    pub(super) fn parse(header: &str) -> Result<Self, TusError> {
        let pairs = pairs(header)?;
        let text = |key: &str| -> Result<&str, TusError> {
            let found = pairs.iter().find(|(name, _)| *name == key);
            let (_, value) = found.ok_or_else(|| {
                TusError::malformed(format!("Upload-Metadata lacks the key {key}."))
            })?;
            std::str::from_utf8(value).map_err(|_| wrong(key, "text"))
        };
        Ok(Self {
            title: Slug::parse(text("title")?).map_err(|_| wrong("title", "the title's slug"))?,
            container: text("container")?
                .parse()
                .map_err(|_| wrong("container", "a UUID"))?,
            plaintext_length: digits(text("length")?)
                .ok_or_else(|| wrong("length", "the film's length in bytes"))?,
            wrapped_dek: URL_SAFE_NO_PAD
                .decode(text("wrapped_dek")?.trim_end_matches('='))
                .map_err(|_| wrong("wrapped_dek", "base64url"))?,
            commitment: text("commitment")?
                .parse()
                .map_err(|_| wrong("commitment", "64 hexadecimal digits"))?,
            kind: match text("kind") {
                Ok(kind) => kind
                    .parse()
                    .map_err(|_| wrong("kind", "feature or trailer"))?,
                Err(_) => UploadKind::Feature,
            },
        })
    }
}

fn wrong(key: &str, wanted: &str) -> TusError {
    TusError::malformed(format!(
        "The key {key} of Upload-Metadata must be {wanted}."
    ))
}

/// Digits only: no sign, no space.
pub(super) fn digits(text: &str) -> Option<u64> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

/// Splits and decodes the pairs, with the protocol's rules: unique keys without spaces or commas,
/// values in base64, which may be missing altogether.
fn pairs(header: &str) -> Result<Vec<(&str, Vec<u8>)>, TusError> {
    let mut pairs: Vec<(&str, Vec<u8>)> = Vec::new();
    for pair in header.split(',') {
        let mut words = pair.trim_matches(' ').splitn(2, ' ');
        let key = words.next().unwrap_or_default();
        let value = words.next().unwrap_or_default();
        if key.is_empty() || !key.is_ascii() {
            return Err(TusError::malformed(
                "Upload-Metadata holds an empty or non-ASCII key.",
            ));
        }
        if pairs.iter().any(|(known, _)| *known == key) {
            let words = format!("Upload-Metadata holds the key {key} twice.");
            return Err(TusError::malformed(words));
        }
        let value = STANDARD.decode(value).map_err(|_| {
            TusError::malformed(format!(
                "The value of {key} in Upload-Metadata is not base64."
            ))
        })?;
        pairs.push((key, value));
    }
    Ok(pairs)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    const ID: &str = "9f3a4c52-70c5-4a53-a1be-58d53d9bd1f2";

    fn header(change: &[(&str, &str)]) -> String {
        let commitment = "ab".repeat(32);
        let mut pairs = vec![
            ("title", "night-train"),
            ("container", ID),
            ("length", "1000"),
            ("wrapped_dek", "AQID"),
            ("commitment", commitment.as_str()),
        ];
        for (key, value) in change {
            pairs.retain(|(known, _)| known != key);
            pairs.push((key, value));
        }
        let pairs: Vec<_> = pairs
            .iter()
            .filter(|(_, value)| *value != "-")
            .map(|(key, value)| format!("{key} {}", STANDARD.encode(value)))
            .collect();
        pairs.join(",")
    }

    #[test]
    fn a_full_header_is_read() {
        let read = FilmMetadata::parse(&header(&[("filename", "My Film.mp4")])).unwrap();
        assert_eq!(read.title.as_str(), "night-train");
        assert_eq!(read.container.to_string(), ID);
        assert_eq!(read.plaintext_length, 1_000);
        assert_eq!(read.wrapped_dek, [1, 2, 3]);
        assert_eq!(read.kind, UploadKind::Feature);
        let trailer = FilmMetadata::parse(&header(&[("kind", "trailer")])).unwrap();
        assert_eq!(trailer.kind, UploadKind::Trailer);
    }

    #[test]
    fn every_wrong_value_is_named() {
        let cases = [
            ("title", "-", "lacks the key title"),
            ("title", "Night Train", "must be the title's slug"),
            ("container", "-", "lacks the key container"),
            ("container", "7", "must be a UUID"),
            ("length", "-", "lacks the key length"),
            ("length", "+5", "must be the film's length"),
            (
                "length",
                "99999999999999999999",
                "must be the film's length",
            ),
            ("wrapped_dek", "-", "lacks the key wrapped_dek"),
            ("wrapped_dek", "***", "must be base64url"),
            ("commitment", "-", "lacks the key commitment"),
            ("commitment", "abcd", "must be 64 hexadecimal digits"),
            ("kind", "sequel", "must be feature or trailer"),
        ];
        for (key, value, said) in cases {
            let error = FilmMetadata::parse(&header(&[(key, value)]))
                .unwrap_err()
                .to_string();
            assert!(error.contains(said), "{key}={value}: {error}");
        }
    }

    #[test]
    fn the_protocol_s_own_rules_hold() {
        assert_eq!(pairs("a YQ==,empty,b Yg==").unwrap().len(), 3);
        for bad in [
            "",
            "a YQ==,",
            "a YQ==,a Yg==",
            "a %%%",
            "a YQ== x",
            "ü YQ==",
        ] {
            assert!(pairs(bad).is_err(), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn no_header_panics(header in ".{0,200}") {
            let _ = FilmMetadata::parse(&header);
        }
    }
}

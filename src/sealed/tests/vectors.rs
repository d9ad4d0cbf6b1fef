//! The vectors of `tests/vectors`, written from the format's text by another implementation.

use std::fs;
use std::io;
use std::path::PathBuf;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::Digest;
use sha2::Sha256;

use crate::sealed::ContainerId;
use crate::sealed::Dek;
use crate::sealed::Layout;
use crate::sealed::OpenError;
use crate::sealed::Opener;
use crate::sealed::ReadAt;
use crate::sealed::Sealer;
use crate::sealed::root_of;

#[derive(Deserialize)]
struct Accept {
    container: ContainerId,
    dek: String,
    seed: String,
    length: u64,
    plaintext_sha256: String,
    ciphertext_sha256: String,
    root: String,
    commitment: String,
    sealed_by: Option<String>,
}

#[derive(Deserialize)]
struct Reject {
    container: ContainerId,
    dek: String,
    #[serde(default)]
    parts: Vec<(String, usize, usize)>,
    #[serde(default)]
    flips: Vec<usize>,
    ciphertext_sha256: String,
    fault: String,
    good_segments: u64,
}

/// The plaintext that a vector describes by its seed.
struct Seeded<'a> {
    seed: &'a str,
    length: u64,
}

impl ReadAt for Seeded<'_> {
    fn size(&self) -> io::Result<u64> {
        Ok(self.length)
    }

    fn read_exact_at(&self, buf: &mut [u8], offset: u64) -> io::Result<()> {
        assert!(offset + buf.len() as u64 <= self.length);
        let mut filled = 0;
        while filled < buf.len() {
            let at = offset + filled as u64;
            let number = (at / 4_096).to_be_bytes();
            let page = Sha256::digest([self.seed.as_bytes(), &number].concat()).repeat(128);
            let rest = &page[(at % 4_096) as usize..];
            let take = rest.len().min(buf.len() - filled);
            buf[filled..filled + take].copy_from_slice(&rest[..take]);
            filled += take;
        }
        Ok(())
    }
}

impl Accept {
    fn dek(&self) -> Dek {
        Dek::from_hex(&self.dek).unwrap()
    }

    fn sealed(&self) -> Vec<u8> {
        let mut sealer = Sealer::new(self.dek(), self.container, self.length).unwrap();
        let film = Seeded {
            seed: &self.seed,
            length: self.length,
        };
        let mut out = Vec::with_capacity(sealer.layout().ciphertext_len() as usize);
        let root = sealer.seal_all(&film, &mut out, |_| ()).unwrap();
        assert_eq!(root.to_string(), self.root);
        out
    }
}

fn path(file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/vectors")
        .join(file)
}

fn load<T: DeserializeOwned>(name: &str) -> T {
    let text = fs::read_to_string(path(&format!("{name}.json"))).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|fault| panic!("{name}: {fault}"))
}

fn names(prefix: &str) -> Vec<String> {
    let files = fs::read_dir(path(""))
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    let named = files.filter_map(|file| {
        let name = file.to_str()?.strip_suffix(".json")?.to_owned();
        name.starts_with(prefix).then_some(name)
    });
    named.collect()
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

#[test]
fn every_accepted_vector_seals_and_opens_as_described() {
    let names = names("accept_");
    assert_eq!(names.len(), 14, "vectors are only ever added");
    for name in names {
        let vector: Accept = load(&name);
        let stored = fs::read(path(&format!("{name}.sealed"))).ok();
        let sealed = match (&vector.sealed_by, stored) {
            (Some(_), stored) => stored.unwrap(),
            (None, Some(stored)) => {
                assert!(stored == vector.sealed(), "{name}");
                stored
            }
            (None, None) => vector.sealed(),
        };
        assert_eq!(sha256(&sealed), vector.ciphertext_sha256, "{name}");
        let root = root_of(sealed.as_slice(), vector.container, vector.length).unwrap();
        assert_eq!(root.to_string(), vector.root, "{name}");
        let commitment = vector.dek().commitment(vector.container);
        assert_eq!(commitment.to_string(), vector.commitment, "{name}");
        let mut opener = Opener::new(sealed, vector.dek(), vector.container).unwrap();
        assert_eq!(
            opener.layout(),
            Layout::new(vector.length).unwrap(),
            "{name}"
        );
        let mut hash = HashWriter(Sha256::new());
        opener.copy_range(0..vector.length, &mut hash).unwrap();
        assert_eq!(
            hex::encode(hash.0.finalize()),
            vector.plaintext_sha256,
            "{name}"
        );
    }
}

#[test]
fn every_rejected_vector_fails_as_named_and_releases_good_segments_only() {
    let names = names("reject_");
    assert_eq!(names.len(), 30, "vectors are only ever added");
    for name in names {
        let vector: Reject = load(&name);
        let bytes = damaged(&name, &vector);
        assert_eq!(sha256(&bytes), vector.ciphertext_sha256, "{name}");
        let mut out = Vec::new();
        let dek = Dek::from_hex(&vector.dek).unwrap();
        let error = Opener::new(bytes, dek, vector.container)
            .and_then(|mut opener| opener.copy_range(0..u64::MAX, &mut out))
            .expect_err(&name);
        let fault = match error {
            OpenError::Damaged => "damaged",
            OpenError::Truncated => "truncated",
            OpenError::UnknownVersion => "unknown_version",
            OpenError::Read(_) | OpenError::Write(_) => "storage",
        };
        assert_eq!(fault, vector.fault, "{name}");
        assert_eq!(
            out.len() as u64,
            (vector.good_segments * 65_520).saturating_sub(40),
            "{name}"
        );
    }
}

fn damaged(name: &str, vector: &Reject) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut base: Option<(&str, Vec<u8>)> = None;
    for (from, start, end) in &vector.parts {
        if base.as_ref().is_none_or(|(loaded, _)| loaded != from) {
            base = Some((from, load::<Accept>(from).sealed()));
        }
        bytes.extend_from_slice(&base.as_ref().unwrap().1[*start..*end]);
    }
    for flip in &vector.flips {
        bytes[*flip] ^= 1;
    }
    match vector.parts.as_slice() {
        [] => fs::read(path(&format!("{name}.sealed"))).unwrap(),
        _ => bytes,
    }
}

struct HashWriter(Sha256);

impl io::Write for HashWriter {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.0.update(buf);
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

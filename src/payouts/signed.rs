//! What is signed, and the JSON that proves it by itself.

use serde::Deserialize;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::Digest;
use sha2::Sha256;

use crate::sealed::signing::PublicKey;
use crate::sealed::signing::Signature;
use crate::sealed::signing::SigningKey;

/// What can be signed: figures with one text, that must add up.
pub trait Signable: Clone + PartialEq + Serialize + DeserializeOwned {
    /// Names the format of the text; another meaning gets another name.
    const FORMAT: &'static str;
    /// Keeps these signatures apart from those over anything else.
    const LABEL: &'static str;

    /// The format that the text names.
    fn format(&self) -> &str;

    /// Whether it may still change; a draft is not signed.
    fn is_draft(&self) -> bool;

    /// What does not add up, in a sentence; nothing in what we wrote.
    fn fault(&self) -> Option<String>;

    /// Its tables as CSV, for people and their spreadsheets.
    fn table(&self) -> String;

    /// The text that is hashed and signed: JSON in one line, fields in the order of the type.
    fn text(&self) -> String {
        serde_json::to_string(self).expect("figures have nothing that JSON has not")
    }

    /// The SHA-256 of the text, in hex.
    fn digest(&self) -> String {
        hex::encode(Sha256::digest(self.text().as_bytes()))
    }
}

/// What proves a statement by itself.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope<S> {
    statement: S,
    sha256: String,
    key: String,
    signature: String,
}

/// A statement with its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed<S> {
    /// What was signed.
    pub statement: S,
    /// Whose signature it is.
    pub key: PublicKey,
    /// The signature over the statement's text.
    pub signature: Signature,
}

/// Why a file proves nothing; a sentence for whoever holds it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileFault {
    /// Nothing that this store writes.
    #[error("it is not a statement of a Matinee store, or its beginning was changed")]
    Unknown,
    /// A draft is not signed.
    #[error("it is a draft, which is not signed and proves nothing")]
    Draft,
    /// The last line is not there, or not as written.
    #[error("its signature is missing or damaged")]
    NoSignature,
    /// The figures inside do not read.
    #[error("its figures are damaged: {0}")]
    Damaged(String),
    /// A byte of the JSON is not as the store writes it.
    #[error("byte {0} is not as the store wrote it")]
    Byte(usize),
    /// The digest inside is not that of the statement.
    #[error("its figures were changed: their SHA-256 is not the one it names")]
    Digest,
    /// The signature over the figures does not fit.
    #[error("its figures were changed, or signed by another key than the one it names")]
    Signature,
    /// A line of the table for people was changed.
    #[error("line {line} was changed: it should read {wanted}")]
    Line {
        /// Which, from 1.
        line: usize,
        /// What the store wrote there.
        wanted: String,
    },
    /// The pages were changed, the figures inside were not.
    #[error("the file was changed after it was signed, though the figures attached to it hold")]
    Pages,
    /// Two keys in one file.
    #[error("the file and the figures in it name two keys")]
    TwoKeys,
    /// Not the key that was expected.
    #[error("it is signed by the key {0}, not by the expected one")]
    OtherKey(PublicKey),
    /// Signed, and yet the sums are wrong.
    #[error("it does not add up: {0}")]
    Sums(String),
}

impl<S: Signable> Signed<S> {
    /// Signs a statement; the same statement gets the same signature.
    pub fn sign(statement: S, key: &SigningKey) -> Self {
        let signature = key.sign(S::LABEL, statement.text().as_bytes());
        Self {
            statement,
            key: key.public(),
            signature,
        }
    }

    /// The statement as a JSON file.
    pub fn json(&self) -> String {
        let envelope = Envelope {
            statement: self.statement.clone(),
            sha256: self.statement.digest(),
            key: self.key.to_string(),
            signature: self.signature.to_string(),
        };
        let text = serde_json::to_string(&envelope).expect("plain fields");
        format!("{text}\n")
    }

    /// Reads a JSON file and checks everything that it says of itself.
    pub fn read(bytes: &[u8]) -> Result<Self, FileFault> {
        let envelope: Envelope<S> =
            serde_json::from_slice(bytes).map_err(|error| FileFault::Damaged(error.to_string()))?;
        if envelope.statement.is_draft() {
            return Err(FileFault::Draft);
        }
        if envelope.statement.format() != S::FORMAT {
            return Err(FileFault::Unknown);
        }
        let key = envelope.key.parse().map_err(|_| FileFault::NoSignature)?;
        let signature = envelope
            .signature
            .parse()
            .map_err(|_| FileFault::NoSignature)?;
        let read = Self {
            statement: envelope.statement,
            key,
            signature,
        };
        if envelope.sha256 != read.statement.digest() {
            return Err(FileFault::Digest);
        }
        let text = read.statement.text();
        if !read
            .key
            .verifies(S::LABEL, text.as_bytes(), &read.signature)
        {
            return Err(FileFault::Signature);
        }
        if let Some(at) = first_difference(bytes, read.json().as_bytes()) {
            return Err(FileFault::Byte(at));
        }
        match read.statement.fault() {
            Some(fault) => Err(FileFault::Sums(fault)),
            None => Ok(read),
        }
    }
}

fn first_difference(one: &[u8], other: &[u8]) -> Option<usize> {
    let common = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    (one.len() != other.len() || common != one.len()).then_some(common)
}

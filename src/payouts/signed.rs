//! Signed statements as files, and the check that needs nothing but the file.
//!
//! ```text
//! JSON  {"statement":{…},"sha256":"…","key":"…","signature":"…"} LF
//! CSV   tables for people … CRLF "signed","<the JSON>" CRLF "key","…" CRLF "signature","…" CRLF
//! PDF   pages, with the JSON attached as statement.json … %%EOF LF %matinee-signature KEY SIGNATURE LF
//! ```
//! The signature inside the JSON is over the statement's text; the one at the end of a CSV or PDF
//! is over every byte before its line. So one changed byte anywhere shows. `previous` holds the
//! digest of the statement before, so that none can be exchanged or left out.

use serde::Deserialize;
use serde::Serialize;

use super::csv;
use super::statement::FORMAT;
use super::statement::Statement;
use crate::sealed::signing::PublicKey;
use crate::sealed::signing::Signature;
use crate::sealed::signing::SigningKey;

const STATEMENT_LABEL: &str = "matinee/statement/v1";
const FILE_LABEL: &str = "matinee/statement-file/v1";
const PDF_LINE: &str = "%matinee-signature ";
const CSV_KEY: &str = "\"key\",\"";
const CSV_SIGNATURE: &str = "\"signature\",\"";
const JSON_START: &[u8] = b"{\"statement\":{\"format\":\"";

/// What proves a statement by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope {
    statement: Statement,
    sha256: String,
    key: String,
    signature: String,
}

/// A statement with its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedStatement {
    /// What was signed.
    pub statement: Statement,
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

impl SignedStatement {
    /// Signs a statement; the same statement gets the same signature.
    pub fn sign(statement: Statement, key: &SigningKey) -> Self {
        let signature = key.sign(STATEMENT_LABEL, statement.text().as_bytes());
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
        let envelope: Envelope =
            serde_json::from_slice(bytes).map_err(|error| FileFault::Damaged(error.to_string()))?;
        if envelope.statement.draft {
            return Err(FileFault::Draft);
        }
        if envelope.statement.format != FORMAT {
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
            .verifies(STATEMENT_LABEL, text.as_bytes(), &read.signature)
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

/// Ends a CSV with the statement's proof and the signature over all of it.
pub fn sign_csv(table: &str, signed: &SignedStatement, key: &SigningKey) -> String {
    let json = signed.json().trim_end().replace('"', "\"\"");
    let body = format!(
        "{table}\"signed\",\"{json}\"\r\n{CSV_KEY}{}\"\r\n",
        key.public()
    );
    let signature = key.sign(FILE_LABEL, body.as_bytes());
    format!("{body}{CSV_SIGNATURE}{signature}\"\r\n")
}

/// Ends a PDF with the signature over all of it. After its last line a PDF may go on with a comment.
pub fn sign_pdf(mut pdf: Vec<u8>, key: &SigningKey) -> Vec<u8> {
    if pdf.last() != Some(&b'\n') {
        pdf.push(b'\n');
    }
    let signature = key.sign(FILE_LABEL, &pdf);
    pdf.extend_from_slice(format!("{PDF_LINE}{} {signature}\n", key.public()).as_bytes());
    pdf
}

/// Checks a statement's file of any kind; with `expected`, also whose signature it is.
pub fn check_file(bytes: &[u8], expected: Option<PublicKey>) -> Result<SignedStatement, FileFault> {
    let read = if bytes.starts_with(b"%PDF-") {
        check_pdf(bytes)
    } else if bytes.starts_with(b"{") {
        SignedStatement::read(bytes)
    } else if bytes.starts_with(csv::START.as_bytes()) {
        check_csv(bytes)
    } else {
        Err(FileFault::Unknown)
    }?;
    match expected {
        Some(expected) if expected != read.key => Err(FileFault::OtherKey(read.key)),
        _ => Ok(read),
    }
}

fn check_pdf(bytes: &[u8]) -> Result<SignedStatement, FileFault> {
    let attached = attached(bytes).map(SignedStatement::read);
    if attached == Some(Err(FileFault::Draft)) {
        return Err(FileFault::Draft);
    }
    let line = bytes.strip_suffix(b"\n").and_then(|lines| {
        let start = lines.iter().rposition(|byte| *byte == b'\n')? + 1;
        Some((start, std::str::from_utf8(&lines[start..]).ok()?))
    });
    let (start, line) = line.ok_or(FileFault::NoSignature)?;
    let (key, signature) = line
        .strip_prefix(PDF_LINE)
        .and_then(|rest| rest.split_once(' '))
        .ok_or(FileFault::NoSignature)?;
    let (key, signature) = parsed(key, signature)?;
    let holds = key.verifies(FILE_LABEL, &bytes[..start], &signature);
    match attached {
        Some(Ok(read)) if !holds && read.key == key => Err(FileFault::Pages),
        Some(Ok(read)) if read.key != key => Err(FileFault::TwoKeys),
        Some(Ok(read)) => Ok(read),
        Some(Err(fault)) => Err(fault),
        None => Err(FileFault::Damaged("none are attached".to_owned())),
    }
}

/// The JSON inside a PDF: it is not compressed, and one line.
fn attached(bytes: &[u8]) -> Option<&[u8]> {
    let start = bytes
        .windows(JSON_START.len())
        .position(|window| window == JSON_START)?;
    let length = bytes[start..].iter().position(|byte| *byte == b'\n')?;
    Some(&bytes[start..=start + length])
}

fn check_csv(bytes: &[u8]) -> Result<SignedStatement, FileFault> {
    let text = std::str::from_utf8(bytes).map_err(|fault| FileFault::Byte(fault.valid_up_to()))?;
    let first = text.split("\r\n").next().unwrap_or_default();
    if first.ends_with(",\"draft\"") {
        return Err(FileFault::Draft);
    }
    let json = text
        .split("\r\n")
        .find_map(|line| line.strip_prefix("\"signed\",\"")?.strip_suffix('"'))
        .ok_or(FileFault::NoSignature)?
        .replace("\"\"", "\"");
    let read = SignedStatement::read(format!("{json}\n").as_bytes())?;
    let at = text.rfind(CSV_SIGNATURE).ok_or(FileFault::NoSignature)?;
    let signature = text[at..]
        .strip_prefix(CSV_SIGNATURE)
        .and_then(|rest| rest.strip_suffix("\"\r\n"))
        .ok_or(FileFault::NoSignature)?;
    let key = text[..at]
        .strip_suffix("\"\r\n")
        .and_then(|lines| lines.rsplit("\r\n").next())
        .and_then(|line| line.strip_prefix(CSV_KEY))
        .ok_or(FileFault::NoSignature)?;
    let (key, signature) = parsed(key, signature)?;
    if key != read.key {
        return Err(FileFault::TwoKeys);
    }
    if key.verifies(FILE_LABEL, &bytes[..at], &signature) {
        return Ok(read);
    }
    Err(changed_line(text, &read).unwrap_or(FileFault::Pages))
}

/// The first line of a table that is not as the figures say.
fn changed_line(text: &str, read: &SignedStatement) -> Option<FileFault> {
    let wanted = csv::table(&read.statement);
    let mut said = text.split("\r\n");
    (1..)
        .zip(wanted.trim_end().split("\r\n"))
        .find_map(|(line, wanted)| {
            (said.next() != Some(wanted)).then(|| FileFault::Line {
                line,
                wanted: wanted.to_owned(),
            })
        })
}

fn parsed(key: &str, signature: &str) -> Result<(PublicKey, Signature), FileFault> {
    let key = key.parse().map_err(|_| FileFault::NoSignature)?;
    let signature = signature.parse().map_err(|_| FileFault::NoSignature)?;
    Ok((key, signature))
}

/// What is wrong with the chain of several statements of a studio, if any follow each other.
pub fn chain_fault(statements: &[&Statement]) -> Option<String> {
    let mut sorted: Vec<&Statement> = statements.to_vec();
    sorted.sort_by_key(|statement| (statement.studio.id.clone(), statement.number));
    sorted.windows(2).find_map(|pair| {
        let (before, after) = (pair[0], pair[1]);
        if before.studio.id != after.studio.id {
            return None;
        }
        let number = after.number;
        if before.number == number {
            return (before != after)
                .then(|| format!("there are two statements of number {number}"));
        }
        let follows = before.number + 1 == number && before.digest() != after.previous;
        follows.then(|| {
            format!(
                "statement {number} does not follow statement {}: its hash is another",
                before.number
            )
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payouts::statement::tests::sample;
    use crate::sealed::Keyring;
    use proptest::prelude::*;
    use rand::SeedableRng;

    fn key() -> SigningKey {
        let mut rng = rand::rngs::StdRng::seed_from_u64(7);
        Keyring::ephemeral(&mut rng).signing_keys().remove(0)
    }

    fn files() -> [Vec<u8>; 3] {
        let key = key();
        let signed = SignedStatement::sign(sample(), &key);
        let csv = sign_csv(&csv::table(&signed.statement), &signed, &key);
        let mut pdf = b"%PDF-1.7\npages\nstream\n".to_vec();
        pdf.extend_from_slice(signed.json().as_bytes());
        pdf.extend_from_slice(b"endstream\n%%EOF");
        [
            signed.json().into_bytes(),
            csv.into_bytes(),
            sign_pdf(pdf, &key),
        ]
    }

    #[test]
    fn every_kind_of_file_proves_its_statement() {
        for file in files() {
            let read = check_file(&file, Some(key().public())).unwrap();
            assert_eq!(read.statement, sample());
        }
    }

    #[test]
    fn another_key_is_told() {
        let mut rng = rand::rngs::StdRng::seed_from_u64(8);
        let other = Keyring::ephemeral(&mut rng)
            .signing_keys()
            .remove(0)
            .public();
        for file in files() {
            assert_eq!(
                check_file(&file, Some(other)),
                Err(FileFault::OtherKey(key().public()))
            );
        }
    }

    #[test]
    fn a_changed_digit_is_told_with_its_line() {
        let [_, csv, _] = files();
        let csv = String::from_utf8(csv).unwrap();
        let changed = csv.replacen("20.00", "30.00", 1);
        let fault = check_file(changed.as_bytes(), None).unwrap_err();
        assert!(
            matches!(&fault, FileFault::Line { wanted, .. } if wanted.contains("20.00")),
            "{fault}"
        );
        let changed = csv.replace("\"\"gross\"\":2000", "\"\"gross\"\":3000");
        assert_eq!(check_file(changed.as_bytes(), None), Err(FileFault::Digest));
    }

    #[test]
    fn a_draft_proves_nothing() {
        let draft = Statement {
            draft: true,
            ..sample()
        };
        let signed = SignedStatement::sign(draft, &key());
        assert_eq!(
            check_file(signed.json().as_bytes(), None),
            Err(FileFault::Draft)
        );
    }

    #[test]
    fn statements_that_follow_each_other_hold_each_others_hash() {
        let first = sample();
        let next = Statement {
            number: 8,
            previous: first.digest(),
            ..sample()
        };
        assert_eq!(chain_fault(&[&next, &first, &first]), None);
        let torn = Statement {
            previous: "0".repeat(64),
            ..next
        };
        assert!(
            chain_fault(&[&first, &torn])
                .unwrap()
                .contains("statement 8")
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn any_changed_byte_shows(kind in 0_usize..3, at in any::<prop::sample::Index>(), bit in 0_u8..8) {
            let mut file = files()[kind].clone();
            let at = at.index(file.len());
            file[at] ^= 1_u8 << bit;
            prop_assert!(check_file(&file, None).is_err(), "byte {} of kind {}", at, kind);
        }

        #[test]
        fn any_cut_shows(kind in 0_usize..3, at in any::<prop::sample::Index>()) {
            let file = &files()[kind];
            prop_assert!(check_file(&file[..at.index(file.len())], None).is_err());
        }
    }
}

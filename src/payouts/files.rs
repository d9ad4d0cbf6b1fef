//! Statements as files, and the check that needs nothing but the file.
//!
//! ```text
//! JSON  {"statement":{…},"sha256":"…","key":"…","signature":"…"} LF
//! CSV   tables for people … CRLF "signed","<the JSON>" CRLF "key","…" CRLF "signature","…" CRLF
//! PDF   pages, with the JSON attached as statement.json … %%EOF LF %matinee-signature KEY SIGNATURE LF
//! ```
//! The signature inside the JSON is over the statement's text; the one at the end of a CSV or PDF
//! is over every byte before its line. So one changed byte anywhere shows. `previous` holds the
//! digest of the statement before, and a year the digests of its months, so that none can be exchanged
//! or left out.

use super::csv;
use super::signed::FileFault;
use super::signed::Signable;
use super::signed::Signed;
use super::statement::Statement;
use super::year::YearStatement;
use crate::sealed::signing::PublicKey;
use crate::sealed::signing::Signature;
use crate::sealed::signing::SigningKey;

const FILE_LABEL: &str = "matinee/statement-file/v1";
const PDF_LINE: &str = "%matinee-signature ";
const CSV_KEY: &str = "\"key\",\"";
const CSV_SIGNATURE: &str = "\"signature\",\"";
const JSON_START: &[u8] = b"{\"statement\":{\"format\":\"";

/// What a file proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proved {
    /// A month.
    Month(Signed<Statement>),
    /// A year.
    Year(Signed<YearStatement>),
}

impl Proved {
    /// Reads a JSON file of either kind and checks everything that it says of itself.
    fn read(bytes: &[u8]) -> Result<Self, FileFault> {
        let format = bytes.strip_prefix(JSON_START).unwrap_or_default();
        if format.starts_with(YearStatement::FORMAT.as_bytes()) {
            return Signed::read(bytes).map(Self::Year);
        }
        Signed::read(bytes).map(Self::Month)
    }

    /// Whose signature it is.
    pub const fn key(&self) -> PublicKey {
        match self {
            Self::Month(signed) => signed.key,
            Self::Year(signed) => signed.key,
        }
    }

    fn table(&self) -> String {
        match self {
            Self::Month(signed) => signed.statement.table(),
            Self::Year(signed) => signed.statement.table(),
        }
    }
}

/// Ends a CSV with the statement's proof and the signature over all of it.
pub fn sign_csv<S: Signable>(signed: &Signed<S>, key: &SigningKey) -> String {
    let table = signed.statement.table();
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
pub fn check_file(bytes: &[u8], expected: Option<PublicKey>) -> Result<Proved, FileFault> {
    let read = if bytes.starts_with(b"%PDF-") {
        check_pdf(bytes)
    } else if bytes.starts_with(b"{") {
        Proved::read(bytes)
    } else if bytes.starts_with(csv::START.as_bytes()) {
        check_csv(bytes)
    } else {
        Err(FileFault::Unknown)
    }?;
    match expected {
        Some(expected) if expected != read.key() => Err(FileFault::OtherKey(read.key())),
        _ => Ok(read),
    }
}

fn check_pdf(bytes: &[u8]) -> Result<Proved, FileFault> {
    let attached = attached(bytes).map(Proved::read);
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
        Some(Ok(read)) if !holds && read.key() == key => Err(FileFault::Pages),
        Some(Ok(read)) if read.key() != key => Err(FileFault::TwoKeys),
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

fn check_csv(bytes: &[u8]) -> Result<Proved, FileFault> {
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
    let read = Proved::read(format!("{json}\n").as_bytes())?;
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
    if key != read.key() {
        return Err(FileFault::TwoKeys);
    }
    if key.verifies(FILE_LABEL, &bytes[..at], &signature) {
        return Ok(read);
    }
    Err(changed_line(text, &read).unwrap_or(FileFault::Pages))
}

/// The first line of a table that is not as the figures say.
fn changed_line(text: &str, read: &Proved) -> Option<FileFault> {
    let wanted = read.table();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payouts::statement::tests::sample;
    use crate::payouts::year::tests::year;
    use crate::sealed::Keyring;
    use proptest::prelude::*;
    use rand::SeedableRng;

    fn key() -> SigningKey {
        let mut rng = rand::rngs::StdRng::seed_from_u64(7);
        Keyring::ephemeral(&mut rng).signing_keys().remove(0)
    }

    fn files() -> [Vec<u8>; 3] {
        files_of(sample())
    }

    fn files_of<S: Signable>(statement: S) -> [Vec<u8>; 3] {
        let key = key();
        let signed = Signed::sign(statement, &key);
        let csv = sign_csv(&signed, &key);
        let mut pdf = b"%PDF-1.7\npages\nstream\n".to_vec();
        pdf.extend_from_slice(signed.json().as_bytes());
        pdf.extend_from_slice(b"endstream\n%%EOF");
        [
            signed.json().into_bytes(),
            csv.into_bytes(),
            sign_pdf(pdf, &key),
        ]
    }

    fn files_of_month_or_year(is_year: bool) -> [Vec<u8>; 3] {
        if is_year { files_of(year()) } else { files() }
    }

    #[test]
    fn every_kind_of_file_proves_its_statement() {
        for file in files() {
            let read = check_file(&file, Some(key().public())).unwrap();
            assert_eq!(read, Proved::Month(Signed::sign(sample(), &key())));
        }
        for file in files_of(year()) {
            let read = check_file(&file, Some(key().public())).unwrap();
            assert_eq!(read, Proved::Year(Signed::sign(year(), &key())));
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
        let signed = Signed::sign(draft, &key());
        assert_eq!(
            check_file(signed.json().as_bytes(), None),
            Err(FileFault::Draft)
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn any_changed_byte_shows(is_year: bool, kind in 0_usize..3, at in any::<prop::sample::Index>(), bit in 0_u8..8) {
            let mut file = files_of_month_or_year(is_year)[kind].clone();
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

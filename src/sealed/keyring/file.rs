//! The key file: one line a version, `version:64 hexadecimal digits`, readable by its owner only.
//!
//! It is written whole to a neighboring file, synced, and then linked into place without
//! replacing anything, so two servers that start at once agree on one key.

use std::fs;
use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::io::Read;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::path::PathBuf;

use rand::CryptoRng;
use thiserror::Error;
use zeroize::Zeroizing;

use super::Kek;
use crate::sealed::keys::KEY_BYTES;

const COMMENT: &str = "# Key-encryption keys of a Matinee store. Whoever reads this file can open \
every film in it;\n# whoever loses it can open none. Keep a copy in a safe place.\n";
/// Far more than any number of versions needs.
const MAX_FILE_BYTES: u64 = 64 * 1_024;

/// Why the key file cannot be used.
#[derive(Debug, Error)]
pub enum KeyFileError {
    /// It cannot be opened, read or created.
    #[error("cannot use the key file {path}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Someone else than its owner can read or change it.
    #[error("the key file {path} can be read by others (mode {mode:04o}); run chmod 600 on it")]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// Its content is not a list of keys.
    #[error("the key file {path} is malformed: {fault}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong, without quoting any key.
        fault: String,
    },
}

pub(super) fn load_or_create(
    path: &Path,
    rng: &mut dyn CryptoRng,
) -> Result<Vec<Kek>, KeyFileError> {
    let io = |source| KeyFileError::Io {
        path: path.to_owned(),
        source,
    };
    if !path.try_exists().map_err(io)? {
        create(path, rng).map_err(io)?;
    }
    let file = File::open(path).map_err(io)?;
    let mode = file.metadata().map_err(io)?.mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(KeyFileError::Exposed {
            path: path.to_owned(),
            mode,
        });
    }
    let mut text = Zeroizing::new(String::new());
    file.take(MAX_FILE_BYTES)
        .read_to_string(&mut text)
        .map_err(io)?;
    parse(&text).map_err(|fault| KeyFileError::Malformed {
        path: path.to_owned(),
        fault,
    })
}

/// Creates the file with one new key. Losing a race against another process is no error: the
/// caller reads whichever file stands.
fn create(path: &Path, rng: &mut dyn CryptoRng) -> io::Result<()> {
    let mut salt = [0; 8];
    rng.fill_bytes(&mut salt);
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}.new", hex::encode(salt)));
    let new = PathBuf::from(name);
    let done = write_new(&new, rng).and_then(|()| match fs::hard_link(&new, path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        linked => linked,
    });
    let removed = fs::remove_file(&new);
    done?;
    removed?;
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

fn write_new(path: &Path, rng: &mut dyn CryptoRng) -> io::Result<()> {
    let kek = Kek::generate(1, rng);
    let key = Zeroizing::new(hex::encode(kek.key.as_ref()));
    let text = Zeroizing::new(format!("{COMMENT}{}:{}\n", kek.version, key.as_str()));
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn parse(text: &str) -> Result<Vec<Kek>, String> {
    let mut keks: Vec<Kek> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let place = format!("line {}", number + 1);
        let kek = parse_line(line).ok_or(format!("{place} is not version:64 hex digits"))?;
        if keks.iter().any(|known| known.version == kek.version) {
            return Err(format!("{place} repeats version {}", kek.version));
        }
        keks.push(kek);
    }
    if keks.is_empty() {
        return Err("it holds no key".to_owned());
    }
    Ok(keks)
}

fn parse_line(line: &str) -> Option<Kek> {
    let (version, key) = line.split_once(':')?;
    let version = version.trim().parse().ok()?;
    let mut bytes = Zeroizing::new([0; KEY_BYTES]);
    hex::decode_to_slice(key.trim(), bytes.as_mut()).ok()?;
    Some(Kek {
        version,
        key: bytes,
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn load(path: &Path) -> Result<Vec<(u32, [u8; 32])>, KeyFileError> {
        let keks = load_or_create(path, &mut rand::rng())?;
        Ok(keks.iter().map(|kek| (kek.version, *kek.key)).collect())
    }

    fn write(path: &Path, text: &str, mode: u32) {
        fs::write(path, text).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn the_first_start_creates_a_private_file_and_the_next_reads_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kek");
        let first = load(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o600);
        assert_eq!(load(&path).unwrap(), first);
        assert_eq!(
            fs::read_dir(folder.path()).unwrap().count(),
            1,
            "a temporary file is left"
        );
    }

    #[test]
    fn a_file_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kek");
        load(&path).unwrap();
        for mode in [0o640, 0o604, 0o620, 0o601] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            let error = load(&path).unwrap_err();
            assert!(matches!(error, KeyFileError::Exposed { .. }), "{error}");
        }
    }

    #[test]
    fn several_versions_are_read_and_nonsense_is_named_without_quoting_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kek");
        let (one, two) = ("11".repeat(32), "22".repeat(32));
        write(&path, &format!("# note\n\n1:{one}\n2: {two}\n"), 0o600);
        assert_eq!(load(&path).unwrap(), [(1, [0x11; 32]), (2, [0x22; 32])]);
        let cases = [
            (String::new(), "it holds no key"),
            (format!("1:{one}\n1:{two}\n"), "line 2 repeats version 1"),
            (format!("{one}\n"), "line 1 is not"),
            (format!("1:{}\n", &one[1..]), "line 1 is not"),
            (format!("x:{one}\n"), "line 1 is not"),
        ];
        for (text, fault) in cases {
            write(&path, &text, 0o600);
            let said = load(&path).unwrap_err().to_string();
            assert!(said.contains(fault), "{said}");
            assert!(!said.contains("1111"), "{said}");
        }
    }

    #[test]
    fn many_first_starts_at_once_agree_on_one_key() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kek");
        let start = || {
            std::thread::spawn({
                let path = path.clone();
                move || load(&path).unwrap()
            })
        };
        let starts: Vec<_> = (0..8).map(|_| start()).collect();
        let keys: Vec<_> = starts
            .into_iter()
            .map(|start| start.join().unwrap())
            .collect();
        assert!(keys.windows(2).all(|pair| pair[0] == pair[1]));
    }
}

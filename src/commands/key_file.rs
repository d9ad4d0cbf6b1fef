//! The key file of `seal` and `open`: one DEK as 64 hexadecimal digits, for its owner's eyes.

use std::fs;
use std::fs::OpenOptions;
use std::io;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rand::CryptoRng;
use zeroize::Zeroizing;

use super::CommandError;
use super::about;
use crate::sealed::Dek;

/// Reads the key, or makes a new one if there is no such file.
pub(super) fn read_or_create(path: &Path, rng: &mut dyn CryptoRng) -> Result<Dek, CommandError> {
    let dek = Dek::generate(rng);
    match create(path, &dek) {
        Ok(()) => Ok(dek),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => read(path),
        Err(error) => Err(cannot("create", path, &error)),
    }
}

/// Reads the key of an existing file.
pub(super) fn read(path: &Path) -> Result<Dek, CommandError> {
    let text = fs::read_to_string(path).map_err(|error| cannot("read", path, &error))?;
    let text = Zeroizing::new(text);
    let dek = Dek::from_hex(text.trim()).map_err(|fault| {
        CommandError::usage(format_args!("the key file {} is {fault}", path.display()))
    })?;
    let mode = fs::metadata(path)
        .map_err(|error| cannot("read", path, &error))?
        .mode();
    if mode & 0o077 != 0 {
        eprintln!(
            "matinee: others can read the key file {}; chmod 600 it",
            path.display()
        );
    }
    Ok(dek)
}

/// Writes the key so that it is on disk before anything is sealed with it.
fn create(path: &Path, dek: &Dek) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(dek.to_hex().as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()
}

fn cannot(verb: &str, path: &Path, error: &io::Error) -> CommandError {
    CommandError::usage(about(&format!("cannot {verb} the key file"), path, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_key_is_made_private_and_then_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("film.key");
        let made = read_or_create(&path, &mut rand::rng()).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(fs::read_to_string(&path).unwrap().trim().len(), 64);
        let again = read_or_create(&path, &mut rand::rng()).unwrap();
        assert_eq!(made.expose(), again.expose());
        assert_eq!(made.expose(), read(&path).unwrap().expose());
    }

    #[test]
    fn what_is_not_a_key_is_wrong_use() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("film.key");
        assert!(matches!(read(&path), Err(CommandError::Usage(_))));
        fs::write(&path, "not a key").unwrap();
        assert!(matches!(
            read_or_create(&path, &mut rand::rng()),
            Err(CommandError::Usage(_))
        ));
    }
}

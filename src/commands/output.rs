//! Where a command writes: a file that appears whole or not at all, or a stream.

use std::ffi::OsString;
use std::fs;
use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use rand::CryptoRng;

/// An open destination. Dropped without [`finish`](Self::finish), a file leaves no trace.
pub(super) enum Output {
    /// A regular file, written under a temporary name beside its own.
    File(NewFile),
    /// Standard output, a pipe or a device: what was written is gone.
    Stream(Box<dyn Write>),
}

/// A file under its temporary name.
pub(super) struct NewFile {
    file: File,
    temporary: PathBuf,
    target: PathBuf,
}

impl Output {
    /// Opens the destination that a person named; `-` is standard output.
    pub(super) fn create(target: &Path, rng: &mut dyn CryptoRng) -> io::Result<Self> {
        if target == Path::new("-") {
            return Ok(Self::Stream(Box::new(io::stdout().lock())));
        }
        match fs::metadata(target) {
            // Renaming over /dev/null or a named pipe would replace it.
            Ok(found) if !found.is_file() => {
                let stream = OpenOptions::new().write(true).open(target)?;
                Ok(Self::Stream(Box::new(stream)))
            }
            Ok(_) => NewFile::create(fs::canonicalize(target)?, rng).map(Self::File),
            Err(_) => NewFile::create(target.to_owned(), rng).map(Self::File),
        }
    }

    /// Makes what was written durable and lets the file appear under its name.
    pub(super) fn finish(self) -> io::Result<()> {
        match self {
            Self::File(new) => {
                new.file.sync_all()?;
                fs::rename(&new.temporary, &new.target)
            }
            Self::Stream(mut stream) => stream.flush(),
        }
    }
}

impl NewFile {
    fn create(target: PathBuf, rng: &mut dyn CryptoRng) -> io::Result<Self> {
        let name = target.file_name().ok_or(io::ErrorKind::InvalidFilename)?;
        let mut random = [0; 8];
        rng.fill_bytes(&mut random);
        let mut hidden = OsString::from(".");
        hidden.push(name);
        hidden.push(format!(".{}.part", hex::encode(random)));
        let temporary = target.with_file_name(hidden);
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&temporary)?;
        Ok(Self {
            file,
            temporary,
            target,
        })
    }
}

impl Drop for NewFile {
    fn drop(&mut self) {
        // After `finish` the temporary name is free, and this fails as it should.
        let _ = fs::remove_file(&self.temporary);
    }
}

impl Write for Output {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        match self {
            Self::File(new) => new.file.write(buf),
            Self::Stream(stream) => stream.write(buf),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::File(new) => new.file.flush(),
            Self::Stream(stream) => stream.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<OsString> {
        fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect()
    }

    #[test]
    fn a_file_appears_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("out");
        fs::write(&target, "before").unwrap();
        let mut output = Output::create(&target, &mut rand::rng()).unwrap();
        output.write_all(b"half").unwrap();
        drop(output);
        assert_eq!(fs::read(&target).unwrap(), b"before");
        let mut output = Output::create(&target, &mut rand::rng()).unwrap();
        output.write_all(b"after").unwrap();
        output.finish().unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"after");
        assert_eq!(names(folder.path()), ["out"]);
    }

    #[test]
    fn a_link_keeps_pointing_and_a_device_stays_one() {
        let folder = tempfile::tempdir().unwrap();
        let (target, link) = (folder.path().join("out"), folder.path().join("link"));
        fs::write(&target, "before").unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        let mut output = Output::create(&link, &mut rand::rng()).unwrap();
        output.write_all(b"after").unwrap();
        output.finish().unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"after");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        let null = Output::create(Path::new("/dev/null"), &mut rand::rng()).unwrap();
        assert!(matches!(null, Output::Stream(_)));
    }
}

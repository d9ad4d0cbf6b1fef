//! The film on this machine, and what tells whether it is still the same.

use std::fs::File;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::path::PathBuf;

use crate::commands::CommandError;
use crate::sealed::Layout;

/// The file to upload.
pub(super) struct Film {
    /// Its full path.
    pub(super) path: PathBuf,
    /// Open for reading at any place.
    pub(super) file: File,
    /// Where everything will lie when it is sealed.
    pub(super) layout: Layout,
    /// Its last modification when the command began, in nanoseconds.
    pub(super) modified: i128,
}

impl Film {
    /// Opens the file that a person named.
    pub(super) fn open(path: &Path) -> Result<Self, CommandError> {
        let cannot = |error: std::io::Error| {
            CommandError::usage(format_args!("cannot read {}: {error}", path.display()))
        };
        let path = path.canonicalize().map_err(cannot)?;
        let file = File::open(&path).map_err(cannot)?;
        let facts = file.metadata().map_err(cannot)?;
        if !facts.is_file() {
            let name = path.display();
            return Err(CommandError::usage(format_args!(
                "{name} is not a regular file"
            )));
        }
        let layout = Layout::new(facts.len()).map_err(CommandError::usage)?;
        let modified = modified(&facts);
        Ok(Self {
            path,
            file,
            layout,
            modified,
        })
    }

    /// Whether the file at the path is still the one that was opened, untouched.
    pub(super) fn is_unchanged(&self) -> bool {
        std::fs::metadata(&self.path).is_ok_and(|now| {
            now.len() == self.layout.plaintext_len() && modified(&now) == self.modified
        })
    }
}

fn modified(facts: &Metadata) -> i128 {
    i128::from(facts.mtime()) * 1_000_000_000 + i128::from(facts.mtime_nsec())
}

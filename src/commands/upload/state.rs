//! What must survive a crash of the command: a file that only its owner can read, written whole
//! and synced, one for each film, store and title. It is locked while a command uses it.

use std::fs;
use std::fs::DirBuilder;
use std::fs::File;
use std::fs::OpenOptions;
use std::fs::TryLockError;
use std::io;
use std::io::Write;
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::CryptoRng;
use serde::Deserialize;
use serde::Serialize;
use sha2::Digest;
use sha2::Sha256;
use url::Url;

use super::source::Film;
use crate::commands::CommandError;
use crate::platform::blobs::sync_folder;
use crate::sealed::ContainerId;
use crate::sealed::Dek;
use crate::sealed::Sealer;
use crate::sealed::keyring::wrap_for_ingest;

/// An upload that has begun.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Unfinished {
    /// Name of the file.
    name: PathBuf,
    /// Bytes of the film.
    length: u64,
    /// When it was last modified, in nanoseconds, as text.
    modified: String,
    /// The container it becomes.
    pub(super) container: ContainerId,
    /// The film key, hexadecimal.
    dek: String,
    /// The film key, wrapped to the store.
    wrapped_dek: String,
    /// Where the store keeps it, once it was created.
    url: Option<String>,
}

impl Unfinished {
    /// A new upload under a new key.
    pub(super) fn new(
        film: &Film,
        ingest_key: &[u8],
        rng: &mut dyn CryptoRng,
    ) -> Result<Self, CommandError> {
        let (container, dek) = (ContainerId::generate(rng), Dek::generate(rng));
        let wrapped = wrap_for_ingest(ingest_key, container, &dek, rng);
        let wrapped = wrapped.map_err(CommandError::failed)?;
        Ok(Self {
            name: film.path.clone(),
            length: film.layout.plaintext_len(),
            modified: film.modified.to_string(),
            container,
            dek: dek.to_hex().as_str().to_owned(),
            wrapped_dek: URL_SAFE_NO_PAD.encode(wrapped),
            url: None,
        })
    }

    /// Whether the file is the very one that the upload began with.
    pub(super) fn is_of(&self, film: &Film) -> bool {
        self.name == film.path
            && self.length == film.layout.plaintext_len()
            && self.modified == film.modified.to_string()
    }

    /// Where the store keeps it, once it was created.
    pub(super) fn url(&self) -> Option<Url> {
        self.url.as_ref().and_then(|text| text.parse().ok())
    }

    /// Notes where the store keeps it.
    pub(super) fn created_at(&mut self, url: &Url) {
        self.url = Some(url.to_string());
    }

    /// A sealer that goes on with the container.
    pub(super) fn sealer(&self, film: &Film) -> Result<Sealer, CommandError> {
        let length = film.layout.plaintext_len();
        Sealer::new(self.dek()?, self.container, length).map_err(CommandError::failed)
    }

    /// `Upload-Metadata` of its creation.
    pub(super) fn metadata(&self, title: &str) -> String {
        let dek = self
            .dek()
            .map(|dek| dek.commitment(self.container).to_string());
        let pairs = [
            ("title", title.to_owned()),
            ("container", self.container.to_string()),
            ("length", self.length.to_string()),
            ("wrapped_dek", self.wrapped_dek.clone()),
            ("commitment", dek.unwrap_or_default()),
            ("kind", "feature".to_owned()),
        ];
        let encoded = pairs.map(|(key, value)| format!("{key} {}", STANDARD.encode(value)));
        encoded.join(",")
    }

    fn dek(&self) -> Result<Dek, CommandError> {
        Dek::from_hex(&self.dek)
            .map_err(|_| CommandError::failed("the saved film key is damaged; use --restart"))
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.dek);
    }
}

/// The state of one film's upload to one title of one store.
pub(super) struct StateFile {
    path: PathBuf,
    title: String,
    _lock: File,
}

impl StateFile {
    /// Takes the place of this film, store and title; refused while another command holds it.
    pub(super) fn open(
        folder: &Path,
        film: &Film,
        store: &str,
        title: &str,
    ) -> Result<Self, CommandError> {
        let cannot = |error: io::Error| {
            CommandError::usage(format_args!("cannot use {}: {error}", folder.display()))
        };
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(cannot)?;
        let name = Sha256::new()
            .chain_update(film.path.as_os_str().as_encoded_bytes())
            .chain_update([0])
            .chain_update(store)
            .chain_update([0])
            .chain_update(title)
            .finalize();
        let path = folder.join(hex::encode(&name[..16]));
        let lock = private()
            .create(true)
            .truncate(false)
            .open(path.with_extension("lock"));
        let lock = lock.map_err(cannot)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                path,
                title: title.to_owned(),
                _lock: lock,
            }),
            Err(TryLockError::WouldBlock) => Err(CommandError::failed(format_args!(
                "another command is uploading {} at this moment",
                film.path.display()
            ))),
            Err(TryLockError::Error(error)) => Err(cannot(error)),
        }
    }

    /// The title that the film belongs to.
    pub(super) fn title(&self) -> &str {
        &self.title
    }

    /// Where the journal of tags stands.
    pub(super) fn journal_path(&self) -> PathBuf {
        self.path.with_extension("tags")
    }

    /// What an earlier run left, if anything.
    pub(super) fn read(&self) -> Result<Option<Unfinished>, CommandError> {
        let path = self.path.with_extension("json");
        let damaged = || {
            let words = format!("{} is damaged; use --restart", path.display());
            CommandError::failed(words)
        };
        match fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text)
                .map(Some)
                .map_err(|_| damaged()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(CommandError::failed(error)),
        }
    }

    /// Saves an upload, so that it survives a crash from here on.
    pub(super) fn write(&self, unfinished: &Unfinished) -> Result<(), CommandError> {
        let text = serde_json::to_vec(unfinished).map_err(CommandError::failed)?;
        self.replace(&text).map_err(CommandError::failed)
    }

    fn replace(&self, text: &[u8]) -> io::Result<()> {
        let (new, path) = (
            self.path.with_extension("new"),
            self.path.with_extension("json"),
        );
        let mut file = private().create(true).truncate(true).open(&new)?;
        file.write_all(text)?;
        file.sync_all()?;
        fs::rename(new, &path)?;
        sync_folder(path.parent().expect("it lies in the state folder"))
    }

    /// Forgets the upload: key first, then the tags, so that a key is never without its journal.
    pub(super) fn remove(&mut self) -> io::Result<()> {
        for extension in ["json", "new", "tags"] {
            match fs::remove_file(self.path.with_extension(extension)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => sync_folder(self.path.parent().expect("it lies in the state folder"))?,
            }
        }
        Ok(())
    }
}

/// Opens files that only their owner can read.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).mode(0o600);
    options
}

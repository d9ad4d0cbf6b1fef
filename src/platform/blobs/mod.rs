//! Sealed films on disk. A container never changes once it is here, so it may be mapped into
//! memory and cached by anybody.
//!
//! ```text
//! <root>/incoming/<upload id>          grows while an upload runs
//! <root>/sealed/<2 digits>/<container> complete, its root checked; immutable
//! ```

use std::fs::File;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use bytes::Bytes;

use crate::kernel::ids::UploadId;
use crate::sealed::ContainerId;

mod mapped;

pub use mapped::Source;
pub use mapped::source_of;

use mapped::Mapped;

/// The folder of sealed films.
#[derive(Clone, Debug)]
pub struct Blobs {
    root: PathBuf,
}

impl Blobs {
    /// Opens the folder and makes what is missing in it.
    pub fn open(root: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(root.join("incoming"))?;
        std::fs::create_dir_all(root.join("sealed"))?;
        Ok(Self {
            root: root.to_owned(),
        })
    }

    /// The file an upload grows in.
    pub fn incoming(&self, upload: UploadId) -> PathBuf {
        self.root
            .join("incoming")
            .join(upload.uuid().simple().to_string())
    }

    /// The file of a complete container.
    pub fn sealed(&self, container: ContainerId) -> PathBuf {
        let name = container.to_string();
        self.root
            .join("sealed")
            .join(&name[name.len() - 2..])
            .join(name)
    }

    /// Moves a complete upload to its final place. Does nothing when that happened before, so it
    /// may be repeated after a crash.
    pub fn adopt(&self, upload: UploadId, container: ContainerId) -> io::Result<()> {
        let (from, to) = (self.incoming(upload), self.sealed(container));
        if !from.exists() && to.exists() {
            return Ok(());
        }
        let folder = to.parent().expect("a sealed file lies in a folder");
        std::fs::create_dir_all(folder)?;
        std::fs::rename(&from, &to)?;
        sync_folder(folder)?;
        sync_folder(&self.root.join("sealed"))?;
        sync_folder(&self.root.join("incoming"))
    }

    /// The bytes of a container, mapped: reading costs no copy and no memory of ours, and sending
    /// them not even a look (see [`source_of`]).
    pub fn map(&self, container: ContainerId) -> io::Result<Bytes> {
        let file = File::open(self.sealed(container))?;
        // SAFETY: files below `sealed` are never written, cut or replaced after `adopt`, which is
        // what a mapping asks for; an operator who edits them by hand gets a crash, not wrong data
        // with a good tag.
        #[allow(unsafe_code)]
        let mapped = unsafe { memmap2::Mmap::map(&file)? };
        Ok(Bytes::from_owner(Mapped::new(mapped, file)))
    }

    /// Every container in the folder, for `verify`.
    pub fn containers(&self) -> io::Result<Vec<ContainerId>> {
        let mut found = Vec::new();
        for folder in std::fs::read_dir(self.root.join("sealed"))? {
            for file in std::fs::read_dir(folder?.path())? {
                let name = file?.file_name();
                found.extend(
                    name.to_str()
                        .and_then(|name| name.parse::<ContainerId>().ok()),
                );
            }
        }
        found.sort_unstable();
        Ok(found)
    }

    /// Every upload that has a file in the folder, finished ones not counted.
    pub fn incoming_uploads(&self) -> io::Result<Vec<UploadId>> {
        let mut found = Vec::new();
        for file in std::fs::read_dir(self.root.join("incoming"))? {
            let name = file?.file_name();
            let uuid = name
                .to_str()
                .and_then(|name| uuid::Uuid::try_parse(name).ok());
            found.extend(uuid.map(UploadId::from_uuid));
        }
        found.sort_unstable();
        Ok(found)
    }

    /// Bytes that may still be stored.
    pub fn free_bytes(&self) -> io::Result<u64> {
        let disk = rustix::fs::statvfs(&self.root)?;
        Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
    }

    /// Whether the folder can be read, for `/readyz`.
    pub fn answers(&self) -> bool {
        self.root.join("sealed").is_dir() && self.root.join("incoming").is_dir()
    }
}

/// Makes a rename in a folder survive a power cut.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

//! The folder of posters: `<data folder>/artwork/<title>/<version>-<width>.jpg`.
//!
//! A file is complete or not there: it is written beside its place, synced and renamed. Its name
//! says its content, so it never changes and writing it again does no harm.

use std::fs;
use std::fs::File;
use std::io;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use sha2::Digest;
use sha2::Sha256;

use crate::catalog::PosterVersion;
use crate::catalog::picture::Pictures;
use crate::kernel::ids::TitleId;

/// The folder of posters.
#[derive(Clone, Debug)]
pub(super) struct Artwork {
    root: PathBuf,
}

impl Artwork {
    /// The folder inside the store's data folder.
    pub(super) fn inside(data_dir: &Path) -> Self {
        Self {
            root: data_dir.join("artwork"),
        }
    }

    fn folder(&self, title: TitleId) -> PathBuf {
        self.root.join(title.to_string())
    }

    /// The file of one picture, whether it is there or not.
    pub(super) fn file(&self, title: TitleId, version: &PosterVersion, width: u32) -> PathBuf {
        let name = format!("{}-{width}.jpg", version.as_str());
        self.folder(title).join(name)
    }

    /// Stores the pictures of a poster; its version.
    pub(super) fn keep(&self, title: TitleId, pictures: &Pictures) -> io::Result<PosterVersion> {
        let folder = self.folder(title);
        fs::create_dir_all(&folder)?;
        let version = version_of(pictures);
        for (width, picture) in PosterVersion::WIDTHS.into_iter().zip(&pictures.0) {
            let place = self.file(title, &version, width);
            let beside = place.with_extension(format!("{:016x}", rand::random::<u64>()));
            let mut file = File::create(&beside)?;
            file.write_all(picture)?;
            file.sync_all()?;
            fs::rename(&beside, &place)?;
        }
        File::open(&folder)?.sync_all()?;
        File::open(&self.root)?.sync_all()?;
        Ok(version)
    }

    /// Removes every picture of a title but those of one version. What cannot be removed stays.
    pub(super) fn forget_others(&self, title: TitleId, kept: &PosterVersion) {
        let Ok(files) = fs::read_dir(self.folder(title)) else {
            return;
        };
        for file in files.flatten() {
            let name = file.file_name();
            if !name.to_string_lossy().starts_with(kept.as_str()) {
                let _ = fs::remove_file(file.path());
            }
        }
    }
}

fn version_of(pictures: &Pictures) -> PosterVersion {
    let mut hash = Sha256::new();
    for picture in &pictures.0 {
        hash.update(picture);
    }
    let digits = hex::encode(&hash.finalize()[..8]);
    PosterVersion::parse(&digits).expect("eight bytes are sixteen digits")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pictures(byte: u8) -> Pictures {
        Pictures(vec![vec![byte], vec![byte; 2], vec![byte; 3]])
    }

    #[test]
    fn pictures_are_named_by_content_and_old_ones_go() {
        let folder = tempfile::tempdir().unwrap();
        let artwork = Artwork::inside(folder.path());
        let title = TitleId::from_uuid(uuid::Uuid::nil());
        let one = artwork.keep(title, &pictures(1)).unwrap();
        assert_eq!(artwork.keep(title, &pictures(1)).unwrap(), one);
        let two = artwork.keep(title, &pictures(2)).unwrap();
        assert_ne!(one, two);
        assert_eq!(fs::read(artwork.file(title, &two, 400)).unwrap(), [2, 2]);
        artwork.forget_others(title, &two);
        assert!(!artwork.file(title, &one, 200).exists());
        assert!(artwork.file(title, &two, 200).exists());
        let left = fs::read_dir(artwork.folder(title)).unwrap().count();
        assert_eq!(left, 3, "nothing half-written is left");
    }
}

//! The tags of all segments that were ever sealed under the film's key, in order. They are synced
//! before a byte of their segments leaves, so whatever is sealed again must have the same tag.

use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::io::BufReader;
use std::io::Read;
use std::os::unix::fs::FileExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::sealed::ContainerId;
use crate::sealed::Layout;
use crate::sealed::Root;
use crate::sealed::RootHasher;
use crate::sealed::SealError;
use crate::sealed::Tag;
use crate::sealed::layout::TAG_BYTES;

/// The journal of one container.
pub(super) struct Journal {
    file: File,
    /// Tags that are synced.
    synced: u64,
    /// Tags behind those, not synced yet.
    new: Vec<u8>,
}

impl Journal {
    /// Opens the journal, or begins one.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600);
        let file = options.open(path)?;
        // A crash may leave a part of a tag; nothing that belongs to it has left.
        let synced = file.metadata()?.len() / TAG_BYTES;
        file.set_len(synced * TAG_BYTES)?;
        file.sync_all()?;
        Ok(Self {
            file,
            synced,
            new: Vec::new(),
        })
    }

    /// Number of segments that were sealed.
    pub(super) const fn len(&self) -> u64 {
        self.synced + self.new.len() as u64 / TAG_BYTES
    }

    /// Takes the tag of a segment: the next new one, or one that was sealed before and must be
    /// the same.
    pub(super) fn take(&mut self, segment: u64, tag: &Tag) -> Result<(), SealError> {
        if segment < self.synced {
            let mut known = Tag::default();
            let at = segment * TAG_BYTES;
            self.file
                .read_exact_at(&mut known, at)
                .map_err(SealError::Write)?;
            return if known == *tag {
                Ok(())
            } else {
                Err(SealError::Changed { segment })
            };
        }
        if segment < self.len() {
            let at = ((segment - self.synced) * TAG_BYTES) as usize;
            let known = &self.new[at..at + tag.len()];
            return if known == tag {
                Ok(())
            } else {
                Err(SealError::Changed { segment })
            };
        }
        if segment > self.len() {
            return Err(SealError::Changed { segment }); // the tags before it are lost
        }
        self.new.extend_from_slice(tag);
        Ok(())
    }

    /// Makes sure that every tag taken survives a crash.
    pub(super) fn sync(&mut self) -> io::Result<()> {
        if self.new.is_empty() {
            return Ok(());
        }
        self.file.write_all_at(&self.new, self.synced * TAG_BYTES)?;
        self.file.sync_data()?;
        self.synced = self.len();
        self.new.clear();
        Ok(())
    }

    /// The root of all tags; `None` if some are missing.
    pub(super) fn root(&self, container: ContainerId, layout: Layout) -> io::Result<Option<Root>> {
        if self.synced != layout.segments() {
            return Ok(None);
        }
        let (mut hasher, mut tag) = (RootHasher::new(container, layout), Tag::default());
        let mut from_start = &self.file;
        io::Seek::rewind(&mut from_start)?;
        let mut reader = BufReader::new(from_start);
        for _ in 0..self.synced {
            reader.read_exact(&mut tag)?;
            hasher.update(&tag);
        }
        Ok(Some(hasher.finish()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn tag(byte: u8) -> Tag {
        [byte; 16]
    }

    #[test]
    fn a_segment_sealed_again_must_have_the_same_tag_even_after_a_crash() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tags");
        let mut journal = Journal::open(&path).unwrap();
        journal.take(0, &tag(1)).unwrap();
        assert!(matches!(
            journal.take(0, &tag(9)),
            Err(SealError::Changed { segment: 0 })
        ));
        journal.take(1, &tag(2)).unwrap();
        journal.sync().unwrap();
        journal.take(2, &tag(3)).unwrap(); // never synced, so nothing of it has left
        drop(journal);
        let torn = OpenOptions::new().append(true).open(&path).unwrap();
        io::Write::write_all(&mut &torn, b"torn").unwrap();

        let mut journal = Journal::open(&path).unwrap();
        assert_eq!(journal.len(), 2);
        journal.take(1, &tag(2)).unwrap();
        assert!(matches!(
            journal.take(1, &tag(3)),
            Err(SealError::Changed { segment: 1 })
        ));
        journal.take(2, &tag(7)).unwrap();
        assert!(journal.take(4, &tag(0)).is_err(), "a gap");
    }

    #[test]
    fn the_root_needs_every_tag() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = Journal::open(&folder.path().join("tags")).unwrap();
        let container = ContainerId::generate(&mut rand::rng());
        let layout = Layout::new(100_000).unwrap();
        journal.take(0, &tag(1)).unwrap();
        journal.sync().unwrap();
        assert_eq!(journal.root(container, layout).unwrap(), None);
        journal.take(1, &tag(2)).unwrap();
        journal.sync().unwrap();
        let mut hasher = RootHasher::new(container, layout);
        hasher.update(&tag(1));
        hasher.update(&tag(2));
        assert_eq!(
            journal.root(container, layout).unwrap(),
            Some(hasher.finish())
        );
    }
}

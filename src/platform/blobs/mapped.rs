//! A file mapped into memory that can be found again by the address of its bytes, so that whoever
//! has to send such bytes may send the file instead and touch no page of it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::RwLock;

use memmap2::Mmap;

/// Every mapping there is, by its first address.
static LIVE: RwLock<BTreeMap<usize, Live>> = RwLock::new(BTreeMap::new());

struct Live {
    length: usize,
    file: Arc<File>,
}

/// A mapped file. It can be found with [`source_of`] as long as the value lives.
pub(super) struct Mapped(Mmap);

impl Mapped {
    /// Takes up a mapping of the whole of a file.
    pub(super) fn new(map: Mmap, file: File) -> Self {
        let live = Live {
            length: map.len(),
            file: Arc::new(file),
        };
        let mut mappings = LIVE.write().unwrap_or_else(PoisonError::into_inner);
        mappings.insert(map.as_ptr() as usize, live);
        Self(map)
    }
}

impl AsRef<[u8]> for Mapped {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Mapped {
    fn drop(&mut self) {
        let mut mappings = LIVE.write().unwrap_or_else(PoisonError::into_inner);
        mappings.remove(&(self.0.as_ptr() as usize));
    }
}

/// A piece of a file.
#[derive(Clone, Debug)]
pub struct Source {
    file: Arc<File>,
    offset: u64,
}

impl Source {
    /// Sends up to `most` bytes of it into a socket, without a copy through memory of ours; how
    /// many it took. A socket that has no room says `WouldBlock`.
    #[cfg(target_os = "linux")]
    pub fn send(&self, socket: impl std::os::fd::AsFd, most: usize) -> io::Result<usize> {
        let mut offset = self.offset;
        Ok(rustix::fs::sendfile(
            socket,
            &*self.file,
            Some(&mut offset),
            most,
        )?)
    }

    /// Only Linux sends a file into a socket like this; elsewhere the bytes are written.
    #[cfg(not(target_os = "linux"))]
    pub fn send(&self, _: impl std::os::fd::AsFd, _: usize) -> io::Result<usize> {
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// Where in a file some bytes lie, if they are bytes of a mapping. That they are borrowed shows
/// that the mapping lives, so its address belongs to nothing else.
pub fn source_of(bytes: &[u8]) -> Option<Source> {
    let address = bytes.as_ptr() as usize;
    let mappings = LIVE.read().unwrap_or_else(PoisonError::into_inner);
    let (start, live) = mappings.range(..=address).next_back()?;
    let offset = address - start;
    (offset < live.length).then(|| Source {
        file: Arc::clone(&live.file),
        offset: offset as u64,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    #[test]
    fn bytes_of_a_mapping_are_found_while_it_lives_and_others_never() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&[7; 10_000]).unwrap();
        // SAFETY: nobody else has this file.
        #[allow(unsafe_code)]
        let map = unsafe { Mmap::map(&file).unwrap() };
        let mapped = Mapped::new(map, file);
        let bytes = mapped.as_ref();
        for offset in [0, 1, 4_096, 9_999] {
            assert_eq!(source_of(&bytes[offset..]).unwrap().offset, offset as u64);
        }
        assert!(source_of(&[7; 16]).is_none());
        let start = bytes.as_ptr() as usize;
        drop(mapped);
        assert!(!LIVE.read().unwrap().contains_key(&start));
    }
}

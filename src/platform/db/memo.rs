//! What many readers want at once, read once.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;
use std::time::Instant;

use super::Db;

/// How long a value is believed at most: another node, or a command, may have written meanwhile.
const LIFE: Duration = Duration::from_secs(1);
/// Values kept; past that all are forgotten, which costs one read each.
const MOST: usize = 512;

/// Values read from the database, by key. One is given out again only while no write of this
/// process has begun since before it was read, so whoever wrote sees what they wrote; and for a
/// second at most, because others may have written.
#[derive(Debug)]
pub struct Memo<K, V> {
    kept: Mutex<HashMap<K, Kept<V>>>,
}

#[derive(Debug)]
struct Kept<V> {
    value: Arc<V>,
    writes: u64,
    read_at: Instant,
}

impl<K, V> Default for Memo<K, V> {
    fn default() -> Self {
        Self {
            kept: Mutex::default(),
        }
    }
}

impl<K: Eq + Hash, V> Memo<K, V> {
    /// The value of a key, read now unless it is known; `None` is not kept.
    pub async fn get<E>(
        &self,
        db: &Db,
        key: K,
        read: impl AsyncFnOnce() -> Result<Option<V>, E>,
    ) -> Result<Option<Arc<V>>, E> {
        if let Some(known) = self.known(db, &key) {
            return Ok(Some(known));
        }
        let quiet = db.writes.quiet();
        let read_at = Instant::now();
        let Some(value) = read().await?.map(Arc::new) else {
            return Ok(None);
        };
        if let Some(writes) = quiet {
            self.keep(
                key,
                Kept {
                    value: Arc::clone(&value),
                    writes,
                    read_at,
                },
            );
        }
        Ok(Some(value))
    }

    fn known(&self, db: &Db, key: &K) -> Option<Arc<V>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.get(key)?;
        let fresh = found.writes == db.writes.begun() && found.read_at.elapsed() < LIFE;
        fresh.then(|| Arc::clone(&found.value))
    }

    fn keep(&self, key: K, value: Kept<V>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST && !kept.contains_key(&key) {
            kept.clear();
        }
        kept.insert(key, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn empty() -> (Db, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let address = format!("sqlite://{}?mode=rwc", folder.path().join("t.db").display());
        (Db::open(&address).await.unwrap(), folder)
    }

    async fn read(memo: &Memo<u8, u32>, db: &Db, now: u32) -> u32 {
        let value = memo
            .get(db, 1, async || Ok::<_, sqlx::Error>(Some(now)))
            .await;
        *value.unwrap().unwrap()
    }

    #[tokio::test]
    async fn a_value_is_read_once_until_something_is_written() {
        let (db, _folder) = empty().await;
        let memo = Memo::default();
        assert_eq!(read(&memo, &db, 1).await, 1);
        assert_eq!(read(&memo, &db, 2).await, 1, "known");
        let write = db.begin_write().await.unwrap();
        assert_eq!(
            read(&memo, &db, 3).await,
            3,
            "something may be written this moment"
        );
        assert_eq!(
            read(&memo, &db, 4).await,
            4,
            "and what is read meanwhile is not kept"
        );
        write.commit().await.unwrap();
        assert_eq!(read(&memo, &db, 5).await, 5);
        assert_eq!(read(&memo, &db, 6).await, 5);
        drop(db.begin_write().await.unwrap());
        assert_eq!(read(&memo, &db, 7).await, 7);
    }

    #[tokio::test]
    async fn a_value_that_a_write_overtook_is_not_kept() {
        let (db, _folder) = empty().await;
        let memo = Memo::default();
        let overtaken = memo.get(&db, 1, async || {
            db.begin_write().await?.commit().await?;
            Ok::<_, sqlx::Error>(Some(1))
        });
        assert_eq!(*overtaken.await.unwrap().unwrap(), 1);
        assert_eq!(read(&memo, &db, 2).await, 2);
    }

    #[tokio::test]
    async fn what_is_not_there_is_asked_for_again() {
        let (db, _folder) = empty().await;
        let memo: Memo<u8, u32> = Memo::default();
        let nothing = memo.get(&db, 1, async || Ok::<_, sqlx::Error>(None)).await;
        assert!(nothing.unwrap().is_none());
        assert_eq!(read(&memo, &db, 2).await, 2);
    }
}

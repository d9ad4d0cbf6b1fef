//! A write transaction, and the count of them by which a [`Memo`](super::Memo) knows that what it
//! holds is still true.

use std::ops::Deref;
use std::ops::DerefMut;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use sqlx::Any;
use sqlx::Transaction;

use super::Conn;

/// An open write transaction. Dropping it without [`Write::commit`] undoes it.
#[derive(Debug)]
pub struct Write {
    transaction: Transaction<'static, Any>,
    _open: Open,
}

impl Write {
    pub(super) fn new(transaction: Transaction<'static, Any>, open: Open) -> Self {
        Self {
            transaction,
            _open: open,
        }
    }

    /// Makes everything that was written true, all at once.
    pub async fn commit(self) -> Result<(), sqlx::Error> {
        self.transaction.commit().await // `_open` is dropped after it
    }
}

impl Deref for Write {
    type Target = Conn;

    fn deref(&self) -> &Conn {
        &self.transaction
    }
}

impl DerefMut for Write {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.transaction
    }
}

/// How many writes of this process have begun and ended.
#[derive(Clone, Debug, Default)]
pub(super) struct Writes(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    begun: AtomicU64,
    ended: AtomicU64,
}

/// A write that has not ended; it ends with the value.
#[derive(Debug)]
pub(super) struct Open(Arc<Counts>);

impl Writes {
    pub(super) fn open(&self) -> Open {
        self.0.begun.fetch_add(1, Ordering::SeqCst);
        Open(Arc::clone(&self.0))
    }

    /// Writes begun so far.
    pub(super) fn begun(&self) -> u64 {
        self.0.begun.load(Ordering::SeqCst)
    }

    /// Writes begun so far, if none of them is still open.
    pub(super) fn quiet(&self) -> Option<u64> {
        let ended = self.0.ended.load(Ordering::SeqCst);
        (self.begun() == ended).then_some(ended)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Ordering::SeqCst);
    }
}

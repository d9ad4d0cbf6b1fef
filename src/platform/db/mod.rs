//! The database: one pool, one query set, SQLite or PostgreSQL.
//!
//! Reading takes a connection from [`Db::read`]; writing goes through the one door
//! [`Db::begin_write`], which opens with `BEGIN IMMEDIATE` on SQLite, because a transaction that
//! reads first and writes later fails there in spite of the busy timeout. On PostgreSQL a write
//! transaction begins with a write on the row it will decide about.

use std::str::FromStr;
use std::sync::Once;
use std::time::Duration;

use sqlx::any::AnyConnectOptions;
use sqlx::any::AnyPoolOptions;
use sqlx::migrate::Migrator;
use sqlx::pool::PoolConnection;
use sqlx::{Any, AnyConnection, AnyPool, Executor};

use crate::kernel::Time;

mod memo;
mod settings;
mod write;

pub use memo::Memo;
pub use settings::read_setting;
pub use settings::write_setting_once;
pub use write::Write;

use write::Writes;

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// Which engine stands behind the pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A file beside the store; the default.
    Sqlite,
    /// A server, for several nodes.
    Postgres,
}

/// The store's database.
#[derive(Clone, Debug)]
pub struct Db {
    pool: AnyPool,
    engine: Engine,
    writes: Writes,
}

/// Why the database cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// The address is of another engine.
    #[error("the database address must begin with sqlite: or postgres:")]
    UnknownEngine,
    /// It does not answer as it should.
    #[error("opening the database")]
    Connect(#[source] sqlx::Error),
    /// Its tables cannot be brought up to date.
    #[error("bringing the tables up to date")]
    Migrate(#[source] sqlx::migrate::MigrateError),
}

impl Db {
    /// Opens the pool and brings the tables up to date.
    pub async fn open(address: &str) -> Result<Self, DbError> {
        let db = Self::with(address, Patience::OfRequests).await?;
        let migrator = match db.engine {
            Engine::Sqlite => &SQLITE,
            Engine::Postgres => &POSTGRES,
        };
        migrator.run(&db.pool).await.map_err(DbError::Migrate)?;
        Ok(db)
    }

    /// Opens the pool as it is, for commands that only look, and may look for long.
    pub async fn connect(address: &str) -> Result<Self, DbError> {
        Self::with(address, Patience::OfCommands).await
    }

    async fn with(address: &str, patience: Patience) -> Result<Self, DbError> {
        static DRIVERS: Once = Once::new();
        DRIVERS.call_once(sqlx::any::install_default_drivers);
        let engine = engine_of(address)?;
        let options = AnyConnectOptions::from_str(address).map_err(DbError::Connect)?;
        let pool = AnyPoolOptions::new()
            .max_connections(if engine == Engine::Sqlite { 8 } else { 16 })
            .acquire_timeout(Duration::from_secs(10))
            // A file does not go away between two requests; a server may.
            .test_before_acquire(engine == Engine::Postgres)
            .after_connect(move |connection, _| {
                Box::pin(async move {
                    connection
                        .execute(session_settings(engine, patience))
                        .await
                        .map(drop)
                })
            })
            .connect_with(options)
            .await
            .map_err(DbError::Connect)?;
        let writes = Writes::default();
        Ok(Self {
            pool,
            engine,
            writes,
        })
    }

    /// A connection for reading.
    pub async fn read(&self) -> Result<PoolConnection<Any>, sqlx::Error> {
        self.pool.acquire().await
    }

    /// The one door to writing. Dropping the transaction without `commit` undoes it.
    pub async fn begin_write(&self) -> Result<Write, sqlx::Error> {
        let open = self.writes.open();
        let transaction = match self.engine {
            Engine::Sqlite => self.pool.begin_with("BEGIN IMMEDIATE").await?,
            Engine::Postgres => self.pool.begin().await?,
        };
        Ok(Write::new(transaction, open))
    }

    /// Which engine this is.
    pub const fn engine(&self) -> Engine {
        self.engine
    }

    /// Says whether the database answers, for `/readyz`.
    pub async fn answers(&self) -> bool {
        let asked = sqlx::query("SELECT 1").execute(&self.pool);
        matches!(
            tokio::time::timeout(Duration::from_secs(3), asked).await,
            Ok(Ok(_))
        )
    }

    /// Closes every connection; on SQLite this also folds the write-ahead log into the file.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// How long a statement may take: a request must not hang, an audit takes what it takes.
#[derive(Clone, Copy)]
enum Patience {
    OfRequests,
    OfCommands,
}

/// Settings of one connection. `synchronous=FULL` because NORMAL silently loses acknowledged
/// commits in a power cut.
const fn session_settings(engine: Engine, patience: Patience) -> &'static str {
    match (engine, patience) {
        (Engine::Sqlite, _) => {
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=10000; \
             PRAGMA foreign_keys=ON; PRAGMA cache_size=-16384; PRAGMA temp_store=MEMORY"
        }
        (Engine::Postgres, Patience::OfCommands) => {
            "SET idle_in_transaction_session_timeout = '60s'"
        }
        (Engine::Postgres, Patience::OfRequests) => {
            "SET statement_timeout = '30s'; SET idle_in_transaction_session_timeout = '60s'"
        }
    }
}

fn engine_of(address: &str) -> Result<Engine, DbError> {
    match address.split(':').next() {
        Some("sqlite") => Ok(Engine::Sqlite),
        Some("postgres" | "postgresql") => Ok(Engine::Postgres),
        _ => Err(DbError::UnknownEngine),
    }
}

/// Numbers the placeholders of a statement that is put together at run time: `$1`, `$2`, …
#[derive(Debug, Default)]
pub struct Placeholders(u32);

impl Placeholders {
    /// The next placeholder.
    pub fn mark(&mut self) -> String {
        self.0 += 1;
        format!("${}", self.0)
    }
}

/// Reads a time column.
pub const fn time(column: i64) -> Time {
    Time::from_millis(column)
}

/// What a store says when a row holds what no code of ours writes.
pub fn corrupt(column: &str, value: &str) -> sqlx::Error {
    sqlx::Error::Decode(format!("column {column} holds {value:?}, which nothing writes").into())
}

/// Reads a column whose type parses from text (ids, slugs, states).
pub fn parsed<T: FromStr>(column: &str, value: &str) -> Result<T, sqlx::Error> {
    value.parse().map_err(|_| corrupt(column, value))
}

/// Whether a statement failed because a unique value exists already.
pub fn is_unique_violation(error: &sqlx::Error) -> bool {
    let kind = error
        .as_database_error()
        .map(sqlx::error::DatabaseError::kind);
    matches!(kind, Some(sqlx::error::ErrorKind::UniqueViolation))
}

/// One connection, of the pool or inside a transaction: what store functions take.
pub type Conn = AnyConnection;

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    #[tokio::test]
    async fn sqlite_runs_with_full_sync_and_write_ahead_log() {
        let folder = tempfile::tempdir().unwrap();
        let address = format!("sqlite://{}?mode=rwc", folder.path().join("t.db").display());
        let db = Db::open(&address).await.unwrap();
        let mut conn = db.read().await.unwrap();
        let sync: i64 = sqlx::query_scalar("PRAGMA synchronous")
            .fetch_one(&mut *conn)
            .await
            .unwrap();
        assert_eq!(sync, 2, "FULL");
        let mode: String = sqlx::query_scalar("PRAGMA journal_mode")
            .fetch_one(&mut *conn)
            .await
            .unwrap();
        assert_eq!(mode, "wal");
        assert!(db.answers().await);
    }

    #[tokio::test]
    async fn another_engine_is_refused() {
        assert!(matches!(
            Db::open("mysql://x").await,
            Err(DbError::UnknownEngine)
        ));
    }
}

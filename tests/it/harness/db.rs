//! A database that exists for one test.

use std::ops::Deref;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;

use matinee::platform::db::Db;
use sqlx::AssertSqlSafe;
use sqlx::Connection;
use sqlx::PgConnection;

/// An empty, migrated database; it goes away with the value.
pub struct TestDb {
    /// Its address, as `DATABASE_URL` has it.
    pub address: String,
    db: Db,
    place: Place,
}

/// What has to be cleaned up.
enum Place {
    /// The folder of a SQLite file, removed by its own drop.
    Folder { _folder: tempfile::TempDir },
    /// A database of a PostgreSQL server.
    Server { server: String, name: String },
}

impl TestDb {
    /// A new file of SQLite.
    pub async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = format!(
            "sqlite://{}?mode=rwc",
            folder.path().join("test.db").display()
        );
        let db = Db::open(&address).await.unwrap();
        Self {
            address,
            db,
            place: Place::Folder { _folder: folder },
        }
    }

    /// A new database on the test server, if there is one.
    pub async fn postgres() -> Option<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        #[allow(clippy::disallowed_methods)] // the tests' own switch, not the store's configuration
        let server = std::env::var("MATINEE_TEST_POSTGRES").ok()?;
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("matinee_{}_{number}", std::process::id());
        let mut conn = PgConnection::connect(&server)
            .await
            .expect("the test server answers");
        let create = format!("CREATE DATABASE {name}");
        sqlx::raw_sql(AssertSqlSafe(create))
            .execute(&mut conn)
            .await
            .unwrap();
        let (base, _) = server.rsplit_once('/').expect("…/database");
        let address = format!("{base}/{name}");
        let db = Db::open(&address).await.unwrap();
        Some(Self {
            address,
            db,
            place: Place::Server { server, name },
        })
    }
}

impl Deref for TestDb {
    type Target = Db;

    fn deref(&self) -> &Db {
        &self.db
    }
}

impl Drop for TestDb {
    fn drop(&mut self) {
        let Place::Server { server, name } = &self.place else {
            return;
        };
        let (server, drop) = (server.clone(), format!("DROP DATABASE {name} WITH (FORCE)"));
        let dropped = in_the_end(async move {
            let mut conn = PgConnection::connect(&server).await?;
            sqlx::raw_sql(AssertSqlSafe(drop)).execute(&mut conn).await
        });
        if dropped.is_err() {
            eprintln!("the database {name} is left behind");
        }
    }
}

/// Runs the last work of a test from a `drop`. The test's own runtime may be on its way out, so
/// this has one of its own.
pub fn in_the_end<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> T {
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime.unwrap().block_on(work)
    });
    thread.join().unwrap()
}

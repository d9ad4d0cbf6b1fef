//! Browser sessions: tower-sessions over our own table. The cookie holds a random token of 128
//! bits; the table its SHA-256. Sessions end 14 days after their last use and 30 days after they
//! began, and at once when a person ends them.

use std::time::Duration;

use axum::http::HeaderMap;
use axum::http::header;
use sha2::Digest;
use sha2::Sha256;
use std::sync::Arc;
use tower_sessions::Expiry;
use tower_sessions::SessionManagerLayer;
use tower_sessions::SessionStore;
use tower_sessions::cookie::SameSite;
use tower_sessions::session::Id;
use tower_sessions::session::Record;
use tower_sessions::session_store;

use crate::kernel::Clock;
use crate::kernel::Time;
use crate::kernel::ids::AccountId;
use crate::platform::config::PublicUrl;
use crate::platform::db::Conn;
use crate::platform::db::Db;

mod store;

pub use store::Listed;
pub use store::list_of_account;

/// A session ends this long after its last use …
pub const IDLE: Duration = Duration::from_secs(14 * 24 * 3600);
/// … and this long after it began, whatever happens.
pub const ABSOLUTE: Duration = Duration::from_secs(30 * 24 * 3600);
/// A use is noted at most this often, so that reading pages does not write.
const TOUCH: Duration = Duration::from_secs(24 * 3600);
/// Key of the account id in a session's data; set by `accounts` at sign-in.
pub const ACCOUNT: &str = "account";

/// Sessions in the store's database.
#[derive(Clone)]
pub struct DbSessions {
    db: Db,
    clock: Arc<dyn Clock>,
}

impl std::fmt::Debug for DbSessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DbSessions")
    }
}

/// Name of the cookie; browsers keep a `__Host-` cookie to this very host, and only over TLS.
pub const fn cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-matinee" } else { "matinee" }
}

/// Whether a request carries a session, known without asking the database.
pub fn has_cookie(headers: &HeaderMap) -> bool {
    let lines = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(';')).any(|pair| {
        let name = pair.split('=').next().unwrap_or("").trim();
        name == cookie_name(true) || name == cookie_name(false)
    })
}

/// The layer that gives every request its session.
pub fn layer(db: Db, clock: Arc<dyn Clock>, url: &PublicUrl) -> SessionManagerLayer<DbSessions> {
    let seconds = i64::try_from(ABSOLUTE.as_secs()).expect("30 days");
    SessionManagerLayer::new(DbSessions { db, clock })
        .with_name(cookie_name(url.is_https()))
        .with_secure(url.is_https())
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(time::Duration::seconds(seconds)))
}

/// Ends every session of an account, except the one whose token hash is `keep`.
pub async fn end_all(
    tx: &mut Conn,
    account: AccountId,
    keep: Option<&[u8]>,
) -> Result<u64, sqlx::Error> {
    store::delete_of_account(tx, account, keep.unwrap_or_default()).await
}

/// Ends one session of an account.
pub async fn end_one(tx: &mut Conn, account: AccountId, hash: &[u8]) -> Result<u64, sqlx::Error> {
    store::delete_one_of_account(tx, account, hash).await
}

/// Removes sessions that are over; called by a periodic job.
pub async fn forget_expired(tx: &mut Conn, now: Time) -> Result<u64, sqlx::Error> {
    store::delete_expired(tx, now, now.before(ABSOLUTE)).await
}

/// What stands in the table for a token.
pub fn token_hash(id: &Id) -> Vec<u8> {
    Sha256::digest(id.0.to_le_bytes()).to_vec()
}

fn backend(error: sqlx::Error) -> session_store::Error {
    session_store::Error::Backend(error.to_string())
}

impl DbSessions {
    async fn write(&self, record: &Record) -> session_store::Result<()> {
        let now = self.clock.now();
        let data = serde_json::to_string(&record.data)
            .map_err(|error| session_store::Error::Encode(error.to_string()))?;
        let account = record.data.get(ACCOUNT).and_then(|value| value.as_str());
        let mut tx = self.db.begin_write().await.map_err(backend)?;
        store::upsert(
            &mut tx,
            &token_hash(&record.id),
            account,
            &data,
            now,
            now.after(IDLE),
        )
        .await
        .map_err(backend)?;
        tx.commit().await.map_err(backend)
    }

    async fn touch(&self, hash: &[u8], now: Time) -> session_store::Result<()> {
        let mut tx = self.db.begin_write().await.map_err(backend)?;
        store::extend(&mut tx, hash, now.after(IDLE))
            .await
            .map_err(backend)?;
        tx.commit().await.map_err(backend)
    }
}

#[async_trait::async_trait]
impl SessionStore for DbSessions {
    async fn create(&self, record: &mut Record) -> session_store::Result<()> {
        self.write(record).await // 128 random bits do not collide
    }

    async fn save(&self, record: &Record) -> session_store::Result<()> {
        self.write(record).await
    }

    async fn load(&self, id: &Id) -> session_store::Result<Option<Record>> {
        let (now, hash) = (self.clock.now(), token_hash(id));
        let mut conn = self.db.read().await.map_err(backend)?;
        let found = store::load(&mut conn, &hash).await.map_err(backend)?;
        drop(conn);
        let live = |row: &store::Row| row.expires_at > now && row.created_at.after(ABSOLUTE) > now;
        let Some(row) = found.filter(live) else {
            return Ok(None);
        };
        if row.expires_at < now.after(IDLE - TOUCH) {
            self.touch(&hash, now).await?;
        }
        let data = serde_json::from_str(&row.data)
            .map_err(|error| session_store::Error::Decode(error.to_string()))?;
        let expiry =
            time::OffsetDateTime::from_unix_timestamp(row.created_at.after(ABSOLUTE).seconds())
                .map_err(|error| session_store::Error::Decode(error.to_string()))?;
        Ok(Some(Record {
            id: *id,
            data,
            expiry_date: expiry,
        }))
    }

    async fn delete(&self, id: &Id) -> session_store::Result<()> {
        let mut tx = self.db.begin_write().await.map_err(backend)?;
        store::delete(&mut tx, &token_hash(id))
            .await
            .map_err(backend)?;
        tx.commit().await.map_err(backend)
    }
}

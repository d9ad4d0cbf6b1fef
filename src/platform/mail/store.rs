//! SQL of the outbox.

use sqlx::Row;
use sqlx::any::AnyRow;

use super::Message;
use crate::kernel::Time;
use crate::kernel::ids::MailId;
use crate::kernel::text::EmailAddress;
use crate::platform::db::Conn;

/// A mail as it stands in the outbox.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Its id.
    pub id: String,
    /// The address it goes to.
    pub recipient: String,
    /// The subject line.
    pub subject: String,
    /// Plain text.
    pub body_text: String,
    /// HTML.
    pub body_html: String,
    /// When it was written.
    pub created_at: Time,
    /// When it was sent.
    pub sent_at: Option<Time>,
}

fn stored(row: &AnyRow) -> Result<Stored, sqlx::Error> {
    Ok(Stored {
        id: row.try_get("id")?,
        recipient: row.try_get("recipient")?,
        subject: row.try_get("subject")?,
        body_text: row.try_get("body_text")?,
        body_html: row.try_get("body_html")?,
        created_at: Time::from_millis(row.try_get("created_at")?),
        sent_at: row
            .try_get::<Option<i64>, _>("sent_at")?
            .map(Time::from_millis),
    })
}

pub(super) async fn insert(
    tx: &mut Conn,
    id: MailId,
    message: &Message,
    now: Time,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "INSERT INTO mail (id, cause, recipient, subject, body_text, body_html, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (cause) DO NOTHING",
    )
    .bind(id.to_string())
    .bind(message.cause.as_deref())
    .bind(message.to.as_str())
    .bind(&message.subject)
    .bind(&message.text)
    .bind(&message.html)
    .bind(now.millis())
    .execute(tx)
    .await?;
    Ok(done.rows_affected())
}

pub(super) async fn unsent(conn: &mut Conn, id: MailId) -> Result<Option<Stored>, sqlx::Error> {
    let row = sqlx::query("SELECT * FROM mail WHERE id = $1 AND sent_at IS NULL")
        .bind(id.to_string())
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(stored).transpose()
}

pub(super) async fn mark_sent(tx: &mut Conn, id: MailId, now: Time) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE mail SET sent_at = $2 WHERE id = $1")
        .bind(id.to_string())
        .bind(now.millis())
        .execute(tx)
        .await
        .map(drop)
}

pub(super) async fn delete_to(tx: &mut Conn, to: &EmailAddress) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM mail WHERE recipient = $1")
        .bind(to.as_str())
        .execute(tx)
        .await
        .map(drop)
}

/// The mail that was written for a cause.
pub async fn by_cause(conn: &mut Conn, cause: &str) -> Result<Option<Stored>, sqlx::Error> {
    let row = sqlx::query("SELECT * FROM mail WHERE cause = $1")
        .bind(cause)
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(stored).transpose()
}

/// Every mail that is kept of those to an address, the oldest first.
pub async fn to(conn: &mut Conn, recipient: &EmailAddress) -> Result<Vec<Stored>, sqlx::Error> {
    let rows = sqlx::query("SELECT * FROM mail WHERE recipient = $1 ORDER BY created_at, id")
        .bind(recipient.as_str())
        .fetch_all(conn)
        .await?;
    rows.iter().map(stored).collect()
}

/// The newest mails of the outbox, for `/dev/mail` of the demo.
pub async fn latest(conn: &mut Conn, most: i64) -> Result<Vec<Stored>, sqlx::Error> {
    let rows = sqlx::query("SELECT * FROM mail ORDER BY created_at DESC, id DESC LIMIT $1")
        .bind(most)
        .fetch_all(conn)
        .await?;
    rows.iter().map(stored).collect()
}

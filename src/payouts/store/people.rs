//! SQL of participants and of the links that sign them in.

use sqlx::Row;
use sqlx::any::AnyRow;

use crate::accounts::TokenHash;
use crate::kernel::Time;
use crate::kernel::ids::ParticipantId;
use crate::kernel::ids::StudioId;
use crate::kernel::text::DisplayName;
use crate::kernel::text::EmailAddress;
use crate::payouts::model::Participant;
use crate::platform::db;
use crate::platform::db::Conn;
use crate::platform::db::corrupt;
use crate::platform::db::parsed;

fn participant(row: &AnyRow) -> Result<Participant, sqlx::Error> {
    let (name, email): (String, String) = (row.try_get("name")?, row.try_get("email")?);
    Ok(Participant {
        id: parsed("id", row.try_get::<&str, _>("id")?)?,
        studio: parsed("studio_id", row.try_get::<&str, _>("studio_id")?)?,
        name: DisplayName::parse(&name).map_err(|_| corrupt("name", &name))?,
        email: EmailAddress::parse(&email).map_err(|_| corrupt("email", &email))?,
        changed_at: db::time(row.try_get("changed_at")?),
    })
}

/// Rows written: 0 when the studio has somebody of that address.
pub(in crate::payouts) async fn insert_participant(
    tx: &mut Conn,
    participant: &Participant,
    now: Time,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "INSERT INTO participant (id, studio_id, name, email, created_at, changed_at)
         VALUES ($1, $2, $3, $4, $5, $5) ON CONFLICT (studio_id, email) DO NOTHING",
    )
    .bind(participant.id.to_string())
    .bind(participant.studio.to_string())
    .bind(participant.name.as_str())
    .bind(participant.email.as_str())
    .bind(now.millis())
    .execute(tx)
    .await?;
    Ok(done.rows_affected())
}

/// Gives a participant another address, and ends the links that went to the one before. False if
/// the studio has somebody else of that address; nothing is written then.
pub(in crate::payouts) async fn set_address(
    tx: &mut Conn,
    id: ParticipantId,
    email: &EmailAddress,
    now: Time,
) -> Result<bool, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE participant SET email = $2, changed_at = $3
         WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM participant other
             WHERE other.studio_id = participant.studio_id AND other.email = $2
               AND other.id <> participant.id)",
    )
    .bind(id.to_string())
    .bind(email.as_str())
    .bind(now.millis())
    .execute(&mut *tx)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(false);
    }
    sqlx::query("DELETE FROM participant_link WHERE participant_id = $1")
        .bind(id.to_string())
        .execute(tx)
        .await?;
    Ok(true)
}

pub(in crate::payouts) async fn participants_of(
    conn: &mut Conn,
    studio: StudioId,
) -> Result<Vec<Participant>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT id, studio_id, name, email, changed_at FROM participant WHERE studio_id = $1 ORDER BY id",
    )
    .bind(studio.to_string())
    .fetch_all(conn)
    .await?;
    rows.iter().map(participant).collect()
}

pub(in crate::payouts) async fn participant_by_id(
    conn: &mut Conn,
    id: ParticipantId,
) -> Result<Option<Participant>, sqlx::Error> {
    let row =
        sqlx::query("SELECT id, studio_id, name, email, changed_at FROM participant WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(conn)
            .await?;
    row.as_ref().map(participant).transpose()
}

pub(in crate::payouts) async fn participants_by_email(
    conn: &mut Conn,
    email: &EmailAddress,
) -> Result<Vec<Participant>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT id, studio_id, name, email, changed_at FROM participant WHERE email = $1 ORDER BY id",
    )
    .bind(email.as_str())
    .fetch_all(conn)
    .await?;
    rows.iter().map(participant).collect()
}

pub(in crate::payouts) async fn insert_link(
    tx: &mut Conn,
    token: &TokenHash,
    participant: ParticipantId,
    until: Time,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO participant_link (token_hash, participant_id, expires_at) VALUES ($1, $2, $3)",
    )
    .bind(token.as_bytes().to_vec())
    .bind(participant.to_string())
    .bind(until.millis())
    .execute(tx)
    .await
    .map(drop)
}

/// Whom a link signs in; looking does not use it up.
pub(in crate::payouts) async fn link_of(
    conn: &mut Conn,
    token: &TokenHash,
    now: Time,
) -> Result<Option<ParticipantId>, sqlx::Error> {
    let found: Option<String> = sqlx::query_scalar(
        "SELECT participant_id FROM participant_link WHERE token_hash = $1 AND expires_at > $2",
    )
    .bind(token.as_bytes().to_vec())
    .bind(now.millis())
    .fetch_optional(conn)
    .await?;
    found.map(|id| parsed("participant_id", &id)).transpose()
}

/// Uses a link up, and says whom it signs in.
pub(in crate::payouts) async fn take_link(
    tx: &mut Conn,
    token: &TokenHash,
    now: Time,
) -> Result<Option<ParticipantId>, sqlx::Error> {
    let found: Option<String> = sqlx::query_scalar(
        "DELETE FROM participant_link WHERE token_hash = $1 AND expires_at > $2
         RETURNING participant_id",
    )
    .bind(token.as_bytes().to_vec())
    .bind(now.millis())
    .fetch_optional(tx)
    .await?;
    found.map(|id| parsed("participant_id", &id)).transpose()
}

pub(in crate::payouts) async fn forget_links(tx: &mut Conn, now: Time) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM participant_link WHERE expires_at <= $1")
        .bind(now.millis())
        .execute(tx)
        .await
        .map(drop)
}

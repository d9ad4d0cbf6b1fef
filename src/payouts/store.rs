//! SQL of participants, splits and statements. Splits and statements are only ever added.

use std::collections::BTreeMap;

use sqlx::Row;
use sqlx::any::AnyRow;

use super::model::First;
use super::model::Participant;
use super::model::Party;
use super::model::Share;
use super::model::Split;
use super::month::Month;
use super::statement::NO_DIGEST;
use crate::accounts::TokenHash;
use crate::kernel::BasisPoints;
use crate::kernel::Currency;
use crate::kernel::Money;
use crate::kernel::Time;
use crate::kernel::ids::ParticipantId;
use crate::kernel::ids::StatementId;
use crate::kernel::ids::StudioId;
use crate::kernel::ids::TitleId;
use crate::kernel::text::DisplayName;
use crate::kernel::text::EmailAddress;
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
    })
}

/// Rows written: 0 when the studio has somebody of that address.
pub(super) async fn insert_participant(
    tx: &mut Conn,
    participant: &Participant,
    now: Time,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "INSERT INTO participant (id, studio_id, name, email, created_at)
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (studio_id, email) DO NOTHING",
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

pub(super) async fn participants_of(
    conn: &mut Conn,
    studio: StudioId,
) -> Result<Vec<Participant>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT id, studio_id, name, email FROM participant WHERE studio_id = $1 ORDER BY id",
    )
    .bind(studio.to_string())
    .fetch_all(conn)
    .await?;
    rows.iter().map(participant).collect()
}

pub(super) async fn participant_by_id(
    conn: &mut Conn,
    id: ParticipantId,
) -> Result<Option<Participant>, sqlx::Error> {
    let row = sqlx::query("SELECT id, studio_id, name, email FROM participant WHERE id = $1")
        .bind(id.to_string())
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(participant).transpose()
}

pub(super) async fn participants_by_email(
    conn: &mut Conn,
    email: &EmailAddress,
) -> Result<Vec<Participant>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT id, studio_id, name, email FROM participant WHERE email = $1 ORDER BY id",
    )
    .bind(email.as_str())
    .fetch_all(conn)
    .await?;
    rows.iter().map(participant).collect()
}

pub(super) async fn insert_link(
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
pub(super) async fn link_of(
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
pub(super) async fn take_link(
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

pub(super) async fn forget_links(tx: &mut Conn, now: Time) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM participant_link WHERE expires_at <= $1")
        .bind(now.millis())
        .execute(tx)
        .await
        .map(drop)
}

/// Appends a split.
pub(super) async fn insert_split(
    tx: &mut Conn,
    studio: StudioId,
    split: &Split,
    made_by: &str,
    now: Time,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO split (title_id, number, studio_id, valid_from, made_by, made_at)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(split.title.to_string())
    .bind(split.number)
    .bind(studio.to_string())
    .bind(split.valid_from.millis())
    .bind(made_by)
    .bind(now.millis())
    .execute(&mut *tx)
    .await?;
    for (position, share) in (1_i64..).zip(&split.shares) {
        sqlx::query(
            "INSERT INTO split_share (title_id, number, position, participant_id, share_bp)
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(split.title.to_string())
        .bind(split.number)
        .bind(position)
        .bind(id_of(share.party))
        .bind(i64::from(share.points.points()))
        .execute(&mut *tx)
        .await?;
    }
    for (position, first) in (1_i64..).zip(&split.firsts) {
        sqlx::query(
            "INSERT INTO split_first
                 (title_id, number, position, participant_id, currency, amount_minor)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(split.title.to_string())
        .bind(split.number)
        .bind(position)
        .bind(id_of(first.party))
        .bind(first.amount.currency().code())
        .bind(first.amount.minor())
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

fn id_of(party: Party) -> Option<String> {
    match party {
        Party::Studio => None,
        Party::Participant(id) => Some(id.to_string()),
    }
}

fn party(row: &AnyRow) -> Result<Party, sqlx::Error> {
    match row.try_get::<Option<String>, _>("participant_id")? {
        None => Ok(Party::Studio),
        Some(id) => Ok(Party::Participant(parsed("participant_id", &id)?)),
    }
}

/// All splits of a studio's films by film, each film's by number.
pub(super) async fn splits_of(
    conn: &mut Conn,
    studio: StudioId,
) -> Result<BTreeMap<TitleId, Vec<Split>>, sqlx::Error> {
    let mut splits: BTreeMap<(TitleId, i64), Split> = BTreeMap::new();
    let rows = sqlx::query("SELECT title_id, number, valid_from FROM split WHERE studio_id = $1")
        .bind(studio.to_string())
        .fetch_all(&mut *conn)
        .await?;
    for row in &rows {
        let (title, number) = key(row)?;
        let split = Split {
            title,
            number,
            valid_from: Time::from_millis(row.try_get("valid_from")?),
            firsts: Vec::new(),
            shares: Vec::new(),
        };
        splits.insert((title, number), split);
    }
    let rows = sqlx::query(
        "SELECT p.title_id, p.number, p.participant_id, p.share_bp
         FROM split_share p JOIN split s ON s.title_id = p.title_id AND s.number = p.number
         WHERE s.studio_id = $1 ORDER BY p.title_id, p.number, p.position",
    )
    .bind(studio.to_string())
    .fetch_all(&mut *conn)
    .await?;
    for row in &rows {
        let points: i64 = row.try_get("share_bp")?;
        let share = u16::try_from(points).ok().and_then(BasisPoints::new);
        let points = share.ok_or_else(|| corrupt("share_bp", &points.to_string()))?;
        if let Some(split) = splits.get_mut(&key(row)?) {
            split.shares.push(Share {
                party: party(row)?,
                points,
            });
        }
    }
    let rows = sqlx::query(
        "SELECT p.title_id, p.number, p.participant_id, p.currency, p.amount_minor
         FROM split_first p JOIN split s ON s.title_id = p.title_id AND s.number = p.number
         WHERE s.studio_id = $1 ORDER BY p.title_id, p.number, p.position",
    )
    .bind(studio.to_string())
    .fetch_all(&mut *conn)
    .await?;
    for row in &rows {
        let code: String = row.try_get("currency")?;
        let currency = Currency::parse(&code).map_err(|_| corrupt("currency", &code))?;
        let amount = Money::new(row.try_get("amount_minor")?, currency);
        if let Some(split) = splits.get_mut(&key(row)?) {
            split.firsts.push(First {
                party: party(row)?,
                amount,
            });
        }
    }
    let mut by_title: BTreeMap<TitleId, Vec<Split>> = BTreeMap::new();
    for ((title, _), split) in splits {
        by_title.entry(title).or_default().push(split);
    }
    Ok(by_title)
}

fn key(row: &AnyRow) -> Result<(TitleId, i64), sqlx::Error> {
    Ok((
        parsed("title_id", row.try_get::<&str, _>("title_id")?)?,
        row.try_get("number")?,
    ))
}

/// How far the statements of a studio go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chain {
    /// The last closed month; nothing before the first.
    pub(super) month: Option<Month>,
    pub(super) number: i64,
    pub(super) digest: String,
}

pub(super) async fn chain(conn: &mut Conn, studio: StudioId) -> Result<Chain, sqlx::Error> {
    let row: Option<(String, i64, String)> =
        sqlx::query_as("SELECT month, number, digest FROM statement_chain WHERE studio_id = $1")
            .bind(studio.to_string())
            .fetch_optional(conn)
            .await?;
    let Some((month, number, digest)) = row else {
        return Ok(Chain {
            month: None,
            number: 0,
            digest: NO_DIGEST.to_owned(),
        });
    };
    let month = (!month.is_empty())
        .then(|| parsed("month", &month))
        .transpose()?;
    Ok(Chain {
        month,
        number,
        digest,
    })
}

/// Takes the row of a studio's chain, which everybody who closes a month begins with.
pub(super) async fn lock_chain(tx: &mut Conn, studio: StudioId) -> Result<Chain, sqlx::Error> {
    sqlx::query(
        "INSERT INTO statement_chain (studio_id, month, number, digest) VALUES ($1, '', 0, $2)
         ON CONFLICT (studio_id) DO UPDATE SET studio_id = excluded.studio_id",
    )
    .bind(studio.to_string())
    .bind(NO_DIGEST)
    .execute(&mut *tx)
    .await?;
    chain(tx, studio).await
}

pub(super) async fn set_chain(
    tx: &mut Conn,
    studio: StudioId,
    month: Month,
    number: i64,
    digest: &str,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE statement_chain SET month = $2, number = $3, digest = $4 WHERE studio_id = $1",
    )
    .bind(studio.to_string())
    .bind(month.to_string())
    .bind(number)
    .bind(digest)
    .execute(tx)
    .await
    .map(drop)
}

/// A statement as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Kept {
    pub(super) id: StatementId,
    pub(super) studio: StudioId,
    pub(super) participant: Option<ParticipantId>,
    pub(super) month: String,
    pub(super) currency: String,
    pub(super) number: i64,
    pub(super) content: String,
    pub(super) digest: String,
    pub(super) previous: String,
    pub(super) key: String,
    pub(super) signature: String,
    pub(super) closed_at: Time,
}

pub(super) async fn insert_statement(tx: &mut Conn, kept: &Kept) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO statement (id, studio_id, participant_id, month, currency, number, content,
                                digest, previous, key, signature, closed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(kept.id.to_string())
    .bind(kept.studio.to_string())
    .bind(kept.participant.map(|id| id.to_string()))
    .bind(&kept.month)
    .bind(&kept.currency)
    .bind(kept.number)
    .bind(&kept.content)
    .bind(&kept.digest)
    .bind(&kept.previous)
    .bind(&kept.key)
    .bind(&kept.signature)
    .bind(kept.closed_at.millis())
    .execute(tx)
    .await
    .map(drop)
}

fn kept(row: &AnyRow) -> Result<Kept, sqlx::Error> {
    let participant: Option<String> = row.try_get("participant_id")?;
    Ok(Kept {
        id: parsed("id", row.try_get::<&str, _>("id")?)?,
        studio: parsed("studio_id", row.try_get::<&str, _>("studio_id")?)?,
        participant: participant
            .map(|id| parsed("participant_id", &id))
            .transpose()?,
        month: row.try_get("month")?,
        currency: row.try_get("currency")?,
        number: row.try_get("number")?,
        content: row.try_get("content")?,
        digest: row.try_get("digest")?,
        previous: row.try_get("previous")?,
        key: row.try_get("key")?,
        signature: row.try_get("signature")?,
        closed_at: Time::from_millis(row.try_get("closed_at")?),
    })
}

pub(super) async fn statement_by_id(
    conn: &mut Conn,
    id: StatementId,
) -> Result<Option<Kept>, sqlx::Error> {
    let row = sqlx::query("SELECT * FROM statement WHERE id = $1")
        .bind(id.to_string())
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(kept).transpose()
}

/// The statements of a studio in the order of its chain.
pub(super) async fn statements_of(
    conn: &mut Conn,
    studio: StudioId,
) -> Result<Vec<Kept>, sqlx::Error> {
    let rows = sqlx::query("SELECT * FROM statement WHERE studio_id = $1 ORDER BY number")
        .bind(studio.to_string())
        .fetch_all(conn)
        .await?;
    rows.iter().map(kept).collect()
}

/// A line of a list of statements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) id: StatementId,
    pub(super) participant: Option<ParticipantId>,
    pub(super) month: Month,
    pub(super) currency: String,
    pub(super) number: i64,
}

/// The newest statements of a studio, or only those of one participant.
pub(super) async fn list(
    conn: &mut Conn,
    studio: StudioId,
    only: Option<ParticipantId>,
    most: i64,
) -> Result<Vec<Listed>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT id, participant_id, month, currency, number FROM statement
         WHERE studio_id = $1 AND ($2 = '' OR participant_id = $2)
         ORDER BY number DESC LIMIT $3",
    )
    .bind(studio.to_string())
    .bind(only.map(|id| id.to_string()).unwrap_or_default())
    .bind(most)
    .fetch_all(conn)
    .await?;
    let read = |row: &AnyRow| {
        let participant: Option<String> = row.try_get("participant_id")?;
        Ok(Listed {
            id: parsed("id", row.try_get::<&str, _>("id")?)?,
            participant: participant
                .map(|id| parsed("participant_id", &id))
                .transpose()?,
            month: parsed("month", row.try_get::<&str, _>("month")?)?,
            currency: row.try_get("currency")?,
            number: row.try_get("number")?,
        })
    };
    rows.iter().map(read).collect()
}

/// Every studio that has statements.
pub(super) async fn studios_with_statements(conn: &mut Conn) -> Result<Vec<StudioId>, sqlx::Error> {
    let ids: Vec<String> =
        sqlx::query_scalar("SELECT studio_id FROM statement_chain ORDER BY studio_id")
            .fetch_all(conn)
            .await?;
    ids.iter().map(|id| parsed("studio_id", id)).collect()
}

//! SQL of statements and their chain; statements are only ever added.

use sqlx::Row;
use sqlx::any::AnyRow;

use crate::kernel::Time;
use crate::kernel::ids::ParticipantId;
use crate::kernel::ids::StatementId;
use crate::kernel::ids::StudioId;
use crate::payouts::month::Month;
use crate::payouts::statement::NO_DIGEST;
use crate::platform::db::Conn;
use crate::platform::db::parsed;

/// How far the statements of a studio go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::payouts) struct Chain {
    /// The last closed month; nothing before the first.
    pub(in crate::payouts) month: Option<Month>,
    pub(in crate::payouts) number: i64,
    pub(in crate::payouts) digest: String,
}

pub(in crate::payouts) async fn chain(
    conn: &mut Conn,
    studio: StudioId,
) -> Result<Chain, sqlx::Error> {
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
pub(in crate::payouts) async fn lock_chain(
    tx: &mut Conn,
    studio: StudioId,
) -> Result<Chain, sqlx::Error> {
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

pub(in crate::payouts) async fn set_chain(
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
pub(in crate::payouts) struct Kept {
    pub(in crate::payouts) id: StatementId,
    pub(in crate::payouts) studio: StudioId,
    pub(in crate::payouts) participant: Option<ParticipantId>,
    pub(in crate::payouts) month: String,
    pub(in crate::payouts) currency: String,
    pub(in crate::payouts) number: i64,
    pub(in crate::payouts) content: String,
    pub(in crate::payouts) digest: String,
    pub(in crate::payouts) previous: String,
    pub(in crate::payouts) key: String,
    pub(in crate::payouts) signature: String,
    pub(in crate::payouts) closed_at: Time,
}

pub(in crate::payouts) async fn insert_statement(
    tx: &mut Conn,
    kept: &Kept,
) -> Result<(), sqlx::Error> {
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

pub(in crate::payouts) async fn statement_by_id(
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
pub(in crate::payouts) async fn statements_of(
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
pub(in crate::payouts) struct Listed {
    pub(in crate::payouts) id: StatementId,
    pub(in crate::payouts) participant: Option<ParticipantId>,
    pub(in crate::payouts) month: Month,
    pub(in crate::payouts) currency: String,
    pub(in crate::payouts) number: i64,
}

/// The newest statements of a studio, or only those of one participant.
pub(in crate::payouts) async fn list(
    conn: &mut Conn,
    studio: StudioId,
    only: Option<ParticipantId>,
    most: usize,
) -> Result<Vec<Listed>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT id, participant_id, month, currency, number FROM statement
         WHERE studio_id = $1 AND ($2 = '' OR participant_id = $2)
         ORDER BY number DESC LIMIT $3",
    )
    .bind(studio.to_string())
    .bind(only.map(|id| id.to_string()).unwrap_or_default())
    .bind(i64::try_from(most).unwrap_or(i64::MAX))
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

/// An account that has statements of a year.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::payouts) struct ListedYear {
    pub(in crate::payouts) year: String,
    pub(in crate::payouts) currency: String,
    pub(in crate::payouts) participant: Option<ParticipantId>,
    /// The last closed month of it.
    pub(in crate::payouts) newest: String,
}

/// The years of a studio, or only those of one participant; the newest first.
pub(in crate::payouts) async fn years(
    conn: &mut Conn,
    studio: StudioId,
    only: Option<ParticipantId>,
) -> Result<Vec<ListedYear>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT SUBSTR(month, 1, 4) AS year, currency, participant_id, MAX(month) AS newest
         FROM statement WHERE studio_id = $1 AND ($2 = '' OR participant_id = $2)
         GROUP BY SUBSTR(month, 1, 4), currency, participant_id",
    )
    .bind(studio.to_string())
    .bind(only.map(|id| id.to_string()).unwrap_or_default())
    .fetch_all(conn)
    .await?;
    let read = |row: &AnyRow| {
        let participant: Option<String> = row.try_get("participant_id")?;
        Ok(ListedYear {
            year: row.try_get("year")?,
            currency: row.try_get("currency")?,
            participant: participant
                .map(|id| parsed("participant_id", &id))
                .transpose()?,
            newest: row.try_get("newest")?,
        })
    };
    let mut years: Vec<ListedYear> = rows.iter().map(read).collect::<Result<_, sqlx::Error>>()?;
    years.sort_by(|one, other| other.year.cmp(&one.year).then_with(|| one.cmp(other)));
    Ok(years)
}

/// The statements of one account in a year and a currency, the oldest first.
pub(in crate::payouts) async fn statements_of_year(
    conn: &mut Conn,
    studio: StudioId,
    participant: Option<ParticipantId>,
    year: &str,
    currency: &str,
) -> Result<Vec<Kept>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT * FROM statement
         WHERE studio_id = $1 AND month >= $2 AND month <= $3 AND currency = $4
           AND COALESCE(participant_id, '') = $5
         ORDER BY month",
    )
    .bind(studio.to_string())
    .bind(format!("{year}-01"))
    .bind(format!("{year}-12"))
    .bind(currency)
    .bind(participant.map(|id| id.to_string()).unwrap_or_default())
    .fetch_all(conn)
    .await?;
    rows.iter().map(kept).collect()
}

/// Every studio that has statements.
pub(in crate::payouts) async fn studios_with_statements(
    conn: &mut Conn,
) -> Result<Vec<StudioId>, sqlx::Error> {
    let ids: Vec<String> =
        sqlx::query_scalar("SELECT studio_id FROM statement_chain ORDER BY studio_id")
            .fetch_all(conn)
            .await?;
    ids.iter().map(|id| parsed("studio_id", id)).collect()
}

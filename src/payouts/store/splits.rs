//! SQL of splits; they are only ever added.

use std::collections::BTreeMap;

use sqlx::Row;
use sqlx::any::AnyRow;

use crate::kernel::BasisPoints;
use crate::kernel::Currency;
use crate::kernel::Money;
use crate::kernel::Time;
use crate::kernel::ids::StudioId;
use crate::kernel::ids::TitleId;
use crate::payouts::model::First;
use crate::payouts::model::Party;
use crate::payouts::model::Share;
use crate::payouts::model::Split;
use crate::platform::db::Conn;
use crate::platform::db::corrupt;
use crate::platform::db::parsed;

/// Appends a split.
pub(in crate::payouts) async fn insert_split(
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
pub(in crate::payouts) async fn splits_of(
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

//! SQL of the offers.

use sqlx::AssertSqlSafe;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::kernel::Currency;
use crate::kernel::Money;
use crate::kernel::Time;
use crate::kernel::ids::OfferId;
use crate::kernel::ids::TitleId;
use crate::offers::Offer;
use crate::platform::db::Conn;
use crate::platform::db::Placeholders;
use crate::platform::db::corrupt;
use crate::platform::db::parsed;

fn offer(row: &AnyRow) -> Result<Offer, sqlx::Error> {
    let text = |column: &str| row.try_get::<String, _>(column);
    let code = text("currency")?;
    let currency = Currency::parse(&code).map_err(|_| corrupt("offer.currency", &code))?;
    Ok(Offer {
        id: parsed("offer.id", &text("id")?)?,
        title_id: parsed("offer.title_id", &text("title_id")?)?,
        kind: parsed("offer.kind", &text("kind")?)?,
        price: Money::new(row.try_get("price_minor")?, currency),
        retired_at: row
            .try_get::<Option<i64>, _>("retired_at")?
            .map(Time::from_millis),
    })
}

pub(super) async fn offer_by_id(
    conn: &mut Conn,
    id: OfferId,
) -> Result<Option<Offer>, sqlx::Error> {
    let row = sqlx::query("SELECT * FROM offer WHERE id = $1")
        .bind(id.to_string())
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(offer).transpose()
}

pub(super) async fn offers_of_title(
    conn: &mut Conn,
    title: TitleId,
) -> Result<Vec<Offer>, sqlx::Error> {
    let rows =
        sqlx::query("SELECT * FROM offer WHERE title_id = $1 ORDER BY created_at DESC LIMIT 200")
            .bind(title.to_string())
            .fetch_all(conn)
            .await?;
    rows.iter().map(offer).collect()
}

pub(super) async fn live_offers(
    conn: &mut Conn,
    titles: &[TitleId],
) -> Result<Vec<Offer>, sqlx::Error> {
    if titles.is_empty() {
        return Ok(Vec::new());
    }
    let mut marks = Placeholders::default();
    let list: Vec<String> = titles.iter().map(|_| marks.mark()).collect();
    let sql = format!(
        "SELECT * FROM offer WHERE retired_at IS NULL AND kind = 'buy' AND title_id IN ({})",
        list.join(", ")
    );
    let mut query = sqlx::query(AssertSqlSafe(sql)); // placeholders only
    for title in titles {
        query = query.bind(title.to_string());
    }
    query.fetch_all(conn).await?.iter().map(offer).collect()
}

/// Adds an offer; 0 when the title has a live one of its kind.
pub(super) async fn insert(tx: &mut Conn, offer: &Offer, now: Time) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "INSERT INTO offer (id, title_id, kind, price_minor, currency, created_at)
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
    )
    .bind(offer.id.to_string())
    .bind(offer.title_id.to_string())
    .bind(offer.kind.as_str())
    .bind(offer.price.minor())
    .bind(offer.price.currency().code())
    .bind(now.millis())
    .execute(tx)
    .await?;
    Ok(done.rows_affected())
}

pub(super) async fn retire(tx: &mut Conn, id: OfferId, now: Time) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE offer SET retired_at = $2 WHERE id = $1 AND retired_at IS NULL")
        .bind(id.to_string())
        .bind(now.millis())
        .execute(tx)
        .await
        .map(drop)
}

//! SQL of the studios' payment accounts.

use sqlx::AssertSqlSafe;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::kernel::Currency;
use crate::kernel::Time;
use crate::kernel::ids::StudioId;
use crate::platform::db;
use crate::platform::db::Conn;
use crate::platform::db::Placeholders;
use crate::platform::db::corrupt;
use crate::platform::db::parsed;
use crate::platform::stripe::ConnectedAccount;

use super::model::PaymentAccount;

fn account_of(row: &AnyRow) -> Result<PaymentAccount, sqlx::Error> {
    let id: &str = row.try_get("id")?;
    let currency: Option<&str> = row.try_get("currency")?;
    let flag = |column: &str| row.try_get::<i64, _>(column).map(|flag| flag == 1);
    Ok(PaymentAccount {
        id: ConnectedAccount::parse(id).map_err(|_| corrupt("payment_account.id", id))?,
        studio: parsed("studio_id", row.try_get::<&str, _>("studio_id")?)?,
        number: row.try_get("number")?,
        charges_enabled: flag("charges_enabled")?,
        details_submitted: flag("details_submitted")?,
        currency: currency.and_then(|code| Currency::parse(code).ok()),
        country: row.try_get("country")?,
        created_at: db::time(row.try_get("created_at")?),
        asked_at: db::time(row.try_get("asked_at")?),
        cut_off_at: row.try_get::<Option<i64>, _>("cut_off_at")?.map(db::time),
    })
}

/// The account by which a studio sells, or would: its last.
pub(super) async fn account_of_studio(
    conn: &mut Conn,
    studio: StudioId,
) -> Result<Option<PaymentAccount>, sqlx::Error> {
    let row = sqlx::query(
        "SELECT * FROM payment_account WHERE studio_id = $1 ORDER BY number DESC LIMIT 1",
    )
    .bind(studio.to_string())
    .fetch_optional(conn)
    .await?;
    row.as_ref().map(account_of).transpose()
}

/// The same for some studios at once.
pub(super) async fn accounts_of_studios(
    conn: &mut Conn,
    studios: &[StudioId],
) -> Result<Vec<PaymentAccount>, sqlx::Error> {
    if studios.is_empty() {
        return Ok(Vec::new());
    }
    let mut marks = Placeholders::default();
    let list: Vec<String> = studios.iter().map(|_| marks.mark()).collect();
    let sql = format!(
        "SELECT * FROM payment_account a WHERE a.studio_id IN ({}) AND a.number =
             (SELECT MAX(b.number) FROM payment_account b WHERE b.studio_id = a.studio_id)",
        list.join(", ")
    );
    let mut query = sqlx::query(AssertSqlSafe(sql)); // placeholders only
    for studio in studios {
        query = query.bind(studio.to_string());
    }
    query
        .fetch_all(conn)
        .await?
        .iter()
        .map(account_of)
        .collect()
}

pub(super) async fn account_by_id(
    conn: &mut Conn,
    id: &str,
) -> Result<Option<PaymentAccount>, sqlx::Error> {
    let row = sqlx::query("SELECT * FROM payment_account WHERE id = $1")
        .bind(id)
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(account_of).transpose()
}

/// Whether Stripe works out the tax of a studio's sales.
pub(super) async fn collects_tax(conn: &mut Conn, studio: StudioId) -> Result<bool, sqlx::Error> {
    let flag: Option<i64> = sqlx::query_scalar("SELECT collects_tax FROM studio WHERE id = $1")
        .bind(studio.to_string())
        .fetch_optional(conn)
        .await?;
    Ok(flag == Some(1))
}

pub(super) async fn set_collects_tax(
    tx: &mut Conn,
    studio: StudioId,
    collects: bool,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE studio SET collects_tax = $2 WHERE id = $1")
        .bind(studio.to_string())
        .bind(i64::from(collects))
        .execute(tx)
        .await
        .map(drop)
}

/// Every account there ever was, the oldest first.
pub(super) async fn accounts(conn: &mut Conn) -> Result<Vec<PaymentAccount>, sqlx::Error> {
    let rows = sqlx::query("SELECT * FROM payment_account ORDER BY created_at, id")
        .fetch_all(conn)
        .await?;
    rows.iter().map(account_of).collect()
}

/// Rows written: 0 when somebody else wrote this account, or one of this number, before.
pub(super) async fn insert(tx: &mut Conn, account: &PaymentAccount) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "INSERT INTO payment_account (id, studio_id, number, charges_enabled, details_submitted,
                                      currency, country, created_at, asked_at, cut_off_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING",
    )
    .bind(account.id.as_str())
    .bind(account.studio.to_string())
    .bind(account.number)
    .bind(i64::from(account.charges_enabled))
    .bind(i64::from(account.details_submitted))
    .bind(account.currency.map(Currency::code))
    .bind(account.country.as_deref())
    .bind(account.created_at.millis())
    .bind(account.asked_at.millis())
    .bind(account.cut_off_at.map(Time::millis))
    .execute(tx)
    .await?;
    Ok(done.rows_affected())
}

/// Takes the row, so that nobody else writes how the account stands meanwhile, and reads it.
pub(super) async fn lock(
    tx: &mut Conn,
    id: &ConnectedAccount,
) -> Result<Option<PaymentAccount>, sqlx::Error> {
    let row = sqlx::query("UPDATE payment_account SET id = id WHERE id = $1 RETURNING *")
        .bind(id.as_str())
        .fetch_optional(tx)
        .await?;
    row.as_ref().map(account_of).transpose()
}

/// Writes how an account stands.
pub(super) async fn update(tx: &mut Conn, account: &PaymentAccount) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE payment_account SET charges_enabled = $2, details_submitted = $3, currency = $4,
             country = $5, asked_at = $6, cut_off_at = $7
         WHERE id = $1",
    )
    .bind(account.id.as_str())
    .bind(i64::from(account.charges_enabled))
    .bind(i64::from(account.details_submitted))
    .bind(account.currency.map(Currency::code))
    .bind(account.country.as_deref())
    .bind(account.asked_at.millis())
    .bind(account.cut_off_at.map(Time::millis))
    .execute(tx)
    .await
    .map(drop)
}

//! SQL of sellers, series and documents.

use sqlx::Row;
use sqlx::any::AnyRow;

use crate::kernel::Time;
use crate::kernel::ids::InvoiceId;
use crate::kernel::ids::OrderId;
use crate::kernel::ids::StudioId;
use crate::platform::db::Conn;
use crate::platform::db::corrupt;
use crate::platform::db::parsed;

use super::model::Document;
use super::model::Issued;
use super::model::Seller;
use super::model::Series;

/// What a studio's documents say of it, once it has said so.
pub async fn seller(conn: &mut Conn, studio: StudioId) -> Result<Option<Seller>, sqlx::Error> {
    let row = sqlx::query("SELECT * FROM invoice_seller WHERE studio_id = $1")
        .bind(studio.to_string())
        .fetch_optional(conn)
        .await?;
    let read = |row: &AnyRow| {
        Ok(Seller {
            name: row.try_get("legal_name")?,
            street: row.try_get("street")?,
            postal_code: row.try_get("postal_code")?,
            city: row.try_get("city")?,
            country: parsed("country", row.try_get::<&str, _>("country")?)?,
            vat_id: row.try_get("vat_id")?,
            registration: row.try_get("registration")?,
            email: row.try_get("email")?,
            prefix: row.try_get("prefix")?,
            note: row.try_get("note")?,
        })
    };
    row.as_ref().map(read).transpose()
}

/// Says what a studio's documents say of it from now on.
pub async fn set_seller(
    tx: &mut Conn,
    studio: StudioId,
    seller: &Seller,
    now: Time,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO invoice_seller
             (studio_id, legal_name, street, postal_code, city, country, vat_id, registration,
              email, prefix, note, changed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         ON CONFLICT (studio_id) DO UPDATE SET legal_name = excluded.legal_name,
             street = excluded.street, postal_code = excluded.postal_code, city = excluded.city,
             country = excluded.country, vat_id = excluded.vat_id,
             registration = excluded.registration, email = excluded.email,
             prefix = excluded.prefix, note = excluded.note, changed_at = excluded.changed_at",
    )
    .bind(studio.to_string())
    .bind(&seller.name)
    .bind(&seller.street)
    .bind(&seller.postal_code)
    .bind(&seller.city)
    .bind(seller.country.code())
    .bind(seller.vat_id.as_deref())
    .bind(seller.registration.as_deref())
    .bind(seller.email.as_deref())
    .bind(&seller.prefix)
    .bind(&seller.note)
    .bind(now.millis())
    .execute(tx)
    .await
    .map(drop)
}

/// The next number of a series. It is given back when the transaction does not end well, and until
/// it ends nobody else gets one.
pub(super) async fn next_number(
    tx: &mut Conn,
    studio: StudioId,
    series: Series,
    year: i64,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(
        "INSERT INTO invoice_series (studio_id, series, year, last_number) VALUES ($1, $2, $3, 1)
         ON CONFLICT (studio_id, series, year)
             DO UPDATE SET last_number = invoice_series.last_number + 1
         RETURNING last_number",
    )
    .bind(studio.to_string())
    .bind(series.word())
    .bind(year)
    .fetch_one(tx)
    .await
}

/// Writes a document down for good.
pub(super) async fn insert(tx: &mut Conn, issued: &Issued) -> Result<(), sqlx::Error> {
    let document = &issued.document;
    sqlx::query(
        "INSERT INTO invoice
             (id, studio_id, order_id, kind, series, year, number, refund, currency, net_minor,
              tax_minor, gross_minor, issued_at, content)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
    )
    .bind(issued.id.to_string())
    .bind(issued.studio.to_string())
    .bind(document.order.to_string())
    .bind(document.kind.word())
    .bind(document.kind.series().word())
    .bind(issued.year)
    .bind(issued.number)
    .bind(document.refund.as_deref())
    .bind(&document.currency)
    .bind(document.net)
    .bind(document.tax)
    .bind(document.gross)
    .bind(document.issued_at)
    .bind(text_of(document))
    .execute(tx)
    .await
    .map(drop)
}

fn text_of(document: &Document) -> String {
    serde_json::to_string(document).expect("texts and numbers can be written as JSON")
}

fn issued_of(row: &AnyRow) -> Result<Issued, sqlx::Error> {
    let content: &str = row.try_get("content")?;
    Ok(Issued {
        id: parsed("id", row.try_get::<&str, _>("id")?)?,
        studio: parsed("studio_id", row.try_get::<&str, _>("studio_id")?)?,
        year: row.try_get("year")?,
        number: row.try_get("number")?,
        // Not what it holds, which is somebody's name and address.
        document: serde_json::from_str(content)
            .map_err(|_| corrupt("content", row.try_get("id").unwrap_or_default()))?,
    })
}

/// The documents of an order: the invoice, then what changed it, the oldest first.
pub async fn documents_of_order(
    conn: &mut Conn,
    order: OrderId,
) -> Result<Vec<Issued>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT * FROM invoice WHERE order_id = $1
         ORDER BY CASE kind WHEN 'invoice' THEN 0 ELSE 1 END, year, number",
    )
    .bind(order.to_string())
    .fetch_all(conn)
    .await?;
    rows.iter().map(issued_of).collect()
}

/// A document, whoever's it is; for those who may see it, checked by the caller.
pub async fn document_by_id(conn: &mut Conn, id: InvoiceId) -> Result<Option<Issued>, sqlx::Error> {
    let row = sqlx::query("SELECT * FROM invoice WHERE id = $1")
        .bind(id.to_string())
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(issued_of).transpose()
}

/// A studio's documents of a year: invoices, then credit notes, by number.
pub(super) async fn documents_of_year(
    conn: &mut Conn,
    studio: StudioId,
    year: i64,
) -> Result<Vec<Issued>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT * FROM invoice WHERE studio_id = $1 AND year = $2
         ORDER BY CASE series WHEN 'invoice' THEN 0 ELSE 1 END, number",
    )
    .bind(studio.to_string())
    .bind(year)
    .fetch_all(conn)
    .await?;
    rows.iter().map(issued_of).collect()
}

/// The years in which a studio issued documents, the latest first.
pub(super) async fn years_of(conn: &mut Conn, studio: StudioId) -> Result<Vec<i64>, sqlx::Error> {
    sqlx::query_scalar(
        "SELECT DISTINCT year FROM invoice_series WHERE studio_id = $1 ORDER BY year DESC",
    )
    .bind(studio.to_string())
    .fetch_all(conn)
    .await
}

/// A row of the counters: studio, series, year and last number.
pub(super) type Counter = (String, String, i64, i64);

pub(super) async fn counters(conn: &mut Conn) -> Result<Vec<Counter>, sqlx::Error> {
    sqlx::query_as("SELECT studio_id, series, year, last_number FROM invoice_series")
        .fetch_all(conn)
        .await
}

/// The columns of a document beside its content, for the audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) kind: String,
    pub(super) series: String,
    pub(super) currency: String,
    pub(super) amounts: [i64; 3],
    pub(super) issued_at: i64,
    pub(super) order: String,
    pub(super) refund: Option<String>,
}

/// Every document with its columns, series by series, by number.
pub(super) async fn all(conn: &mut Conn) -> Result<Vec<(Issued, Columns)>, sqlx::Error> {
    let rows = sqlx::query("SELECT * FROM invoice ORDER BY studio_id, series, year, number")
        .fetch_all(conn)
        .await?;
    let read = |row: &AnyRow| {
        let columns = Columns {
            kind: row.try_get("kind")?,
            series: row.try_get("series")?,
            currency: row.try_get("currency")?,
            amounts: [
                row.try_get("net_minor")?,
                row.try_get("tax_minor")?,
                row.try_get("gross_minor")?,
            ],
            issued_at: row.try_get("issued_at")?,
            order: row.try_get("order_id")?,
            refund: row.try_get("refund")?,
        };
        Ok((issued_of(row)?, columns))
    };
    rows.iter().map(read).collect()
}

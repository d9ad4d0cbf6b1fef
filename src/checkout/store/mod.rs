//! SQL of orders.

mod walks;

pub(super) use walks::close_abandoned;
pub(super) use walks::close_stranded;
pub(super) use walks::mark_name;
pub(super) use walks::mark_of;
pub(super) use walks::marks;
pub(super) use walks::note_run;
pub(super) use walks::returning;
pub(super) use walks::runs;
pub(super) use walks::set_mark;
pub(super) use walks::unsettled;
pub(super) use walks::without_fee;

use sqlx::Row;
use sqlx::any::AnyQueryResult;
use sqlx::any::AnyRow;

use crate::checkout::consent::Consent;
use crate::checkout::model::Order;
use crate::checkout::model::OrderState;
use crate::checkout::model::Wanted;
use crate::checkout::places::Places;
use crate::kernel::BasisPoints;
use crate::kernel::Country;
use crate::kernel::Currency;
use crate::kernel::Money;
use crate::kernel::Time;
use crate::kernel::ids::AccountId;
use crate::kernel::ids::OrderId;
use crate::kernel::ids::StudioId;
use crate::kernel::ids::TitleId;
use crate::kernel::text::EmailAddress;
use crate::platform::db;
use crate::platform::db::Conn;
use crate::platform::db::corrupt;
use crate::platform::db::parsed;
use crate::platform::stripe::CheckoutSession;
use crate::platform::stripe::ConnectedAccount;
use crate::platform::stripe::VerifiedEvent;

fn order_of(row: &AnyRow) -> Result<Order, sqlx::Error> {
    let email: &str = row.try_get("email")?;
    Ok(Order {
        id: parsed("id", row.try_get::<&str, _>("id")?)?,
        account: parsed("account_id", row.try_get::<&str, _>("account_id")?)?,
        wanted: wanted_of(row)?,
        email: EmailAddress::parse(email).map_err(|_| corrupt("email", email))?,
        reader: row.try_get("reader")?,
        source: parsed("source", row.try_get::<&str, _>("source")?)?,
        operator_fee: share_of(row, "operator_fee_bp")?,
        return_share: share_of(row, "return_share_bp")?,
        state: parsed("state", row.try_get::<&str, _>("state")?)?,
        attempt: row.try_get("attempt")?,
        session_id: row.try_get("session_id")?,
        session_url: row.try_get("session_url")?,
        session_expires_at: db::time(row.try_get("session_expires_at")?),
        created_at: db::time(row.try_get("created_at")?),
        paid_at: row.try_get::<Option<i64>, _>("paid_at")?.map(db::time),
        fee_posted_at: row
            .try_get::<Option<i64>, _>("fee_posted_at")?
            .map(db::time),
        payment_intent: row.try_get("payment_intent")?,
        tax: row.try_get("tax_minor")?,
        tax_rate: row.try_get("tax_rate")?,
        places: Places {
            billing: row.try_get("billing_country")?,
            card: row.try_get("card_country")?,
            network: row.try_get("network_country")?,
        },
        refunded: row.try_get("refunded_minor")?,
        lost: row.try_get("lost_minor")?,
        withheld: row.try_get("withheld_minor")?,
        returned_at: row.try_get::<Option<i64>, _>("returned_at")?.map(db::time),
        consent: consent_of(row)?,
        erased_at: row.try_get::<Option<i64>, _>("erased_at")?.map(db::time),
    })
}

fn share_of(row: &AnyRow, column: &'static str) -> Result<BasisPoints, sqlx::Error> {
    let points: i64 = row.try_get(column)?;
    let share = u16::try_from(points).ok().and_then(BasisPoints::new);
    share.ok_or_else(|| corrupt(column, "a share"))
}

fn consent_of(row: &AnyRow) -> Result<Option<Consent>, sqlx::Error> {
    let version: Option<String> = row.try_get("consent_version")?;
    let given_at: Option<i64> = row.try_get("consent_at")?;
    let from: Option<String> = row.try_get("consent_from")?;
    let all = version.zip(given_at).zip(from);
    Ok(all.map(|((version, given_at), from)| Consent {
        version,
        given_at: db::time(given_at),
        from,
    }))
}

fn wanted_of(row: &AnyRow) -> Result<Wanted, sqlx::Error> {
    let code: &str = row.try_get("currency")?;
    let currency = Currency::parse(code).map_err(|_| corrupt("currency", code))?;
    let seller: Option<&str> = row.try_get("seller_account")?;
    let seller =
        seller.map(|id| ConnectedAccount::parse(id).map_err(|_| corrupt("seller_account", id)));
    Ok(Wanted {
        offer: parsed("offer_id", row.try_get::<&str, _>("offer_id")?)?,
        title: parsed("title_id", row.try_get::<&str, _>("title_id")?)?,
        title_name: row.try_get("title_name")?,
        title_slug: row.try_get("title_slug")?,
        studio: parsed("studio_id", row.try_get::<&str, _>("studio_id")?)?,
        studio_name: row.try_get("studio_name")?,
        price: Money::new(row.try_get("amount_minor")?, currency),
        kind: parsed("kind", row.try_get::<&str, _>("kind")?)?,
        seller: seller.transpose()?,
    })
}

/// The row was taken and looked at before, so anything else must not be committed.
fn exactly_one(done: &AnyQueryResult) -> Result<(), sqlx::Error> {
    match done.rows_affected() {
        1 => Ok(()),
        _ => Err(sqlx::Error::RowNotFound),
    }
}

/// Rows written: 0 when the buyer has a live order for the film.
pub(super) async fn insert(tx: &mut Conn, order: &Order) -> Result<u64, sqlx::Error> {
    let wanted = &order.wanted;
    let done = sqlx::query(
        "INSERT INTO orders
             (id, account_id, studio_id, title_id, offer_id, title_name, title_slug, studio_name,
              email, amount_minor, currency, operator_fee_bp, state, attempt, session_expires_at,
              created_at, reader, seller_account, source, kind, return_share_bp)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
                 $18, $19, $20, $21)
         ON CONFLICT DO NOTHING",
    )
    .bind(order.id.to_string())
    .bind(order.account.to_string())
    .bind(wanted.studio.to_string())
    .bind(wanted.title.to_string())
    .bind(wanted.offer.to_string())
    .bind(&wanted.title_name)
    .bind(&wanted.title_slug)
    .bind(&wanted.studio_name)
    .bind(order.email.as_str())
    .bind(wanted.price.minor())
    .bind(wanted.price.currency().code())
    .bind(i64::from(order.operator_fee.points()))
    .bind(order.state.word())
    .bind(order.attempt)
    .bind(order.session_expires_at.millis())
    .bind(order.created_at.millis())
    .bind(&order.reader)
    .bind(seller_bind(wanted.seller.as_ref()))
    .bind(order.source.to_string())
    .bind(wanted.kind.as_str())
    .bind(i64::from(order.return_share.points()))
    .execute(tx)
    .await?;
    Ok(done.rows_affected())
}

/// Takes the row, so that nobody else decides about the order meanwhile, and reads it.
pub(super) async fn lock(tx: &mut Conn, id: OrderId) -> Result<Option<Order>, sqlx::Error> {
    let row = sqlx::query("UPDATE orders SET id = id WHERE id = $1 RETURNING *")
        .bind(id.to_string())
        .fetch_optional(tx)
        .await?;
    row.as_ref().map(order_of).transpose()
}

/// An order, whoever's it is; for those who may see all, or checked by the caller.
pub async fn order_by_id(conn: &mut Conn, id: OrderId) -> Result<Option<Order>, sqlx::Error> {
    let row = sqlx::query("SELECT * FROM orders WHERE id = $1")
        .bind(id.to_string())
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(order_of).transpose()
}

/// The order of a viewer; another's does not exist for them.
pub(super) async fn order_of_viewer(
    conn: &mut Conn,
    id: OrderId,
    viewer: AccountId,
) -> Result<Option<Order>, sqlx::Error> {
    let order = order_by_id(conn, id).await?;
    Ok(order.filter(|order| order.account == viewer))
}

/// Orders of a studio, or of all, the newest first. A text narrows them down: the number of an
/// order or of a payment, the buyer's address, or the beginning of a film's name.
pub async fn orders_found(
    conn: &mut Conn,
    studio: Option<StudioId>,
    text: &str,
    most: i64,
) -> Result<Vec<Order>, sqlx::Error> {
    let text = text.trim();
    let studio = studio.map(|studio| studio.to_string());
    let rows = sqlx::query(
        "SELECT * FROM orders
         WHERE ($1 = '' OR studio_id = $1)
           AND ($2 = '' OR id = $2 OR payment_intent = $2 OR email = LOWER($2)
                OR SUBSTR(LOWER(title_name), 1, LENGTH($2)) = LOWER($2))
         ORDER BY created_at DESC, id DESC LIMIT $3",
    )
    .bind(studio.unwrap_or_default())
    .bind(text)
    .bind(most)
    .fetch_all(conn)
    .await?;
    rows.iter().map(order_of).collect()
}

/// A viewer's orders, the newest first.
pub async fn orders_of_viewer(
    conn: &mut Conn,
    viewer: AccountId,
) -> Result<Vec<Order>, sqlx::Error> {
    let rows =
        sqlx::query("SELECT * FROM orders WHERE account_id = $1 ORDER BY created_at DESC, id DESC")
            .bind(viewer.to_string())
            .fetch_all(conn)
            .await?;
    rows.iter().map(order_of).collect()
}

/// Marks the orders of a buyer whose account is erased, and takes off them what says who it was.
pub(super) async fn erase_buyer(
    tx: &mut Conn,
    buyer: AccountId,
    nobody: &EmailAddress,
    now: Time,
) -> Result<Vec<Order>, sqlx::Error> {
    let rows = sqlx::query(
        "UPDATE orders SET erased_at = $2, email = $3,
             consent_from = CASE WHEN consent_from IS NULL THEN NULL ELSE '' END
         WHERE account_id = $1 RETURNING *",
    )
    .bind(buyer.to_string())
    .bind(now.millis())
    .bind(nobody.as_str())
    .fetch_all(tx)
    .await?;
    rows.iter().map(order_of).collect()
}

pub(super) async fn live_order(
    conn: &mut Conn,
    account: AccountId,
    title: TitleId,
) -> Result<Option<Order>, sqlx::Error> {
    let row = sqlx::query(
        "SELECT * FROM orders
         WHERE account_id = $1 AND title_id = $2 AND state IN ('open', 'pending', 'paid')
           AND returned_at IS NULL",
    )
    .bind(account.to_string())
    .bind(title.to_string())
    .fetch_optional(conn)
    .await?;
    row.as_ref().map(order_of).transpose()
}

/// Whether the film has another order that is live, so that this one cannot become it.
pub(super) async fn has_other_live_order(
    tx: &mut Conn,
    order: &Order,
) -> Result<bool, sqlx::Error> {
    let live = live_order(tx, order.account, order.wanted.title).await?;
    Ok(live.is_some_and(|live| live.id != order.id))
}

/// Notes the payment page of an attempt, unless the order moved on meanwhile.
pub(super) async fn keep_page(
    tx: &mut Conn,
    order: &Order,
    session_id: &str,
    url: &str,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE orders SET session_id = $3, session_url = $4
         WHERE id = $1 AND attempt = $2 AND state = 'open'",
    )
    .bind(order.id.to_string())
    .bind(order.attempt)
    .bind(session_id)
    .bind(url)
    .execute(tx)
    .await?;
    Ok(done.rows_affected())
}

/// Notes of an order that is not paid what its buyer agreed to, or that they did not, and from
/// which country they came.
pub(super) async fn note_visit(
    tx: &mut Conn,
    account: AccountId,
    title: TitleId,
    consent: Option<&Consent>,
    network: Option<Country>,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "UPDATE orders SET consent_version = $3, consent_at = $4, consent_from = $5,
             network_country = $6
         WHERE account_id = $1 AND title_id = $2 AND state = 'open'",
    )
    .bind(account.to_string())
    .bind(title.to_string())
    .bind(consent.map(|consent| consent.version.as_str()))
    .bind(consent.map(|consent| consent.given_at.millis()))
    .bind(consent.map(|consent| consent.from.as_str()))
    .bind(network.map(Country::code))
    .execute(tx)
    .await
    .map(drop)
}

/// Counts the attempt up, unless somebody else did or the page exists by now.
pub(super) async fn renew_attempt(
    tx: &mut Conn,
    order: &Order,
    expires_at: Time,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE orders SET attempt = attempt + 1, session_expires_at = $3
         WHERE id = $1 AND attempt = $2 AND state = 'open' AND session_id IS NULL",
    )
    .bind(order.id.to_string())
    .bind(order.attempt)
    .bind(expires_at.millis())
    .execute(tx)
    .await?;
    Ok(done.rows_affected())
}

pub(super) async fn set_state(
    tx: &mut Conn,
    id: OrderId,
    state: OrderState,
) -> Result<(), sqlx::Error> {
    let done = sqlx::query("UPDATE orders SET state = $2 WHERE id = $1 AND paid_at IS NULL")
        .bind(id.to_string())
        .bind(state.word())
        .execute(tx)
        .await?;
    exactly_one(&done)
}

pub(super) async fn mark_paid(
    tx: &mut Conn,
    order: &Order,
    session: &CheckoutSession,
) -> Result<(), sqlx::Error> {
    let charge = session.charge.as_ref().map(|charge| charge.id.as_str());
    let done = sqlx::query(
        "UPDATE orders SET state = $2, paid_at = $3, session_id = $4, fee_posted_at = $5,
             payment_intent = $6, charge_id = $7, tax_minor = $8, billing_country = $9,
             card_country = $10, tax_rate = $11
         WHERE id = $1 AND paid_at IS NULL",
    )
    .bind(order.id.to_string())
    .bind(order.state.word())
    .bind(order.paid_at.map(Time::millis))
    .bind(&session.id)
    .bind(order.fee_posted_at.map(Time::millis))
    .bind(order.payment_intent.as_deref())
    .bind(charge)
    .bind(order.tax)
    .bind(order.places.billing.as_deref())
    .bind(order.places.card.as_deref())
    .bind(order.tax_rate)
    .execute(tx)
    .await?;
    exactly_one(&done)
}

/// Notes that a paid order's film was bought by another order.
pub(super) async fn turn_surplus(tx: &mut Conn, id: OrderId) -> Result<(), sqlx::Error> {
    let done = sqlx::query("UPDATE orders SET state = 'surplus' WHERE id = $1 AND state = 'paid'")
        .bind(id.to_string())
        .execute(tx)
        .await?;
    exactly_one(&done)
}

pub(super) async fn order_of_payment(
    conn: &mut Conn,
    payment_intent: &str,
) -> Result<Option<Order>, sqlx::Error> {
    let row = sqlx::query("SELECT * FROM orders WHERE payment_intent = $1")
        .bind(payment_intent)
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(order_of).transpose()
}

pub(super) async fn mark_fee_posted(
    tx: &mut Conn,
    id: OrderId,
    now: Time,
) -> Result<(), sqlx::Error> {
    let done = sqlx::query("UPDATE orders SET fee_posted_at = $2 WHERE id = $1")
        .bind(id.to_string())
        .bind(now.millis())
        .execute(tx)
        .await?;
    exactly_one(&done)
}

/// Closes an open order whose payment page nobody ever got.
pub(super) async fn close_without_page(tx: &mut Conn, id: OrderId) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE orders SET state = 'expired'
         WHERE id = $1 AND state = 'open' AND session_id IS NULL",
    )
    .bind(id.to_string())
    .execute(tx)
    .await?;
    Ok(done.rows_affected())
}

/// Closes an open order whose payment page is at an account that was cut off.
pub(super) async fn give_up(tx: &mut Conn, id: OrderId) -> Result<u64, sqlx::Error> {
    let done = sqlx::query("UPDATE orders SET state = 'expired' WHERE id = $1 AND state = 'open'")
        .bind(id.to_string())
        .execute(tx)
        .await?;
    Ok(done.rows_affected())
}

/// What stands in the column for the operator's own account is NULL, in a comparison nothing.
fn seller_bind(seller: Option<&ConnectedAccount>) -> Option<&str> {
    seller.map(ConnectedAccount::as_str)
}

/// The account that sold by this session; `None` when no order has noted the session.
pub(super) async fn seller_of_session(
    conn: &mut Conn,
    session: &str,
) -> Result<Option<ConnectedAccount>, sqlx::Error> {
    let found: Option<Option<String>> =
        sqlx::query_scalar("SELECT seller_account FROM orders WHERE session_id = $1")
            .bind(session)
            .fetch_optional(conn)
            .await?;
    let read =
        |id: String| ConnectedAccount::parse(&id).map_err(|_| corrupt("seller_account", &id));
    found.flatten().map(read).transpose()
}

/// Every order there is, for the audit.
pub(super) async fn all(conn: &mut Conn) -> Result<Vec<Order>, sqlx::Error> {
    let rows = sqlx::query("SELECT * FROM orders").fetch_all(conn).await?;
    rows.iter().map(order_of).collect()
}

/// Rows written: 0 when the event had its effect before.
pub(super) async fn note_event(
    tx: &mut Conn,
    event: &VerifiedEvent,
    order: OrderId,
    now: Time,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "INSERT INTO payment_event (id, kind, order_id, noted_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (id) DO NOTHING",
    )
    .bind(event.id())
    .bind(event.kind())
    .bind(order.to_string())
    .bind(now.millis())
    .execute(tx)
    .await?;
    Ok(done.rows_affected())
}

pub(super) async fn is_noted(conn: &mut Conn, event_id: &str) -> Result<bool, sqlx::Error> {
    let found: Option<i64> = sqlx::query_scalar("SELECT noted_at FROM payment_event WHERE id = $1")
        .bind(event_id)
        .fetch_optional(conn)
        .await?;
    Ok(found.is_some())
}

/// Messages of Stripe's about an order that had their effect: kind and time.
pub async fn events_of_order(
    conn: &mut Conn,
    order: OrderId,
) -> Result<Vec<(String, Time)>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT kind, noted_at FROM payment_event WHERE order_id = $1 ORDER BY noted_at, id",
    )
    .bind(order.to_string())
    .fetch_all(conn)
    .await?;
    let read = |row: &AnyRow| Ok((row.try_get("kind")?, db::time(row.try_get("noted_at")?)));
    rows.iter().map(read).collect()
}

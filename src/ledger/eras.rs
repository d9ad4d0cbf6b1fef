//! Eras: from the beginning of one on, a film's sales, and whatever becomes of them later, are
//! summed apart. Whoever divides the money decides when an era begins.

use crate::kernel::Time;
use crate::kernel::ids::StudioId;
use crate::kernel::ids::TitleId;
use crate::platform::db::Conn;

use super::model::Movement;
use super::store;

/// Begins an era of a film. Of several that begin together the one of the highest number counts.
pub async fn begin_era(
    tx: &mut Conn,
    title: TitleId,
    number: i64,
    begins_at: Time,
) -> Result<(), sqlx::Error> {
    store::insert_era(tx, title, number, begins_at).await
}

/// What moved for a studio's films before `until`, with a mark on what moved since `from`; one
/// pass over the books, whatever their length. With `since`, nothing older is looked at. Shares of
/// closed months are left out.
pub async fn movements(
    conn: &mut Conn,
    studio: StudioId,
    since: Option<Time>,
    from: Time,
    until: Time,
) -> Result<Vec<Movement>, sqlx::Error> {
    store::movements(conn, studio, since, from, until).await
}

/// Every studio in the books, with the moment of its first posting.
pub async fn studios(conn: &mut Conn) -> Result<Vec<(StudioId, Time)>, sqlx::Error> {
    store::studios(conn).await
}

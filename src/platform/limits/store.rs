//! SQL of the counters.

use crate::kernel::Time;
use crate::platform::db::Conn;

pub(super) async fn increment(tx: &mut Conn, key: &str, start: i64) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(
        "INSERT INTO limit_counter (limit_key, window_start, count) VALUES ($1, $2, 1)
         ON CONFLICT (limit_key, window_start) DO UPDATE SET count = limit_counter.count + 1
         RETURNING count",
    )
    .bind(key)
    .bind(start)
    .fetch_one(tx)
    .await
}

pub(super) async fn delete_before(tx: &mut Conn, before: Time) -> Result<u64, sqlx::Error> {
    let done = sqlx::query("DELETE FROM limit_counter WHERE window_start < $1")
        .bind(before.millis())
        .execute(tx)
        .await?;
    Ok(done.rows_affected())
}

//! Single facts about this database, such as which key-encryption key it belongs to.

use super::Conn;

/// The value of a setting.
pub async fn read_setting(conn: &mut Conn, name: &str) -> Result<Option<String>, sqlx::Error> {
    sqlx::query_scalar("SELECT value FROM setting WHERE name = $1")
        .bind(name)
        .fetch_optional(conn)
        .await
}

/// Writes a setting unless it exists, and returns what then stands there.
pub async fn write_setting_once(
    conn: &mut Conn,
    name: &str,
    value: &str,
) -> Result<String, sqlx::Error> {
    sqlx::query("INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING")
        .bind(name)
        .bind(value)
        .execute(&mut *conn)
        .await?;
    sqlx::query_scalar("SELECT value FROM setting WHERE name = $1")
        .bind(name)
        .fetch_one(conn)
        .await
}

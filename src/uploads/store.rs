//! SQL of uploads and film keys.

use sqlx::Row;
use sqlx::any::AnyRow;

use crate::kernel::Time;
use crate::kernel::ids::StudioId;
use crate::kernel::ids::TitleId;
use crate::kernel::ids::UploadId;
use crate::platform::db::Conn;
use crate::platform::db::corrupt;
use crate::platform::db::parsed;
use crate::platform::db::time;
use crate::sealed::Commitment;
use crate::sealed::ContainerId;
use crate::sealed::Root;
use crate::sealed::WrappedDek;
use crate::uploads::model::FilmKey;
use crate::uploads::model::Room;
use crate::uploads::model::Upload;
use crate::uploads::model::UploadState;

/// Waits until no other creation is adding up the room there is.
pub(super) async fn close_gate(tx: &mut Conn) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE upload_gate SET id = id")
        .execute(tx)
        .await
        .map(drop)
}

/// What is promised already, as far as one studio and the disk are concerned. `free` is what the
/// disk says.
pub(super) async fn room(tx: &mut Conn, studio: StudioId, free: u64) -> Result<Room, sqlx::Error> {
    let row = sqlx::query(
        "SELECT
            CAST(COALESCE(SUM(CASE WHEN state = 'receiving'
                THEN ciphertext_length - received_bytes ELSE 0 END), 0) AS BIGINT) AS promised,
            CAST(COALESCE(SUM(CASE WHEN studio_id = $1
                THEN ciphertext_length ELSE 0 END), 0) AS BIGINT) AS of_studio,
            CAST(COALESCE(SUM(CASE WHEN studio_id = $1 AND state <> 'finished'
                THEN 1 ELSE 0 END), 0) AS BIGINT) AS unfinished
         FROM upload",
    )
    .bind(studio.to_string())
    .fetch_one(tx)
    .await?;
    Ok(Room {
        free,
        promised: length(&row, "promised")?,
        of_studio: length(&row, "of_studio")?,
        unfinished: length(&row, "unfinished")?,
    })
}

/// Writes a new upload and its film key; the number of rows, zero when the container exists.
pub(super) async fn insert(
    tx: &mut Conn,
    upload: &Upload,
    key: &FilmKey,
) -> Result<u64, sqlx::Error> {
    let container = upload.container.to_string();
    let done = sqlx::query(
        "INSERT INTO film_key (container, kek_version, wrapped_dek, commitment)
         VALUES ($1, $2, $3, $4) ON CONFLICT (container) DO NOTHING",
    )
    .bind(&container)
    .bind(i64::from(key.wrapped.kek_version))
    .bind(key.wrapped.bytes.to_vec())
    .bind(key.commitment.as_bytes().to_vec())
    .execute(&mut *tx)
    .await?;
    if done.rows_affected() == 0 {
        return Ok(0);
    }
    let done = sqlx::query(
        "INSERT INTO upload (id, studio_id, title_id, container, kind, metadata, plaintext_length,
            ciphertext_length, received_bytes, state, created_at, expires_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 'receiving', $9, $10)",
    )
    .bind(upload.id.to_string())
    .bind(upload.studio_id.to_string())
    .bind(upload.title_id.to_string())
    .bind(&container)
    .bind(upload.kind.as_str())
    .bind(&upload.metadata)
    .bind(column(upload.plaintext_length))
    .bind(column(upload.ciphertext_length))
    .bind(upload.created_at.millis())
    .bind(upload.expires_at.millis())
    .execute(tx)
    .await?;
    Ok(done.rows_affected())
}

/// An upload by its id.
pub async fn upload_by_id(conn: &mut Conn, id: UploadId) -> Result<Option<Upload>, sqlx::Error> {
    let found = sqlx::query("SELECT * FROM upload WHERE id = $1").bind(id.to_string());
    found
        .fetch_optional(conn)
        .await?
        .as_ref()
        .map(upload)
        .transpose()
}

/// An upload by its id, if it is this studio's.
pub(super) async fn upload_of_studio(
    conn: &mut Conn,
    studio: StudioId,
    id: UploadId,
) -> Result<Option<Upload>, sqlx::Error> {
    sqlx::query("SELECT * FROM upload WHERE id = $1 AND studio_id = $2")
        .bind(id.to_string())
        .bind(studio.to_string())
        .fetch_optional(conn)
        .await?
        .as_ref()
        .map(upload)
        .transpose()
}

/// The upload of a container.
pub async fn upload_by_container(
    conn: &mut Conn,
    container: ContainerId,
) -> Result<Option<Upload>, sqlx::Error> {
    let found =
        sqlx::query("SELECT * FROM upload WHERE container = $1").bind(container.to_string());
    found
        .fetch_optional(conn)
        .await?
        .as_ref()
        .map(upload)
        .transpose()
}

/// The newest upload of a title's film, whatever became of it.
pub async fn latest_upload_of_title(
    conn: &mut Conn,
    title: TitleId,
) -> Result<Option<Upload>, sqlx::Error> {
    sqlx::query(
        "SELECT * FROM upload WHERE title_id = $1 AND kind = 'feature'
         ORDER BY created_at DESC, id DESC LIMIT 1",
    )
    .bind(title.to_string())
    .fetch_optional(conn)
    .await?
    .as_ref()
    .map(upload)
    .transpose()
}

/// Every upload, the oldest first.
pub(super) async fn all_uploads(conn: &mut Conn) -> Result<Vec<Upload>, sqlx::Error> {
    let rows = sqlx::query("SELECT * FROM upload ORDER BY created_at, id")
        .fetch_all(conn)
        .await?;
    rows.iter().map(upload).collect()
}

/// Uploads that were left alone for too long.
pub(super) async fn expired_uploads(
    conn: &mut Conn,
    now: Time,
) -> Result<Vec<Upload>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT * FROM upload WHERE state <> 'finished' AND expires_at <= $1 ORDER BY expires_at",
    )
    .bind(now.millis())
    .fetch_all(conn)
    .await?;
    rows.iter().map(upload).collect()
}

/// Moves the offset forward; the number of rows, zero when the upload is no longer receiving.
pub(super) async fn advance(
    tx: &mut Conn,
    id: UploadId,
    offset: u64,
    expires_at: Time,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE upload SET received_bytes = $2, expires_at = $3
         WHERE id = $1 AND state = 'receiving' AND received_bytes <= $2",
    )
    .bind(id.to_string())
    .bind(column(offset))
    .bind(expires_at.millis())
    .execute(tx)
    .await?;
    Ok(done.rows_affected())
}

/// Marks a complete upload as finished; zero rows when it is not receiving any more.
pub(super) async fn mark_finished(
    tx: &mut Conn,
    id: UploadId,
    root: Root,
    now: Time,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE upload SET state = 'finished', root = $2, finished_at = $3
         WHERE id = $1 AND state = 'receiving' AND received_bytes = ciphertext_length",
    )
    .bind(id.to_string())
    .bind(root.to_string())
    .bind(now.millis())
    .execute(tx)
    .await?;
    Ok(done.rows_affected())
}

/// Marks an upload whose bytes are not what was sealed.
pub(super) async fn mark_refused(tx: &mut Conn, id: UploadId) -> Result<u64, sqlx::Error> {
    let done =
        sqlx::query("UPDATE upload SET state = 'refused' WHERE id = $1 AND state = 'receiving'")
            .bind(id.to_string())
            .execute(tx)
            .await?;
    Ok(done.rows_affected())
}

/// Removes an unfinished upload and its key, if it has not moved since it was read.
pub(super) async fn delete(tx: &mut Conn, upload: &Upload) -> Result<u64, sqlx::Error> {
    let done =
        sqlx::query("DELETE FROM upload WHERE id = $1 AND state <> 'finished' AND expires_at = $2")
            .bind(upload.id.to_string())
            .bind(upload.expires_at.millis())
            .execute(&mut *tx)
            .await?;
    if done.rows_affected() == 1 {
        sqlx::query("DELETE FROM film_key WHERE container = $1")
            .bind(upload.container.to_string())
            .execute(tx)
            .await?;
    }
    Ok(done.rows_affected())
}

/// The wrapped key of a container.
pub(super) async fn film_key(
    conn: &mut Conn,
    container: ContainerId,
) -> Result<Option<FilmKey>, sqlx::Error> {
    let row = sqlx::query(
        "SELECT kek_version, wrapped_dek, commitment FROM film_key WHERE container = $1",
    )
    .bind(container.to_string())
    .fetch_optional(conn)
    .await?;
    row.as_ref().map(key).transpose()
}

fn key(row: &AnyRow) -> Result<FilmKey, sqlx::Error> {
    let version: i64 = row.try_get("kek_version")?;
    let bytes: Vec<u8> = row.try_get("wrapped_dek")?;
    let commitment: Vec<u8> = row.try_get("commitment")?;
    let wrapped = u32::try_from(version)
        .ok()
        .and_then(|v| WrappedDek::from_stored(v, &bytes));
    let commitment = <[u8; 32]>::try_from(commitment);
    match (wrapped, commitment) {
        (Some(wrapped), Ok(commitment)) => Ok(FilmKey {
            wrapped,
            commitment: Commitment::from_bytes(commitment),
        }),
        _ => Err(corrupt("film_key.wrapped_dek", "bytes of another length")),
    }
}

fn upload(row: &AnyRow) -> Result<Upload, sqlx::Error> {
    let text = |name: &str| row.try_get::<String, _>(name);
    let root: Option<String> = row.try_get("root")?;
    let state: UploadState = parsed("state", &text("state")?)?;
    Ok(Upload {
        id: parsed("id", &text("id")?)?,
        studio_id: parsed("studio_id", &text("studio_id")?)?,
        title_id: parsed("title_id", &text("title_id")?)?,
        container: parsed("container", &text("container")?)?,
        kind: parsed("kind", &text("kind")?)?,
        metadata: text("metadata")?,
        plaintext_length: length(row, "plaintext_length")?,
        ciphertext_length: length(row, "ciphertext_length")?,
        offset: length(row, "received_bytes")?,
        state,
        root: root.map(|root| parsed("root", &root)).transpose()?,
        created_at: time(row.try_get("created_at")?),
        expires_at: time(row.try_get("expires_at")?),
    })
}

/// Lengths are checked against the largest container long before they get here.
fn column(length: u64) -> i64 {
    i64::try_from(length).expect("no container is longer than a tebibyte")
}

fn length(row: &AnyRow, name: &str) -> Result<u64, sqlx::Error> {
    let value: i64 = row.try_get(name)?;
    u64::try_from(value).map_err(|_| corrupt(name, "a negative length"))
}

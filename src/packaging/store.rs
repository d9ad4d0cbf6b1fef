//! SQL of renditions.

use sqlx::Row;
use sqlx::any::AnyRow;

use crate::kernel::Time;
use crate::kernel::ids::TitleId;
use crate::packaging::model::Film;
use crate::packaging::model::Rendition;
use crate::packaging::model::RenditionState;
use crate::platform::db::Conn;
use crate::platform::db::corrupt;
use crate::platform::db::parsed;
use crate::platform::db::time;
use crate::sealed::ContainerId;
use crate::sealed::Root;
use crate::uploads::Upload;

/// Notes that a finished upload is being looked at; harmless when it was noted before.
pub(super) async fn begin(
    tx: &mut Conn,
    upload: &Upload,
    root: Root,
    now: Time,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO rendition (container, upload_id, title_id, kind, plaintext_length, root,
            state, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, 'checking', $7) ON CONFLICT (container) DO NOTHING",
    )
    .bind(upload.container.to_string())
    .bind(upload.id.to_string())
    .bind(upload.title_id.to_string())
    .bind(upload.kind.as_str())
    .bind(column(upload.plaintext_length))
    .bind(root.to_string())
    .bind(now.millis())
    .execute(tx)
    .await
    .map(drop)
}

/// Notes that browsers can play a film; zero rows when it is not being looked at any more.
pub(super) async fn note_playable(
    tx: &mut Conn,
    container: ContainerId,
    film: &Film,
    now: Time,
) -> Result<u64, sqlx::Error> {
    let tracks = serde_json::to_string(&film.tracks).expect("tracks are plain structs");
    let done = sqlx::query(
        "UPDATE rendition SET state = 'playable', hint = $2, mime = $3, extension = $4,
            duration_ms = $5, width = $6, height = $7, tracks = $8, checked_at = $9
         WHERE container = $1 AND state = 'checking'",
    )
    .bind(container.to_string())
    .bind(film.hint.as_deref())
    .bind(&film.mime)
    .bind(film.extension)
    .bind(column(film.duration_ms))
    .bind(i64::from(film.width))
    .bind(i64::from(film.height))
    .bind(tracks)
    .bind(now.millis())
    .execute(tx)
    .await?;
    Ok(done.rows_affected())
}

/// Notes why browsers cannot play a film; zero rows when it is not being looked at any more.
pub(super) async fn note_refused(
    tx: &mut Conn,
    container: ContainerId,
    reason: &str,
    now: Time,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE rendition SET state = 'refused', reason = $2, checked_at = $3
         WHERE container = $1 AND state = 'checking'",
    )
    .bind(container.to_string())
    .bind(reason)
    .bind(now.millis())
    .execute(tx)
    .await?;
    Ok(done.rows_affected())
}

/// The rendition in a container.
pub async fn rendition_by_container(
    conn: &mut Conn,
    container: ContainerId,
) -> Result<Option<Rendition>, sqlx::Error> {
    sqlx::query("SELECT * FROM rendition WHERE container = $1")
        .bind(container.to_string())
        .fetch_optional(conn)
        .await?
        .as_ref()
        .map(rendition)
        .transpose()
}

/// The newest rendition of a title's film, whatever became of it.
pub async fn latest_rendition_of(
    conn: &mut Conn,
    title: TitleId,
) -> Result<Option<Rendition>, sqlx::Error> {
    sqlx::query(
        "SELECT * FROM rendition WHERE title_id = $1 AND kind = 'feature'
         ORDER BY created_at DESC, container DESC LIMIT 1",
    )
    .bind(title.to_string())
    .fetch_optional(conn)
    .await?
    .as_ref()
    .map(rendition)
    .transpose()
}

/// The newest rendition of a title's film that browsers can play.
pub async fn playable_rendition_of(
    conn: &mut Conn,
    title: TitleId,
) -> Result<Option<Rendition>, sqlx::Error> {
    sqlx::query(
        "SELECT * FROM rendition WHERE title_id = $1 AND kind = 'feature' AND state = 'playable'
         ORDER BY created_at DESC, container DESC LIMIT 1",
    )
    .bind(title.to_string())
    .fetch_optional(conn)
    .await?
    .as_ref()
    .map(rendition)
    .transpose()
}

fn rendition(row: &AnyRow) -> Result<Rendition, sqlx::Error> {
    let text = |name: &str| row.try_get::<String, _>(name);
    let state = match text("state")?.as_str() {
        "checking" => RenditionState::Checking,
        "playable" => RenditionState::Playable(film(row)?),
        "refused" => RenditionState::Refused(text("reason")?),
        other => return Err(corrupt("state", other)),
    };
    Ok(Rendition {
        container: parsed("container", &text("container")?)?,
        upload_id: parsed("upload_id", &text("upload_id")?)?,
        title_id: parsed("title_id", &text("title_id")?)?,
        kind: parsed("kind", &text("kind")?)?,
        plaintext_length: number(row, "plaintext_length")?,
        root: parsed("root", &text("root")?)?,
        state,
        created_at: time(row.try_get("created_at")?),
    })
}

fn film(row: &AnyRow) -> Result<Film, sqlx::Error> {
    let tracks: String = row.try_get("tracks")?;
    let extension: String = row.try_get("extension")?;
    let pixels = |name| {
        u32::try_from(number(row, name)?).map_err(|_| corrupt(name, "more than a picture has"))
    };
    Ok(Film {
        mime: row.try_get("mime")?,
        extension: match extension.as_str() {
            "mp4" => "mp4",
            "webm" => "webm",
            other => return Err(corrupt("extension", other)),
        },
        duration_ms: number(row, "duration_ms")?,
        width: pixels("width")?,
        height: pixels("height")?,
        tracks: serde_json::from_str(&tracks).map_err(|_| corrupt("tracks", &tracks))?,
        hint: row.try_get("hint")?,
    })
}

fn column(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn number(row: &AnyRow, name: &str) -> Result<u64, sqlx::Error> {
    let value: i64 = row.try_get(name)?;
    u64::try_from(value).map_err(|_| corrupt(name, "a negative number"))
}

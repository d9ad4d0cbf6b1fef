//! SQL of the catalog.

use sqlx::AssertSqlSafe;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::catalog::Attestation;
use crate::catalog::Details;
use crate::catalog::Found;
use crate::catalog::Genre;
use crate::catalog::PAGE_SIZE;
use crate::catalog::PosterVersion;
use crate::catalog::Query;
use crate::catalog::Rating;
use crate::catalog::Signed;
use crate::catalog::Sort;
use crate::catalog::Title;
use crate::catalog::TitleState;
use crate::catalog::folded;
use crate::kernel::Time;
use crate::kernel::ids::AttestationId;
use crate::kernel::ids::StudioId;
use crate::kernel::ids::TitleId;
use crate::kernel::text::DisplayName;
use crate::kernel::text::Prose;
use crate::kernel::text::Slug;
use crate::platform::db::Conn;
use crate::platform::db::Placeholders;
use crate::platform::db::corrupt;
use crate::platform::db::parsed;
use crate::sealed::ContainerId;
use crate::sealed::Root;

fn title(row: &AnyRow) -> Result<Title, sqlx::Error> {
    let text = |column: &str| row.try_get::<String, _>(column);
    let poster: Option<String> = row.try_get("poster")?;
    let film: Option<String> = row.try_get("film")?;
    let slug = text("slug")?;
    Ok(Title {
        id: parsed("title.id", &text("id")?)?,
        studio_id: parsed("title.studio_id", &text("studio_id")?)?,
        slug: Slug::parse(&slug).map_err(|_| corrupt("title.slug", &slug))?,
        details: details(row)?,
        poster: poster.as_deref().and_then(PosterVersion::parse),
        film: film.map(|id| parsed("title.film", &id)).transpose()?,
        state: parsed("title.state", &text("state")?)?,
        created_at: Time::from_millis(row.try_get("created_at")?),
        published_at: row
            .try_get::<Option<i64>, _>("published_at")?
            .map(Time::from_millis),
    })
}

fn details(row: &AnyRow) -> Result<Details, sqlx::Error> {
    let text = |column: &str| row.try_get::<String, _>(column);
    let (name, synopsis, genres) = (text("name")?, text("synopsis")?, text("genres")?);
    let (credits, rating) = (text("credits")?, row.try_get::<i64, _>("rating")?);
    Ok(Details {
        name: DisplayName::parse(&name).map_err(|_| corrupt("title.name", &name))?,
        synopsis: Prose::parse(&synopsis).map_err(|_| corrupt("title.synopsis", &synopsis))?,
        year: row.try_get("year")?,
        runtime_minutes: row.try_get("runtime_minutes")?,
        genres: Genre::read_list(&genres).ok_or_else(|| corrupt("title.genres", &genres))?,
        credits: serde_json::from_str(&credits).map_err(|_| corrupt("title.credits", &credits))?,
        language: parsed("title.language", &text("language")?)?,
        rating: Rating::of_age(rating)
            .ok_or_else(|| corrupt("title.rating", &rating.to_string()))?,
    })
}

fn titles(rows: &[AnyRow]) -> Result<Vec<Title>, sqlx::Error> {
    rows.iter().map(title).collect()
}

fn search_text(details: &Details, studio_name: &str) -> String {
    let people = details.credits.iter().map(|credit| credit.1.as_str());
    let parts = [details.name.as_str(), studio_name]
        .into_iter()
        .chain(people);
    folded(&parts.collect::<Vec<_>>().join(" "))
}

fn credits_json(details: &Details) -> String {
    serde_json::to_string(&details.credits).expect("pairs of texts are JSON")
}

pub(super) async fn title_by_id(
    conn: &mut Conn,
    id: TitleId,
) -> Result<Option<Title>, sqlx::Error> {
    let row = sqlx::query("SELECT * FROM title WHERE id = $1")
        .bind(id.to_string())
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(title).transpose()
}

pub(super) async fn title_by_slug(
    conn: &mut Conn,
    slug: &Slug,
) -> Result<Option<Title>, sqlx::Error> {
    let row = sqlx::query("SELECT * FROM title WHERE slug = $1")
        .bind(slug.as_str())
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(title).transpose()
}

pub(super) async fn titles_of_studio(
    conn: &mut Conn,
    studio: StudioId,
) -> Result<Vec<Title>, sqlx::Error> {
    let rows =
        sqlx::query("SELECT * FROM title WHERE studio_id = $1 ORDER BY created_at DESC LIMIT 1000")
            .bind(studio.to_string())
            .fetch_all(conn)
            .await?;
    titles(&rows)
}

pub(super) async fn titles_by_ids(
    conn: &mut Conn,
    ids: &[TitleId],
) -> Result<Vec<Title>, sqlx::Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut marks = Placeholders::default();
    let list: Vec<String> = ids.iter().map(|_| marks.mark()).collect();
    let sql = format!("SELECT * FROM title WHERE id IN ({})", list.join(", "));
    let mut query = sqlx::query(AssertSqlSafe(sql)); // placeholders only
    for id in ids {
        query = query.bind(id.to_string());
    }
    titles(&query.fetch_all(conn).await?)
}

pub(super) async fn newest(conn: &mut Conn, most: i64) -> Result<Vec<Title>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT * FROM title WHERE state = 'published'
         ORDER BY published_at DESC, id DESC LIMIT $1",
    )
    .bind(most)
    .fetch_all(conn)
    .await?;
    titles(&rows)
}

pub(super) async fn published_slugs(
    conn: &mut Conn,
    most: i64,
) -> Result<Vec<(Slug, Time)>, sqlx::Error> {
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "SELECT slug, published_at FROM title WHERE state = 'published'
         ORDER BY published_at DESC LIMIT $1",
    )
    .bind(most)
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|(slug, at)| {
            let parsed = Slug::parse(&slug).map_err(|_| corrupt("title.slug", &slug))?;
            Ok((parsed, Time::from_millis(at)))
        })
        .collect()
}

/// The conditions of a search as SQL with placeholders, and what they are bound to.
fn conditions(query: &Query) -> (String, Vec<String>) {
    let mut marks = Placeholders::default();
    let (mut sql, mut binds) = (String::from("state = 'published'"), Vec::new());
    for word in &query.words {
        sql.push_str(&format!(" AND search_text LIKE {}", marks.mark()));
        binds.push(format!("%{word}%")); // words hold letters and digits only, no wildcard
    }
    if let Some(genre) = query.genre {
        let mark = marks.mark();
        sql.push_str(&format!(
            " AND id IN (SELECT title_id FROM title_genre WHERE genre = {mark})"
        ));
        binds.push(genre.slug().to_owned());
    }
    if let Some(studio) = query.studio {
        sql.push_str(&format!(" AND studio_id = {}", marks.mark()));
        binds.push(studio.to_string());
    }
    (sql, binds)
}

pub(super) async fn search(conn: &mut Conn, query: &Query) -> Result<Found, sqlx::Error> {
    let (conditions, binds) = conditions(query);
    let order = match query.sort {
        Sort::Newest => "published_at DESC, id DESC",
        Sort::Name => "sort_name, id",
        Sort::Year => "year DESC, id DESC",
    };
    let count = format!("SELECT COUNT(*) FROM title WHERE {conditions}");
    let mut counting = sqlx::query_scalar(AssertSqlSafe(count)); // literals and placeholders only
    let offset = query.page.clamp(0, 10_000) * PAGE_SIZE;
    let page = format!(
        "SELECT * FROM title WHERE {conditions} ORDER BY {order} LIMIT {PAGE_SIZE} OFFSET {offset}"
    );
    let mut reading = sqlx::query(AssertSqlSafe(page)); // the same, and two integers of ours
    for bind in &binds {
        counting = counting.bind(bind);
        reading = reading.bind(bind);
    }
    let total = counting.fetch_one(&mut *conn).await?;
    Ok(Found {
        titles: titles(&reading.fetch_all(conn).await?)?,
        total,
    })
}

pub(super) async fn insert_title(
    tx: &mut Conn,
    title: &Title,
    studio_name: &str,
) -> Result<u64, sqlx::Error> {
    let details = &title.details;
    let done = sqlx::query(
        "INSERT INTO title (id, studio_id, slug, name, synopsis, year, runtime_minutes, genres,
            credits, language, rating, search_text, sort_name, state, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'draft', $14)
         ON CONFLICT (slug) DO NOTHING",
    )
    .bind(title.id.to_string())
    .bind(title.studio_id.to_string())
    .bind(title.slug.as_str())
    .bind(details.name.as_str())
    .bind(details.synopsis.as_str())
    .bind(details.year)
    .bind(details.runtime_minutes)
    .bind(Genre::write_list(&details.genres))
    .bind(credits_json(details))
    .bind(details.language.code())
    .bind(details.rating.age())
    .bind(search_text(details, studio_name))
    .bind(folded(details.name.as_str()))
    .bind(title.created_at.millis())
    .execute(tx)
    .await?;
    Ok(done.rows_affected())
}

/// Changes what is known of a title; 0 when its new slug is taken, or when it went on sale
/// meanwhile and keeps the slug it has.
pub(super) async fn update_details(
    tx: &mut Conn,
    title: &Title,
    studio_name: &str,
) -> Result<u64, sqlx::Error> {
    let details = &title.details;
    let done = sqlx::query(
        "UPDATE title SET slug = $2, name = $3, synopsis = $4, year = $5, runtime_minutes = $6,
            genres = $7, credits = $8, language = $9, rating = $10, search_text = $11,
            sort_name = $12
         WHERE id = $1 AND (slug = $2 OR (state = 'draft'
           AND NOT EXISTS (SELECT 1 FROM title AS other WHERE other.slug = $2)))",
    )
    .bind(title.id.to_string())
    .bind(title.slug.as_str())
    .bind(details.name.as_str())
    .bind(details.synopsis.as_str())
    .bind(details.year)
    .bind(details.runtime_minutes)
    .bind(Genre::write_list(&details.genres))
    .bind(credits_json(details))
    .bind(details.language.code())
    .bind(details.rating.age())
    .bind(search_text(details, studio_name))
    .bind(folded(details.name.as_str()))
    .execute(tx)
    .await?;
    Ok(done.rows_affected())
}

pub(super) async fn replace_genres(
    tx: &mut Conn,
    id: TitleId,
    genres: &[Genre],
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM title_genre WHERE title_id = $1")
        .bind(id.to_string())
        .execute(&mut *tx)
        .await?;
    for genre in genres {
        sqlx::query(
            "INSERT INTO title_genre (title_id, genre) VALUES ($1, $2)
             ON CONFLICT (genre, title_id) DO NOTHING",
        )
        .bind(id.to_string())
        .bind(genre.slug())
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

/// Says which stored poster a title has.
pub(super) async fn set_poster(
    tx: &mut Conn,
    id: TitleId,
    version: &PosterVersion,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE title SET poster = $2 WHERE id = $1")
        .bind(id.to_string())
        .bind(version.as_str())
        .execute(tx)
        .await
        .map(drop)
}

/// Puts a title on sale with the film of a container; 0 when it is no longer in the state it was
/// in, or has no poster.
pub(super) async fn mark_published(
    tx: &mut Conn,
    id: TitleId,
    was: TitleState,
    film: ContainerId,
    now: Time,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE title SET state = 'published', film = $3, withdrawn_at = NULL,
            published_at = COALESCE(published_at, $4)
         WHERE id = $1 AND state = $2 AND poster IS NOT NULL",
    )
    .bind(id.to_string())
    .bind(was.as_str())
    .bind(film.to_string())
    .bind(now.millis())
    .execute(tx)
    .await?;
    Ok(done.rows_affected())
}

/// Takes a title off sale; 0 when it is not on sale.
pub(super) async fn mark_withdrawn(
    tx: &mut Conn,
    id: TitleId,
    now: Time,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE title SET state = 'withdrawn', withdrawn_at = $2
         WHERE id = $1 AND state = 'published'",
    )
    .bind(id.to_string())
    .bind(now.millis())
    .execute(tx)
    .await?;
    Ok(done.rows_affected())
}

pub(super) async fn insert_attestation(
    tx: &mut Conn,
    title: TitleId,
    signed: &Attestation,
    now: Time,
) -> Result<(), sqlx::Error> {
    let id = AttestationId::new(now, &mut rand::rng());
    sqlx::query(
        "INSERT INTO attestation (id, title_id, account_id, signed_name, text_version, text,
            container, root, address, signed_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(id.to_string())
    .bind(title.to_string())
    .bind(signed.account.to_string())
    .bind(signed.signed_name.as_str())
    .bind(signed.text.version)
    .bind(signed.text.text)
    .bind(signed.container.to_string())
    .bind(signed.root.as_bytes().as_slice())
    .bind(signed.address.to_string())
    .bind(now.millis())
    .execute(tx)
    .await
    .map(drop)
}

/// What was signed last for a title.
pub(super) async fn last_signed(
    conn: &mut Conn,
    title: TitleId,
) -> Result<Option<Signed>, sqlx::Error> {
    let row = sqlx::query(
        "SELECT * FROM attestation WHERE title_id = $1 ORDER BY signed_at DESC, id DESC LIMIT 1",
    )
    .bind(title.to_string())
    .fetch_optional(conn)
    .await?;
    let signed = |row: AnyRow| {
        let name: String = row.try_get("signed_name")?;
        let container: String = row.try_get("container")?;
        let root: Vec<u8> = row.try_get("root")?;
        let root = <[u8; 32]>::try_from(root).map_err(|_| corrupt("attestation.root", "bytes"))?;
        Ok(Signed {
            signed_name: DisplayName::parse(&name)
                .map_err(|_| corrupt("attestation.signed_name", &name))?,
            text_version: row.try_get("text_version")?,
            text: row.try_get("text")?,
            address: row.try_get("address")?,
            container: parsed("attestation.container", &container)?,
            root: Root::from_bytes(root),
            signed_at: Time::from_millis(row.try_get("signed_at")?),
        })
    };
    row.map(signed).transpose()
}

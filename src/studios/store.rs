//! SQL of studios, members, tokens and invitations.

use sqlx::AssertSqlSafe;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::accounts::TokenHash;
use crate::kernel::Time;
use crate::kernel::ids::AccountId;
use crate::kernel::ids::StudioId;
use crate::kernel::ids::TokenId;
use crate::kernel::text::DisplayName;
use crate::kernel::text::EmailAddress;
use crate::kernel::text::Slug;
use crate::platform::db::Conn;
use crate::platform::db::Placeholders;
use crate::platform::db::corrupt;
use crate::platform::db::parsed;
use crate::studios::model::Invitation;
use crate::studios::model::MemberRow;
use crate::studios::model::Membership;
use crate::studios::model::Role;
use crate::studios::model::Studio;
use crate::studios::model::Token;

/// A token that was found by its hash, with the studio it acts for.
pub(super) struct LiveToken {
    pub(super) token: Token,
    pub(super) studio: Studio,
}

fn name(column: &str, value: &str) -> Result<DisplayName, sqlx::Error> {
    DisplayName::parse(value).map_err(|_| corrupt(column, value))
}

fn studio(row: &AnyRow) -> Result<Studio, sqlx::Error> {
    let slug: String = row.try_get("slug")?;
    Ok(Studio {
        id: parsed("studio.id", row.try_get("id")?)?,
        slug: Slug::parse(&slug).map_err(|_| corrupt("studio.slug", &slug))?,
        name: name("studio.name", row.try_get("name")?)?,
        created_at: Time::from_millis(row.try_get("created_at")?),
    })
}

fn token(row: &AnyRow) -> Result<Token, sqlx::Error> {
    Ok(Token {
        id: parsed("studio_token.id", row.try_get("token_id")?)?,
        name: name("studio_token.name", row.try_get("token_name")?)?,
        prefix: row.try_get("prefix")?,
        created_at: Time::from_millis(row.try_get("token_created_at")?),
        last_used_at: row
            .try_get::<Option<i64>, _>("last_used_at")?
            .map(Time::from_millis),
    })
}

/// Adds a studio; 0 when its slug is taken.
pub(super) async fn insert_studio(tx: &mut Conn, studio: &Studio) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "INSERT INTO studio (id, slug, name, created_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (slug) DO NOTHING",
    )
    .bind(studio.id.to_string())
    .bind(studio.slug.as_str())
    .bind(studio.name.as_str())
    .bind(studio.created_at.millis())
    .execute(tx)
    .await?;
    Ok(done.rows_affected())
}

pub(super) async fn studio_by_id(
    conn: &mut Conn,
    id: StudioId,
) -> Result<Option<Studio>, sqlx::Error> {
    let row = sqlx::query("SELECT * FROM studio WHERE id = $1")
        .bind(id.to_string())
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(studio).transpose()
}

/// The studios of ids, in no particular order; unknown ids are left out.
pub(super) async fn studios_by_ids(
    conn: &mut Conn,
    ids: &[StudioId],
) -> Result<Vec<Studio>, sqlx::Error> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut marks = Placeholders::default();
    let list: Vec<String> = ids.iter().map(|_| marks.mark()).collect();
    let sql = format!("SELECT * FROM studio WHERE id IN ({})", list.join(", "));
    let mut query = sqlx::query(AssertSqlSafe(sql)); // placeholders only
    for id in ids {
        query = query.bind(id.to_string());
    }
    query.fetch_all(conn).await?.iter().map(studio).collect()
}

pub(super) async fn studio_by_slug(
    conn: &mut Conn,
    slug: &Slug,
) -> Result<Option<Studio>, sqlx::Error> {
    let row = sqlx::query("SELECT * FROM studio WHERE slug = $1")
        .bind(slug.as_str())
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(studio).transpose()
}

/// Adds a member; 0 when the person works for a studio already.
pub(super) async fn insert_member(
    tx: &mut Conn,
    studio: StudioId,
    account: AccountId,
    role: Role,
    now: Time,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "INSERT INTO studio_member (account_id, studio_id, role, created_at)
         VALUES ($1, $2, $3, $4) ON CONFLICT (account_id) DO NOTHING",
    )
    .bind(account.to_string())
    .bind(studio.to_string())
    .bind(role.as_str())
    .bind(now.millis())
    .execute(tx)
    .await?;
    Ok(done.rows_affected())
}

pub(super) async fn membership_of(
    conn: &mut Conn,
    account: AccountId,
) -> Result<Option<Membership>, sqlx::Error> {
    let row = sqlx::query(
        "SELECT studio.*, studio_member.role FROM studio_member
         JOIN studio ON studio.id = studio_member.studio_id
         WHERE studio_member.account_id = $1",
    )
    .bind(account.to_string())
    .fetch_optional(conn)
    .await?;
    row.map(|row| {
        let role = parsed("studio_member.role", row.try_get("role")?)?;
        Ok(Membership {
            studio: studio(&row)?,
            role,
        })
    })
    .transpose()
}

/// The members of a studio, the longest-serving first.
pub(super) async fn members(
    conn: &mut Conn,
    studio: StudioId,
) -> Result<Vec<MemberRow>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT account_id, role, created_at FROM studio_member
         WHERE studio_id = $1 ORDER BY created_at, account_id",
    )
    .bind(studio.to_string())
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            Ok(MemberRow {
                account: parsed("studio_member.account_id", row.try_get("account_id")?)?,
                role: parsed("studio_member.role", row.try_get("role")?)?,
                since: Time::from_millis(row.try_get("created_at")?),
            })
        })
        .collect()
}

/// Removes an editor; 0 for an owner or a stranger.
pub(super) async fn delete_editor(
    tx: &mut Conn,
    studio: StudioId,
    account: AccountId,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "DELETE FROM studio_member WHERE studio_id = $1 AND account_id = $2 AND role = 'editor'",
    )
    .bind(studio.to_string())
    .bind(account.to_string())
    .execute(tx)
    .await?;
    Ok(done.rows_affected())
}

pub(super) async fn insert_token(
    tx: &mut Conn,
    studio: StudioId,
    by: AccountId,
    token: &Token,
    hash: &TokenHash,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO studio_token (id, studio_id, name, token_hash, prefix, created_by, created_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(token.id.to_string())
    .bind(studio.to_string())
    .bind(token.name.as_str())
    .bind(hash.as_bytes())
    .bind(&token.prefix)
    .bind(by.to_string())
    .bind(token.created_at.millis())
    .execute(tx)
    .await
    .map(drop)
}

pub(super) async fn live_token(
    conn: &mut Conn,
    hash: &TokenHash,
) -> Result<Option<LiveToken>, sqlx::Error> {
    let row = sqlx::query(
        "SELECT studio.*, studio_token.id AS token_id, studio_token.name AS token_name,
                studio_token.prefix, studio_token.created_at AS token_created_at,
                studio_token.last_used_at
         FROM studio_token JOIN studio ON studio.id = studio_token.studio_id
         WHERE studio_token.token_hash = $1 AND studio_token.revoked_at IS NULL",
    )
    .bind(hash.as_bytes())
    .fetch_optional(conn)
    .await?;
    row.map(|row| {
        Ok(LiveToken {
            token: token(&row)?,
            studio: studio(&row)?,
        })
    })
    .transpose()
}

/// The live tokens of a studio, newest first.
pub(super) async fn tokens_of(
    conn: &mut Conn,
    studio: StudioId,
) -> Result<Vec<Token>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT id AS token_id, name AS token_name, prefix, created_at AS token_created_at,
                last_used_at
         FROM studio_token WHERE studio_id = $1 AND revoked_at IS NULL
         ORDER BY created_at DESC, id DESC",
    )
    .bind(studio.to_string())
    .fetch_all(conn)
    .await?;
    rows.iter().map(token).collect()
}

pub(super) async fn note_use(tx: &mut Conn, id: TokenId, now: Time) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE studio_token SET last_used_at = $2 WHERE id = $1")
        .bind(id.to_string())
        .bind(now.millis())
        .execute(tx)
        .await
        .map(drop)
}

/// Ends a token of this studio; 0 when it has none of that id, or it was revoked before.
pub(super) async fn revoke(
    tx: &mut Conn,
    studio: StudioId,
    id: TokenId,
    now: Time,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE studio_token SET revoked_at = $3
         WHERE id = $1 AND studio_id = $2 AND revoked_at IS NULL",
    )
    .bind(id.to_string())
    .bind(studio.to_string())
    .bind(now.millis())
    .execute(tx)
    .await?;
    Ok(done.rows_affected())
}

/// Ends every token that a person made for a studio.
pub(super) async fn revoke_all_of(
    tx: &mut Conn,
    studio: StudioId,
    by: AccountId,
    now: Time,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "UPDATE studio_token SET revoked_at = $3
         WHERE created_by = $1 AND studio_id = $2 AND revoked_at IS NULL",
    )
    .bind(by.to_string())
    .bind(studio.to_string())
    .bind(now.millis())
    .execute(tx)
    .await?;
    Ok(done.rows_affected())
}

/// Invites somebody; a second invitation of one address takes the place of the first.
pub(super) async fn put_invitation(
    tx: &mut Conn,
    hash: &TokenHash,
    studio: StudioId,
    email: &EmailAddress,
    expires_at: Time,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO studio_invitation (token_hash, studio_id, email, role, expires_at)
         VALUES ($1, $2, $3, 'editor', $4)
         ON CONFLICT (studio_id, email) DO UPDATE
         SET token_hash = excluded.token_hash, expires_at = excluded.expires_at",
    )
    .bind(hash.as_bytes())
    .bind(studio.to_string())
    .bind(email.as_str())
    .bind(expires_at.millis())
    .execute(tx)
    .await
    .map(drop)
}

pub(super) async fn invitations_of(
    conn: &mut Conn,
    studio: StudioId,
    now: Time,
) -> Result<Vec<Invitation>, sqlx::Error> {
    let rows = sqlx::query(
        "SELECT email, expires_at FROM studio_invitation
         WHERE studio_id = $1 AND expires_at > $2 ORDER BY email",
    )
    .bind(studio.to_string())
    .bind(now.millis())
    .fetch_all(conn)
    .await?;
    rows.iter()
        .map(|row| {
            let email: String = row.try_get("email")?;
            let parsed = EmailAddress::parse(&email);
            Ok(Invitation {
                email: parsed.map_err(|_| corrupt("studio_invitation.email", &email))?,
                expires_at: Time::from_millis(row.try_get("expires_at")?),
            })
        })
        .collect()
}

/// The studio that an invitation is for, if the invitation still works.
pub(super) async fn invited_to(
    conn: &mut Conn,
    hash: &TokenHash,
    now: Time,
) -> Result<Option<Studio>, sqlx::Error> {
    let row = sqlx::query(
        "SELECT studio.* FROM studio_invitation
         JOIN studio ON studio.id = studio_invitation.studio_id
         WHERE studio_invitation.token_hash = $1 AND studio_invitation.expires_at > $2",
    )
    .bind(hash.as_bytes())
    .bind(now.millis())
    .fetch_optional(conn)
    .await?;
    row.as_ref().map(studio).transpose()
}

/// Uses an invitation up; the second of two callers gets nothing.
pub(super) async fn take_invitation(
    tx: &mut Conn,
    hash: &TokenHash,
    now: Time,
) -> Result<Option<StudioId>, sqlx::Error> {
    let id: Option<String> = sqlx::query_scalar(
        "DELETE FROM studio_invitation WHERE token_hash = $1 AND expires_at > $2
         RETURNING studio_id",
    )
    .bind(hash.as_bytes())
    .bind(now.millis())
    .fetch_optional(tx)
    .await?;
    id.map(|id| parsed("studio_invitation.studio_id", &id))
        .transpose()
}

pub(super) async fn delete_invitation(
    tx: &mut Conn,
    studio: StudioId,
    email: &EmailAddress,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query("DELETE FROM studio_invitation WHERE studio_id = $1 AND email = $2")
        .bind(studio.to_string())
        .bind(email.as_str())
        .execute(tx)
        .await?;
    Ok(done.rows_affected())
}

/// Takes the rows of a studio's members, so that nobody else comes or goes meanwhile.
pub(super) async fn take_members(tx: &mut Conn, studio: StudioId) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE studio_member SET role = role WHERE studio_id = $1")
        .bind(studio.to_string())
        .execute(tx)
        .await
        .map(drop)
}

/// Removes a member of whatever role.
pub(super) async fn delete_member(tx: &mut Conn, account: AccountId) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM studio_member WHERE account_id = $1")
        .bind(account.to_string())
        .execute(tx)
        .await
        .map(drop)
}

pub(super) async fn delete_invitations_to(
    tx: &mut Conn,
    email: &EmailAddress,
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM studio_invitation WHERE email = $1")
        .bind(email.as_str())
        .execute(tx)
        .await
        .map(drop)
}

//! Opening a studio, and whether it may sell.

use crate::accounts;
use crate::accounts::Account;
use crate::accounts::SignUpFields;
use crate::accounts::Signed;
use crate::kernel::Time;
use crate::kernel::ids::StudioId;
use crate::kernel::text::DisplayName;
use crate::kernel::text::EmailAddress;
use crate::kernel::text::Slug;
use crate::platform::AppError;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::platform::db::Conn;
use crate::platform::web::ClientAddress;
use crate::platform::web::FormErrors;
use crate::platform::words::Words;
use crate::studios::model::Role;
use crate::studios::model::Studio;
use crate::studios::store;

/// Equal names that get a number of their own.
const MAX_NAMESAKES: u32 = 1_000;

/// Opens a studio that belongs to `owner`. The caller commits.
pub async fn open_studio(
    tx: &mut Conn,
    owner: &Account,
    name: DisplayName,
    now: Time,
) -> AppResult<Studio> {
    let id = StudioId::new(now, &mut rand::rng());
    let wanted = Slug::of_name(name.as_str(), "studio");
    let mut studio = Studio {
        id,
        slug: wanted.clone(),
        name,
        created_at: now,
    };
    let mut number = 1;
    while store::insert_studio(tx, &studio).await? == 0 {
        number += 1;
        if number > MAX_NAMESAKES {
            return Err(AppError::Conflict("error-too-many-studios-have-this"));
        }
        studio.slug = wanted.numbered(number);
    }
    if store::insert_member(tx, id, owner.id, Role::Owner, now).await? == 0 {
        return Err(AppError::Conflict("error-you-work-for-a-studio"));
    }
    accounts::set_has_studio(tx, owner.id, true).await?;
    tracing::info!(studio = %id, account = %owner.id, "opened a studio");
    Ok(studio)
}

/// Opens a studio for somebody signed in.
pub(super) async fn open_for(
    state: &AppState,
    owner: &Account,
    name: DisplayName,
) -> AppResult<Studio> {
    let mut tx = state.db.begin_write().await?;
    let studio = open_studio(&mut tx, owner, name, state.now()).await?;
    tx.commit().await?;
    Ok(studio)
}

/// Signs a visitor up and opens the studio in one transaction. `name` and `errors` are what became
/// of the field with the studio's name, so that every fault of the form shows at once. A known
/// address with another password opens nothing; its owner is told by mail.
pub(super) async fn open_for_visitor(
    state: &AppState,
    words: &Words,
    owner: &SignUpFields,
    name: Option<DisplayName>,
    mut errors: FormErrors,
    from: ClientAddress,
) -> AppResult<Result<Signed, FormErrors>> {
    let Some(name) = name else {
        for (field, sentence) in accounts::sign_up_faults(state, owner).await?.all() {
            errors.add(field, sentence.clone());
        }
        return Ok(Err(errors));
    };
    let prepared = match accounts::prepare_sign_up(state, owner, from).await? {
        Ok(prepared) => prepared,
        Err(errors) => return Ok(Err(errors)),
    };
    let now = state.now();
    let mut tx = state.db.begin_write().await?;
    let signed = prepared
        .complete(&mut tx, words, &state.config.public_url, now)
        .await?;
    if let Signed::In(account) = &signed
        && !account.has_studio
    {
        open_studio(&mut tx, account, name, now).await?;
    }
    tx.commit().await?;
    Ok(Ok(signed))
}

/// Where a studio is reached: the confirmed address of an owner, the longest-serving first.
pub async fn contact(
    conn: &mut Conn,
    studio: StudioId,
) -> Result<Option<EmailAddress>, sqlx::Error> {
    for member in store::members(conn, studio).await? {
        if member.role == Role::Owner
            && let Some(owner) = accounts::account_by_id(conn, member.account).await?
            && owner.email_verified
        {
            return Ok(Some(owner.email));
        }
    }
    Ok(None)
}

/// Whether a studio may sell: an owner's address must be confirmed, so that buyers and the law can
/// reach somebody.
pub async fn may_sell(conn: &mut Conn, studio: StudioId) -> Result<bool, sqlx::Error> {
    for member in store::members(conn, studio).await? {
        if member.role == Role::Owner
            && accounts::account_by_id(conn, member.account)
                .await?
                .is_some_and(|a| a.email_verified)
        {
            return Ok(true);
        }
    }
    Ok(false)
}

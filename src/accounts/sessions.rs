//! Sessions of people: begun at sign-in, checked at each request, listed and ended by their owner.

use axum::http::HeaderMap;
use axum::http::header;
use serde::Deserialize;
use serde::Serialize;
use tower_sessions::Session;
use tower_sessions::session;

use crate::accounts::extract::SignedIn;
use crate::accounts::model::Account;
use crate::accounts::model::LocalPath;
use crate::accounts::model::device_name;
use crate::accounts::sign_up::Signed;
use crate::accounts::store;
use crate::kernel::Time;
use crate::kernel::ids::AccountId;
use crate::platform::AppError;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::platform::db::Conn;
use crate::platform::web::session as web_session;

/// Key of the epoch in a session's data.
const EPOCH: &str = "epoch";
/// Key of the device's name in a session's data.
const DEVICE: &str = "device";
/// Key of [`Welcomed`] in a session's data.
const WELCOME: &str = "welcome";

/// Signs a person in. The session gets a new id, so one that somebody else planted in the browser
/// is worth nothing.
pub async fn start_session(
    session: &Session,
    account: &Account,
    headers: &HeaderMap,
) -> AppResult<()> {
    session.clear().await;
    session.cycle_id().await.map_err(broken)?;
    session
        .insert(web_session::ACCOUNT, account.id)
        .await
        .map_err(broken)?;
    session
        .insert(EPOCH, account.session_epoch)
        .await
        .map_err(broken)?;
    let agent = headers
        .get(header::USER_AGENT)
        .and_then(|value| value.to_str().ok());
    session
        .insert(DEVICE, device_name(agent.unwrap_or("")))
        .await
        .map_err(broken)
}

/// Whom the page after a sign-up greets.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Welcomed {
    /// The address as it was typed.
    pub(super) email: String,
    /// Where to go on.
    pub(super) next: String,
}

/// Begins the session after a sign-up, signed in or not, and remembers for the next page where the
/// mail went. A known address gets a session too, so the answers look alike.
pub async fn start_welcome(
    session: &Session,
    signed: &Signed,
    headers: &HeaderMap,
    email: &str,
    next: &LocalPath,
) -> AppResult<()> {
    match signed {
        Signed::In(account) => start_session(session, account, headers).await?,
        Signed::ByMail => {
            session.clear().await;
            session.cycle_id().await.map_err(broken)?;
        }
    }
    let welcomed = Welcomed {
        email: email.trim().to_owned(),
        next: next.as_str().to_owned(),
    };
    session.insert(WELCOME, welcomed).await.map_err(broken)
}

/// What the page after a sign-up says, if this visitor just signed up.
pub(super) async fn welcomed(session: &Session) -> AppResult<Option<Welcomed>> {
    session.get(WELCOME).await.map_err(broken)
}

/// Ends this session.
pub async fn end_session(session: &Session) -> AppResult<()> {
    session.flush().await.map_err(broken)
}

/// Who holds this session, if it is one of the account's present epoch.
pub(super) async fn check(state: &AppState, session: &Session) -> AppResult<Option<SignedIn>> {
    let id: Option<AccountId> = session.get(web_session::ACCOUNT).await.map_err(broken)?;
    let epoch: Option<i64> = session.get(EPOCH).await.map_err(broken)?;
    let (Some(id), Some(epoch)) = (id, epoch) else {
        return Ok(None);
    };
    let account = store::account_by_id(&mut *state.db.read().await?, id).await?;
    let live = account.filter(|account| account.session_epoch == epoch);
    Ok(live.map(SignedIn::checked))
}

/// A session as its owner sees it.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    /// Names it in the form that ends it; the hash of its token, which opens nothing.
    pub(super) handle: String,
    /// `Firefox on Linux`.
    pub(super) device: String,
    /// When it began.
    pub(super) since: Time,
    /// Whether it is the one that asks.
    pub(super) is_this: bool,
}

/// The live sessions of a person, newest first.
pub(super) async fn of_person(
    state: &AppState,
    person: &SignedIn,
    session: &Session,
) -> AppResult<Vec<Seen>> {
    let this = session.id().map(|id| web_session::token_hash(&id));
    let live = live_of(&mut *state.db.read().await?, person, state.now()).await?;
    let seen = live.iter().map(|row| Seen {
        handle: hex::encode(&row.token_hash),
        device: device_of(row),
        since: row.created_at,
        is_this: this.as_ref() == Some(&row.token_hash),
    });
    Ok(seen.collect())
}

/// The devices on which a person is signed in and since when, newest first.
pub async fn devices_of(
    conn: &mut Conn,
    person: &SignedIn,
    now: Time,
) -> Result<Vec<(String, Time)>, sqlx::Error> {
    let live = live_of(conn, person, now).await?;
    Ok(live
        .iter()
        .map(|row| (device_of(row), row.created_at))
        .collect())
}

fn device_of(row: &web_session::Listed) -> String {
    row.data[DEVICE].as_str().unwrap_or_default().to_owned()
}

async fn live_of(
    conn: &mut Conn,
    person: &SignedIn,
    now: Time,
) -> Result<Vec<web_session::Listed>, sqlx::Error> {
    let mut rows = web_session::list_of_account(conn, person.account_id(), now).await?;
    let epoch = Some(person.account().session_epoch);
    rows.retain(|row| row.data[EPOCH].as_i64() == epoch);
    Ok(rows)
}

/// Ends one session of a person, named by its handle.
pub(super) async fn end_one(state: &AppState, person: &SignedIn, handle: &str) -> AppResult<()> {
    let hash = hex::decode(handle).map_err(|_| AppError::NotFound)?;
    let mut tx = state.db.begin_write().await?;
    web_session::end_one(&mut tx, person.account_id(), &hash).await?;
    Ok(tx.commit().await?)
}

/// Ends every session of a person but this one, which goes on under a new id.
pub(super) async fn end_others(
    state: &AppState,
    person: &SignedIn,
    session: &Session,
    headers: &HeaderMap,
) -> AppResult<()> {
    let mut tx = state.db.begin_write().await?;
    let epoch = store::next_epoch(&mut tx, person.account_id())
        .await?
        .ok_or(AppError::NotFound)?;
    end_all(&mut tx, person.account_id()).await?;
    tx.commit().await?;
    let account = Account {
        session_epoch: epoch,
        ..person.account().clone()
    };
    start_session(session, &account, headers).await
}

/// Removes every session of an account; the caller has opened a new epoch in the same transaction.
pub(super) async fn end_all(tx: &mut Conn, account: AccountId) -> Result<(), sqlx::Error> {
    web_session::end_all(tx, account, None).await.map(drop)
}

pub(super) fn broken(error: session::Error) -> AppError {
    AppError::Internal(error.into())
}

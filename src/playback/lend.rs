//! Lend, renew, take back: the life of a lease.

use std::time::Duration;

use axum::Json;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::response::Response;
use uuid::Uuid;

use crate::accounts::SignedIn;
use crate::catalog;
use crate::catalog::Title;
use crate::catalog::TitleState;
use crate::kernel::Time;
use crate::kernel::ids::TitleId;
use crate::kernel::text::Slug;
use crate::library;
use crate::library::Entitled;
use crate::library::Refusal;
use crate::library::Viewing;
use crate::packaging;
use crate::platform::AppError;
use crate::platform::AppState;
use crate::platform::db::Conn;
use crate::platform::limits::Limit;
use crate::playback::loan;
use crate::playback::loan::Loan;
use crate::playback::model::LEASE_LIFE;
use crate::playback::model::Lease;
use crate::playback::model::MAX_STREAMS;
use crate::playback::model::checked_periods;
use crate::playback::store;
use crate::sealed::ContainerId;
use crate::sealed::Layout;
use crate::sealed::LeaseWrapper;

/// Every lease lends periods at once; whoever opens one after the other collects keys.
const OPENED: Limit = Limit {
    name: "lease",
    most: 60,
    window: Duration::from_secs(600),
};

/// What a browser asks for.
pub(super) struct Wish {
    pub(super) edition: Slug,
    pub(super) public_key: Vec<u8>,
    pub(super) container: ContainerId,
    pub(super) periods: Vec<u32>,
    pub(super) device: String,
    pub(super) address: String,
}

/// Why no keys are lent.
#[derive(Debug)]
pub(super) enum NoLoan {
    /// The viewer has no right.
    Refused(Refusal),
    /// The account watches on as many devices as it may; these.
    TooManyStreams(Vec<String>),
    /// Anything else.
    Other(AppError),
}

impl<E: Into<AppError>> From<E> for NoLoan {
    fn from(error: E) -> Self {
        Self::Other(error.into())
    }
}

impl IntoResponse for NoLoan {
    fn into_response(self) -> Response {
        match self {
            Self::Refused(refusal) => {
                let body = serde_json::json!({
                    "error": refusal.code(), "message": refusal.to_string(),
                });
                (StatusCode::FORBIDDEN, Json(body)).into_response()
            }
            Self::TooManyStreams(devices) => {
                let message = format!(
                    "You are watching on as many devices as one account may: {}.",
                    devices.join(", ")
                );
                let body = serde_json::json!({
                    "error": "too_many_streams", "message": message, "devices": devices,
                });
                (StatusCode::CONFLICT, Json(body)).into_response()
            }
            Self::Other(error) => error.into_response(),
        }
    }
}

/// Lends the first keys of a film to a browser.
pub(super) async fn take(state: &AppState, viewer: &SignedIn, wish: Wish) -> Result<Loan, NoLoan> {
    let now = state.now();
    LeaseWrapper::new(&wish.public_key).map_err(loan::refused)?; // before a row is written
    let mut conn = state.db.read().await?;
    let (title, layout) = film(&mut conn, &wish.edition, wish.container).await?;
    let entitled = entitled(&mut conn, viewer, title.id, now).await?;
    drop(conn);
    let periods = checked_periods(&wish.periods, layout).ok_or_else(too_many_periods)?;
    let lease = Lease {
        id: Uuid::new_v4(), // binds keys, so it is random rather than sorted
        account: entitled.viewer(),
        title: entitled.title(),
        container: wish.container,
        public_key: wish.public_key,
        device: wish.device,
        periods_lent: i64::try_from(periods.len()).unwrap_or(i64::MAX),
        created_at: now,
        expires_at: now.after(LEASE_LIFE),
    };
    let mut tx = state.db.begin_write().await?;
    // The counter's row also makes two devices of one account wait for each other.
    OPENED
        .count(&mut tx, &lease.account.to_string(), now)
        .await?;
    let live = store::live_leases(&mut tx, lease.account, now).await?;
    if live.len() >= MAX_STREAMS {
        return Err(NoLoan::TooManyStreams(
            live.into_iter().map(|lease| lease.device).collect(),
        ));
    }
    store::insert(&mut tx, &lease).await?;
    let viewing = Viewing {
        lease: lease.id,
        viewer: lease.account,
        title: lease.title,
        device: lease.device.clone(),
        address: wish.address,
        begun_at: now,
        last_at: now,
        position_seconds: store::position(&mut tx, lease.account, lease.title).await?,
        watched_seconds: 0,
    };
    library::note_begun(&mut tx, &viewing).await?;
    tx.commit().await?;
    Ok(loan::loan(state, &lease, layout, &periods, now).await?)
}

/// Renews a lease: the right is asked again, the position is kept, more keys are lent.
pub(super) async fn beat(
    state: &AppState,
    viewer: &SignedIn,
    id: Uuid,
    position_seconds: Option<i64>,
    periods: &[u32],
) -> Result<Loan, NoLoan> {
    let now = state.now();
    let mut conn = state.db.read().await?;
    let held = store::live_lease(&mut conn, id, viewer.account_id(), now).await?;
    let mut lease = held.ok_or(AppError::NotFound)?;
    let entitled = entitled(&mut conn, viewer, lease.title, now).await?;
    let layout = layout_of(&mut conn, lease.container).await?;
    drop(conn);
    let periods = checked_periods(periods, layout).ok_or_else(too_many_periods)?;
    if !lease.may_lend(periods.len(), now) {
        return Err(AppError::TooMany {
            retry_after: Duration::from_secs(10),
        }
        .into());
    }
    lease.expires_at = now.after(LEASE_LIFE);
    let more = i64::try_from(periods.len()).unwrap_or(i64::MAX);
    let mut tx = state.db.begin_write().await?;
    if store::renew(&mut tx, id, lease.expires_at, more).await? == 0 {
        return Err(AppError::NotFound.into()); // given back a moment ago
    }
    if let Some(seconds) = position_seconds {
        let seconds = seconds.clamp(0, 7 * 24 * 3600);
        store::save_position(&mut tx, entitled.viewer(), entitled.title(), seconds, now).await?;
        library::note_position(&mut tx, id, seconds, now).await?;
    }
    tx.commit().await?;
    Ok(loan::loan(state, &lease, layout, &periods, now).await?)
}

/// Takes a lease back. One that is over, or never was, is 404.
pub(super) async fn give_back(
    state: &AppState,
    viewer: &SignedIn,
    id: Uuid,
) -> Result<(), AppError> {
    let mut tx = state.db.begin_write().await?;
    if store::delete(&mut tx, id, viewer.account_id()).await? == 0 {
        return Err(AppError::NotFound);
    }
    tx.commit().await?;
    Ok(())
}

/// The film of an edition that viewers may watch: published once, whatever became of it since.
async fn film(
    conn: &mut Conn,
    edition: &Slug,
    container: ContainerId,
) -> Result<(Title, Layout), NoLoan> {
    let title = catalog::title_by_slug(conn, edition).await?;
    let title =
        title.filter(|title| title.state != TitleState::Draft && title.film == Some(container));
    let title = title.ok_or(AppError::NotFound)?;
    let layout = layout_of(conn, container).await?;
    Ok((title, layout))
}

async fn layout_of(conn: &mut Conn, container: ContainerId) -> Result<Layout, AppError> {
    let rendition = packaging::rendition_by_container(conn, container).await?;
    let rendition = rendition.ok_or(AppError::NotFound)?;
    Layout::new(rendition.plaintext_length).map_err(|error| AppError::Internal(error.into()))
}

async fn entitled(
    conn: &mut Conn,
    viewer: &SignedIn,
    title: TitleId,
    now: Time,
) -> Result<Entitled, NoLoan> {
    library::check(conn, viewer, title, now)
        .await?
        .map_err(NoLoan::Refused)
}

fn too_many_periods() -> AppError {
    AppError::Invalid("error-ask-for-at-most-eight".into())
}

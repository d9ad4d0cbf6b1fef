//! A loan as it goes to the browser: period keys wrapped to its own key, and a link to the bytes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use uuid::Uuid;

use crate::kernel::Time;
use crate::packaging;
use crate::platform::AppError;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::playback::model::Lease;
use crate::playback::model::TICKET_LIFE;
use crate::sealed::Dek;
use crate::sealed::Layout;
use crate::sealed::LeaseWrapper;
use crate::sealed::PeriodHeader;
use crate::sealed::ReadAt as _;
use crate::sealed::Ticket;
use crate::sealed::lease::LeaseError;

/// What the browser is answered.
#[derive(Debug, Serialize)]
pub(super) struct Loan {
    lease: Uuid,
    expires_at: i64,
    server_public_key: String,
    plaintext_length: u64,
    url: String,
    url_expires_at: i64,
    keys: Vec<LentKey>,
}

/// The key of one period.
#[derive(Debug, Serialize)]
struct LentKey {
    period: u32,
    prefix: String,
    nonce: String,
    wrapped: String,
}

/// Makes the loan of a lease. Whoever calls this holds `Entitled` for the lease's title.
pub(super) async fn loan(
    state: &AppState,
    lease: &Lease,
    layout: Layout,
    periods: &[u32],
    now: Time,
) -> AppResult<Loan> {
    let mut conn = state.db.read().await?;
    let dek = packaging::open_dek(&mut conn, &state.keyring, lease.container)
        .await
        .map_err(|error| AppError::Internal(error.into()))?;
    drop(conn);
    let wrapper = LeaseWrapper::new(&lease.public_key).map_err(refused)?;
    let ticket_life = i64::try_from(TICKET_LIFE.as_millis()).expect("minutes");
    let ticket = Ticket::new(lease.container, lease.id, now.millis(), ticket_life);
    let signed = ticket.sign(&state.keyring.ticket_keys());
    Ok(Loan {
        lease: lease.id,
        expires_at: lease.expires_at.millis(),
        server_public_key: URL_SAFE_NO_PAD.encode(wrapper.server_public_key()),
        plaintext_length: layout.plaintext_len(),
        url: format!("/containers/{}?ticket={signed}", lease.container),
        url_expires_at: now.millis() + ticket_life,
        keys: keys(state, lease, layout, periods, &dek, &wrapper)?,
    })
}

fn keys(
    state: &AppState,
    lease: &Lease,
    layout: Layout,
    periods: &[u32],
    dek: &Dek,
    wrapper: &LeaseWrapper,
) -> AppResult<Vec<LentKey>> {
    if periods.is_empty() {
        return Ok(Vec::new());
    }
    let sealed = state.blobs.map(lease.container)?;
    let mut rng = rand::rng();
    periods
        .iter()
        .map(|&number| {
            let place = layout.period(number).ok_or(AppError::NotFound)?;
            let mut header = [0; PeriodHeader::BYTES];
            sealed.read_exact_at(&mut header, place.ciphertext.start)?;
            let header =
                PeriodHeader::parse(&header).map_err(|error| AppError::Internal(error.into()))?;
            let key = dek.period_key(lease.container, layout, number, &header);
            let lent = wrapper.wrap(lease.id, lease.container, number, &key, &mut rng);
            Ok(LentKey {
                period: number,
                prefix: URL_SAFE_NO_PAD.encode(header.prefix()),
                nonce: URL_SAFE_NO_PAD.encode(lent.nonce),
                wrapped: URL_SAFE_NO_PAD.encode(lent.wrapped),
            })
        })
        .collect()
}

/// A key that is no point of its curve is the browser's fault.
pub(super) fn refused(error: LeaseError) -> AppError {
    match error {
        LeaseError::PublicKey => AppError::Invalid("error-the-public-key-is-neither".into()),
        LeaseError::Randomness => AppError::internal("no randomness for a lease"),
    }
}

//! How often one may try. A limit slows a guesser; its window passes, so nobody is locked out for
//! good, and a stranger's guesses from elsewhere leave the owner's own address room to sign in.

use std::time::Duration;

use sha2::Digest;
use sha2::Sha256;

use crate::kernel::Time;
use crate::kernel::text::EmailAddress;
use crate::platform::AppError;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::platform::db::Conn;
use crate::platform::limits::Limit;
use crate::platform::web::ClientAddress;

const QUARTER: Duration = Duration::from_secs(15 * 60);
const HOUR: Duration = Duration::from_secs(3600);

/// Tries of one password by one visitor.
const GUESSES: Limit = Limit {
    name: "guess",
    most: 10,
    window: QUARTER,
};
/// Tries at one account by everybody together.
const GUESSES_OF_ALL: Limit = Limit {
    name: "guess-all",
    most: 100,
    window: HOUR,
};
/// Tries of one visitor at any account.
const SIGN_INS: Limit = Limit {
    name: "sign-in",
    most: 100,
    window: QUARTER,
};
/// Accounts one visitor may make.
const SIGN_UPS: Limit = Limit {
    name: "sign-up",
    most: 100,
    window: HOUR,
};
/// Links one visitor may ask for.
const ASKS: Limit = Limit {
    name: "ask-link",
    most: 30,
    window: HOUR,
};
/// Mails that strangers may make us send to one address.
const MAILS: Limit = Limit {
    name: "mail",
    most: 5,
    window: HOUR,
};

/// Counts one try of a password for an address.
pub(super) async fn count_guess(
    state: &AppState,
    email: &EmailAddress,
    from: ClientAddress,
) -> AppResult<()> {
    let (account, visitor) = (subject(email), from.limit_key());
    let pair = format!("{account}:{visitor}");
    count(
        state,
        &[
            (SIGN_INS, &visitor),
            (GUESSES, &pair),
            (GUESSES_OF_ALL, &account),
        ],
    )
    .await
}

/// Counts one account made by a visitor; the form may also be used to guess, so that counts too.
pub(super) async fn count_sign_up(
    state: &AppState,
    email: &EmailAddress,
    from: ClientAddress,
) -> AppResult<()> {
    let (account, visitor) = (subject(email), from.limit_key());
    let pair = format!("{account}:{visitor}");
    count(
        state,
        &[
            (SIGN_UPS, &visitor),
            (GUESSES, &pair),
            (GUESSES_OF_ALL, &account),
        ],
    )
    .await
}

/// Counts one request for a link.
pub(super) async fn count_ask(state: &AppState, from: ClientAddress) -> AppResult<()> {
    count(state, &[(ASKS, &from.limit_key())]).await
}

/// Whether one more mail to this address is bearable. The visitor is not told, because the answer
/// would differ for known addresses.
pub(super) async fn may_mail(tx: &mut Conn, to: &EmailAddress, now: Time) -> AppResult<bool> {
    match MAILS.count(tx, &subject(to), now).await {
        Ok(()) => Ok(true),
        Err(AppError::TooMany { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Counts in a transaction of its own, so that the count stands whatever becomes of the request.
async fn count(state: &AppState, limits: &[(Limit, &str)]) -> AppResult<()> {
    let now = state.now();
    let mut tx = state.db.begin_write().await?;
    let mut verdict = Ok(());
    for (limit, key) in limits {
        match limit.count(&mut tx, key, now).await {
            Err(AppError::TooMany { retry_after }) => {
                verdict = Err(AppError::TooMany { retry_after });
            }
            other => other?,
        }
    }
    tx.commit().await?;
    verdict
}

/// What the counters write instead of the address: they are no place to read addresses from.
fn subject(email: &EmailAddress) -> String {
    hex::encode(&Sha256::digest(email.as_str().as_bytes())[..16])
}

//! Onboard: an account for a studio, and the way to Stripe's questions about it.

use uuid::Uuid;

use crate::kernel::ids::StudioId;
use crate::kernel::text::EmailAddress;
use crate::platform::AppError;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::platform::stripe::StripeCallError;

use super::model::PaymentAccount;
use super::model::Standing;
use super::refresh::is_cut_off;
use super::refresh::refresh_account;
use super::store;

const STRIPE_AWAY: AppError = AppError::Unavailable("error-the-payment-service-does-not");

/// The address at which a studio's owner answers Stripe's questions; good for one visit. The first
/// call makes the account. A connection that ended is replaced by a new account.
pub async fn onboard(
    state: &AppState,
    studio: StudioId,
    owner: &EmailAddress,
) -> AppResult<String> {
    if !state.config.stripe.uses_connect() {
        return Err(AppError::NotFound);
    }
    let account = account_for(state, studio, owner).await?;
    match link(state, &account).await {
        Err(error) if is_cut_off(&error) => {
            // The connection ended a moment ago, and nobody told us.
            refresh_account(state, &account).await?;
            let next = account_for(state, studio, owner).await?;
            link(state, &next).await.map_err(away)
        }
        answer => answer.map_err(away),
    }
}

/// The studio's live account, made now if there is none.
async fn account_for(
    state: &AppState,
    studio: StudioId,
    owner: &EmailAddress,
) -> AppResult<PaymentAccount> {
    let last = store::account_of_studio(&mut *state.db.read().await?, studio).await?;
    let number = match last {
        Some(account) if Standing::of(Some(&account)) != Standing::CutOff => return Ok(account),
        // What ended by a mistake may be there again, and needs no second account.
        Some(account) if refresh_account(state, &account).await? != Standing::CutOff => {
            return Ok(account);
        }
        last => last.map_or(1, |account| account.number + 1),
    };
    // The key makes one account of many clicks, and of a try whose answer was lost.
    let key = format!("account:{studio}:{number}");
    let made = state.stripe.create_account(owner.as_str(), &key).await;
    let made = PaymentAccount::new(made.map_err(away)?, studio, number, state.now());
    let mut tx = state.db.begin_write().await?;
    store::insert(&mut tx, &made).await?;
    let account = store::account_of_studio(&mut tx, studio).await?;
    tx.commit().await?;
    tracing::info!(%studio, account = %made.id, "a studio has an account for its money");
    account.ok_or_else(|| AppError::internal("an account that was just written is not there"))
}

async fn link(state: &AppState, account: &PaymentAccount) -> Result<String, StripeCallError> {
    let url = &state.config.public_url;
    let refresh = url.join("/studio/payments/refresh");
    let back = url.join("/studio/payments/return");
    let key = format!("link:{}", Uuid::new_v4()); // each visit needs a link of its own
    let link = state
        .stripe
        .account_link(&account.id, &refresh, &back, &key);
    link.await
}

fn away(error: StripeCallError) -> AppError {
    let chain = anyhow::Error::from(error);
    tracing::error!("Stripe made no account or link: {chain:#}");
    STRIPE_AWAY
}

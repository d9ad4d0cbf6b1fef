//! Refresh: ask Stripe how a studio's account stands, and write it down.

use crate::platform::AppError;
use crate::platform::AppState;
use crate::platform::stripe::StripeCallError;

use super::model::PaymentAccount;
use super::model::Standing;
use super::store;
use super::tell::tell_owner;

/// Why it is not known how an account stands; nothing changed, and another try may work.
#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// Stripe did not answer.
    #[error("asking Stripe for the account")]
    Stripe(#[source] StripeCallError),
    /// The database did not take it.
    #[error("writing how the account stands")]
    Database(#[from] sqlx::Error),
    /// The letter to the owner could not be written.
    #[error("writing to the owner")]
    Letter(#[from] askama::Error),
}

/// Asks Stripe about an account of ours. What a message says of it is never taken for true, so
/// this is what every message leads to. An answer that was overtaken by a later one is dropped.
pub async fn refresh_account(
    state: &AppState,
    known: &PaymentAccount,
) -> Result<Standing, RefreshError> {
    let asked_at = state.now();
    let answer = match state.stripe.account(&known.id).await {
        Ok(account) => Some(account),
        Err(error) if is_cut_off(&error) => None,
        Err(error) => return Err(RefreshError::Stripe(error)),
    };
    let mut tx = state.db.begin_write().await?;
    let noted = store::lock(&mut tx, &known.id).await?;
    let noted = noted.ok_or(sqlx::Error::RowNotFound)?;
    let was = Standing::of(Some(&noted));
    if noted.asked_at > asked_at {
        return Ok(was);
    }
    let told = noted.told(answer, asked_at);
    let is = Standing::of(Some(&told));
    store::update(&mut tx, &told).await?;
    tell_owner(&mut tx, state, told.studio, (was, is), asked_at).await?;
    tx.commit().await?;
    if was != is {
        tracing::info!(studio = %told.studio, account = %told.id, ?was, ?is, "an account changed");
    }
    Ok(is)
}

/// Whether Stripe says that the account does not let us act for it.
pub fn is_cut_off(error: &StripeCallError) -> bool {
    matches!(error, StripeCallError::Refused { status: 403, code } if code == "account_invalid")
}

impl From<RefreshError> for AppError {
    fn from(error: RefreshError) -> Self {
        match error {
            RefreshError::Database(error) => error.into(),
            RefreshError::Letter(error) => error.into(),
            RefreshError::Stripe(_) => {
                let chain = anyhow::Error::from(error);
                tracing::error!("it is not known how an account stands: {chain:#}");
                Self::Unavailable("error-the-payment-service-does-not")
            }
        }
    }
}

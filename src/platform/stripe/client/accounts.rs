//! The studios' own accounts (Connect Standard), where their money goes.

use std::fmt;

use stripe_connect::account::CreateAccount;
use stripe_connect::account::CreateAccountType;
use stripe_connect::account::RetrieveAccount;
use stripe_connect::account_link::CreateAccountLink;
use stripe_connect::account_link::CreateAccountLinkType;

use crate::kernel::Currency;

use super::StripeCallError;
use super::StripeClient;

/// Longer than any id of Stripe's.
const MAX_ID: usize = 64;

/// The id of a connected account, `acct_…`. It becomes a header and a part of paths, so it holds
/// nothing but letters, digits and underscores.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ConnectedAccount(String);

/// The text is not the id of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not the id of a Stripe account")]
pub struct NotAnAccount;

impl ConnectedAccount {
    /// Reads an id.
    pub fn parse(text: &str) -> Result<Self, NotAnAccount> {
        let rest = text.strip_prefix("acct_").ok_or(NotAnAccount)?;
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
        if rest.is_empty() || text.len() > MAX_ID || !rest.bytes().all(plain) {
            return Err(NotAnAccount);
        }
        Ok(Self(text.to_owned()))
    }

    /// The id as Stripe writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ConnectedAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&ConnectedAccount> for stripe::AccountId {
    fn from(account: &ConnectedAccount) -> Self {
        Self::from(account.0.as_str())
    }
}

/// A connected account as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// `acct_…`
    pub id: ConnectedAccount,
    /// Whether it may take money; selling depends on it.
    pub charges_enabled: bool,
    /// Whether its owner answered all that Stripe asks at first.
    pub details_submitted: bool,
    /// What it settles in.
    pub default_currency: Option<Currency>,
    /// Where its owner is at home (ISO 3166).
    pub country: Option<String>,
}

impl StripeClient {
    /// Makes an account for a studio; it can do nothing before its owner went through Stripe's
    /// questions.
    pub async fn create_account(
        &self,
        email: &str,
        idempotency_key: &str,
    ) -> Result<Account, StripeCallError> {
        let request = CreateAccount::new()
            .type_(CreateAccountType::Standard)
            .email(email);
        Account::try_from(self.write(&request, idempotency_key).await?)
    }

    /// The account as it stands now. Refused with 403 when it is not connected to us, or no more.
    pub async fn account(&self, id: &ConnectedAccount) -> Result<Account, StripeCallError> {
        let wire = self.read(&RetrieveAccount::new(id)).await?;
        Account::try_from(wire)
    }

    /// The address at which the owner answers Stripe's questions. It works once and for minutes,
    /// so each visit needs its own idempotency key. Coming back to `return_url` does not mean
    /// that the owner finished; Stripe leads to `refresh_url` when the link is used up.
    pub async fn account_link(
        &self,
        id: &ConnectedAccount,
        refresh_url: &str,
        return_url: &str,
        idempotency_key: &str,
    ) -> Result<String, StripeCallError> {
        let request = CreateAccountLink::new(id.as_str(), CreateAccountLinkType::AccountOnboarding)
            .refresh_url(refresh_url)
            .return_url(return_url);
        Ok(self.write(&request, idempotency_key).await?.url)
    }
}

impl TryFrom<stripe_shared::Account> for Account {
    type Error = StripeCallError;

    fn try_from(wire: stripe_shared::Account) -> Result<Self, StripeCallError> {
        let id = ConnectedAccount::parse(wire.id.as_str());
        let currency = wire.default_currency.map(|currency| currency.to_string());
        Ok(Self {
            id: id.map_err(|fault| StripeCallError::unreadable(fault.to_string()))?,
            charges_enabled: wire.charges_enabled.unwrap_or_default(),
            details_submitted: wire.details_submitted.unwrap_or_default(),
            default_currency: currency.and_then(|code| Currency::parse(&code).ok()),
            country: wire.country,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ids_of_accounts_are_taken() {
        let id = "acct_1NRanbLkdIwHu7ix";
        assert_eq!(ConnectedAccount::parse(id).unwrap().as_str(), id);
        let long = format!("acct_{}", "a".repeat(60));
        for text in [
            "",
            "acct_",
            "acct",
            "cus_1",
            "acct_1/2",
            "acct_1\r\nX: y",
            "acct_ü",
            &long,
        ] {
            assert_eq!(ConnectedAccount::parse(text), Err(NotAnAccount), "{text:?}");
        }
    }
}

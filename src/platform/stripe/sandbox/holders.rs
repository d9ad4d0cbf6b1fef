//! The accounts on the dashboard, and what their owners, or Stripe, may do with them at a click.

use std::cmp::Reverse;
use std::sync::Arc;

use axum::Form;
use axum::extract::Path;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::response::Redirect;
use axum::response::Response;
use serde::Deserialize;

use super::accounts::Change;
use super::pages;
use super::records::Account;
use super::shared::Shared;
use super::till::Till;

/// Accounts shown at most, the newest.
const SHOWN: usize = 50;

/// An account as the dashboard shows it.
pub(super) struct Holder {
    pub(super) id: String,
    pub(super) email: Option<String>,
    /// How it stands, in a few words.
    pub(super) words: &'static str,
    pub(super) can_stop: bool,
    pub(super) can_allow: bool,
    pub(super) can_leave: bool,
}

impl From<&Account> for Holder {
    fn from(account: &Account) -> Self {
        let words = match account {
            a if !a.connected => "no longer connected",
            a if a.charges_enabled => "takes payments",
            a if a.details_submitted => "waits for Stripe",
            _ => "has questions to answer",
        };
        Self {
            id: account.id.clone(),
            email: account.email.clone(),
            words,
            can_stop: account.connected && account.charges_enabled,
            can_allow: account.connected && account.details_submitted && !account.charges_enabled,
            can_leave: account.connected,
        }
    }
}

/// The newest accounts.
pub(super) fn all(till: &Till<'_>) -> Vec<Holder> {
    let mut accounts: Vec<&Account> = till.books.accounts.values().collect();
    accounts.sort_by_key(|account| (Reverse(account.created), account.id.clone()));
    accounts.into_iter().take(SHOWN).map(Holder::from).collect()
}

#[derive(Deserialize)]
pub(super) struct Wish {
    act: Act,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum Act {
    /// Stripe needs something, and lets the account take no payments until then.
    Stop,
    /// Stripe is content.
    Allow,
    /// The owner ends the connection.
    Leave,
}

pub(super) async fn act(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    Form(wish): Form<Wish>,
) -> Response {
    let known = shared.change(|till| {
        let connected = till.books.accounts.get(&id).is_some_and(|a| a.connected);
        let enabled = |enabled| Change {
            charges_enabled: Some(enabled),
            ..Change::default()
        };
        match wish.act {
            _ if !connected => {}
            Act::Stop => till.change_account(&id, enabled(false)),
            Act::Allow => till.change_account(&id, enabled(true)),
            Act::Leave => till.deauthorize(&id),
        }
        connected
    });
    match known {
        true => Redirect::to("/dashboard#accounts-heading").into_response(),
        false => pages::unknown(),
    }
}

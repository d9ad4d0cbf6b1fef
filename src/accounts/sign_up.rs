//! Signing up. A new address gets an account and a mail to confirm it; a known one gets a mail
//! that says so, and the visitor the same answer. Either way argon2 runs once.

use crate::accounts::form::SignUpFields;
use crate::accounts::letters;
use crate::accounts::limits;
use crate::accounts::link;
use crate::accounts::model::Account;
use crate::accounts::model::NewAccount;
use crate::accounts::model::Purpose;
use crate::accounts::password::HashingFailed;
use crate::accounts::password::Password;
use crate::accounts::password::PasswordFault;
use crate::accounts::password::PasswordHash;
use crate::accounts::store;
use crate::accounts::store::Known;
use crate::kernel::Time;
use crate::kernel::ids::AccountId;
use crate::kernel::text::DisplayName;
use crate::kernel::text::EmailAddress;
use crate::platform::AppError;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::platform::config::PublicUrl;
use crate::platform::db::Conn;
use crate::platform::mail;
use crate::platform::web::ClientAddress;
use crate::platform::web::FormErrors;
use crate::platform::words::Words;

/// A sign-up whose form was right and whose password was hashed or compared; what is left is one
/// transaction.
pub struct Prepared {
    email: EmailAddress,
    name: DisplayName,
    finding: Finding,
}

/// What stands behind the address of a sign-up.
enum Finding {
    /// Nothing yet; the password is hashed.
    New(PasswordHash),
    /// An account, and the password was the right one: its owner sent the form twice.
    Owner(Box<Account>),
    /// An account of somebody who did not type its password.
    Known,
}

/// How a sign-up ended.
#[derive(Debug)]
pub enum Signed {
    /// The visitor is this person now.
    In(Box<Account>),
    /// The address has an account; its owner reads on in a mail.
    ByMail,
}

/// A form without faults.
struct Checked {
    email: EmailAddress,
    name: DisplayName,
    password: Password,
}

/// Checks the form, counts the try and does the costly part, outside of any transaction.
pub async fn prepare(
    state: &AppState,
    fields: &SignUpFields,
    from: ClientAddress,
) -> AppResult<Result<Prepared, FormErrors>> {
    let Checked {
        email,
        name,
        password,
    } = match check(state, fields).await? {
        Ok(checked) => checked,
        Err(errors) => return Ok(Err(errors)),
    };
    limits::count_sign_up(state, &email, from).await?;
    let known = store::known_by_email(&mut *state.db.read().await?, &email).await?;
    let weighed = state
        .heavy(move || weigh(known, &password))
        .await
        .map_err(AppError::Internal)?;
    let finding = weighed.map_err(AppError::internal)?;
    Ok(Ok(Prepared {
        email,
        name,
        finding,
    }))
}

/// What is wrong with a form, for a page that has more fields and shows all faults at once.
pub async fn faults(state: &AppState, fields: &SignUpFields) -> AppResult<FormErrors> {
    Ok(check(state, fields).await?.err().unwrap_or_default())
}

async fn check(state: &AppState, fields: &SignUpFields) -> AppResult<Result<Checked, FormErrors>> {
    let mut errors = FormErrors::new();
    let name = errors.take("name", DisplayName::parse(&fields.name));
    let email = errors.take("email", EmailAddress::parse(&fields.email));
    let password = Password::typed(fields.password.clone());
    let hints = vec![fields.name.clone(), fields.email.clone()];
    let strength = strength(state, password.clone(), hints).await?;
    errors.take("password", strength);
    let checked = name.zip(email).map(|(name, email)| Checked {
        email,
        name,
        password,
    });
    Ok(errors.or(checked))
}

impl Prepared {
    /// The one transaction of a sign-up; the caller commits it.
    pub async fn complete(
        self,
        tx: &mut Conn,
        words: &Words,
        url: &PublicUrl,
        now: Time,
    ) -> AppResult<Signed> {
        let Self {
            email,
            name,
            finding,
        } = self;
        match finding {
            Finding::Owner(account) => return Ok(Signed::In(account)),
            Finding::New(password) => {
                let new = NewAccount {
                    email: email.clone(),
                    name,
                    password,
                    email_verified: false,
                };
                if let Some(account) = create_account(tx, &new, now).await? {
                    let token = link::issue(tx, account.id, &email, Purpose::Verify, now).await?;
                    let letter = letters::confirm_address(words, url, &token);
                    mail::queue(tx, &letter.to(email)?, now).await?;
                    tracing::info!(account = %account.id, "signed up");
                    return Ok(Signed::In(Box::new(account)));
                } // somebody took the address a moment ago
            }
            Finding::Known => {}
        }
        if limits::may_mail(tx, &email, now).await? {
            mail::queue(tx, &letters::known_already(words, url).to(email)?, now).await?;
        }
        Ok(Signed::ByMail)
    }
}

/// Makes an account; `None` when the address has one.
pub async fn create_account(
    tx: &mut Conn,
    new: &NewAccount,
    now: Time,
) -> Result<Option<Account>, sqlx::Error> {
    let id = AccountId::new(now, &mut rand::rng());
    if store::insert_account(tx, id, new, now).await? == 0 {
        return Ok(None);
    }
    store::account_by_id(tx, id).await
}

/// Judges a password away from the threads that serve requests: long ones take a while.
pub(super) async fn strength(
    state: &AppState,
    password: Password,
    hints: Vec<String>,
) -> AppResult<Result<(), PasswordFault>> {
    let judge = move || {
        let mut hints: Vec<&str> = hints.iter().map(String::as_str).collect();
        hints.push("matinee");
        password.check_strength(&hints)
    };
    state.heavy(judge).await.map_err(AppError::Internal)
}

fn weigh(known: Option<Known>, password: &Password) -> Result<Finding, HashingFailed> {
    Ok(match known {
        None => Finding::New(password.hash()?),
        Some(known) if password.matches(Some(&known.password)) => {
            Finding::Owner(Box::new(known.account))
        }
        Some(_) => Finding::Known,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::password::tests::runs_of;

    fn known(password: &str) -> Known {
        let account = Account {
            id: AccountId::from_uuid(uuid::Uuid::nil()),
            email: EmailAddress::parse("ada@example.org").unwrap(),
            name: DisplayName::parse("Ada").unwrap(),
            email_verified: false,
            is_operator: false,
            has_studio: false,
            created_at: Time::from_millis(0),
            session_epoch: 0,
        };
        let password = Password::typed(password.to_owned()).hash().unwrap();
        Known { account, password }
    }

    #[test]
    fn new_and_known_addresses_cost_one_hash_each() {
        let typed = Password::typed("seven quiet rivers".to_owned());
        let new = runs_of(|| assert!(matches!(weigh(None, &typed), Ok(Finding::New(_)))));
        let (own, other) = (known("seven quiet rivers"), known("nine loud rivers"));
        let owner = runs_of(|| assert!(matches!(weigh(Some(own), &typed), Ok(Finding::Owner(_)))));
        let known = runs_of(|| assert!(matches!(weigh(Some(other), &typed), Ok(Finding::Known))));
        assert_eq!((new, owner, known), (1, 1, 1));
    }
}

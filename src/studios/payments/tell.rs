//! Tell: a letter to the owner when the studio stops being paid, or can be paid after a wait.

use crate::accounts;
use crate::kernel::Time;
use crate::kernel::ids::StudioId;
use crate::platform::AppState;
use crate::platform::db::Conn;
use crate::platform::mail;
use crate::platform::mail::Letter;
use crate::studios::model::Role;
use crate::studios::store as people;

use super::model::Standing;
use super::refresh::RefreshError;

/// The letter that a change is worth, by the key of its subject and of its words.
const fn letter_about(was: Standing, is: Standing) -> Option<(&'static str, &'static str)> {
    match (was, is) {
        (Standing::Ready, Standing::CutOff) => {
            Some(("mail-payments-ended", "mail-payments-ended-why"))
        }
        (Standing::Ready, Standing::Begun | Standing::Restricted) => {
            Some(("mail-payments-stopped", "mail-payments-stopped-why"))
        }
        // Who finishes in one go is on the page that says so.
        (Standing::Restricted | Standing::CutOff, Standing::Ready) => {
            Some(("mail-payments-ready", "mail-payments-ready-why"))
        }
        _ => None,
    }
}

/// Queues the letter about a change, in the transaction that writes it.
pub(super) async fn tell_owner(
    tx: &mut Conn,
    state: &AppState,
    studio: StudioId,
    (was, is): (Standing, Standing),
    now: Time,
) -> Result<(), RefreshError> {
    let Some((subject, why)) = letter_about(was, is) else {
        return Ok(());
    };
    let words = state.catalog.choose(""); // nobody is there whose language it could be
    let link = state.config.public_url.join("/studio/payments");
    let letter = Letter::new(&words, words.t(subject))
        .say(words.t(why))
        .button(words.t("payments-getting-paid"), link);
    for member in people::members(tx, studio).await? {
        if member.role != Role::Owner {
            continue;
        }
        if let Some(owner) = accounts::account_by_id(tx, member.account).await? {
            mail::queue(tx, &letter.to(owner.email)?, now).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners_hear_when_sales_stop_or_begin_without_them() {
        use Standing::*;
        for (was, is, told) in [
            (Ready, CutOff, true),
            (Ready, Restricted, true),
            (Restricted, Ready, true),
            (Begun, Ready, false),
            (NotConnected, Begun, false),
            (Begun, Restricted, false),
            (Restricted, CutOff, false),
            (Ready, Ready, false),
        ] {
            assert_eq!(letter_about(was, is).is_some(), told, "{was:?} {is:?}");
        }
    }
}

//! The words of this slice's mails. A mail that a stranger can cause holds nothing a stranger
//! wrote, not even a name, so the store cannot be made to carry messages.

use crate::accounts::model::Account;
use crate::accounts::token::SecretToken;
use crate::kernel::Time;
use crate::kernel::text::EmailAddress;
use crate::platform::config::PublicUrl;
use crate::platform::mail::Letter;

pub(super) fn confirm_address(url: &PublicUrl, token: &SecretToken) -> Letter {
    Letter::new("Confirm your e-mail address")
        .say("Welcome. Please confirm that this address is yours, so that receipts reach you.")
        .button("Confirm my address", link(url, "/account/verify", token))
        .note(
            "The link works for seven days. If you did not sign up, ignore this mail: nothing \
               happens without the link.",
        )
}

pub(super) fn known_already(url: &PublicUrl) -> Letter {
    Letter::new("You have an account already")
        .say(
            "Somebody, most likely you, tried to sign up with this address. It has an account \
              already, so no second one was made.",
        )
        .button("Sign in", url.join("/login"))
        .say(format!(
            "Forgotten your password? Choose a new one: {}",
            url.join("/account/forgot")
        ))
        .note("If it was not you, there is nothing to do: nobody got into your account.")
}

pub(super) fn reset_password(url: &PublicUrl, account: &Account, token: &SecretToken) -> Letter {
    Letter::new("Choose a new password")
        .greet(greeting(account))
        .say("Somebody, most likely you, asked for a new password for your account.")
        .button("Choose a new password", link(url, "/account/reset", token))
        .note(
            "The link works once, for one hour. If it was not you, ignore this mail: your \
               password stays as it is.",
        )
}

pub(super) fn password_changed(url: &PublicUrl, account: &Account, now: Time) -> Letter {
    Letter::new("Your password was changed")
        .greet(greeting(account))
        .say(format!(
            "The password of your account was changed on {}. Every device was signed \
                      out.",
            now.minute()
        ))
        .note(format!(
            "If it was not you, choose a new one at once: {}",
            url.join("/account/forgot")
        ))
}

pub(super) fn confirm_move(url: &PublicUrl, token: &SecretToken) -> Letter {
    Letter::new("Confirm your new e-mail address")
        .say("Somebody, most likely you, wants to use this address for an account with us.")
        .button(
            "Use this address",
            link(url, "/account/email/confirm", token),
        )
        .note(
            "The link works for one day. If it was not you, ignore this mail: nothing changes \
               without the link.",
        )
}

pub(super) fn address_moved(before: &Account, to: &EmailAddress) -> Letter {
    Letter::new("Your e-mail address was changed")
        .greet(greeting(before))
        .say(format!(
            "Your account now uses {}. From now on, mail goes there.",
            masked(to)
        ))
        .note("If it was not you, please answer this mail at once.")
}

fn link(url: &PublicUrl, path: &str, token: &SecretToken) -> String {
    url.join(&format!("{path}?token={}", token.reveal()))
}

/// The name, once the address was confirmed by its owner, who is then also the one that chose it.
fn greeting(account: &Account) -> String {
    if account.email_verified {
        format!("Hello {},", account.name)
    } else {
        "Hello,".to_owned()
    }
}

/// `a…@example.org`: enough to recognise one's own address by.
fn masked(email: &EmailAddress) -> String {
    let (local, domain) = email
        .as_str()
        .split_once('@')
        .unwrap_or((email.as_str(), ""));
    format!("{}…@{domain}", local.chars().take(1).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_in_a_notice_is_masked() {
        assert_eq!(
            masked(&EmailAddress::parse("ada@example.org").unwrap()),
            "a…@example.org"
        );
    }

    #[test]
    fn links_lead_to_the_configured_address() {
        let url = PublicUrl::parse("https://films.example").unwrap();
        let token = SecretToken::new(&mut rand::rng());
        let mail = confirm_address(&url, &token)
            .to(EmailAddress::parse("ada@example.org").unwrap())
            .unwrap();
        let link = format!(
            "https://films.example/account/verify?token={}",
            token.reveal()
        );
        assert!(mail.text.contains(&link), "{}", mail.text);
        assert!(
            mail.html.contains(&format!("href=\"{link}\"")),
            "{}",
            mail.html
        );
    }
}

//! The words of this slice's mails. A mail that a stranger can cause holds nothing a stranger
//! wrote, not even a name, so the store cannot be made to carry messages.

use crate::accounts::model::Account;
use crate::accounts::token::SecretToken;
use crate::kernel::Time;
use crate::kernel::text::EmailAddress;
use crate::platform::config::PublicUrl;
use crate::platform::mail::Letter;
use crate::platform::words::Words;

pub(super) fn confirm_address(words: &Words, url: &PublicUrl, token: &SecretToken) -> Letter {
    Letter::new(words, words.t("mail-confirm-subject"))
        .say(words.t("mail-confirm-why"))
        .button(
            words.t("mail-confirm-button"),
            link(url, "/account/verify", token),
        )
        .note(words.t("mail-confirm-note"))
}

pub(super) fn known_already(words: &Words, url: &PublicUrl) -> Letter {
    let forgotten = words
        .say("mail-known-forgotten")
        .with("link", url.join("/account/forgot"));
    Letter::new(words, words.t("mail-known-subject"))
        .say(words.t("mail-known-why"))
        .button(words.t("mail-known-button"), url.join("/login"))
        .say(forgotten.to_string())
        .note(words.t("mail-known-note"))
}

pub(super) fn reset_password(
    words: &Words,
    url: &PublicUrl,
    account: &Account,
    token: &SecretToken,
) -> Letter {
    Letter::new(words, words.t("mail-reset-subject"))
        .greet(greeting(words, account))
        .say(words.t("mail-reset-why"))
        .button(
            words.t("mail-reset-subject"),
            link(url, "/account/reset", token),
        )
        .note(words.t("mail-reset-note"))
}

pub(super) fn password_changed(
    words: &Words,
    url: &PublicUrl,
    account: &Account,
    now: Time,
) -> Letter {
    let changed = words
        .say("mail-password-changed-when")
        .with("when", words.minute(now));
    let not_you = words
        .say("mail-password-changed-note")
        .with("link", url.join("/account/forgot"));
    Letter::new(words, words.t("mail-password-changed-subject"))
        .greet(greeting(words, account))
        .say(changed.to_string())
        .note(not_you.to_string())
}

pub(super) fn confirm_move(words: &Words, url: &PublicUrl, token: &SecretToken) -> Letter {
    Letter::new(words, words.t("mail-move-subject"))
        .say(words.t("mail-move-why"))
        .button(
            words.t("mail-move-button"),
            link(url, "/account/email/confirm", token),
        )
        .note(words.t("mail-move-note"))
}

pub(super) fn address_moved(words: &Words, before: &Account, to: &EmailAddress) -> Letter {
    let now_uses = words.say("mail-moved-now-uses").with("email", masked(to));
    Letter::new(words, words.t("mail-moved-subject"))
        .greet(greeting(words, before))
        .say(now_uses.to_string())
        .note(words.t("mail-moved-note"))
}

pub(super) fn erased(words: &Words, url: &PublicUrl, account: &Account) -> Letter {
    let again = words
        .say("mail-erased-again")
        .with("link", url.join("/signup"));
    Letter::new(words, words.t("mail-erased-subject"))
        .greet(greeting(words, account))
        .say(words.t("mail-erased-what"))
        .say(words.t("mail-erased-kept"))
        .note(again.to_string())
}

fn link(url: &PublicUrl, path: &str, token: &SecretToken) -> String {
    url.join(&format!("{path}?token={}", token.reveal()))
}

/// The name, once the address was confirmed by its owner, who is then also the one that chose it.
fn greeting(words: &Words, account: &Account) -> String {
    if account.email_verified {
        let name = account.name.as_str();
        words.say("mail-hello-name").with("name", name).to_string()
    } else {
        words.t("mail-hello").to_owned()
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
        let mail = confirm_address(&Words::english(), &url, &token)
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

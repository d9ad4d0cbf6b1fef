//! What a person is to the store, and the pure rules about it.

use std::time::Duration;

use url::Position;
use url::Url;

use crate::accounts::password::PasswordHash;
use crate::kernel::Time;
use crate::kernel::ids::AccountId;
use crate::kernel::text::DisplayName;
use crate::kernel::text::EmailAddress;

/// One person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The person's id.
    pub id: AccountId,
    /// Where mail goes, and what one signs in with.
    pub email: EmailAddress,
    /// How pages and mails address the person.
    pub name: DisplayName,
    /// Whether somebody who reads that mail box has confirmed it.
    pub email_verified: bool,
    /// Whether the person runs the store.
    pub is_operator: bool,
    /// Whether the person works for a studio.
    pub has_studio: bool,
    /// When the account was made.
    pub created_at: Time,
    /// Sessions that began in an earlier epoch are over.
    pub(super) session_epoch: i64,
}

/// What makes an account.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// Its address.
    pub email: EmailAddress,
    /// Its name.
    pub name: DisplayName,
    /// Its password, hashed.
    pub password: PasswordHash,
    /// Whether the address needs no confirmation any more.
    pub email_verified: bool,
}

/// What a link sent by mail is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Confirms the address of the account.
    Verify,
    /// Sets a new password.
    Reset,
    /// Moves the account to the address it was sent to.
    Move,
}

impl Purpose {
    /// How the table writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::Reset => "reset",
            Self::Move => "move",
        }
    }

    /// How long such a link works. A reset is worth stealing, so it is short.
    pub const fn lifetime(self) -> Duration {
        match self {
            Self::Verify => Duration::from_secs(7 * 24 * 3600),
            Self::Reset => Duration::from_secs(3600),
            Self::Move => Duration::from_secs(24 * 3600),
        }
    }
}

/// A path of this site to go on to; anything else is not accepted, so no link of ours can be made
/// to lead elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalPath(String);

impl LocalPath {
    const MAX_BYTES: usize = 2_000;

    /// Accepts a path with query and fragment, written as a browser would send it.
    pub fn parse(text: &str) -> Option<Self> {
        let base = Url::parse("https://local.invalid").expect("a constant address");
        let odd = |c: char| c.is_control() || c == '\\';
        if !text.starts_with('/') || text.len() > Self::MAX_BYTES || text.contains(odd) {
            return None;
        }
        let url = base
            .join(text)
            .ok()
            .filter(|url| url.origin() == base.origin())?;
        let path = &url[Position::BeforePath..];
        // `/..//host` becomes `//host` once its dots are resolved, which is another site.
        (!path.starts_with("//")).then(|| Self(path.to_owned()))
    }

    /// The path, or `fallback` for anything that is not one of this site.
    pub fn or(text: &str, fallback: &'static str) -> Self {
        Self::parse(text).unwrap_or_else(|| Self(fallback.to_owned()))
    }

    /// The path itself, in ASCII.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Names browser and system in the words of their owner, for the list of sessions.
pub fn device_name(user_agent: &str) -> String {
    let first = |pairs: &[(&str, &'static str)]| {
        pairs
            .iter()
            .find(|(mark, _)| user_agent.contains(mark))
            .map(|(_, name)| *name)
    };
    // Chrome says Safari, Edge and Opera say Chrome: the rarer word is asked first.
    let browser = first(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = first(&[
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "Mac"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) => String::new(),
    }
}

/// That somebody signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// When.
    pub at: Time,
    /// From which network address.
    pub address: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn next(text: &str) -> Option<String> {
        LocalPath::parse(text).map(|path| path.as_str().to_owned())
    }

    #[test]
    fn paths_of_this_site_are_kept() {
        assert_eq!(
            next("/films/nachtzug?x=1#buy").as_deref(),
            Some("/films/nachtzug?x=1#buy")
        );
        assert_eq!(next("/films?q=käse").as_deref(), Some("/films?q=k%C3%A4se"));
        assert_eq!(next("/").as_deref(), Some("/"));
        assert_eq!(next("/a/../b").as_deref(), Some("/b"));
    }

    #[test]
    fn no_path_leads_to_another_site() {
        for text in [
            "",
            "films",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "https://evil.example",
            "HTTPS:evil.example",
            "javascript:alert(1)",
            "/\t/evil.example",
            "/..//evil.example",
            "/.//evil.example",
            "/%2e%2e//evil.example",
            "/films\r\nSet-Cookie: a=b",
            "@evil.example",
            "?next=/",
        ] {
            assert_eq!(next(text), None, "{text:?}");
        }
        assert_eq!(next(&format!("/{}", "a".repeat(2_000))), None);
    }

    proptest! {
        #[test]
        fn whatever_is_accepted_stays_on_the_site(text in "[/\\\\.a-z@:%?#\\t2eE-]{0,24}") {
            if let Some(path) = LocalPath::parse(&text) {
                let site = Url::parse("https://films.example/login").unwrap();
                let there = site.join(path.as_str()).unwrap();
                prop_assert_eq!(there.host_str(), Some("films.example"));
                prop_assert!(path.as_str().is_ascii());
            }
        }
    }

    #[test]
    fn devices_are_named_as_people_name_them() {
        let chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Safari/537.36";
        assert_eq!(device_name(chrome), "Chrome on Linux");
        let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Mobile Safari/604.1";
        assert_eq!(device_name(phone), "Safari on iPhone");
        assert_eq!(device_name("curl/8"), "");
    }
}

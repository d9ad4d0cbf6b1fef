//! Passwords: which ones are taken, and how they are kept.
//!
//! Hashing costs memory and time on purpose, so these functions are called through
//! `AppState::heavy`. Whatever the answer, a check runs argon2id exactly once: an unknown address
//! and a wrong password take the same time.

use std::fmt;
use std::str::FromStr;

use argon2::Algorithm;
use argon2::Argon2;
use argon2::Params;
use argon2::PasswordHasher;
use argon2::PasswordVerifier;
use argon2::Version;
use argon2::password_hash;
use argon2::password_hash::phc;
use secrecy::ExposeSecret;
use secrecy::SecretString;

use crate::kernel::Note;

/// Memory of one hash in KiB. OWASP's floor is 19,456 at two passes; memory is what a thief of the
/// table pays for, so we take more.
const MEMORY_KIB: u32 = 47_104;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Shortest and longest password, in characters.
pub const LENGTH: std::ops::RangeInclusive<usize> = 8..=128;

/// Stands in for the hash of an account that does not exist. No password opens it, and checking
/// one against it takes as long as against any other.
const NOBODY: &str = "$argon2id$v=19$m=47104,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$\
                      AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// A password as it was typed. It is never logged, and forgotten memory is wiped.
#[derive(Clone, Debug)]
pub struct Password(SecretString);

/// Why a password is not taken, in words for the person who chose it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFault {
    /// Shorter than [`LENGTH`].
    #[error("Please use at least 8 characters; a few words in a row are fine.")]
    TooShort,
    /// Longer than [`LENGTH`].
    #[error("Please use at most 128 characters.")]
    TooLong,
    /// On the list of common ones, or close to it.
    #[error("This password is easy to guess. {0}")]
    Common(String),
}

impl From<PasswordFault> for Note {
    fn from(fault: PasswordFault) -> Self {
        match fault {
            PasswordFault::TooShort => Self::new("fault-please-use-at-least-8"),
            PasswordFault::TooLong => Self::new("fault-please-use-at-most-128"),
            PasswordFault::Common(value) => {
                Self::new("fault-this-password-is-easy-to").with("value", value)
            }
        }
    }
}

impl Password {
    /// Takes what was typed, unchanged: no trimming and no rules on kinds of characters.
    pub fn typed(text: String) -> Self {
        Self(text.into())
    }

    /// Refuses what is too short, too long, or easy to guess by somebody who knows `hints`, such
    /// as the person's name.
    pub fn check_strength(&self, hints: &[&str]) -> Result<(), PasswordFault> {
        let text = self.0.expose_secret();
        let length = text.chars().count();
        if length < *LENGTH.start() {
            return Err(PasswordFault::TooShort);
        }
        if length > *LENGTH.end() {
            return Err(PasswordFault::TooLong);
        }
        let estimate = zxcvbn::zxcvbn(text, hints);
        if estimate.score() >= zxcvbn::Score::Two {
            return Ok(());
        }
        Err(PasswordFault::Common(advice(&estimate)))
    }

    /// The hash to keep.
    pub fn hash(&self) -> Result<PasswordHash, HashingFailed> {
        count_run();
        let hash = hasher().hash_password(self.0.expose_secret().as_bytes());
        Ok(PasswordHash(hash.map_err(HashingFailed)?.to_string()))
    }

    /// Compares with the hash of an account, or with nobody's when there is no such account.
    pub fn matches(&self, stored: Option<&PasswordHash>) -> bool {
        count_run();
        let text = stored.map_or(NOBODY, |hash| &hash.0);
        let Ok(hash) = phc::PasswordHash::new(text) else {
            tracing::error!("a password hash in the table cannot be read");
            return false;
        };
        let same = hasher()
            .verify_password(self.0.expose_secret().as_bytes(), &hash)
            .is_ok();
        same && stored.is_some()
    }
}

/// What kept the machine from hashing, such as too little memory.
#[derive(Debug, thiserror::Error)]
#[error("hashing a password")]
pub struct HashingFailed(#[source] password_hash::Error);

/// A hash with its salt and parameters, as the table keeps it.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Stands in where there is no password; none opens it.
    pub(super) fn nobody() -> Self {
        Self(NOBODY.to_owned())
    }

    /// The text for the table.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it was made with other parameters than today's, and should be made anew.
    pub fn is_outdated(&self) -> bool {
        let parsed = phc::PasswordHash::new(&self.0).ok();
        let made_with = parsed.as_ref().and_then(|hash| Params::try_from(hash).ok());
        let same = |p: Params| {
            (p.m_cost(), p.t_cost(), p.p_cost()) == (MEMORY_KIB, PASSES, LANES)
                && parsed
                    .as_ref()
                    .is_some_and(|hash| hash.algorithm.as_str() == "argon2id")
        };
        !made_with.is_some_and(same)
    }
}

impl FromStr for PasswordHash {
    type Err = password_hash::phc::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        phc::PasswordHash::new(text).map(|_| Self(text.to_owned()))
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(..)")
    }
}

fn hasher() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).expect("constants within the limits");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn advice(estimate: &zxcvbn::Entropy) -> String {
    let feedback = estimate.feedback();
    let warning = feedback
        .and_then(|feedback| feedback.warning())
        .map(|words| words.to_string());
    let wish = feedback
        .and_then(|f| f.suggestions().first().copied())
        .map(|words| words.to_string());
    let words: Vec<String> = warning.into_iter().chain(wish).collect();
    if words.is_empty() {
        "Add another word or two.".to_owned()
    } else {
        words.join(" ")
    }
}

/// Counts runs of argon2 on this thread, so that tests see that every path has the same number.
fn count_run() {
    #[cfg(test)]
    tests::RUNS.set(tests::RUNS.get() + 1);
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use std::cell::Cell;

    thread_local! {
        pub(in crate::accounts) static RUNS: Cell<u32> = const { Cell::new(0) };
    }

    /// How often argon2 ran while `work` was done.
    pub(in crate::accounts) fn runs_of(work: impl FnOnce()) -> u32 {
        let before = RUNS.get();
        work();
        RUNS.get() - before
    }

    fn typed(text: &str) -> Password {
        Password::typed(text.to_owned())
    }

    #[test]
    fn a_password_opens_its_own_hash_only() {
        let hash = typed("seven quiet rivers").hash().unwrap();
        assert!(typed("seven quiet rivers").matches(Some(&hash)));
        assert!(!typed("seven quiet river").matches(Some(&hash)));
        assert!(
            !typed("seven quiet rivers ").matches(Some(&hash)),
            "nothing is trimmed"
        );
        assert!(!typed("seven quiet rivers").matches(None));
    }

    #[test]
    fn known_unknown_right_and_wrong_all_cost_one_run() {
        let hash = typed("seven quiet rivers").hash().unwrap();
        let check = |text: &str, stored: Option<&PasswordHash>| {
            runs_of(|| {
                typed(text).matches(stored);
            })
        };
        assert_eq!(check("seven quiet rivers", Some(&hash)), 1);
        assert_eq!(check("wrong", Some(&hash)), 1);
        assert_eq!(check("wrong", None), 1);
    }

    #[test]
    fn nobodys_hash_costs_what_a_fresh_one_costs() {
        let nobody: PasswordHash = NOBODY.parse().unwrap();
        assert!(
            !nobody.is_outdated(),
            "its parameters are those of fresh hashes"
        );
        assert!(!typed("a strong password").hash().unwrap().is_outdated());
    }

    #[test]
    fn parameters_keep_the_floor_and_old_ones_are_noticed() {
        const { assert!(MEMORY_KIB >= 19_456 && PASSES >= 2 && LANES == 1) };
        let old = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$\
                   AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
        assert!(old.parse::<PasswordHash>().unwrap().is_outdated());
        let other = old.replace("argon2id", "argon2i").replace("19456", "47104");
        assert!(other.parse::<PasswordHash>().unwrap().is_outdated());
    }

    #[test]
    fn length_counts_characters_and_nothing_else_is_demanded() {
        let fault = |text: &str| typed(text).check_strength(&[]).err();
        assert_eq!(fault("kurz"), Some(PasswordFault::TooShort));
        assert_eq!(
            fault("日本語日本語日"),
            Some(PasswordFault::TooShort),
            "seven, not 21 bytes"
        );
        assert_eq!(fault(&"ab cd ef".repeat(17)), Some(PasswordFault::TooLong));
        assert_eq!(
            fault("tall green lamp post"),
            None,
            "no digits, capitals or signs needed"
        );
        assert_eq!(fault(&"xq9 fj2!".repeat(16)), None, "128 are fine");
    }

    #[test]
    fn common_passwords_are_refused_with_the_reason() {
        for text in [
            "password",
            "12345678",
            "qwertyuiop",
            "Passw0rd",
            "iloveyou1",
            "matinee1",
        ] {
            let fault = typed(text)
                .check_strength(&["matinee"])
                .expect_err(text)
                .to_string();
            assert!(
                fault.starts_with("This password is easy to guess. "),
                "{text}: {fault}"
            );
            assert!(fault.len() > 50, "{text}: {fault}");
        }
        assert!(
            typed("adalovelace")
                .check_strength(&["Ada", "Lovelace"])
                .is_err()
        );
    }

    #[test]
    fn neither_passwords_nor_hashes_show_when_printed() {
        let hash = typed("seven quiet rivers").hash().unwrap();
        let text = format!("{:?} {hash:?}", typed("seven quiet rivers"));
        assert!(
            !text.contains("quiet") && !text.contains("argon2id"),
            "{text}"
        );
    }
}

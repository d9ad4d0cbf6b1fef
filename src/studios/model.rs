//! A studio, its members and the keys of its programs.

use std::str::FromStr;
use std::time::Duration;

use crate::kernel::Time;
use crate::kernel::ids::AccountId;
use crate::kernel::ids::StudioId;
use crate::kernel::ids::TokenId;
use crate::kernel::text::DisplayName;
use crate::kernel::text::EmailAddress;
use crate::kernel::text::Slug;

/// Somebody who sells films here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Studio {
    /// Its id.
    pub id: StudioId,
    /// Its address under `/studios/`.
    pub slug: Slug,
    /// Its name.
    pub name: DisplayName,
    /// When it opened.
    pub created_at: Time,
}

/// What a member may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Everything, the team included.
    Owner,
    /// Films and offers.
    Editor,
}

impl Role {
    /// How the table writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Editor => "editor",
        }
    }

    /// How a page writes it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Owner => "role-owner",
            Self::Editor => "role-editor",
        }
    }
}

/// Why a text is not a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a role")]
pub struct RoleFault;

impl FromStr for Role {
    type Err = RoleFault;

    fn from_str(text: &str) -> Result<Self, RoleFault> {
        match text {
            "owner" => Ok(Self::Owner),
            "editor" => Ok(Self::Editor),
            _ => Err(RoleFault),
        }
    }
}

/// A person's place in a studio.
#[derive(Clone, Debug)]
pub(super) struct Membership {
    pub(super) studio: Studio,
    pub(super) role: Role,
}

/// One line of the team.
#[derive(Clone, Debug)]
pub(super) struct MemberRow {
    pub(super) account: AccountId,
    pub(super) role: Role,
    pub(super) since: Time,
}

/// A program's key, without its secret.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) id: TokenId,
    pub(super) name: DisplayName,
    /// `mat_Ab3x`, to tell it from others.
    pub(super) prefix: String,
    pub(super) created_at: Time,
    pub(super) last_used_at: Option<Time>,
}

/// An invitation that waits for its answer.
#[derive(Clone, Debug)]
pub(super) struct Invitation {
    pub(super) email: EmailAddress,
    pub(super) expires_at: Time,
}

/// What stands before the random part of an API token, so that scanners of leaked secrets know it.
pub(super) const TOKEN_MARK: &str = "mat_";
/// Letters of a token that are kept in the clear.
pub(super) const PREFIX_CHARS: usize = TOKEN_MARK.len() + 5;
/// Live tokens of one studio.
pub(super) const MAX_TOKENS: usize = 50;
/// The use of a token is noted this often, so that requests do not write.
pub(super) const USE_NOTED_EVERY: Duration = Duration::from_secs(3600);
/// How long an invitation waits.
pub(super) const INVITATION_LIFETIME: Duration = Duration::from_secs(7 * 24 * 3600);

/// Whether a use of a token is worth a write.
pub(super) fn is_use_worth_noting(last: Option<Time>, now: Time) -> bool {
    last.is_none_or(|last| now.since(last) >= USE_NOTED_EVERY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_read_back() {
        for role in [Role::Owner, Role::Editor] {
            assert_eq!(role.as_str().parse(), Ok(role));
        }
        assert_eq!("admin".parse::<Role>(), Err(RoleFault));
    }

    #[test]
    fn uses_of_a_token_are_noted_once_an_hour() {
        let now = Time::from_seconds(1_800_000_000);
        assert!(is_use_worth_noting(None, now));
        assert!(!is_use_worth_noting(
            Some(now.before(USE_NOTED_EVERY / 2)),
            now
        ));
        assert!(is_use_worth_noting(Some(now.before(USE_NOTED_EVERY)), now));
        assert!(
            !is_use_worth_noting(Some(now.after(USE_NOTED_EVERY)), now),
            "the clock went back"
        );
    }
}

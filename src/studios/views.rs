//! What the pages of this slice show.

use askama::Template;
use askama_web::WebTemplate;

use crate::accounts::Account;
use crate::kernel::Time;
use crate::platform::web::FormErrors;
use crate::platform::web::Page;
use crate::studios::extract::StudioMember;
use crate::studios::model::Invitation;
use crate::studios::model::MemberRow;
use crate::studios::model::Role;
use crate::studios::model::Token;
use crate::studios::routes::OpenFields;
use crate::studios::team::Team;

#[derive(Template, WebTemplate)]
#[template(path = "studios/open.html")]
pub(super) struct OpenStudio {
    pub(super) page: Page,
    pub(super) errors: FormErrors,
    pub(super) fields: OpenFields,
    /// Whether the visitor needs an account as well.
    pub(super) is_new: bool,
}

impl OpenStudio {
    /// The form with what was typed, the password excepted.
    pub(super) fn new(page: Page, errors: FormErrors, fields: OpenFields, is_new: bool) -> Self {
        let fields = OpenFields {
            password: String::new(),
            ..fields
        };
        Self {
            page,
            errors,
            fields,
            is_new,
        }
    }
}

/// One line of the list of tokens.
pub(super) struct TokenLine {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) prefix: String,
    pub(super) created: Time,
    pub(super) used: Option<Time>,
}

impl From<Token> for TokenLine {
    fn from(token: Token) -> Self {
        Self {
            id: token.id.to_string(),
            name: token.name.to_string(),
            prefix: token.prefix,
            created: token.created_at,
            used: token.last_used_at,
        }
    }
}

#[derive(Template, WebTemplate)]
#[template(path = "studios/tokens.html")]
pub(super) struct Tokens {
    pub(super) page: Page,
    pub(super) studio_name: String,
    pub(super) errors: FormErrors,
    /// What was typed as the name of a token that was refused.
    pub(super) typed: String,
    /// The secret of a token that was just made; shown this once.
    pub(super) secret: Option<String>,
    pub(super) tokens: Vec<TokenLine>,
}

/// One line of the team.
pub(super) struct MemberLine {
    pub(super) account: String,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) role: &'static str,
    pub(super) since: Time,
    pub(super) may_remove: bool,
}

/// An invitation that waits.
pub(super) struct InvitationLine {
    pub(super) email: String,
    pub(super) until: Time,
}

#[derive(Template, WebTemplate)]
#[template(path = "studios/team.html")]
pub(super) struct TeamPage {
    pub(super) page: Page,
    pub(super) studio_name: String,
    pub(super) errors: FormErrors,
    pub(super) email: String,
    pub(super) is_owner: bool,
    pub(super) members: Vec<MemberLine>,
    pub(super) invitations: Vec<InvitationLine>,
}

impl TeamPage {
    pub(super) fn new(
        page: Page,
        member: &StudioMember,
        team: Team,
        errors: FormErrors,
        email: String,
    ) -> Self {
        let is_owner = member.is_owner();
        let line = |(account, row): (Account, MemberRow)| MemberLine {
            account: account.id.to_string(),
            name: account.name.to_string(),
            email: account.email.to_string(),
            role: row.role.label(),
            since: row.since,
            may_remove: is_owner && row.role == Role::Editor,
        };
        let waits = |invitation: Invitation| InvitationLine {
            email: invitation.email.to_string(),
            until: invitation.expires_at,
        };
        Self {
            page,
            studio_name: member.studio().name.to_string(),
            errors,
            email,
            is_owner,
            members: team.members.into_iter().map(line).collect(),
            invitations: team.invitations.into_iter().map(waits).collect(),
        }
    }
}

#[derive(Template, WebTemplate)]
#[template(path = "studios/join.html")]
pub(super) struct Join {
    pub(super) page: Page,
    pub(super) studio_name: String,
    pub(super) token: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "studios/invitation_over.html")]
pub(super) struct InvitationOver {
    pub(super) page: Page,
}

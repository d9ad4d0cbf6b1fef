//! What the forms of this slice send. Every field may be missing: the answer then says so in
//! words, beside the field.

use serde::Deserialize;

use crate::accounts::model::LocalPath;

/// The fields of a sign-up; the form of a new studio has them too.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct SignUpFields {
    /// What to call the person.
    pub name: String,
    /// Where mail goes.
    pub email: String,
    /// As typed.
    pub password: String,
    /// Where to go on.
    pub next: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct SignInFields {
    pub(super) email: String,
    pub(super) password: String,
    pub(super) next: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct NextQuery {
    next: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ForgotFields {
    pub(super) email: String,
}

/// The query of a link from a mail, and the form that uses it up.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct LinkFields {
    pub(super) token: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct ResetFields {
    pub(super) token: String,
    pub(super) password: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct PasswordFields {
    pub(super) current_password: String,
    pub(super) password: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct EmailFields {
    pub(super) email: String,
    pub(super) current_password: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct SessionFields {
    pub(super) session: String,
}

/// Where people go who did not come from anywhere.
const HOME: &str = "/";

impl NextQuery {
    pub(super) fn path(&self) -> LocalPath {
        LocalPath::or(&self.next, HOME)
    }
}

impl SignInFields {
    pub(super) fn path(&self) -> LocalPath {
        LocalPath::or(&self.next, HOME)
    }
}

impl SignUpFields {
    /// Where to go on, on this site.
    pub fn path(&self) -> LocalPath {
        LocalPath::or(&self.next, HOME)
    }
}

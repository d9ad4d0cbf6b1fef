//! What the pages of this slice show.

use askama::Template;
use askama_web::WebTemplate;

use crate::accounts::extract::SignedIn;
use crate::accounts::form::SignUpFields;
use crate::accounts::model::LocalPath;
use crate::accounts::sessions::Seen;
use crate::kernel::Note;
use crate::kernel::Time;
use crate::platform::web::FormErrors;
use crate::platform::web::Page;

#[derive(Template, WebTemplate)]
#[template(path = "accounts/sign_up.html")]
pub(super) struct SignUp {
    pub(super) page: Page,
    pub(super) errors: FormErrors,
    pub(super) fields: SignUpFields,
    pub(super) sign_in_link: String,
}

impl SignUp {
    /// The form with what was typed, the password excepted.
    pub(super) fn new(page: Page, errors: FormErrors, fields: SignUpFields) -> Self {
        let next = fields.path();
        Self {
            page,
            errors,
            sign_in_link: with_next("/login", &next),
            fields: SignUpFields {
                password: String::new(),
                next: next.as_str().to_owned(),
                ..fields
            },
        }
    }
}

/// After a sign-up: the same page, and the same words, for new and known addresses.
#[derive(Template, WebTemplate)]
#[template(path = "accounts/welcome.html")]
pub(super) struct Welcome {
    pub(super) page: Page,
    pub(super) email: String,
    pub(super) next: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "accounts/sign_in.html")]
pub(super) struct SignIn {
    pub(super) page: Page,
    pub(super) errors: FormErrors,
    pub(super) notice: &'static str,
    pub(super) email: String,
    pub(super) next: String,
    pub(super) sign_up_link: String,
}

impl SignIn {
    pub(super) fn new(page: Page, errors: FormErrors, email: String, next: &LocalPath) -> Self {
        Self {
            page,
            errors,
            notice: "",
            email,
            next: next.as_str().to_owned(),
            sign_up_link: with_next("/signup", next),
        }
    }
}

#[derive(Template, WebTemplate)]
#[template(path = "accounts/forgot.html")]
pub(super) struct Forgot {
    pub(super) page: Page,
    pub(super) errors: FormErrors,
    pub(super) email: String,
    pub(super) sent: bool,
}

#[derive(Template, WebTemplate)]
#[template(path = "accounts/reset.html")]
pub(super) struct Reset {
    pub(super) page: Page,
    pub(super) errors: FormErrors,
    pub(super) token: String,
}

/// A link from a mail and the button that uses it up.
#[derive(Template, WebTemplate)]
#[template(path = "accounts/use_link.html")]
pub(super) struct UseLink {
    pub(super) page: Page,
    pub(super) heading: &'static str,
    pub(super) words: &'static str,
    pub(super) action: &'static str,
    pub(super) button: &'static str,
    pub(super) token: String,
}

/// What came of something, and the next step.
#[derive(Template, WebTemplate)]
#[template(path = "accounts/outcome.html")]
pub(super) struct Outcome {
    pub(super) page: Page,
    pub(super) heading: &'static str,
    pub(super) words: Note,
    pub(super) link: &'static str,
    pub(super) label: &'static str,
}

/// One line of the list of devices.
pub(super) struct Device {
    pub(super) handle: String,
    pub(super) device: Note,
    pub(super) since: Time,
    pub(super) is_this: bool,
}

impl From<Seen> for Device {
    fn from(seen: Seen) -> Self {
        Self {
            handle: seen.handle,
            device: device(&seen.device),
            since: seen.since,
            is_this: seen.is_this,
        }
    }
}

/// A device as its session names it: `Firefox on Linux`, one word of that, or nothing.
fn device(name: &str) -> Note {
    match name.split_once(" on ") {
        Some((browser, system)) => Note::new("account-browser-on-system")
            .with("browser", browser)
            .with("system", system),
        None if name.is_empty() => Note::new("account-unknown-device"),
        None => Note::new("account-device-name").with("name", name),
    }
}

#[derive(Template, WebTemplate)]
#[template(path = "accounts/account.html")]
pub(super) struct Account {
    pub(super) page: Page,
    pub(super) notice: &'static str,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) verified: bool,
    pub(super) sessions: Vec<Device>,
}

impl Account {
    pub(super) fn new(
        page: Page,
        notice: &'static str,
        person: &SignedIn,
        seen: Vec<Seen>,
    ) -> Self {
        Self {
            page,
            notice,
            name: person.name().to_string(),
            email: person.email().to_string(),
            verified: person.email_verified(),
            sessions: seen.into_iter().map(Device::from).collect(),
        }
    }
}

#[derive(Template, WebTemplate)]
#[template(path = "accounts/change_password.html")]
pub(super) struct ChangePassword {
    pub(super) page: Page,
    pub(super) errors: FormErrors,
    pub(super) email: String,
}

#[derive(Template, WebTemplate)]
#[template(path = "accounts/change_email.html")]
pub(super) struct ChangeEmail {
    pub(super) page: Page,
    pub(super) errors: FormErrors,
    pub(super) current: String,
    pub(super) email: String,
}

fn with_next(path: &str, next: &LocalPath) -> String {
    if next.as_str() == "/" {
        return path.to_owned();
    }
    let next: String = url::form_urlencoded::byte_serialize(next.as_str().as_bytes()).collect();
    format!("{path}?next={next}")
}

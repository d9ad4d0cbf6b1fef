//! The pages of leaving.

use askama::Template;
use askama_web::WebTemplate;

use crate::platform::web::FormErrors;
use crate::platform::web::Page;

/// What erasing means, and the form.
#[derive(Template, WebTemplate)]
#[template(path = "personal/erase.html")]
pub(super) struct AskErase {
    pub(super) page: Page,
    pub(super) errors: FormErrors,
    pub(super) email: String,
    /// Films that cannot be watched any more.
    pub(super) films: i64,
    /// Whether their studio needs them, so that there is no form.
    pub(super) is_only_owner: bool,
}

/// It is done.
#[derive(Template, WebTemplate)]
#[template(path = "personal/erased.html")]
pub(super) struct ErasedPage {
    pub(super) page: Page,
}

//! Publishing a title: the gate, and the signature behind it.

use std::net::IpAddr;

use serde::Deserialize;

use crate::accounts::SignedIn;
use crate::catalog;
use crate::catalog::ATTESTATION;
use crate::catalog::Attestation;
use crate::catalog::Title;
use crate::kernel::text::DisplayName;
use crate::packaging::Rendition;
use crate::pages::studio_portal::film::readiness_of;
use crate::pages::studio_portal::readiness::Readiness;
use crate::platform::AppError;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::platform::web::FormErrors;

/// The form of a signature, as typed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct SignFields {
    /// The name, typed by hand.
    pub(super) signed_name: String,
    /// `yes` when the box is ticked.
    pub(super) rights: String,
    /// Root of the film the page showed; nothing stands for the newest.
    pub(super) root: String,
}

/// Why a title was not published; the page is shown again with it.
pub(super) struct NotPublished {
    /// What the title looks like now.
    pub(super) readiness: Readiness,
    /// What is wrong with the form; empty when the checklist is not done.
    pub(super) errors: FormErrors,
}

/// Publishes a title of the studio, in one transaction: the checklist is read, and the signature
/// written, against the same state of things.
pub(super) async fn publish(
    state: &AppState,
    title: &Title,
    signer: &SignedIn,
    address: IpAddr,
    fields: &SignFields,
) -> AppResult<Result<(), Box<NotPublished>>> {
    let now = state.now();
    let mut tx = state.db.begin_write().await?;
    let title = catalog::title_by_id(&mut tx, title.id)
        .await?
        .ok_or(AppError::NotFound)?;
    let readiness = readiness_of(&mut tx, &state.config, title).await?;
    let refused = |readiness, errors| Ok(Err(Box::new(NotPublished { readiness, errors })));
    if !readiness.can_be_published() {
        return Err(AppError::Conflict("error-this-film-is-on-sale"));
    }
    let film = match &readiness.playable {
        Some(film) if readiness.missing().is_empty() => film,
        _ => return refused(readiness, FormErrors::new()),
    };
    let signed_name = match checked(fields, film) {
        Ok(name) => name,
        Err(errors) => return refused(readiness, errors),
    };
    let attestation = Attestation {
        account: signer.account_id(),
        signed_name,
        text: ATTESTATION,
        address,
        container: film.container,
        root: film.root,
    };
    catalog::publish(&mut tx, &readiness.title, &attestation, now).await?;
    tx.commit().await?;
    Ok(Ok(()))
}

/// The name that was signed, if the box is ticked and the film is the one that was shown.
fn checked(fields: &SignFields, film: &Rendition) -> Result<DisplayName, FormErrors> {
    let mut errors = FormErrors::new();
    let name = errors.take("signed_name", DisplayName::parse(&fields.signed_name));
    if fields.rights != "yes" {
        errors.add("rights", "fault-please-tick-the-box-to");
    }
    if !fields.root.is_empty() && fields.root != film.root.to_string() {
        errors.add("signed_name", "fault-another-film-has-arrived-since");
    }
    errors.or(name)
}

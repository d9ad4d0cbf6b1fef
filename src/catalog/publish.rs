//! Putting a title on sale and taking it off.
//!
//! A title goes on sale with one film, named by the container and its root, and with the signed
//! word of a member that the studio may sell exactly that film. Another upload changes nothing for
//! buyers until it is published with a signature of its own.

use std::net::IpAddr;

use crate::catalog::Title;
use crate::catalog::store;
use crate::kernel::Time;
use crate::kernel::ids::AccountId;
use crate::kernel::text::DisplayName;
use crate::platform::AppError;
use crate::platform::AppResult;
use crate::platform::db::Conn;
use crate::sealed::ContainerId;
use crate::sealed::Root;

/// The words a member signs. A change of the words is a new version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttestationText {
    /// Its version.
    pub version: &'static str,
    /// The whole text.
    pub text: &'static str,
}

/// The words that are signed today.
pub const ATTESTATION: AttestationText = AttestationText {
    version: "2026-11-22",
    text: "I declare for my studio: the film with the fingerprint shown here is the film described \
           on this page. My studio holds the rights to sell it to the public through this store, \
           wherever it is offered here, for picture, sound, music and everything else in it. I may \
           sign this for my studio. I know that a false declaration can have consequences in law \
           for my studio and for me.",
};

/// A signature that is about to be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attestation {
    /// Who signs.
    pub account: AccountId,
    /// The name as typed by hand.
    pub signed_name: DisplayName,
    /// The words that were shown.
    pub text: AttestationText,
    /// Where the request came from.
    pub address: IpAddr,
    /// The sealed film.
    pub container: ContainerId,
    /// Names exactly its bytes.
    pub root: Root,
}

/// A signature that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The name as typed by hand.
    pub signed_name: DisplayName,
    /// Version of the words.
    pub text_version: String,
    /// The words.
    pub text: String,
    /// Where the request came from.
    pub address: String,
    /// The sealed film.
    pub container: ContainerId,
    /// Names exactly its bytes.
    pub root: Root,
    /// When.
    pub signed_at: Time,
}

/// Puts a title on sale, or another film under a title that is on sale. The caller has checked
/// film and offer in the same transaction, and commits.
pub async fn publish(
    tx: &mut Conn,
    title: &Title,
    signed: &Attestation,
    now: Time,
) -> AppResult<()> {
    if store::mark_published(tx, title.id, title.state, signed.container, now).await? == 0 {
        return Err(AppError::Conflict("error-the-title-was-changed-meanwhile"));
    }
    store::insert_attestation(tx, title.id, signed, now).await?;
    tracing::info!(title = %title.id, container = %signed.container, "published a title");
    Ok(())
}

/// Takes a title off sale. Buyers keep it. The caller commits.
pub async fn withdraw(tx: &mut Conn, title: &Title, now: Time) -> AppResult<()> {
    if store::mark_withdrawn(tx, title.id, now).await? == 0 {
        return Err(AppError::Conflict("error-the-title-is-not-on"));
    }
    tracing::info!(title = %title.id, "withdrew a title");
    Ok(())
}

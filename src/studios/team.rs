//! The people of a studio: invited by mail, listed, removed.

use std::time::Duration;

use crate::accounts;
use crate::accounts::Account;
use crate::accounts::SecretToken;
use crate::accounts::SignedIn;
use crate::accounts::TokenHash;
use crate::kernel::ids::AccountId;
use crate::kernel::text::EmailAddress;
use crate::platform::AppError;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::platform::limits::Limit;
use crate::platform::mail;
use crate::platform::mail::Letter;
use crate::platform::web::FormErrors;
use crate::platform::words::Words;
use crate::studios::model::INVITATION_LIFETIME;
use crate::studios::model::Invitation;
use crate::studios::model::MemberRow;
use crate::studios::model::Role;
use crate::studios::model::Studio;
use crate::studios::store;

/// Invitations of one studio; each is a mail to somebody who may not know us.
const INVITATIONS: Limit = Limit {
    name: "invitation",
    most: 20,
    window: Duration::from_secs(24 * 3600),
};

/// A studio's people, for its page.
pub(super) struct Team {
    pub(super) members: Vec<(Account, MemberRow)>,
    pub(super) invitations: Vec<Invitation>,
}

/// Everybody who works for a studio, and who is invited.
pub(super) async fn team_of(state: &AppState, studio: &Studio) -> AppResult<Team> {
    let mut conn = state.db.read().await?;
    let mut members = Vec::new();
    for row in store::members(&mut conn, studio.id).await? {
        if let Some(account) = accounts::account_by_id(&mut conn, row.account).await? {
            members.push((account, row));
        }
    }
    let invitations = store::invitations_of(&mut conn, studio.id, state.now()).await?;
    Ok(Team {
        members,
        invitations,
    })
}

/// Invites somebody by mail. Only an owner whose own address is confirmed may, since the mail
/// carries the studio's name to a stranger.
pub(super) async fn invite(
    state: &AppState,
    words: &Words,
    studio: &Studio,
    owner: &SignedIn,
    email: &str,
) -> AppResult<Result<(), FormErrors>> {
    let mut errors = FormErrors::new();
    let email = errors.take("email", EmailAddress::parse(email));
    if !owner.email_verified() {
        errors.add("email", "fault-please-confirm-your-own-address");
    }
    let email = match errors.or(email) {
        Ok(email) => email,
        Err(errors) => return Ok(Err(errors)),
    };
    let now = state.now();
    let mut tx = state.db.begin_write().await?;
    INVITATIONS
        .count(&mut tx, &studio.id.to_string(), now)
        .await?;
    let token = SecretToken::new(&mut rand::rng());
    let until = now.after(INVITATION_LIFETIME);
    store::put_invitation(&mut tx, &token.hash(), studio.id, &email, until).await?;
    let link = state
        .config
        .public_url
        .join(&format!("/studio/join?token={}", token.reveal()));
    let name = studio.name.as_str();
    let subject = words.say("mail-invitation-subject").with("studio", name);
    let why = words.say("mail-invitation-why").with("studio", name);
    let letter = Letter::new(words, subject.to_string())
        .say(why.to_string())
        .button(words.t("join-join-the-studio"), link)
        .note(words.t("mail-invitation-note"));
    mail::queue(&mut tx, &letter.to(email)?, now).await?;
    tx.commit().await?;
    Ok(Ok(()))
}

/// Takes an invitation back.
pub(super) async fn take_back(state: &AppState, studio: &Studio, email: &str) -> AppResult<()> {
    let email = EmailAddress::parse(email).map_err(|_| AppError::NotFound)?;
    let mut tx = state.db.begin_write().await?;
    store::delete_invitation(&mut tx, studio.id, &email).await?;
    Ok(tx.commit().await?)
}

/// The studio behind an invitation that still works. Looking does not use it up.
pub(super) async fn invited_to(state: &AppState, token: &str) -> AppResult<Option<Studio>> {
    let mut conn = state.db.read().await?;
    Ok(store::invited_to(&mut conn, &TokenHash::of(token), state.now()).await?)
}

/// Makes somebody an editor of the studio that invited; false when the invitation is over.
pub(super) async fn join(state: &AppState, person: &SignedIn, token: &str) -> AppResult<bool> {
    let now = state.now();
    let mut tx = state.db.begin_write().await?;
    let invited = store::take_invitation(&mut tx, &TokenHash::of(token), now).await?;
    let Some(studio) = invited else {
        return Ok(false);
    };
    let id = person.account_id();
    if store::insert_member(&mut tx, studio, id, Role::Editor, now).await? == 0 {
        return Err(AppError::Conflict("error-you-work-for-a-studio-2"));
    }
    accounts::set_has_studio(&mut tx, id, true).await?;
    tx.commit().await?;
    tracing::info!(%studio, account = %id, "joined a studio");
    Ok(true)
}

/// Removes an editor, and every token that the editor made.
pub(super) async fn remove(state: &AppState, studio: &Studio, member: &str) -> AppResult<()> {
    let id: AccountId = member.parse().map_err(|_| AppError::NotFound)?;
    let mut tx = state.db.begin_write().await?;
    if store::delete_editor(&mut tx, studio.id, id).await? == 0 {
        return Err(AppError::NotFound);
    }
    store::revoke_all_of(&mut tx, studio.id, id, state.now()).await?;
    accounts::set_has_studio(&mut tx, id, false).await?;
    tx.commit().await?;
    tracing::info!(studio = %studio.id, account = %id, "left a studio");
    Ok(())
}

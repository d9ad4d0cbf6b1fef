//! Participants: added by the studio, and let in by a link in a mail that works once.

use std::time::Duration;

use tower_sessions::Session;

use super::model::Participant;
use super::store;
use crate::accounts::SecretToken;
use crate::accounts::TokenHash;
use crate::kernel::Time;
use crate::kernel::ids::ParticipantId;
use crate::kernel::ids::StudioId;
use crate::kernel::text::DisplayName;
use crate::kernel::text::EmailAddress;
use crate::platform::AppError;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::platform::db::Conn;
use crate::platform::limits::Limit;
use crate::platform::mail;
use crate::platform::mail::Letter;
use crate::platform::web::ClientAddress;
use crate::platform::web::FormErrors;
use crate::platform::words::Words;
use crate::studios::Studio;
use crate::studios::StudioMember;

/// How long a link waits to be used.
const LINK_LIFETIME: Duration = Duration::from_secs(3 * 24 * 3600);
/// How long a participant stays signed in.
const SIGNED_IN: Duration = Duration::from_secs(12 * 3600);
/// Links of one studio; each is a mail to somebody who may not know us.
const INVITATIONS: Limit = Limit {
    name: "participant",
    most: 50,
    window: Duration::from_secs(24 * 3600),
};
/// Links that strangers may make us send to one address.
const ASKS: Limit = Limit {
    name: "participant-ask",
    most: 5,
    window: Duration::from_secs(3600),
};
/// Links that one visitor may ask for.
const VISITOR: Limit = Limit {
    name: "participant-visitor",
    most: 30,
    window: Duration::from_secs(3600),
};
/// Keys of a session's data.
const WHO: &str = "participant";
const UNTIL: &str = "participant_until";

/// Adds a participant and sends the first link.
pub(super) async fn add(
    state: &AppState,
    words: &Words,
    member: &StudioMember,
    name: &str,
    email: &str,
) -> AppResult<Result<(), FormErrors>> {
    let mut errors = FormErrors::new();
    let name = errors.take("name", DisplayName::parse(name));
    let email = errors.take("email", EmailAddress::parse(email));
    let verified = member
        .account()
        .is_some_and(|person| person.email_verified());
    if !verified {
        errors.add("email", "fault-please-confirm-your-own-address");
    }
    let (name, email) = match (name, email) {
        (Some(name), Some(email)) if errors.is_empty() => (name, email),
        _ => return Ok(Err(errors)),
    };
    let now = state.now();
    let mut tx = state.db.begin_write().await?;
    let enrolled = enroll(&mut tx, member.studio().id, name, email, now).await?;
    let Some(participant) = enrolled else {
        return Ok(Err(FormErrors::one("email", "fault-participant-known")));
    };
    send(state, &mut tx, words, member.studio(), &participant, now).await?;
    tx.commit().await?;
    Ok(Ok(()))
}

/// Adds a participant without a mail; nobody if the studio has somebody of that address.
pub async fn enroll(
    tx: &mut Conn,
    studio: StudioId,
    name: DisplayName,
    email: EmailAddress,
    now: Time,
) -> Result<Option<Participant>, sqlx::Error> {
    let participant = Participant {
        id: ParticipantId::new(now, &mut rand::rng()),
        studio,
        name,
        email,
        changed_at: now,
    };
    let written = store::insert_participant(tx, &participant, now).await?;
    Ok((written == 1).then_some(participant))
}

/// A participant of a studio by the id in an address.
pub(super) async fn of_studio(
    conn: &mut Conn,
    studio: StudioId,
    id: &str,
) -> AppResult<Participant> {
    let id: ParticipantId = id.parse().map_err(|_| AppError::NotFound)?;
    let found = store::participant_by_id(conn, id).await?;
    let own = found.filter(|found| found.studio == studio);
    own.ok_or(AppError::NotFound)
}

/// Gives a participant another address and sends the link there; nothing of the one before works
/// any more.
pub(super) async fn change_address(
    state: &AppState,
    words: &Words,
    studio: &Studio,
    participant: Participant,
    email: &str,
) -> AppResult<Result<(), FormErrors>> {
    let mut errors = FormErrors::new();
    let email = errors.take("email", EmailAddress::parse(email));
    let email = match errors.or(email) {
        Ok(email) => email,
        Err(errors) => return Ok(Err(errors)),
    };
    let now = state.now();
    let mut tx = state.db.begin_write().await?;
    if !store::set_address(&mut tx, participant.id, &email, now).await? {
        return Ok(Err(FormErrors::one("email", "fault-participant-known")));
    }
    let changed = Participant {
        email,
        changed_at: now,
        ..participant
    };
    send(state, &mut tx, words, studio, &changed, now).await?;
    tx.commit().await?;
    tracing::info!(participant = %changed.id, "a participant has another address");
    Ok(Ok(()))
}

/// Sends a participant of the studio a new link.
pub(super) async fn invite_again(
    state: &AppState,
    words: &Words,
    studio: &Studio,
    id: &str,
) -> AppResult<()> {
    let now = state.now();
    let mut tx = state.db.begin_write().await?;
    let participant = of_studio(&mut tx, studio.id, id).await?;
    send(state, &mut tx, words, studio, &participant, now).await?;
    Ok(tx.commit().await?)
}

async fn send(
    state: &AppState,
    tx: &mut Conn,
    words: &Words,
    studio: &Studio,
    participant: &Participant,
    now: Time,
) -> AppResult<()> {
    INVITATIONS.count(tx, &studio.id.to_string(), now).await?;
    let name = studio.name.as_str();
    let letter = Letter::new(
        words,
        words
            .say("mail-statements-subject")
            .with("studio", name)
            .to_string(),
    )
    .say(
        words
            .say("mail-statements-why")
            .with("studio", name)
            .to_string(),
    );
    queue(state, tx, words, participant, letter, now).await
}

async fn queue(
    state: &AppState,
    tx: &mut Conn,
    words: &Words,
    participant: &Participant,
    letter: Letter,
    now: Time,
) -> AppResult<()> {
    let token = SecretToken::new(&mut rand::rng());
    store::insert_link(tx, &token.hash(), participant.id, now.after(LINK_LIFETIME)).await?;
    let path = format!("/statements/enter?token={}", token.reveal());
    let letter = letter
        .button(
            words.t("mail-statements-button"),
            state.config.public_url.join(&path),
        )
        .note(words.t("mail-statements-note"));
    mail::queue(tx, &letter.to(participant.email.clone())?, now).await?;
    Ok(())
}

/// Sends a new link to everyone of an address, and tells the visitor nothing about who that is.
pub(super) async fn ask(
    state: &AppState,
    words: &Words,
    from: ClientAddress,
    email: &str,
) -> AppResult<Result<(), FormErrors>> {
    let mut errors = FormErrors::new();
    let email = errors.take("email", EmailAddress::parse(email));
    let email = match errors.or(email) {
        Ok(email) => email,
        Err(errors) => return Ok(Err(errors)),
    };
    let now = state.now();
    let mut tx = state.db.begin_write().await?;
    VISITOR.count(&mut tx, &from.limit_key(), now).await?;
    let may_mail = ASKS.count(&mut tx, email.as_str(), now).await.is_ok();
    for participant in store::participants_by_email(&mut tx, &email).await? {
        if may_mail {
            let letter = Letter::new(words, words.t("mail-statements-again-subject"))
                .say(words.t("mail-statements-again-why"));
            queue(state, &mut tx, words, &participant, letter, now).await?;
        }
    }
    tx.commit().await?;
    Ok(Ok(()))
}

/// Whether a link would still work. Mail scanners open every link, so looking uses nothing up.
pub(super) async fn works(state: &AppState, token: &str) -> AppResult<bool> {
    let mut conn = state.db.read().await?;
    let found = store::link_of(&mut conn, &TokenHash::of(token), state.now()).await?;
    Ok(found.is_some())
}

/// Uses a link up and signs its participant in; false when the link is over. Whoever was signed in
/// in this browser is signed out, so that no right adds to another.
pub(super) async fn enter(state: &AppState, session: &Session, token: &str) -> AppResult<bool> {
    let now = state.now();
    let mut tx = state.db.begin_write().await?;
    let Some(id) = store::take_link(&mut tx, &TokenHash::of(token), now).await? else {
        return Ok(false);
    };
    tx.commit().await?;
    session.clear().await;
    session.cycle_id().await.map_err(broken)?;
    session.insert(WHO, id).await.map_err(broken)?;
    session
        .insert(UNTIL, now.after(SIGNED_IN).millis())
        .await
        .map_err(broken)?;
    tracing::info!(participant = %id, "a participant signed in");
    Ok(true)
}

/// The participant of a session, if one is signed in.
pub(super) async fn present(state: &AppState, session: &Session) -> AppResult<Option<Participant>> {
    let id: Option<ParticipantId> = session.get(WHO).await.map_err(broken)?;
    let until: Option<i64> = session.get(UNTIL).await.map_err(broken)?;
    let (Some(id), Some(until)) = (id, until) else {
        return Ok(None);
    };
    if until <= state.now().millis() {
        return Ok(None);
    }
    let entered_at = Time::from_millis(until).before(SIGNED_IN);
    let found = store::participant_by_id(&mut *state.db.read().await?, id).await?;
    Ok(found.filter(|participant| participant.changed_at <= entered_at))
}

/// Signs the participant out, and nobody else.
pub(super) async fn leave(session: &Session) -> AppResult<()> {
    let was_in: Option<ParticipantId> = session.remove(WHO).await.map_err(broken)?;
    match was_in {
        Some(_) => session.flush().await.map_err(broken),
        None => Ok(()),
    }
}

fn broken(error: tower_sessions::session::Error) -> AppError {
    AppError::Internal(error.into())
}

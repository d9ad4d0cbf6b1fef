//! Splits of a film: looked at, and a new one appended.

use super::form::SplitFields;
use super::model::Participant;
use super::model::Party;
use super::model::Split;
use super::store;
use crate::kernel::ids::StudioId;
use crate::kernel::ids::TitleId;
use crate::ledger;
use crate::platform::AppError;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::platform::db;
use crate::platform::web::FormErrors;
use crate::studios::StudioMember;

/// What is known about the splits of a film.
pub(super) struct Known {
    /// By the moment they begin.
    pub(super) splits: Vec<Split>,
    pub(super) participants: Vec<Participant>,
}

pub(super) async fn of_title(
    state: &AppState,
    studio: StudioId,
    title: TitleId,
) -> AppResult<Known> {
    let mut conn = state.db.read().await?;
    let mut splits = store::splits_of(&mut conn, studio).await?;
    let mut splits = splits.remove(&title).unwrap_or_default();
    splits.sort_by_key(|split| (split.valid_from, split.number));
    let participants = store::participants_of(&mut conn, studio).await?;
    Ok(Known {
        splits,
        participants,
    })
}

/// Appends a split, for sales from its beginning on. Everything already sold stays divided as it
/// was. What is wrong with the form comes back, and nothing is written.
pub(super) async fn append(
    state: &AppState,
    member: &StudioMember,
    title: TitleId,
    fields: &SplitFields,
) -> AppResult<Result<(), FormErrors>> {
    let studio = member.studio().id;
    let mut tx = state.db.begin_write().await?;
    let now = state.now();
    let splits = store::splits_of(&mut tx, studio).await?;
    let before = splits.get(&title).map_or(0, Vec::len);
    let number = i64::try_from(before).expect("splits are few") + 1;
    let participants = store::participants_of(&mut tx, studio).await?;
    let mut known = vec![Party::Studio];
    known.extend(participants.iter().map(|who| Party::Participant(who.id)));
    let split = match fields.split(title, number, &known, now) {
        Ok(split) => split,
        Err(errors) => return Ok(Err(errors)),
    };
    let written = store::insert_split(&mut tx, studio, &split, member.member_name(), now).await;
    if written.as_ref().is_err_and(db::is_unique_violation) {
        return Err(AppError::Conflict("error-split-at-once"));
    }
    written?;
    ledger::begin_era(&mut tx, title, number, split.valid_from).await?;
    tx.commit().await?;
    tracing::info!(%title, number, "a split was appended");
    Ok(Ok(()))
}

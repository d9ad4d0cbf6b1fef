//! Splits of a film: looked at, and a new one appended.

use super::form::SplitFields;
use super::model::Participant;
use super::model::Party;
use super::model::Split;
use super::model::SplitFault;
use super::model::split_at;
use super::store;
use crate::kernel::Time;
use crate::kernel::ids::StudioId;
use crate::kernel::ids::TitleId;
use crate::ledger;
use crate::platform::AppError;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::platform::db;
use crate::platform::db::Conn;
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
    if splits
        .get(&title)
        .is_some_and(|known| is_known(known, &split, now))
    {
        return Ok(Ok(())); // sent twice, or nothing was changed
    }
    let written = append_split(&mut tx, studio, &split, member.member_name(), now).await;
    if written.as_ref().is_err_and(db::is_unique_violation) {
        return Err(AppError::Conflict("error-split-at-once"));
    }
    written?.map_err(|fault| AppError::Internal(fault.into()))?;
    tx.commit().await?;
    tracing::info!(%title, number, "a split was appended");
    Ok(Ok(()))
}

/// Whether the newest split says the same already, for the same sales.
fn is_known(splits: &[Split], wanted: &Split, now: Time) -> bool {
    let Some(newest) = splits.iter().max_by_key(|split| split.number) else {
        return false;
    };
    let counts = newest.valid_from == wanted.valid_from
        || (wanted.valid_from == now && split_at(splits, now) == newest.number);
    counts && newest.firsts == wanted.firsts && newest.shares == wanted.shares
}

/// Appends a split of a film and begins its era. What is no split comes back, and nothing is
/// written; a number that is taken violates the table's uniqueness.
pub async fn append_split(
    tx: &mut Conn,
    studio: StudioId,
    split: &Split,
    made_by: &str,
    now: Time,
) -> Result<Result<(), SplitFault>, sqlx::Error> {
    if let Err(fault) = split.check(now) {
        return Ok(Err(fault));
    }
    store::insert_split(tx, studio, split, made_by, now).await?;
    ledger::begin_era(tx, split.title, split.number, split.valid_from).await?;
    Ok(Ok(()))
}

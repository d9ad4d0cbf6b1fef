//! Reading statements: lists, one of them, and its files.

use std::collections::BTreeMap;

use super::close;
use super::files;
use super::model::Participant;
use super::model::Party;
use super::model::Share;
use super::model::split_at;
use super::paper;
use super::paper::Proof;
use super::sheet::Sheet;
use super::signed::Signable;
use super::signed::Signed;
use super::statement::Statement;
use super::store;
use super::store::Kept;
use super::store::Listed;
use super::store::ListedYear;
use super::year::YearStatement;
use crate::catalog;
use crate::kernel::Time;
use crate::kernel::ids::ParticipantId;
use crate::kernel::ids::StatementId;
use crate::kernel::ids::StudioId;
use crate::kernel::ids::TitleId;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::platform::db::corrupt;
use crate::platform::words::Words;
use crate::sealed::signing::SigningKey;

/// Statements a list shows; older ones are reached by their years.
pub(super) const MOST: usize = 40;

/// Who reads: a studio all of its statements, a participant only his.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reader {
    pub(super) studio: StudioId,
    pub(super) party: Party,
}

/// What a studio's page shows.
pub(super) struct ListsOfStudio {
    pub(super) statements: Vec<(Listed, String)>,
    pub(super) years: Vec<(ListedYear, String)>,
    /// Currencies with a draft of the running month.
    pub(super) drafts: Vec<String>,
    pub(super) participants: Vec<Participant>,
}

/// What a participant's page shows.
pub(super) struct ListsOfParticipant {
    pub(super) statements: Vec<Listed>,
    pub(super) years: Vec<ListedYear>,
    pub(super) drafts: Vec<String>,
    /// Films with the present share.
    pub(super) shares: Vec<(String, Share)>,
}

/// A statement that was found for its reader.
pub(super) struct Found {
    pub(super) sheet: Sheet,
    pub(super) made_at: Time,
    /// How it is asked for, without an ending.
    pub(super) address: String,
    /// The statements that a year sums, in order.
    pub(super) months: Vec<StatementId>,
}

/// The kind of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    Csv,
    Json,
    Pdf,
}

impl Ending {
    /// The name and the kind in `name.pdf`; no kind for the page.
    pub(super) fn split(file: &str) -> (&str, Option<Self>) {
        for ending in [Self::Csv, Self::Json, Self::Pdf] {
            let name = file
                .strip_suffix(ending.word())
                .and_then(|name| name.strip_suffix('.'));
            if let Some(name) = name {
                return (name, Some(ending));
            }
        }
        (file, None)
    }

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Pdf => "pdf",
        }
    }

    pub(super) const fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Json => "application/json",
            Self::Pdf => "application/pdf",
        }
    }
}

pub(super) async fn of_studio(state: &AppState, studio: StudioId) -> AppResult<ListsOfStudio> {
    let drafts = close::drafts(state, studio).await?;
    let drafts = drafts
        .into_iter()
        .filter(|(party, _)| *party == Party::Studio);
    let mut conn = state.db.read().await?;
    let participants = store::participants_of(&mut conn, studio).await?;
    let names: BTreeMap<ParticipantId, String> = participants
        .iter()
        .map(|who| (who.id, who.name.to_string()))
        .collect();
    let statements = store::list(&mut conn, studio, None, MOST).await?;
    let years = store::years(&mut conn, studio, None).await?;
    let name = |participant: Option<ParticipantId>| {
        let name = participant.and_then(|id| names.get(&id).cloned());
        name.unwrap_or_default()
    };
    let statements = statements.into_iter();
    let years = years.into_iter();
    Ok(ListsOfStudio {
        statements: statements
            .map(|line| (line.clone(), name(line.participant)))
            .collect(),
        years: years
            .map(|line| (line.clone(), name(line.participant)))
            .collect(),
        drafts: drafts.map(|(_, statement)| statement.currency).collect(),
        participants,
    })
}

pub(super) async fn of_participant(
    state: &AppState,
    participant: &Participant,
) -> AppResult<ListsOfParticipant> {
    let party = Party::Participant(participant.id);
    let drafts = close::drafts(state, participant.studio).await?;
    let drafts = drafts.into_iter().filter(|(of, _)| *of == party);
    let mut conn = state.db.read().await?;
    let statements = store::list(&mut conn, participant.studio, Some(participant.id), MOST).await?;
    let years = store::years(&mut conn, participant.studio, Some(participant.id)).await?;
    let splits = store::splits_of(&mut conn, participant.studio).await?;
    let mut present: Vec<(TitleId, Share)> = Vec::new();
    for (title, splits) in &splits {
        let number = split_at(splits, state.now());
        let split = splits.iter().find(|split| split.number == number);
        let share = split.and_then(|split| split.shares.iter().find(|share| share.party == party));
        present.extend(share.map(|share| (*title, *share)));
    }
    let ids: Vec<TitleId> = present.iter().map(|(title, _)| *title).collect();
    let titles = catalog::titles_by_ids(&mut conn, &ids).await?;
    let name = |id: TitleId| {
        let title = titles.iter().find(|title| title.id == id);
        title.map_or_else(|| id.to_string(), |title| title.name().to_owned())
    };
    Ok(ListsOfParticipant {
        statements,
        years,
        drafts: drafts.map(|(_, statement)| statement.currency).collect(),
        shares: present
            .into_iter()
            .map(|(title, share)| (name(title), share))
            .collect(),
    })
}

/// The statement of a name (`statement_…`, or `draft-USD`), if the reader may read it.
pub(super) async fn find(state: &AppState, reader: Reader, name: &str) -> AppResult<Option<Found>> {
    if let Some(code) = name.strip_prefix("draft-") {
        let drafts = close::drafts(state, reader.studio).await?;
        let draft = drafts
            .into_iter()
            .find(|(party, statement)| *party == reader.party && statement.currency == code);
        return Ok(draft.map(|(_, statement)| Found {
            sheet: Sheet::Month(statement),
            made_at: state.now(),
            address: name.to_owned(),
            months: Vec::new(),
        }));
    }
    if let Some(wanted) = name.strip_prefix("year-") {
        return year(state, reader, name, wanted).await;
    }
    let Ok(id) = name.parse::<StatementId>() else {
        return Ok(None);
    };
    let kept = store::statement_by_id(&mut *state.db.read().await?, id).await?;
    let readable = kept.filter(|kept| may_read(reader, kept));
    Ok(readable.map(|kept| found(&kept)).transpose()?)
}

fn may_read(reader: Reader, kept: &Kept) -> bool {
    reader.studio == kept.studio
        && match reader.party {
            Party::Studio => true,
            Party::Participant(id) => kept.participant == Some(id),
        }
}

fn found(kept: &Kept) -> Result<Found, sqlx::Error> {
    Ok(Found {
        sheet: Sheet::Month(statement_of(kept)?),
        made_at: kept.closed_at,
        address: kept.id.to_string(),
        months: Vec::new(),
    })
}

fn statement_of(kept: &Kept) -> Result<Statement, sqlx::Error> {
    let statement = serde_json::from_str(&kept.content);
    statement.map_err(|_| corrupt("content", &kept.id.to_string()))
}

/// How a year is asked for: `year-2026-USD`, and by a studio for somebody who shares
/// `year-2026-USD-participant_…`.
pub(super) fn year_address(year: &str, currency: &str, of: Option<ParticipantId>) -> String {
    let of = of.map(|id| format!("-{id}")).unwrap_or_default();
    format!("year-{year}-{currency}{of}")
}

/// The year of an account as far as its months are closed.
async fn year(
    state: &AppState,
    reader: Reader,
    name: &str,
    wanted: &str,
) -> AppResult<Option<Found>> {
    let mut words = wanted.splitn(3, '-');
    let (Some(year), Some(currency)) = (words.next(), words.next()) else {
        return Ok(None);
    };
    let participant = match (reader.party, words.next().map(str::parse)) {
        (Party::Studio, None) => None,
        (Party::Studio, Some(Ok(id))) | (Party::Participant(id), None) => Some(id),
        _ => return Ok(None),
    };
    let mut conn = state.db.read().await?;
    let kept =
        store::statements_of_year(&mut conn, reader.studio, participant, year, currency).await?;
    let months: Vec<Statement> = kept.iter().map(statement_of).collect::<Result<_, _>>()?;
    let months: Vec<&Statement> = months.iter().collect();
    let sheet = YearStatement::of(&months).map(Sheet::Year);
    Ok(sheet.zip(kept.last()).map(|(sheet, last)| Found {
        sheet,
        made_at: last.closed_at,
        address: name.to_owned(),
        months: kept.iter().map(|kept| kept.id).collect(),
    }))
}

/// The bytes of a file: signed, unless it is a draft, which has no JSON file either.
pub(super) fn file(
    state: &AppState,
    words: &Words,
    found: &Found,
    ending: Ending,
) -> anyhow::Result<Option<Vec<u8>>> {
    let keys = state.keyring.signing_keys();
    match &found.sheet {
        Sheet::Month(month) => file_of(words, found, month, ending, &keys[0]),
        Sheet::Year(year) => file_of(words, found, year, ending, &keys[0]),
    }
}

fn file_of<S: Signable>(
    words: &Words,
    found: &Found,
    statement: &S,
    ending: Ending,
    key: &SigningKey,
) -> anyhow::Result<Option<Vec<u8>>> {
    if statement.is_draft() {
        return Ok(match ending {
            Ending::Json => None,
            Ending::Csv => Some(statement.table().into_bytes()),
            Ending::Pdf => Some(paper::write(words, &found.sheet, None, found.made_at)?),
        });
    }
    let signed = Signed::sign(statement.clone(), key);
    Ok(Some(match ending {
        Ending::Json => signed.json().into_bytes(),
        Ending::Csv => files::sign_csv(&signed, key).into_bytes(),
        Ending::Pdf => {
            let proof = Proof {
                key: signed.key.to_string(),
                json: signed.json(),
            };
            let pages = paper::write(words, &found.sheet, Some(&proof), found.made_at)?;
            files::sign_pdf(pages, key)
        }
    }))
}

//! Close: when a month is over, write its statements, link and sign them, and post what is owed.

use std::collections::BTreeMap;
use std::time::Duration;

use super::compose;
use super::compose::Composed;
use super::compose::Facts;
use super::model::Party;
use super::month::Month;
use super::signed::Signable as _;
use super::signed::Signed;
use super::statement::Named;
use super::statement::Statement;
use super::store;
use super::store::Chain;
use super::store::Kept;
use crate::catalog;
use crate::kernel::Money;
use crate::kernel::Time;
use crate::kernel::ids::StatementId;
use crate::kernel::ids::StudioId;
use crate::kernel::ids::TitleId;
use crate::ledger;
use crate::ledger::Movement;
use crate::ledger::Transfer;
use crate::platform::AppState;
use crate::platform::db::Conn;
use crate::sealed::signing::SigningKey;
use crate::studios;

/// A posting gets its time before it is committed. Nothing that takes so long is ever committed.
const GRACE: Duration = Duration::from_secs(3600);

/// What became of a month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// So many statements were written.
    Now(usize),
    /// It was closed before, or an earlier one is still open.
    NotNext,
    /// It is not over, or only just.
    TooEarly,
}

/// Closes every month that is over, for every studio; a periodic job. Several may run at once.
pub async fn close_due(state: &AppState) -> anyhow::Result<usize> {
    let mut written = 0;
    let studios = ledger::studios(&mut *state.db.read().await?).await?;
    for (studio, first) in studios {
        loop {
            let chain = store::chain(&mut *state.db.read().await?, studio).await?;
            let month = chain.month.map_or(Month::of(first), Month::next);
            match close(state, studio, month).await? {
                Closed::Now(statements) => written += statements,
                Closed::NotNext => {} // somebody else was faster; look again
                Closed::TooEarly => break,
            }
        }
    }
    Ok(written)
}

/// Closes one month of a studio. The books of a month that is over change no more, so they are
/// summed before the transaction, which holds the chain's row for a moment only.
pub async fn close(state: &AppState, studio: StudioId, month: Month) -> anyhow::Result<Closed> {
    let now = state.now();
    if month.end().after(GRACE) > now {
        return Ok(Closed::TooEarly);
    }
    let composed = {
        let mut conn = state.db.read().await?;
        let facts = facts(
            &mut conn,
            state.config.public_url.origin(),
            studio,
            month,
            month.end(),
            now,
        );
        compose::compose(&facts.await?)
    };
    let mut tx = state.db.begin_write().await?;
    let chain = store::lock_chain(&mut tx, studio).await?;
    if chain.month.is_some_and(|closed| closed.next() != month) {
        return Ok(Closed::NotNext);
    }
    let keys = state.keyring.signing_keys();
    let written = write(&mut tx, studio, month, chain, composed, &keys[0], now).await?;
    tx.commit().await?;
    tracing::info!(%studio, %month, statements = written, "a month was closed");
    Ok(Closed::Now(written))
}

async fn write(
    tx: &mut Conn,
    studio: StudioId,
    month: Month,
    chain: Chain,
    composed: Composed,
    key: &SigningKey,
    now: Time,
) -> Result<usize, sqlx::Error> {
    let (mut number, mut digest) = (chain.number, chain.digest);
    let written = composed.statements.len();
    for (party, statement) in composed.statements {
        number += 1;
        let statement = Statement {
            draft: false,
            number,
            previous: digest,
            ..statement
        };
        let kept = keep(studio, party, statement, key, now);
        store::insert_statement(tx, &kept).await?;
        digest = kept.digest;
    }
    for owed in composed.owed {
        let cause = format!("{studio}:{month}:{}", owed.currency.code());
        let amount = Money::new(owed.minor, owed.currency);
        ledger::post(
            tx,
            &Transfer::shares(cause, studio, owed.title, amount),
            now,
        )
        .await?;
    }
    store::set_chain(tx, studio, month, number, &digest).await?;
    Ok(written)
}

fn keep(studio: StudioId, party: Party, statement: Statement, key: &SigningKey, now: Time) -> Kept {
    let signed = Signed::sign(statement, key);
    let statement = &signed.statement;
    Kept {
        id: StatementId::new(now, &mut rand::rng()),
        studio,
        participant: match party {
            Party::Studio => None,
            Party::Participant(id) => Some(id),
        },
        month: statement.month.clone(),
        currency: statement.currency.clone(),
        number: statement.number,
        content: statement.text(),
        digest: statement.digest(),
        previous: statement.previous.clone(),
        key: signed.key.to_string(),
        signature: signed.signature.to_string(),
        closed_at: now,
    }
}

/// What the statements of a running month would be now.
pub(super) async fn drafts(
    state: &AppState,
    studio: StudioId,
) -> Result<Vec<(Party, Statement)>, sqlx::Error> {
    let now = state.now();
    let (month, until) = (Month::of(now), now.after(Duration::from_millis(1)));
    let mut conn = state.db.read().await?;
    let origin = state.config.public_url.origin();
    let facts = facts(&mut conn, origin, studio, month, until, now).await?;
    Ok(compose::compose(&facts).statements)
}

/// Reads what a month follows from.
pub(super) async fn facts(
    conn: &mut Conn,
    store: &str,
    studio: StudioId,
    month: Month,
    until: Time,
    made_at: Time,
) -> Result<Facts, sqlx::Error> {
    let movements = ledger::movements(conn, studio, None, month.start(), until).await?;
    facts_of(conn, store, studio, month, movements, made_at).await
}

/// The same of movements that are known already.
pub(super) async fn facts_of(
    conn: &mut Conn,
    store: &str,
    studio: StudioId,
    month: Month,
    movements: Vec<Movement>,
    made_at: Time,
) -> Result<Facts, sqlx::Error> {
    let mut titles: Vec<TitleId> = movements.iter().map(|movement| movement.title).collect();
    titles.sort_unstable();
    titles.dedup();
    let titles = catalog::titles_by_ids(conn, &titles).await?;
    let titles: BTreeMap<_, _> = titles
        .into_iter()
        .map(|title| (title.id, title.name().to_owned()))
        .collect();
    let participants = store::participants_of(conn, studio).await?;
    let name = studios::studio_by_id(conn, studio)
        .await?
        .map(|studio| studio.name.to_string());
    Ok(Facts {
        store: store.to_owned(),
        studio: Named {
            id: studio.to_string(),
            name: name.unwrap_or_else(|| studio.to_string()),
        },
        month,
        made_at,
        movements,
        splits: store::splits_of(conn, studio).await?,
        titles,
        participants: participants
            .into_iter()
            .map(|p| (p.id, p.name.to_string()))
            .collect(),
    })
}

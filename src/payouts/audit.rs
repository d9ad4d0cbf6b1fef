//! Audit: are the statements what the books say, in one unbroken chain?

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::close;
use super::compose;
use super::month::Month;
use super::signed::Signable as _;
use super::signed::Signed;
use super::statement::NO_DIGEST;
use super::statement::Statement;
use super::store;
use super::store::Kept;
use crate::kernel::Money;
use crate::kernel::Time;
use crate::kernel::ids::StudioId;
use crate::kernel::ids::TitleId;
use crate::ledger;
use crate::ledger::Movement;
use crate::ledger::Purpose;
use crate::platform::db::Conn;

/// Everything that is wrong with the statements, one sentence each: the chain, the signatures, and
/// the figures, which are computed anew from the books.
pub async fn audit(conn: &mut Conn) -> Result<Vec<String>, sqlx::Error> {
    let mut faults = Vec::new();
    for studio in store::studios_with_statements(conn).await? {
        let kept = store::statements_of(conn, studio).await?;
        faults.extend(chain_faults(&kept));
        faults.extend(figure_faults(conn, studio, &kept).await?);
    }
    Ok(faults)
}

fn chain_faults(kept: &[Kept]) -> Vec<String> {
    let mut faults = Vec::new();
    let mut previous = NO_DIGEST;
    for (number, statement) in (1..).zip(kept) {
        let id = statement.id;
        if statement.number != number || statement.previous != previous {
            faults.push(format!("{id} does not follow the statement before it"));
        }
        if !is_genuine(statement) {
            faults.push(format!("{id} is not as it was signed"));
        }
        previous = &statement.digest;
    }
    faults
}

/// Whether the columns are those of the text, and the text is what was signed.
fn is_genuine(kept: &Kept) -> bool {
    let Ok(statement) = serde_json::from_str::<Statement>(&kept.content) else {
        return false;
    };
    let (Ok(key), Ok(signature)) = (kept.key.parse(), kept.signature.parse()) else {
        return false;
    };
    let same = statement.text() == kept.content
        && statement.digest() == kept.digest
        && statement.previous == kept.previous
        && statement.number == kept.number
        && statement.month == kept.month
        && statement.currency == kept.currency;
    let signed = Signed {
        statement,
        key,
        signature,
    };
    same && Signed::<Statement>::read(signed.json().as_bytes()).is_ok()
}

async fn figure_faults(
    conn: &mut Conn,
    studio: StudioId,
    kept: &[Kept],
) -> Result<Vec<String>, sqlx::Error> {
    let mut faults = Vec::new();
    let mut past = Past::default();
    for month in kept.chunk_by(|one, other| one.month == other.month) {
        let Some(Ok(number)) = month.first().map(|kept| kept.month.parse::<Month>()) else {
            faults.push(format!("{studio} has a statement of no month"));
            continue;
        };
        let movements = past.go_on(conn, studio, number).await?;
        let at = month[0].closed_at;
        let facts = close::facts_of(conn, "", studio, number, movements, at).await?;
        let anew = compose::compose(&facts).statements;
        if anew.len() != month.len() {
            faults.push(format!("{studio} lacks a statement of {number}"));
        }
        for (kept, (_, anew)) in month.iter().zip(&anew) {
            let read: Option<Statement> = serde_json::from_str(&kept.content).ok();
            if !read.is_some_and(|read| has_same_figures(&read, anew)) {
                faults.push(format!("{} does not say what the books say", kept.id));
            }
        }
    }
    Ok(faults)
}

/// The sums of all months so far, so that the books are gone through once and not once a month.
#[derive(Default)]
struct Past {
    until: Option<Time>,
    sums: BTreeMap<Kind, Movement>,
}

/// What makes two movements one sum.
type Kind = (TitleId, i64, Purpose, Purpose, &'static str);

impl Past {
    /// Everything until the end of a month, as [`ledger::movements`] would say it.
    async fn go_on(
        &mut self,
        conn: &mut Conn,
        studio: StudioId,
        month: Month,
    ) -> Result<Vec<Movement>, sqlx::Error> {
        let (start, end) = (month.start(), month.end());
        let more = ledger::movements(conn, studio, self.until, start, end).await?;
        let mut all: Vec<Movement> = self.sums.values().copied().collect();
        all.extend(more.iter().copied());
        more.into_iter().for_each(|movement| self.take_in(movement));
        self.until = Some(end);
        Ok(all)
    }

    fn take_in(&mut self, movement: Movement) {
        let kind = (
            movement.title,
            movement.era,
            movement.from,
            movement.to,
            movement.amount.currency().code(),
        );
        let before = Movement {
            inside: false,
            ..movement
        };
        match self.sums.entry(kind) {
            Entry::Vacant(place) => drop(place.insert(before)),
            Entry::Occupied(mut sum) => {
                let sum = sum.get_mut();
                let minor = sum.amount.minor().saturating_add(before.amount.minor());
                sum.amount = Money::new(minor, sum.amount.currency());
                sum.entries += before.entries;
            }
        }
    }
}

/// Names may change later; sums may not.
fn has_same_figures(one: &Statement, other: &Statement) -> bool {
    let id = |statement: &Statement| statement.participant.as_ref().map(|who| who.id.clone());
    let films = |statement: &Statement| -> Vec<_> {
        let films = statement.films.iter();
        films
            .map(|line| (line.film.id.clone(), line.figures))
            .collect()
    };
    let shares = |statement: &Statement| -> Vec<_> {
        let shares = statement.shares.iter();
        shares
            .map(|s| (s.film.id.clone(), s.participant.id.clone(), s.amount))
            .collect()
    };
    id(one) == id(other)
        && one.currency == other.currency
        && (one.opening, one.closing, one.total) == (other.opening, other.closing, other.total)
        && films(one) == films(other)
        && shares(one) == shares(other)
}

//! Audit: are the statements what the books say, in one unbroken chain?

use super::close;
use super::compose;
use super::signed::Signable as _;
use super::signed::Signed;
use super::statement::NO_DIGEST;
use super::statement::Statement;
use super::store;
use super::store::Kept;
use crate::kernel::ids::StudioId;
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
    for month in kept.chunk_by(|one, other| one.month == other.month) {
        let Some(Ok(number)) = month.first().map(|kept| kept.month.parse::<super::Month>()) else {
            faults.push(format!("{studio} has a statement of no month"));
            continue;
        };
        let at = month[0].closed_at;
        let facts = close::facts(conn, "", studio, number, number.end(), at).await?;
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

//! Several statements beside each other: do they follow, and is the year made of these months?

use super::signed::Signable as _;
use super::statement::Statement;
use super::year::MonthLine;
use super::year::YearStatement;
use super::year::year_of;

/// What is wrong with the chain of several statements of a studio, if any follow each other.
pub fn chain_fault(statements: &[&Statement]) -> Option<String> {
    let mut sorted: Vec<&Statement> = statements.to_vec();
    sorted.sort_by_key(|statement| (statement.studio.id.clone(), statement.number));
    sorted.windows(2).find_map(|pair| {
        let (before, after) = (pair[0], pair[1]);
        if before.studio.id != after.studio.id {
            return None;
        }
        let number = after.number;
        if before.number == number {
            return (before != after)
                .then(|| format!("there are two statements of number {number}"));
        }
        let follows = before.number + 1 == number && before.digest() != after.previous;
        follows.then(|| {
            format!(
                "statement {number} does not follow statement {}: its hash is another",
                before.number
            )
        })
    })
}

/// How many of a year's months are among the statements, or why the year is not made of them.
pub fn year_fault(year: &YearStatement, statements: &[&Statement]) -> Result<usize, String> {
    let is_of_account = |statement: &&&Statement| {
        statement.studio.id == year.studio.id
            && statement.about().id == year.about().id
            && statement.currency == year.currency
            && year_of(&statement.month) == year.year
    };
    let mut months: Vec<&Statement> = statements.iter().filter(is_of_account).copied().collect();
    months.sort_by(|one, other| one.month.cmp(&other.month));
    months.dedup();
    for statement in &months {
        let (month, digest) = (&statement.month, statement.digest());
        let named = year.months.iter().find(|line| line.month == *month);
        if named.is_none_or(|line| line.sha256 != digest) {
            return Err(format!("the year {} is made of another {month}", year.year));
        }
    }
    if months.len() != year.months.len() {
        let known = |statement: &&Statement| {
            let line = MonthLine::of(statement);
            year.months.contains(&line)
        };
        let all = months.iter().all(known);
        return if all {
            Ok(months.len())
        } else {
            Err(other_figures(year))
        };
    }
    match YearStatement::of(&months) {
        Some(anew) if anew == *year => Ok(months.len()),
        _ => Err(other_figures(year)),
    }
}

fn other_figures(year: &YearStatement) -> String {
    format!("the year {} is not the sum of its months", year.year)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payouts::statement::tests::sample;
    use crate::payouts::year::tests::months;

    #[test]
    fn statements_that_follow_each_other_hold_each_others_hash() {
        let first = sample();
        let next = Statement {
            number: 8,
            previous: first.digest(),
            ..sample()
        };
        assert_eq!(chain_fault(&[&next, &first, &first]), None);
        let torn = Statement {
            previous: "0".repeat(64),
            ..next
        };
        assert!(
            chain_fault(&[&first, &torn])
                .unwrap()
                .contains("statement 8")
        );
    }

    #[test]
    fn a_year_knows_its_months() {
        let months = months();
        let all: Vec<&Statement> = months.iter().collect();
        let year = YearStatement::of(&all).unwrap();
        assert_eq!(year_fault(&year, &all), Ok(months.len()));
        assert_eq!(year_fault(&year, &all[1..2]), Ok(1));
        assert_eq!(year_fault(&year, &[]), Ok(0));
        let other = Statement {
            made_at: "2026-11-01T01:00:01Z".to_owned(),
            ..months[1].clone()
        };
        let fault = year_fault(&year, &[&other]).unwrap_err();
        assert!(fault.contains(&other.month), "{fault}");
        // A year that adds up, and yet is not the sum of these months.
        let mut moved = year.clone();
        moved.films[0].film.name = "Another".to_owned();
        assert!(
            year_fault(&moved, &all)
                .unwrap_err()
                .contains("not the sum")
        );
        // Another account's statement proves nothing about it, and harms nothing.
        let elsewhere = Statement {
            currency: "EUR".to_owned(),
            ..other
        };
        assert_eq!(year_fault(&year, &[&elsewhere]), Ok(0));
    }
}

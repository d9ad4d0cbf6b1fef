//! A year's statement: the sum of its closed months, each named by number and digest.
//!
//! It follows from the months' statements alone, so nothing of its own is kept: whoever holds the
//! months can make it again, to the byte.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::Serialize;

use super::csv;
use super::signed::Signable;
use super::statement::Figures;
use super::statement::FilmLine;
use super::statement::Named;
use super::statement::ShareLine;
use super::statement::Statement;
use super::statement::decimals_fault;
use super::statement::number_of;

/// One closed month of a year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MonthLine {
    /// The month, `2026-10`.
    pub month: String,
    /// The number of its statement.
    pub number: i64,
    /// The digest of its statement.
    pub sha256: String,
    /// What was on the account before the month.
    pub opening: i64,
    /// Its sums over all films.
    pub figures: Figures,
    /// What was on the account after it.
    pub closing: i64,
}

/// A statement of account for a year and a currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct YearStatement {
    /// [`Signable::FORMAT`].
    pub format: String,
    /// The address of the store.
    pub store: String,
    /// Whose films.
    pub studio: Named,
    /// Whose account, if not the studio's own.
    pub participant: Option<Named>,
    /// The year, `2026`.
    pub year: String,
    /// The currency's code.
    pub currency: String,
    /// Its decimals: amounts are in units of ten to the minus so much.
    pub decimals: u32,
    /// Whether December is not closed; such a year is not signed.
    pub draft: bool,
    /// When its last month was closed, RFC 3339.
    pub made_at: String,
    /// What was on the account before the first month.
    pub opening: i64,
    /// From the month of the first sale, or January, to December.
    pub months: Vec<MonthLine>,
    /// The sums over all months.
    pub total: Figures,
    /// The same sums, film by film.
    pub films: Vec<FilmLine>,
    /// Who gets what; empty in a participant's statement.
    pub shares: Vec<ShareLine>,
    /// What is on the account after the last month.
    pub closing: i64,
}

impl YearStatement {
    /// The sum of the statements of one account in one currency, the oldest first; nothing of
    /// nothing.
    pub fn of(months: &[&Statement]) -> Option<Self> {
        let (first, last) = (months.first()?, months.last()?);
        let lines: Vec<MonthLine> = months.iter().copied().map(MonthLine::of).collect();
        Some(Self {
            format: Self::FORMAT.to_owned(),
            store: last.store.clone(),
            studio: last.studio.clone(),
            participant: last.participant.clone(),
            year: year_of(&last.month).to_owned(),
            currency: last.currency.clone(),
            decimals: last.decimals,
            draft: !last.month.ends_with(DECEMBER),
            made_at: last.made_at.clone(),
            opening: first.opening,
            total: sum(lines.iter().map(|line| &line.figures)),
            months: lines,
            films: films(months),
            shares: shares(months),
            closing: last.closing,
        })
    }

    /// Whose account it is about.
    pub fn about(&self) -> &Named {
        self.participant.as_ref().unwrap_or(&self.studio)
    }

    /// An amount of it as a plain number with the decimals of the currency.
    pub fn number_of(&self, minor: i64) -> String {
        number_of(minor, self.decimals)
    }

    /// The name of its file, without the ending.
    pub fn file_name(&self) -> String {
        let kind = if self.draft { "-draft" } else { "" };
        format!("statement-{}-{}{kind}", self.year, self.currency)
    }

    fn months_fault(&self) -> Option<String> {
        let wanted = |number: usize| format!("{}-{number:02}", self.year);
        let missing = self.months.len().checked_sub(1)?; // the months end with December
        let first = 12_usize.checked_sub(missing)?;
        let gap = (first..)
            .zip(&self.months)
            .any(|(number, line)| line.month != wanted(number));
        if first == 0 || gap {
            return Some("its months are not those up to December".to_owned());
        }
        if first > 1 && self.opening != 0 {
            return Some(format!("months before {} are missing", wanted(first)));
        }
        self.months.iter().find_map(|line| {
            let moved = moved(&line.figures, self.participant.is_some());
            let holds =
                line.figures.adds_up() && line.opening.checked_add(moved) == Some(line.closing);
            (!holds).then(|| format!("the figures of {} do not add up", line.month))
        })
    }
}

impl Signable for YearStatement {
    const FORMAT: &'static str = "matinee-statement-year-1";
    const LABEL: &'static str = "matinee/statement-year/v1";

    fn format(&self) -> &str {
        &self.format
    }

    fn is_draft(&self) -> bool {
        self.draft
    }

    fn fault(&self) -> Option<String> {
        if let Some(fault) = decimals_fault(self.decimals).or_else(|| self.months_fault()) {
            return Some(fault);
        }
        let mut pairs = self.months.windows(2);
        if pairs.any(|pair| pair[0].closing != pair[1].opening || pair[0].number >= pair[1].number)
        {
            return Some("a month does not begin with what the one before it left".to_owned());
        }
        let ends = self.months.first().zip(self.months.last());
        if ends.is_none_or(|(first, last)| {
            (first.opening, last.closing) != (self.opening, self.closing)
        }) {
            return Some("its months do not lead from its opening to its closing".to_owned());
        }
        if sum(self.months.iter().map(|line| &line.figures)) != self.total {
            return Some("the total is not the sum of its months".to_owned());
        }
        if sum(self.films.iter().map(|line| &line.figures)) != self.total {
            return Some("the total is not the sum of its films".to_owned());
        }
        let owed = (self.shares.iter()).fold(0_i64, |sum, line| sum.saturating_add(line.amount));
        (self.participant.is_none() && owed != self.total.shares)
            .then(|| "the shares are not what the films owe".to_owned())
    }

    fn table(&self) -> String {
        csv::of_year(self)
    }
}

const DECEMBER: &str = "-12";

impl MonthLine {
    /// The line of a month's statement.
    pub(super) fn of(statement: &Statement) -> Self {
        Self {
            month: statement.month.clone(),
            number: statement.number,
            sha256: statement.digest(),
            opening: statement.opening,
            figures: statement.total,
            closing: statement.closing,
        }
    }
}

/// The year of a month, `2026` of `2026-10`.
pub(super) fn year_of(month: &str) -> &str {
    month.split('-').next().unwrap_or(month)
}

/// What a month's figures move on the account.
pub(super) const fn moved(figures: &Figures, is_participant: bool) -> i64 {
    if is_participant {
        figures.shares
    } else {
        figures.net.saturating_sub(figures.shares)
    }
}

fn sum<'a>(all: impl Iterator<Item = &'a Figures>) -> Figures {
    let mut total = Figures::default();
    all.for_each(|figures| total.add(figures));
    total
}

/// The films by age, each with its newest name.
fn films(months: &[&Statement]) -> Vec<FilmLine> {
    let mut films: BTreeMap<&str, FilmLine> = BTreeMap::new();
    for line in months.iter().flat_map(|month| &month.films) {
        let film = films.entry(&line.film.id).or_insert_with(|| FilmLine {
            film: line.film.clone(),
            figures: Figures::default(),
        });
        film.film.name.clone_from(&line.film.name);
        film.figures.add(&line.figures);
    }
    films.into_values().collect()
}

fn shares(months: &[&Statement]) -> Vec<ShareLine> {
    let mut shares: BTreeMap<(&str, &str), ShareLine> = BTreeMap::new();
    for line in months.iter().flat_map(|month| &month.shares) {
        let key = (line.film.id.as_str(), line.participant.id.as_str());
        let share = shares.entry(key).or_insert_with(|| ShareLine {
            amount: 0,
            ..line.clone()
        });
        share.film.name.clone_from(&line.film.name);
        share.participant.name.clone_from(&line.participant.name);
        share.amount = share.amount.saturating_add(line.amount);
    }
    shares.into_values().collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::payouts::statement::tests::sample;
    use proptest::prelude::*;

    /// Statements of the months from the given one to December, with such sums.
    fn months_with(first: usize, sums: &[[i64; 4]]) -> Vec<Statement> {
        let mut closing = 0;
        let mut months = Vec::new();
        for (month, [gross, tax, refunds, shares]) in (first..=12).zip(sums.iter().cycle()) {
            let figures = Figures {
                sold: 1,
                gross: *gross,
                tax: *tax,
                refunds: *refunds,
                net: gross - tax - refunds,
                shares: *shares,
                ..Figures::default()
            };
            let opening = closing;
            closing += figures.net - figures.shares;
            let mut statement = sample();
            statement.films[0].figures = figures;
            statement.shares[0].amount = *shares;
            months.push(Statement {
                month: format!("2026-{month:02}"),
                number: i64::try_from(month).unwrap() * 2,
                opening,
                total: figures,
                closing,
                ..statement
            });
        }
        months
    }

    pub(in crate::payouts) fn months() -> Vec<Statement> {
        months_with(10, &[[1_000, 100, 0, 300], [900, 0, 1_000, -50]])
    }

    pub(in crate::payouts) fn year() -> YearStatement {
        YearStatement::of(&months().iter().collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn a_year_of_ours_adds_up_and_reads_back() {
        let year = year();
        assert_eq!(year.fault(), None);
        assert!(!year.draft);
        let read: YearStatement = serde_json::from_str(&year.text()).unwrap();
        assert_eq!(read, year);
        let table = year.table();
        assert!(table.starts_with("\"statement\",\"2026\",\"closed\"\r\n"));
        for month in &year.months {
            assert!(table.contains(&month.sha256), "{table}");
        }
        assert_eq!(YearStatement::of(&[]), None);
    }

    #[test]
    fn a_year_that_is_not_over_is_a_draft() {
        let months = months();
        let year = YearStatement::of(&[&months[0], &months[1]]).unwrap();
        assert!(year.draft && year.is_draft());
        assert_eq!(year.closing, months[1].closing);
    }

    #[test]
    fn sums_that_do_not_fit_are_told() {
        let with = |change: fn(&mut YearStatement)| {
            let mut year = year();
            change(&mut year);
            year.fault().unwrap()
        };
        assert!(with(|y| y.months[0].figures.tax += 1).contains("2026-10"));
        assert!(with(|y| y.months[1].closing += 1).contains("2026-11"));
        assert!(with(|y| drop(y.months.remove(1))).contains("December"));
        assert!(with(|y| drop(y.months.pop())).contains("December"));
        assert!(with(|y| y.months.clear()).contains("months"));
        assert!(with(|y| drop(y.months.remove(0))).contains("opening"));
        assert!(with(|y| y.months[1].number = 1).contains("before it"));
        assert!(with(|y| y.total.sold += 1).contains("months"));
        assert!(with(|y| y.films[0].figures.sold += 1).contains("films"));
        assert!(with(|y| y.shares[0].amount += 1).contains("shares"));
        assert!(with(|y| y.closing += 1).contains("closing"));
        assert!(with(|y| y.decimals = 400).contains("decimals"));
        let late = |y: &mut YearStatement| {
            y.months.remove(0);
            let first = &mut y.months[0];
            y.opening = first.opening;
            first.month = "2026-11".to_owned();
        };
        assert!(
            with(late).contains("are missing"),
            "a year begins with nothing or in January"
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]
        #[test]
        fn a_year_is_the_sum_of_its_months(
            first in 1_usize..=12,
            sums in prop::collection::vec(prop::array::uniform4(-1_000_000_000_i64..1_000_000_000), 12),
        ) {
            let months = months_with(first, &sums);
            let all: Vec<&Statement> = months.iter().collect();
            let year = YearStatement::of(&all).unwrap();
            prop_assert_eq!(year.fault(), None);
            let sum = |of: fn(&Figures) -> i64| months.iter().map(|m| of(&m.total)).sum::<i64>();
            prop_assert_eq!(year.total.sold, sum(|f| f.sold));
            prop_assert_eq!(year.total.gross, sum(|f| f.gross));
            prop_assert_eq!(year.total.tax, sum(|f| f.tax));
            prop_assert_eq!(year.total.refunds, sum(|f| f.refunds));
            prop_assert_eq!(year.total.net, sum(|f| f.net));
            prop_assert_eq!(year.total.shares, sum(|f| f.shares));
            prop_assert_eq!(year.shares[0].amount, sum(|f| f.shares));
            prop_assert_eq!((year.opening, year.closing), (0, months.last().unwrap().closing));
        }
    }
}

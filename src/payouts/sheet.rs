//! A month's or a year's statement as people read it; its page and its paper show the same.

use super::csv::amounts;
use super::month::Month;
use super::signed::Signable as _;
use super::statement::Figures;
use super::statement::FilmLine;
use super::statement::Named;
use super::statement::ShareLine;
use super::statement::Statement;
use super::statement::number_of;
use super::year::YearStatement;
use crate::kernel::Currency;
use crate::kernel::Money;
use crate::kernel::Time;
use crate::platform::words::Words;

/// A statement of either kind.
#[derive(Clone, Debug)]
pub(super) enum Sheet {
    Month(Statement),
    Year(YearStatement),
}

/// What both kinds have.
pub(super) struct Parts<'a> {
    pub(super) store: &'a str,
    pub(super) studio: &'a Named,
    pub(super) participant: Option<&'a Named>,
    pub(super) currency: &'a str,
    pub(super) decimals: u32,
    pub(super) is_draft: bool,
    pub(super) opening: i64,
    pub(super) total: &'a Figures,
    pub(super) films: &'a [FilmLine],
    pub(super) shares: &'a [ShareLine],
    pub(super) closing: i64,
}

/// A table of figures: one column of words, then numbers.
pub(super) struct Grid {
    /// Keys of the texts over the numbers.
    pub(super) columns: Vec<&'static str>,
    pub(super) rows: Vec<(String, Vec<String>)>,
    pub(super) total: Vec<String>,
}

impl Sheet {
    pub(super) fn parts(&self) -> Parts<'_> {
        match self {
            Self::Month(month) => Parts {
                store: &month.store,
                studio: &month.studio,
                participant: month.participant.as_ref(),
                currency: &month.currency,
                decimals: month.decimals,
                is_draft: month.draft,
                opening: month.opening,
                total: &month.total,
                films: &month.films,
                shares: &month.shares,
                closing: month.closing,
            },
            Self::Year(year) => Parts {
                store: &year.store,
                studio: &year.studio,
                participant: year.participant.as_ref(),
                currency: &year.currency,
                decimals: year.decimals,
                is_draft: year.draft,
                opening: year.opening,
                total: &year.total,
                films: &year.films,
                shares: &year.shares,
                closing: year.closing,
            },
        }
    }

    /// The month, or the year, as a title names it.
    pub(super) fn name(&self, words: &Words) -> String {
        match self {
            Self::Month(statement) => month_name(words, &statement.month),
            Self::Year(year) => year.year.clone(),
        }
    }

    /// The first and the last day.
    pub(super) fn period(&self, words: &Words) -> String {
        let days = |first: &str, last: &str| {
            let (first, last): (Month, Month) = (first.parse().ok()?, last.parse().ok()?);
            let end = Time::from_millis(last.end().millis() - 1);
            Some(format!(
                "{} – {}",
                words.date(first.start()),
                words.date(end)
            ))
        };
        match self {
            Self::Month(statement) => days(&statement.month, &statement.month),
            Self::Year(year) => {
                let last = year.months.last().filter(|_| year.draft);
                let last = last.map_or_else(|| format!("{}-12", year.year), |m| m.month.clone());
                days(&format!("{}-01", year.year), &last)
            }
        }
        .unwrap_or_else(|| self.name(words))
    }

    /// The name of its files, without the ending.
    pub(super) fn file_name(&self) -> String {
        match self {
            Self::Month(statement) => statement.file_name(),
            Self::Year(year) => year.file_name(),
        }
    }

    pub(super) fn digest(&self) -> String {
        match self {
            Self::Month(statement) => statement.digest(),
            Self::Year(year) => year.digest(),
        }
    }

    /// What a draft says of itself.
    pub(super) const fn draft_mark(&self) -> &'static str {
        match self {
            Self::Month(_) => "statement-draft-mark",
            Self::Year(_) => "statement-year-draft-mark",
        }
    }

    /// The account from its opening to its closing balance. What is taken is negative.
    pub(super) fn steps<'a>(&self, words: &'a Words) -> Vec<(&'a str, String)> {
        let parts = self.parts();
        let total = parts.total;
        let all = if parts.participant.is_some() {
            vec![("statement-your-shares", total.shares)]
        } else {
            vec![
                ("statement-gross", total.gross),
                ("statement-tax", -total.tax),
                ("statement-operator-fee", -total.operator_fee),
                ("statement-provider-fee", -total.provider_fee),
                ("statement-refunds", -total.refunds),
                ("statement-disputes", -total.disputes),
                ("statement-dispute-fees", -total.dispute_fees),
                ("statement-exchanged", -total.exchanged),
                ("statement-to-participants", -total.shares),
            ]
        };
        let opening = std::iter::once(("statement-opening", parts.opening));
        opening
            .chain(all)
            .map(|(key, minor)| (words.t(key), parts.amount(words, minor)))
            .collect()
    }

    /// The months of a year.
    pub(super) fn months(&self, words: &Words) -> Option<Grid> {
        let Self::Year(year) = self else {
            return None;
        };
        let parts = self.parts();
        let shown = parts.shown();
        let rows = year.months.iter().map(|line| {
            let mut cells = parts.cells(words, &line.figures, &shown);
            cells.push(parts.amount(words, line.closing));
            (month_name(words, &line.month), cells)
        });
        let mut total = parts.cells(words, &year.total, &shown);
        total.push(parts.amount(words, year.closing));
        let mut columns: Vec<_> = shown.iter().map(|at| COLUMNS[*at]).collect();
        columns.push("statement-closing");
        Some(Grid {
            columns,
            rows: rows.collect(),
            total,
        })
    }

    /// The films, if any has anything to say.
    pub(super) fn films(&self, words: &Words) -> Option<Grid> {
        let parts = self.parts();
        let shown = parts.shown();
        let rows = parts.films.iter().map(|line| {
            let cells = parts.cells(words, &line.figures, &shown);
            (line.film.name.clone(), cells)
        });
        (!parts.films.is_empty()).then(|| Grid {
            columns: shown.iter().map(|at| COLUMNS[*at]).collect(),
            rows: rows.collect(),
            total: parts.cells(words, parts.total, &shown),
        })
    }
}

impl Parts<'_> {
    /// Whose account it is about.
    pub(super) fn about(&self) -> &Named {
        self.participant.unwrap_or(self.studio)
    }

    /// For whom it is written beside whose account it is: a participant's studio, or the store.
    pub(super) fn beside(&self) -> (&'static str, &str) {
        match self.participant {
            Some(_) => ("statement-studio", &self.studio.name),
            None => ("statement-store", self.store),
        }
    }

    /// An amount without its currency, with the separators of the place.
    pub(super) fn amount(&self, words: &Words, minor: i64) -> String {
        Currency::parse(self.currency).map_or_else(
            |_| number_of(minor, self.decimals),
            |currency| words.amount(Money::new(minor, currency)),
        )
    }

    /// The columns that say anything: one of zeros alone would only take room.
    fn shown(&self) -> Vec<usize> {
        let says = |at: &usize| {
            let mut films = self.films.iter();
            ALWAYS.contains(at) || films.any(|line| all(&line.figures)[*at] != 0)
        };
        (0..COLUMNS.len()).filter(says).collect()
    }

    /// The cells of a line under the shown columns.
    fn cells(&self, words: &Words, figures: &Figures, shown: &[usize]) -> Vec<String> {
        let all = all(figures);
        let taken = |at: usize| match at {
            SHARES => self.participant.is_none(),
            at => TAKEN.contains(&at),
        };
        let cell = |at: &usize| match *at {
            0 => words.number(all[0]),
            at if taken(at) => self.amount(words, -all[at]),
            at => self.amount(words, all[at]),
        };
        shown.iter().map(cell).collect()
    }
}

/// A month as people write it.
pub(super) fn month_name(words: &Words, month: &str) -> String {
    let known: Option<Month> = month.parse().ok();
    known.map_or_else(|| month.to_owned(), |month| words.month(month.start()))
}

fn all(figures: &Figures) -> Vec<i64> {
    let mut all = vec![figures.sold];
    all.extend(amounts(figures));
    all
}

/// Sales, what buyers paid, and what is left.
const ALWAYS: [usize; 3] = [0, 1, 9];

/// From tax to what was changed into another currency: shown below zero, so that a line adds up.
const TAKEN: std::ops::RangeInclusive<usize> = 2..=8;

/// Taken from a studio, and what a participant gets.
const SHARES: usize = 10;

/// The headers of all columns.
const COLUMNS: [&str; 11] = [
    "statement-sold",
    "statement-gross",
    "statement-tax",
    "statement-operator-fee",
    "statement-provider-fee",
    "statement-refunds",
    "statement-disputes",
    "statement-dispute-fees",
    "statement-exchanged",
    "statement-net",
    "statement-shares",
];

//! What the studio sold: by film, over time, by territory, source and kind; as pictures, as tables
//! and as files. A period and a film narrow all of it down.

mod asked;
mod days;
mod file;
mod keep;
mod routes;
mod tables;
mod views;

pub(super) use routes::router;

use std::collections::HashMap;

use crate::catalog;
use crate::catalog::Title;
use crate::kernel::Currency;
use crate::kernel::Time;
use crate::kernel::ids::TitleId;
use crate::ledger;
use crate::ledger::DaySales;
use crate::ledger::Sales;
use crate::ledger::Scope;
use crate::platform::AppError;
use crate::platform::AppResult;
use crate::platform::AppState;
use crate::platform::web::FormErrors;
use crate::studios::Studio;

use asked::Asked;
use asked::Period;
use tables::Dimension;
use tables::Row;

/// The sales of a studio, or of the part of them that was asked for.
#[derive(Clone, Debug, Default)]
struct SalesOfStudio {
    /// Sums, one a currency.
    totals: Vec<Sales>,
    /// Sums by everything one may tell sales apart by.
    tables: Vec<(Dimension, Vec<Row>)>,
    /// Sums per day and currency, the first day first.
    days: Vec<DaySales>,
}

impl SalesOfStudio {
    /// The rows of one table.
    fn rows(&self, dimension: Dimension) -> &[Row] {
        let found = self.tables.iter().find(|(of, _)| *of == dimension);
        found.map_or(&[], |(_, rows)| rows)
    }

    /// The currency in which most copies were sold; pictures are drawn in it.
    fn main_currency(&self) -> Option<Currency> {
        let main = self.totals.iter().max_by_key(|total| total.orders)?;
        Some(main.net.currency())
    }
}

/// What was asked for and can be answered.
struct Question {
    period: Period,
    /// Every film of the studio, to choose from.
    titles: Vec<Title>,
    /// The one chosen.
    title: Option<TitleId>,
}

/// Reads what an address asks; another studio's film does not exist here.
async fn question(
    state: &AppState,
    studio: &Studio,
    asked: &Asked,
) -> AppResult<(Question, FormErrors)> {
    let mut conn = state.db.read().await?;
    let titles = catalog::titles_of_studio(&mut conn, studio.id).await?;
    let title = match asked.film.as_str() {
        "" => None,
        slug => {
            let found = titles.iter().find(|title| title.slug.as_str() == slug);
            Some(found.ok_or(AppError::NotFound)?.id)
        }
    };
    let (period, errors) = match asked.period(state.now()) {
        Ok(period) => (period, FormErrors::new()),
        Err(errors) => (Period::ALL, errors),
    };
    let question = Question {
        period,
        titles,
        title,
    };
    Ok((question, errors))
}

/// Reads the books of a studio.
async fn answer(
    state: &AppState,
    studio: &Studio,
    question: &Question,
) -> AppResult<SalesOfStudio> {
    let scope = Scope {
        studio: studio.id,
        from: question.period.from(),
        until: question.period.until(),
        title: question.title,
    };
    let mut conn = state.db.read().await?;
    let lines = ledger::sales(&mut conn, &scope).await?;
    let days = ledger::sales_by_day(&mut conn, &scope).await?;
    drop(conn);
    let names: HashMap<TitleId, String> = question
        .titles
        .iter()
        .map(|title| (title.id, title.name().to_owned()))
        .collect();
    let totals = ledger::sums_by(&lines, |_| ()).map_err(AppError::internal)?;
    let mut tables = Vec::new();
    for dimension in Dimension::ALL {
        let rows = dimension.rows(&lines, &names).map_err(AppError::internal)?;
        tables.push((dimension, rows));
    }
    Ok(SalesOfStudio {
        totals: totals.into_iter().map(|(_, sales)| sales).collect(),
        tables,
        days,
    })
}

/// The beginning of a day of the calendar, in UTC.
fn beginning(day: time::Date) -> Time {
    Time::from_seconds(day.midnight().assume_utc().unix_timestamp())
}

//! The page of the sales.

use askama::Template;
use askama_web::WebTemplate;

use crate::kernel::BasisPoints;
use crate::kernel::Currency;
use crate::kernel::Money;
use crate::kernel::Time;
use crate::kernel::money::MoneyFault;
use crate::pages::studio_portal::views::Figures;
use crate::platform::web::FormErrors;
use crate::platform::web::Page;

use super::Question;
use super::SalesOfStudio;
use super::asked::Asked;
use super::asked::Preset;
use super::days;
use super::days::Picture;
use super::days::Step;
use super::keep;
use super::keep::Kept;
use super::tables::Dimension;
use super::tables::bars;

/// A period with a name, as a link.
pub(super) struct PresetLink {
    name: &'static str,
    href: String,
    is_current: bool,
}

/// A film to choose.
pub(super) struct Choice {
    slug: String,
    name: String,
    is_current: bool,
}

/// One bar of a picture.
pub(super) struct Bar {
    label: String,
    net: Money,
    /// Length in thousandths of the longest.
    width: i64,
}

/// One line of a table.
pub(super) struct SalesRow {
    label: String,
    figures: Figures,
}

/// Sales told apart by one thing: its picture, its table, and where its file is.
pub(super) struct Table {
    id: &'static str,
    heading: &'static str,
    how: &'static str,
    label: &'static str,
    bars: Vec<Bar>,
    rows: Vec<SalesRow>,
    file: String,
}

/// Sales over time.
pub(super) struct Course {
    step: Step,
    picture: Option<Picture>,
    /// What the first and the last step of the picture are called.
    ends: (String, String),
    /// The newest first.
    rows: Vec<SalesRow>,
    file: String,
}

impl Course {
    /// The keys of its heading, of what stands above its rows, and of what the best one brought.
    fn names(&self) -> (&'static str, &'static str, &'static str) {
        match self.step {
            Step::Day => ("sales-day-by-day", "sales-day", "sales-best-day"),
            Step::Month => ("sales-month-by-month", "sales-month", "sales-best-month"),
            Step::Year => ("sales-year-by-year", "sales-year", "sales-best-year"),
        }
    }
}

/// The page.
#[derive(Template, WebTemplate)]
#[template(path = "studio_portal/sales.html")]
pub(super) struct ShowSales {
    page: Page,
    asked: Asked,
    errors: FormErrors,
    presets: Vec<PresetLink>,
    films: Vec<Choice>,
    /// Whether all sales are shown, so that none means none at all.
    is_all: bool,
    totals: Vec<Figures>,
    /// The currency of the pictures, where there are others.
    drawn_in: Option<&'static str>,
    course: Course,
    tables: Vec<Table>,
    kept: Vec<Kept>,
}

impl ShowSales {
    /// The price of the comparison.
    fn example(&self) -> Money {
        keep::example()
    }

    /// Whether anything was changed into another currency; most studios have no such column.
    fn has_exchange(&self) -> bool {
        self.totals.iter().any(|total| total.exchanged.minor() != 0)
    }

    /// The page of what was sold.
    pub(super) fn new(
        page: Page,
        mut asked: Asked,
        question: &Question,
        sales: &SalesOfStudio,
        fee: BasisPoints,
        now: Time,
    ) -> Result<Self, MoneyFault> {
        let main = sales.main_currency();
        let query = asked.query();
        let course = course(&page, question, sales, main, &query, now)?;
        let presets = presets(&asked, question);
        let films = films(question);
        fill_in(&mut asked, question);
        Ok(Self {
            presets,
            films,
            is_all: question.period.preset == Some(Preset::All) && question.title.is_none(),
            totals: sales.totals.iter().map(Figures::from).collect(),
            drawn_in: main
                .filter(|_| sales.totals.len() > 1)
                .map(|main| main.code()),
            course,
            tables: tables(&page, sales, main, &query),
            kept: keep::comparison(fee),
            errors: FormErrors::new(),
            asked,
            page,
        })
    }

    /// The same with what is wrong with the form.
    pub(super) fn with(self, errors: FormErrors) -> Self {
        Self { errors, ..self }
    }
}

/// Shows the days of a period with a name in the fields of days.
fn fill_in(asked: &mut Asked, question: &Question) {
    if let Some(first) = question.period.from() {
        asked.from = first.date();
    }
    if let Some(until) = question.period.until() {
        asked.to = Time::from_millis(until.millis() - 1).date();
    }
}

fn presets(asked: &Asked, question: &Question) -> Vec<PresetLink> {
    let link = |preset: Preset| PresetLink {
        name: preset.name(),
        href: format!("/studio/sales{}", asked.with(Some(preset))),
        is_current: question.period.preset == Some(preset),
    };
    Preset::ALL.map(link).into()
}

fn films(question: &Question) -> Vec<Choice> {
    let titles = question.titles.iter();
    let choice = |title: &crate::catalog::Title| Choice {
        slug: title.slug.to_string(),
        name: title.name().to_owned(),
        is_current: question.title == Some(title.id),
    };
    let mut films: Vec<Choice> = titles.map(choice).collect();
    films.sort_by(|a, b| a.name.cmp(&b.name));
    films
}

fn course(
    page: &Page,
    question: &Question,
    sales: &SalesOfStudio,
    main: Option<Currency>,
    query: &str,
    now: Time,
) -> Result<Course, MoneyFault> {
    let period = &question.period;
    let ends = days::ends(&sales.days, period.from(), period.until(), now);
    let step = Step::of(ends.0, ends.1);
    let steps = days::steps(&sales.days, step)?;
    let label = |at: &Time| match step {
        Step::Day => page.date(at),
        Step::Month => page.words.month(*at),
        Step::Year => at.to_offset().year().to_string(),
    };
    let row = |(at, sales)| SalesRow {
        label: label(at),
        figures: Figures::from(sales),
    };
    let mut rows: Vec<SalesRow> = days::visible(&steps).map(row).collect();
    rows.reverse();
    Ok(Course {
        step,
        picture: main.and_then(|main| days::picture(&steps, main, step, ends)),
        ends: (label(&ends.0), label(&ends.1)),
        rows,
        file: format!("/studio/sales/days.csv{query}"),
    })
}

fn tables(page: &Page, sales: &SalesOfStudio, main: Option<Currency>, query: &str) -> Vec<Table> {
    let table = |dimension: Dimension| {
        let rows = sales.rows(dimension);
        let bars = main.map_or_else(Vec::new, |main| bars(rows, main));
        let (heading, how, label) = dimension.names();
        Table {
            id: dimension.word(),
            heading,
            how,
            label,
            bars: bars
                .into_iter()
                .map(|bar| Bar {
                    label: bar.about.label(&page.words),
                    net: bar.net,
                    width: bar.width,
                })
                .collect(),
            rows: rows
                .iter()
                .map(|row| SalesRow {
                    label: row.about.label(&page.words),
                    figures: Figures::from(&row.sales),
                })
                .collect(),
            file: match dimension {
                Dimension::Film => format!("/studio/sales.csv{query}"),
                other => format!("/studio/sales/{}.csv{query}", other.word()),
            },
        }
    };
    Dimension::ALL.map(table).into()
}

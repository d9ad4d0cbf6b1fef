//! A statement on paper: the tables as PDF, with the signed JSON attached.

use super::csv::amounts;
use super::month::Month;
use super::signed::SignedStatement;
use super::statement::Figures;
use super::statement::Statement;
use crate::kernel::Time;
use crate::platform::pdf::Column;
use crate::platform::pdf::Paper;
use crate::platform::pdf::PdfError;
use crate::platform::pdf::Table;
use crate::platform::words::Words;

/// The pages of a statement, in the words of its reader. `signed` is absent in a draft.
pub(super) fn write(
    words: &Words,
    statement: &Statement,
    signed: Option<&SignedStatement>,
    made_at: Time,
) -> Result<Vec<u8>, PdfError> {
    let month = month_name(words, statement);
    let title = words
        .say("statement-title")
        .with("month", month.as_str())
        .to_string();
    let mut paper = Paper::new(&title, words.lang(), made_at);
    if statement.draft {
        paper.mark(words.t("statement-draft-mark"));
    }
    paper.heading(&title);
    head(&mut paper, words, statement);
    paper.subheading(words.t("statement-account"));
    paper.table(account(words, statement));
    if !statement.films.is_empty() {
        paper.subheading(words.t("statement-by-film"));
        paper.table(films(words, statement));
    }
    if !statement.shares.is_empty() {
        paper.subheading(words.t("statement-shares"));
        paper.table(shares(words, statement));
    }
    if let Some(signed) = signed {
        proof(&mut paper, words, signed);
    }
    let (page, about) = (
        words.t("statement-page").to_owned(),
        statement.about().name.clone(),
    );
    let pages = words.t("statement-page-of").to_owned();
    paper.footer(move |number, of| format!("{about} · {page} {number} {pages} {of}"));
    paper.finish()
}

/// The month as people write it.
pub(super) fn month_name(words: &Words, statement: &Statement) -> String {
    let month: Option<Month> = statement.month.parse().ok();
    month.map_or_else(
        || statement.month.clone(),
        |month| {
            let last = Time::from_millis(month.end().millis() - 1);
            format!("{} – {}", words.date(month.start()), words.date(last))
        },
    )
}

fn head(paper: &mut Paper, words: &Words, statement: &Statement) {
    paper.columns(&[
        vec![
            words.t("statement-for").to_owned(),
            statement.about().name.clone(),
        ],
        vec![
            words.t("statement-studio").to_owned(),
            statement.studio.name.clone(),
            statement.store.clone(),
        ],
    ]);
    let mut facts = vec![(words.t("statement-currency"), statement.currency.clone())];
    if !statement.draft {
        facts.push((words.t("statement-number"), statement.number.to_string()));
    }
    facts.push((words.t("statement-made-at"), statement.made_at.clone()));
    paper.facts(&facts);
}

/// The account from its opening to its closing balance. What is taken is negative.
pub(super) fn steps<'a>(words: &'a Words, statement: &Statement) -> Vec<(&'a str, i64)> {
    let total = &statement.total;
    if statement.participant.is_some() {
        return vec![
            (words.t("statement-opening"), statement.opening),
            (words.t("statement-your-shares"), total.shares),
        ];
    }
    let all = [
        ("statement-gross", total.gross),
        ("statement-tax", -total.tax),
        ("statement-operator-fee", -total.operator_fee),
        ("statement-provider-fee", -total.provider_fee),
        ("statement-refunds", -total.refunds),
        ("statement-disputes", -total.disputes),
        ("statement-dispute-fees", -total.dispute_fees),
        ("statement-exchanged", -total.exchanged),
        ("statement-to-participants", -total.shares),
    ];
    let mut steps = vec![(words.t("statement-opening"), statement.opening)];
    steps.extend(all.into_iter().map(|(key, minor)| (words.t(key), minor)));
    steps
}

fn account(words: &Words, statement: &Statement) -> Table {
    let columns = vec![Column::text(""), Column::number(&statement.currency)];
    let mut table = Table::new(columns);
    for (step, minor) in steps(words, statement) {
        table = table.row([step.to_owned(), statement.number_of(minor)]);
    }
    table.total([
        words.t("statement-closing").to_owned(),
        statement.number_of(statement.closing),
    ])
}

fn films(words: &Words, statement: &Statement) -> Table {
    let shown = shown(statement);
    let mut columns = vec![Column::text(words.t("statement-film"))];
    columns.extend(shown.iter().map(|at| Column::number(words.t(COLUMNS[*at]))));
    let row = |name: &str, figures: &Figures| -> Vec<String> {
        let mut row = vec![name.to_owned()];
        row.extend(cells(statement, figures, &shown));
        row
    };
    let mut table = Table::new(columns);
    for line in &statement.films {
        table = table.row(row(&line.film.name, &line.figures));
    }
    table.total(row(words.t("statement-total"), &statement.total))
}

/// The columns that say anything: one of zeros alone would only take room.
pub(super) fn shown(statement: &Statement) -> Vec<usize> {
    let says = |at: &usize| {
        let mut films = statement.films.iter();
        ALWAYS.contains(at) || films.any(|line| all(&line.figures)[*at] != 0)
    };
    (0..COLUMNS.len()).filter(says).collect()
}

/// The cells of a line under the shown columns.
pub(super) fn cells(statement: &Statement, figures: &Figures, shown: &[usize]) -> Vec<String> {
    let all = all(figures);
    let cell = |at: &usize| match *at {
        0 => all[0].to_string(),
        at => statement.number_of(all[at]),
    };
    shown.iter().map(cell).collect()
}

fn all(figures: &Figures) -> Vec<i64> {
    let mut all = vec![figures.sold];
    all.extend(amounts(figures));
    all
}

/// Sales, what buyers paid, and what is left.
const ALWAYS: [usize; 3] = [0, 1, 9];

/// The headers of all columns.
pub(super) const COLUMNS: [&str; 11] = [
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

fn shares(words: &Words, statement: &Statement) -> Table {
    let columns = vec![
        Column::text(words.t("statement-film")),
        Column::text(words.t("statement-participant")),
        Column::number(&statement.currency),
    ];
    let mut table = Table::new(columns);
    for line in &statement.shares {
        let amount = statement.number_of(line.amount);
        table = table.row([
            line.film.name.clone(),
            line.participant.name.clone(),
            amount,
        ]);
    }
    table.total([
        String::new(),
        String::new(),
        statement.number_of(statement.total.shares),
    ])
}

fn proof(paper: &mut Paper, words: &Words, signed: &SignedStatement) {
    paper.subheading(words.t("statement-proof"));
    paper.note(words.t("statement-proof-how"));
    paper.facts(&[
        (words.t("statement-hash"), signed.statement.digest()),
        (
            words.t("statement-previous"),
            signed.statement.previous.clone(),
        ),
        (words.t("statement-key"), signed.key.to_string()),
    ]);
    let json = signed.json().into_bytes();
    paper.attach(
        "statement.json",
        "application/json",
        words.t("statement-attached"),
        json,
    );
}

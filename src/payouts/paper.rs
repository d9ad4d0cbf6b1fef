//! A statement on paper: the tables as PDF, with the signed JSON attached.

use super::sheet::Grid;
use super::sheet::Sheet;
use super::sheet::month_name;
use crate::kernel::Time;
use crate::platform::pdf::Column;
use crate::platform::pdf::Paper;
use crate::platform::pdf::PdfError;
use crate::platform::pdf::Table;
use crate::platform::words::Words;

/// More columns of numbers than this lie across the paper.
const UPRIGHT: usize = 7;

/// What proves the figures on a paper.
pub(super) struct Proof {
    /// The public key.
    pub(super) key: String,
    /// The signed file that is attached.
    pub(super) json: String,
}

/// The pages of a statement, in the words of its reader. A draft has no proof.
pub(super) fn write(
    words: &Words,
    sheet: &Sheet,
    proof: Option<&Proof>,
    made_at: Time,
) -> Result<Vec<u8>, PdfError> {
    let title = words
        .say("statement-title")
        .with("month", sheet.name(words))
        .to_string();
    let (films, months) = (sheet.films(words), sheet.months(words));
    let mut paper = Paper::new(&title, words.lang(), made_at);
    let widest = films.iter().chain(&months).map(|grid| grid.columns.len());
    if widest.max().is_some_and(|columns| columns > UPRIGHT) {
        paper.lie_across();
    }
    paper.heading(&title);
    let parts = sheet.parts();
    if parts.is_draft {
        paper.mark(words.t(sheet.draft_mark()));
    }
    head(&mut paper, words, sheet, made_at);
    paper.subheading(words.t("statement-account"));
    paper.table(account(words, sheet));
    if let Some(months) = months {
        paper.subheading(words.t("statement-by-month"));
        paper.table(grid(words, "statements-month", months));
    }
    if let Some(films) = films {
        paper.subheading(words.t("statement-by-film"));
        paper.table(grid(words, "statement-film", films));
    }
    if !parts.shares.is_empty() {
        paper.subheading(words.t("statement-shares"));
        paper.table(shares(words, sheet));
    }
    if let Some(proof) = proof {
        prove(&mut paper, words, sheet, proof);
    }
    let about = format!("{} · {title}", parts.about().name);
    let footer = words.clone();
    paper.footer(move |number, of| {
        let page = footer
            .say("statement-page-of")
            .with("page", whole(number))
            .with("pages", whole(of));
        format!("{about} · {page}")
    });
    paper.finish()
}

fn whole(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn head(paper: &mut Paper, words: &Words, sheet: &Sheet, made_at: Time) {
    let parts = sheet.parts();
    let (label, beside) = parts.beside();
    let mut second = vec![words.t(label).to_owned(), beside.to_owned()];
    if parts.participant.is_some() {
        second.push(parts.store.to_owned());
    }
    let first = vec![
        words.t("statement-for").to_owned(),
        parts.about().name.clone(),
    ];
    paper.columns(&[first, second]);
    let mut facts = vec![
        (words.t("statement-period"), sheet.period(words)),
        (words.t("statement-currency"), parts.currency.to_owned()),
    ];
    match sheet {
        Sheet::Month(month) if !month.draft => {
            facts.push((words.t("statement-number"), month.number.to_string()));
        }
        _ => {}
    }
    facts.push((words.t("statement-made-at"), words.minute(made_at)));
    paper.facts(&facts);
}

fn account(words: &Words, sheet: &Sheet) -> Table {
    let parts = sheet.parts();
    let columns = vec![Column::text(""), Column::number(parts.currency)];
    let mut table = Table::new(columns);
    for (step, amount) in sheet.steps(words) {
        table = table.row([step.to_owned(), amount]);
    }
    table.total([
        words.t("statement-closing").to_owned(),
        parts.amount(words, parts.closing),
    ])
}

fn grid(words: &Words, first: &str, grid: Grid) -> Table {
    let mut columns = vec![Column::text(words.t(first))];
    columns.extend(grid.columns.iter().map(|key| Column::number(words.t(key))));
    let row = |name: String, cells: Vec<String>| std::iter::once(name).chain(cells);
    let mut table = Table::new(columns);
    for (name, cells) in grid.rows {
        table = table.row(row(name, cells));
    }
    table.total(row(words.t("statement-total").to_owned(), grid.total))
}

fn shares(words: &Words, sheet: &Sheet) -> Table {
    let parts = sheet.parts();
    let columns = vec![
        Column::text(words.t("statement-film")),
        Column::text(words.t("statement-participant")),
        Column::number(parts.currency),
    ];
    let mut table = Table::new(columns);
    for line in parts.shares {
        table = table.row([
            line.film.name.clone(),
            line.participant.name.clone(),
            parts.amount(words, line.amount),
        ]);
    }
    table.total([
        words.t("statement-total").to_owned(),
        String::new(),
        parts.amount(words, parts.total.shares),
    ])
}

fn prove(paper: &mut Paper, words: &Words, sheet: &Sheet, proof: &Proof) {
    paper.subheading(words.t("statement-proof"));
    let how = match sheet {
        Sheet::Month(_) => "statement-proof-how",
        Sheet::Year(_) => "statement-year-proof-how",
    };
    paper.note(words.t(how));
    let mut facts = vec![(words.t("statement-hash"), sheet.digest())];
    if let Sheet::Month(month) = sheet {
        facts.push((words.t("statement-previous"), month.previous.clone()));
    }
    facts.push((words.t("statement-key"), proof.key.clone()));
    paper.facts(&facts);
    if let Sheet::Year(year) = sheet {
        let mut table = Table::new(vec![
            Column::text(words.t("statements-month")),
            Column::text(words.t("statement-number")),
            Column::text(words.t("statement-hash")),
        ]);
        for line in &year.months {
            let number = line.number.to_string();
            table = table.row([month_name(words, &line.month), number, line.sha256.clone()]);
        }
        paper.table(table);
    }
    paper.attach(
        "statement.json",
        "application/json",
        words.t("statement-attached"),
        proof.json.clone().into_bytes(),
    );
}

//! Papers: invoices, credit notes and statements as PDF, A4, in the fonts of the store.
//!
//! ```text
//! let mut paper = Paper::new("Invoice 2026-0001", "en", now);
//! paper.heading("Invoice 2026-0001");
//! paper.columns(&[vec!["From".into(), "Studio".into()], vec!["To".into(), "Ada".into()]]);
//! paper.facts(&[("Date", "22 November 2026".into())]);
//! paper.table(Table::new(vec![Column::text("Film"), Column::number("Price")])
//!     .row(["Small Hours", "9.99"]).total(["Total", "9.99"]));
//! paper.note("Thank you.");
//! paper.footer(|page, pages| format!("Page {page} of {pages}"));
//! let bytes = paper.finish()?;
//! ```
//!
//! Invariants:
//! - The same paper is the same bytes: nothing of the present time or of chance is in it but the
//!   moment it was given.
//! - Text is text: it can be searched and copied, and tags tell a screen reader what is a heading,
//!   a table, its headers and its cells. Fonts are embedded with the glyphs that are used.
//! - Tables break between rows; their header is repeated on every page.
//! - A letter that the font lacks is drawn as a box; the tags still carry the right letter.

mod draw;
mod font;
mod layout;

#[cfg(test)]
mod tests;

use crate::kernel::Time;

/// Why a paper could not be written.
#[derive(Debug, thiserror::Error)]
#[error("writing a PDF: {0}")]
pub struct PdfError(String);

/// A paper that is being written, from the top down.
pub struct Paper {
    title: String,
    language: String,
    at: Time,
    lies: bool,
    blocks: Vec<Block>,
    footer: Box<dyn Fn(usize, usize) -> String>,
    files: Vec<AttachedFile>,
}

/// A file inside the paper.
struct AttachedFile {
    name: String,
    media_type: String,
    description: String,
    bytes: Vec<u8>,
}

/// How a piece of text looks and what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    Heading,
    Subheading,
    Text,
    Note,
    Mark,
}

/// One part of a paper.
enum Block {
    Paragraph(Style, String),
    /// Blocks of lines side by side; the first line of each is its label.
    Columns(Vec<Vec<String>>),
    /// Labels with what belongs to them.
    Facts(Vec<(String, String)>),
    Table(Table),
}

/// One column of a table.
#[derive(Clone, Debug)]
pub struct Column {
    title: String,
    is_number: bool,
}

impl Column {
    /// A column of words, set at its start; it takes the room that numbers leave.
    pub fn text(title: &str) -> Self {
        Self {
            title: title.to_owned(),
            is_number: false,
        }
    }

    /// A column of numbers, set at its end with figures of equal width.
    pub fn number(title: &str) -> Self {
        Self {
            title: title.to_owned(),
            is_number: true,
        }
    }
}

/// Rows under a header. The first cell of a row is its header.
#[derive(Clone, Debug)]
pub struct Table {
    columns: Vec<Column>,
    rows: Vec<Row>,
}

#[derive(Clone, Debug)]
struct Row {
    cells: Vec<String>,
    is_total: bool,
}

impl Table {
    /// A table without rows.
    pub fn new(columns: Vec<Column>) -> Self {
        Self {
            columns,
            rows: Vec::new(),
        }
    }

    /// The table with one row more; missing cells are empty.
    #[must_use]
    pub fn row<S: Into<String>>(self, cells: impl IntoIterator<Item = S>) -> Self {
        self.with(cells, false)
    }

    /// The table with a row of sums under a line.
    #[must_use]
    pub fn total<S: Into<String>>(self, cells: impl IntoIterator<Item = S>) -> Self {
        self.with(cells, true)
    }

    fn with<S: Into<String>>(mut self, cells: impl IntoIterator<Item = S>, is_total: bool) -> Self {
        let mut cells: Vec<String> = cells.into_iter().map(Into::into).collect();
        cells.resize(self.columns.len(), String::new());
        self.rows.push(Row { cells, is_total });
        self
    }
}

impl Paper {
    /// An empty paper: its title, the language it is in (`en`), and the moment it names as that of
    /// its making.
    pub fn new(title: &str, language: &str, at: Time) -> Self {
        Self {
            title: title.to_owned(),
            language: language.to_owned(),
            at,
            lies: false,
            blocks: Vec::new(),
            footer: Box::new(|page, pages| format!("{page} / {pages}")),
            files: Vec::new(),
        }
    }

    /// Turns the paper on its side, for wide tables.
    pub fn lie_across(&mut self) {
        self.lies = true;
    }

    /// The title on the paper.
    pub fn heading(&mut self, text: &str) {
        self.paragraph(Style::Heading, text);
    }

    /// A heading inside the paper.
    pub fn subheading(&mut self, text: &str) {
        self.paragraph(Style::Subheading, text);
    }

    /// A paragraph.
    pub fn text(&mut self, text: &str) {
        self.paragraph(Style::Text, text);
    }

    /// A small paragraph.
    pub fn note(&mut self, text: &str) {
        self.paragraph(Style::Note, text);
    }

    /// One line that nobody may overlook, such as "Draft".
    pub fn mark(&mut self, text: &str) {
        self.paragraph(Style::Mark, text);
    }

    fn paragraph(&mut self, style: Style, text: &str) {
        self.blocks.push(Block::Paragraph(style, text.to_owned()));
    }

    /// Blocks of lines side by side, such as two addresses; the first line of each is its label.
    pub fn columns(&mut self, columns: &[Vec<String>]) {
        self.blocks.push(Block::Columns(columns.to_vec()));
    }

    /// Labels with what belongs to them, one a line.
    pub fn facts(&mut self, facts: &[(&str, String)]) {
        let owned = facts
            .iter()
            .map(|(label, fact)| ((*label).to_owned(), fact.clone()));
        self.blocks.push(Block::Facts(owned.collect()));
    }

    /// A table.
    pub fn table(&mut self, table: Table) {
        self.blocks.push(Block::Table(table));
    }

    /// What stands at the foot of each page, made of its number and the number of pages.
    pub fn footer(&mut self, words: impl Fn(usize, usize) -> String + 'static) {
        self.footer = Box::new(words);
    }

    /// Puts a file into the paper, not compressed, so that it can be found in the bytes.
    pub fn attach(&mut self, name: &str, media_type: &str, description: &str, bytes: Vec<u8>) {
        self.files.push(AttachedFile {
            name: name.to_owned(),
            media_type: media_type.to_owned(),
            description: description.to_owned(),
            bytes,
        });
    }

    /// The bytes of the PDF.
    pub fn finish(self) -> Result<Vec<u8>, PdfError> {
        let fonts = font::Fonts::load();
        let laid = layout::lay_out(&self.blocks, &fonts, self.lies);
        draw::draw(&self, laid, &fonts)
    }
}

//! Where everything goes: blocks become lines and rules on pages, and leaves of a tree of tags.

use super::Block;
use super::Style;
use super::Table;
use super::font::Cut;
use super::font::Fonts;
use super::font::Line;

/// A4 in points, upright.
const PAGE: (f32, f32) = (595.28, 841.89);
pub(super) const MARGIN: f32 = 48.0;
/// What stays free at the foot of a page.
const FOOT: f32 = 64.0;
const LEADING: f32 = 1.4;
const TEXT: f32 = 9.5;
const SMALL: f32 = 8.0;
const GAP: f32 = 10.0;
const CELL_GAP: f32 = 8.0;
const LABELS: f32 = 105.0;
/// However many numbers a table has, its words keep this much.
const LEAST_WORDS: f32 = 70.0;
/// Room to spare goes to numbers up to this much each, and the rest to words.
const AIR: f32 = 18.0;

/// What a tag says of its part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Heading,
    Subheading,
    Paragraph,
    Table,
    Row,
    ColumnHeader,
    RowHeader,
    Cell,
}

/// A node of the tree of tags, by the numbers of its children.
pub(super) struct Tagged {
    pub(super) role: Role,
    /// What a heading says.
    pub(super) title: Option<String>,
    pub(super) children: Vec<usize>,
}

/// How dark something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ink {
    Full,
    Quiet,
    Warning,
}

/// One thing to draw.
pub(super) enum Op {
    Text {
        x: f32,
        y: f32,
        line: Line,
        ink: Ink,
        /// The node it belongs to; nothing for what is repeated.
        node: Option<usize>,
    },
    Rule {
        y: f32,
        from: f32,
        to: f32,
        strong: bool,
    },
}

/// A paper with everything in its place.
pub(super) struct Laid {
    /// Width and height of every page.
    pub(super) size: (f32, f32),
    pub(super) pages: Vec<Vec<Op>>,
    pub(super) nodes: Vec<Tagged>,
    /// The nodes at the top.
    pub(super) roots: Vec<usize>,
}

pub(super) fn lay_out(blocks: &[Block], fonts: &Fonts, lies: bool) -> Laid {
    let mut press = Press {
        fonts,
        y: MARGIN,
        laid: Laid {
            size: if lies { (PAGE.1, PAGE.0) } else { PAGE },
            pages: vec![Vec::new()],
            nodes: Vec::new(),
            roots: Vec::new(),
        },
    };
    for block in blocks {
        match block {
            Block::Paragraph(style, text) => press.paragraph(*style, text),
            Block::Columns(columns) => press.columns(columns),
            Block::Facts(facts) => press.facts(facts),
            Block::Table(table) => press.table(table),
        }
    }
    press.laid
}

struct Press<'a> {
    fonts: &'a Fonts,
    y: f32,
    laid: Laid,
}

impl Press<'_> {
    fn width(&self) -> f32 {
        self.laid.size.0 - 2.0 * MARGIN
    }

    fn node(&mut self, role: Role, parent: Option<usize>) -> usize {
        let number = self.laid.nodes.len();
        self.laid.nodes.push(Tagged {
            role,
            title: None,
            children: Vec::new(),
        });
        match parent {
            Some(parent) => self.laid.nodes[parent].children.push(number),
            None => self.laid.roots.push(number),
        }
        number
    }

    fn draw(&mut self, op: Op) {
        let page = self.laid.pages.last_mut().expect("there is always a page");
        page.push(op);
    }

    fn new_page(&mut self) {
        self.laid.pages.push(Vec::new());
        self.y = MARGIN;
    }

    fn fits(&self, height: f32) -> bool {
        self.y + height <= self.laid.size.1 - FOOT || self.y <= MARGIN
    }

    fn place(&mut self, x: f32, line: Line, ink: Ink, node: Option<usize>) {
        let y = self.y + line.size;
        self.draw(Op::Text {
            x,
            y,
            line,
            ink,
            node,
        });
    }

    fn paragraph(&mut self, style: Style, text: &str) {
        let (cut, size, ink, role, before) = match style {
            Style::Heading => (Cut::Bold, 19.0, Ink::Full, Role::Heading, 0.0),
            Style::Subheading => (Cut::Bold, 11.5, Ink::Full, Role::Subheading, 8.0),
            Style::Text => (Cut::Regular, TEXT, Ink::Full, Role::Paragraph, 0.0),
            Style::Note => (Cut::Regular, SMALL, Ink::Quiet, Role::Paragraph, 0.0),
            Style::Mark => (Cut::Bold, 13.0, Ink::Warning, Role::Paragraph, 0.0),
        };
        let lines = self.fonts.wrap(text, cut, size, self.width());
        let step = size * LEADING;
        // A heading is not left alone at the foot of a page.
        let with = if role == Role::Subheading {
            4.0 * TEXT
        } else {
            0.0
        };
        if !self.fits(before + step + with) {
            self.new_page();
        }
        self.y += if self.y > MARGIN { before } else { 0.0 };
        let node = self.node(role, None);
        self.laid.nodes[node].title = Some(text.to_owned());
        for line in lines {
            if !self.fits(step) {
                self.new_page();
            }
            self.place(MARGIN, line, ink, Some(node));
            self.y += step;
        }
        self.y += GAP / 2.0;
    }

    fn columns(&mut self, columns: &[Vec<String>]) {
        let count = u16::try_from(columns.len().max(1)).unwrap_or(1);
        let width = self.width() / f32::from(count);
        let step = TEXT * LEADING;
        let wrapped: Vec<Vec<(Line, Ink)>> = columns
            .iter()
            .map(|lines| self.block_of_lines(lines, width - CELL_GAP))
            .collect();
        let tallest = wrapped.iter().map(Vec::len).max().unwrap_or(0);
        let tallest = f32::from(u16::try_from(tallest).unwrap_or(u16::MAX));
        if !self.fits(tallest * step) {
            self.new_page();
        }
        let top = self.y;
        for (number, lines) in (0_u16..).zip(wrapped) {
            self.y = top;
            let node = self.node(Role::Paragraph, None);
            for (line, ink) in lines {
                self.place(MARGIN + width * f32::from(number), line, ink, Some(node));
                self.y += step;
            }
        }
        self.y = top + tallest * step + GAP;
    }

    fn block_of_lines(&self, lines: &[String], width: f32) -> Vec<(Line, Ink)> {
        let mut block = Vec::new();
        for (number, line) in lines.iter().enumerate() {
            let (cut, ink) = match number {
                0 => (Cut::Regular, Ink::Quiet),
                1 => (Cut::Bold, Ink::Full),
                _ => (Cut::Regular, Ink::Full),
            };
            let wrapped = self.fonts.wrap(line, cut, TEXT, width);
            block.extend(wrapped.into_iter().map(|line| (line, ink)));
        }
        block
    }

    fn facts(&mut self, facts: &[(String, String)]) {
        let step = TEXT * LEADING;
        for (label, fact) in facts {
            let lines = self
                .fonts
                .wrap(fact, Cut::Regular, TEXT, self.width() - LABELS);
            if !self.fits(step) {
                self.new_page();
            }
            let node = self.node(Role::Paragraph, None);
            let label = self.fonts.line(label, Cut::Regular, TEXT);
            self.place(MARGIN, label, Ink::Quiet, Some(node));
            for line in lines {
                if !self.fits(step) {
                    self.new_page();
                }
                self.place(MARGIN + LABELS, line, Ink::Full, Some(node));
                self.y += step;
            }
        }
        self.y += GAP;
    }

    fn table(&mut self, table: &Table) {
        let widths = self.widths(table);
        let node = self.node(Role::Table, None);
        if !self.fits(5.0 * TEXT * LEADING) {
            self.new_page();
        }
        self.header(table, &widths, Some(node));
        for (number, row) in table.rows.iter().enumerate() {
            let cut = if row.is_total {
                Cut::Bold
            } else {
                Cut::Regular
            };
            let cells = self.cells(table, &row.cells, &widths, cut);
            // Sums do not stand alone on the next page.
            let sums = table.rows[number + 1..]
                .iter()
                .take_while(|row| row.is_total);
            let with: f32 = sums.map(|_| height(&[])).sum();
            if !self.fits(height(&cells) + with) {
                self.new_page();
                self.header(table, &widths, None);
            }
            self.rule(row.is_total);
            let tags = self.node(Role::Row, Some(node));
            self.row(table, cells, &widths, Ink::Full, |press, column| {
                let role = if column == 0 {
                    Role::RowHeader
                } else {
                    Role::Cell
                };
                Some(press.node(role, Some(tags)))
            });
        }
        self.rule(true);
        self.y += GAP;
    }

    /// The header; tagged where it stands first, repeated as an ornament.
    fn header(&mut self, table: &Table, widths: &[f32], node: Option<usize>) {
        let titles: Vec<String> = table.columns.iter().map(|c| c.title.clone()).collect();
        let cells = self.cells(table, &titles, widths, Cut::Regular);
        let tags = node.map(|node| self.node(Role::Row, Some(node)));
        self.row(table, cells, widths, Ink::Quiet, |press, _| {
            tags.map(|tags| press.node(Role::ColumnHeader, Some(tags)))
        });
    }

    fn cells(&self, table: &Table, cells: &[String], widths: &[f32], cut: Cut) -> Vec<Vec<Line>> {
        let columns = table.columns.iter().zip(cells).zip(widths);
        columns
            .map(|((_, cell), width)| self.fonts.wrap(cell, cut, SMALL, width - CELL_GAP))
            .collect()
    }

    fn row(
        &mut self,
        table: &Table,
        cells: Vec<Vec<Line>>,
        widths: &[f32],
        ink: Ink,
        mut node_of: impl FnMut(&mut Self, usize) -> Option<usize>,
    ) {
        let (top, tall) = (self.y, height(&cells));
        let mut x = MARGIN;
        for (number, lines) in cells.into_iter().enumerate() {
            self.y = top + 3.0;
            let node = node_of(self, number);
            for line in lines {
                let shift = if table.columns[number].is_number {
                    widths[number] - line.width
                } else {
                    0.0
                };
                self.place(x + shift, line, ink, node);
                self.y += SMALL * LEADING;
            }
            x += widths[number];
        }
        self.y = top + tall;
    }

    fn rule(&mut self, strong: bool) {
        let y = self.y;
        self.draw(Op::Rule {
            y,
            from: MARGIN,
            to: self.laid.size.0 - MARGIN,
            strong,
        });
    }

    /// Every column takes what it needs, and room to spare is given out. Where there is too
    /// little, words give way first, down to the least they need, then numbers, all alike.
    fn widths(&self, table: &Table) -> Vec<f32> {
        let needs: Vec<f32> = (0..table.columns.len())
            .map(|number| self.need(table, number))
            .collect();
        let sum = |numbers: bool| -> f32 {
            let columns = table.columns.iter().zip(&needs);
            columns
                .filter(|(column, _)| column.is_number == numbers)
                .map(|(_, need)| *need)
                .sum()
        };
        let count = |numbers: bool| {
            let columns = table.columns.iter().filter(|c| c.is_number == numbers);
            f32::from(u16::try_from(columns.count()).unwrap_or(1)).max(1.0)
        };
        let (words, numbers) = (sum(false), sum(true));
        let spare = self.width() - words - numbers;
        let air = (spare / count(true)).clamp(0.0, AIR);
        let for_numbers = (self.width() - count(false) * LEAST_WORDS).min(numbers);
        let for_words = self.width() - for_numbers - air * count(true);
        let columns = table.columns.iter().zip(&needs);
        columns
            .map(|(column, need)| match (column.is_number, spare >= 0.0) {
                (true, _) => need * for_numbers / numbers + air,
                (false, true) => need + (for_words - words) / count(false),
                (false, false) => LEAST_WORDS.max(need * for_words / words),
            })
            .collect()
    }

    /// What a column needs to stand in one line, and its title in one word a line.
    fn need(&self, table: &Table, number: usize) -> f32 {
        // Neither cut is always the wider one: their figures differ.
        let wide = |text: &str| -> f32 {
            let of = |cut| self.fonts.line(text, cut, SMALL).width;
            of(Cut::Regular).max(of(Cut::Bold))
        };
        let cells = table.rows.iter().map(|row| row.cells[number].as_str());
        let title = table.columns[number].title.split(' ');
        cells.chain(title).map(wide).fold(0.0, f32::max) + CELL_GAP
    }
}

fn height(cells: &[Vec<Line>]) -> f32 {
    let lines = cells.iter().map(Vec::len).max().unwrap_or(1);
    f32::from(u16::try_from(lines).unwrap_or(u16::MAX)) * SMALL * LEADING + 5.0
}

//! Tables for programs and spreadsheets (RFC 4180): every cell in quotes, so that the same figures
//! are the same bytes, whatever they hold.

use csv::QuoteStyle;
use csv::Terminator;
use csv::Writer;
use csv::WriterBuilder;

/// A table in the making. Its lines may differ in length.
pub struct Table(Writer<Vec<u8>>);

impl Table {
    /// An empty table.
    pub fn begin() -> Self {
        let mut builder = WriterBuilder::new();
        builder
            .quote_style(QuoteStyle::Always)
            .terminator(Terminator::CRLF)
            .flexible(true);
        Self(builder.from_writer(Vec::new()))
    }

    /// Adds a line. A spreadsheet would run a text that begins like a formula, so that gets an
    /// apostrophe in front (OWASP, "CSV Injection"); a line stays a line.
    pub fn line<S: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = S>) {
        self.0
            .write_record(cells.into_iter().map(|cell| harmless(cell.as_ref())))
            .expect("a vector takes every byte");
    }

    /// The whole table.
    pub fn finish(self) -> String {
        let bytes = self.0.into_inner().expect("a vector takes every byte");
        String::from_utf8(bytes).expect("made of texts")
    }
}

fn harmless(text: &str) -> String {
    let is_number = text.parse::<f64>().is_ok();
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number;
    let mark = if formula { "'" } else { "" };
    format!("{mark}{}", text.replace(['\r', '\n'], " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line<const N: usize>(cells: [&str; N]) -> String {
        let mut table = Table::begin();
        table.line(cells);
        table.finish()
    }

    #[test]
    fn a_text_is_never_a_formula_and_never_a_second_line() {
        assert_eq!(line(["=1+1\r\nx"]), "\"'=1+1  x\"\r\n");
        assert_eq!(line(["@x", "\ty"]), "\"'@x\",\"'\ty\"\r\n");
        assert_eq!(line(["-5.00", "-5 or so"]), "\"-5.00\",\"'-5 or so\"\r\n");
    }

    #[test]
    fn cells_hold_whatever_they_are_given() {
        assert_eq!(
            line(["Lantern, \"Reel\"", "", "Été"]),
            "\"Lantern, \"\"Reel\"\"\",\"\",\"Été\"\r\n"
        );
    }

    #[test]
    fn lines_may_differ_in_length() {
        let mut table = Table::begin();
        table.line(["statement"]);
        table.line(["opening", "0.00"]);
        assert_eq!(table.finish(), "\"statement\"\r\n\"opening\",\"0.00\"\r\n");
    }
}

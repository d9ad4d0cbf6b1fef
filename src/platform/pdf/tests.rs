use super::*;

const NOW: Time = Time::from_seconds(1_790_000_000);

fn paper(rows: usize) -> Paper {
    let mut paper = Paper::new("Statement", "en", NOW);
    paper.heading("Statement for October 2026");
    paper.columns(&[
        vec![
            "From".to_owned(),
            "Lantern & Reel Ltd".to_owned(),
            "12 Harbor Row".to_owned(),
        ],
        vec!["For".to_owned(), "Zoë Ångström".to_owned()],
    ]);
    paper.facts(&[("Number", "7".to_owned()), ("Currency", "USD".to_owned())]);
    paper.subheading("Films");
    let columns = vec![
        Column::text("Film"),
        Column::number("Sold"),
        Column::number("Net"),
    ];
    let mut table = Table::new(columns);
    for number in 0..rows {
        let name = format!(
            "A film with a rather long name, part {number}, that has to wrap in its cell because it will not fit"
        );
        table = table.row([name, number.to_string(), format!("{number}.00")]);
    }
    paper.table(table.total(["Total", "1", "1.00"]));
    paper.note("Привет, Ελλάδα, țară.");
    paper.footer(|page, pages| format!("Page {page} of {pages}"));
    paper
}

/// The text of a PDF as poppler reads it, where it is installed.
fn read(bytes: &[u8]) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("paper.pdf");
    std::fs::write(&path, bytes).unwrap();
    let read = std::process::Command::new("pdftotext")
        .args(["-layout"])
        .arg(&path)
        .arg("-")
        .output()
        .ok()?;
    assert!(read.status.success());
    Some(String::from_utf8(read.stdout).unwrap())
}

#[test]
fn the_same_paper_is_the_same_bytes() {
    let (one, other) = (paper(3).finish().unwrap(), paper(3).finish().unwrap());
    assert!(one == other, "two writings differ");
    assert!(one.starts_with(b"%PDF-1."));
    assert!(
        one.len() < 100_000,
        "{} bytes: fonts are not subset",
        one.len()
    );
}

#[test]
fn a_long_table_breaks_and_repeats_its_header() {
    let bytes = paper(120).finish().unwrap();
    let Some(text) = read(&bytes) else { return };
    let pages = text.matches('\u{c}').count();
    assert!(pages >= 4, "{pages}");
    // The last page may hold the note alone.
    assert!(text.matches("Sold").count() + 1 >= pages, "{text}");
    for page in 1..=pages {
        assert!(text.contains(&format!("Page {page} of {pages}")), "{page}");
    }
    assert!(text.contains("119.00"));
    assert!(text.contains("Zoë Ångström"));
    assert!(text.contains("Привет, Ελλάδα, țară."));
}

#[test]
fn letters_that_the_font_lacks_harm_nothing() {
    let mut paper = Paper::new("映画", "en", NOW);
    paper.heading("映画");
    let bytes = paper.finish().unwrap();
    if let Some(text) = read(&bytes) {
        assert!(text.contains('画'), "{text}");
    }
}

#[test]
fn an_attached_file_can_be_found_in_the_bytes() {
    let mut paper = paper(1);
    let inside = b"{\"seven\":7}".to_vec();
    paper.attach("a.json", "application/json", "The figures", inside.clone());
    let bytes = paper.finish().unwrap();
    assert!(bytes.windows(inside.len()).any(|window| window == inside));
}

#[test]
fn figures_stand_below_each_other_and_hyphens_are_short() {
    let fonts = font::Fonts::load();
    for cut in [font::Cut::Regular, font::Cut::Bold] {
        let width = |text: &str| fonts.line(text, cut, 10.0).width;
        for (one, other) in [("111.10", "777.04"), ("-1.11", "-7.40")] {
            assert!((width(one) - width(other)).abs() < 0.001, "{one}");
        }
        let minus = width("-7") - width("7");
        let hyphen = width("A-7") - width("A7");
        assert!(hyphen < minus, "{hyphen} {minus}");
    }
}

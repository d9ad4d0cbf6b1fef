//! Pages and tags written with krilla; nothing else here knows that crate's pages.

use std::num::NonZeroU16;

use krilla::Document;
use krilla::SerializeSettings;
use krilla::color::rgb;
use krilla::configure::Accessibility;
use krilla::configure::ConfigurationBuilder;
use krilla::embed::AssociationKind;
use krilla::embed::EmbeddedFile;
use krilla::embed::MimeType;
use krilla::geom::PathBuilder;
use krilla::geom::Point;
use krilla::geom::Rect;
use krilla::metadata::DateTime;
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::outline::Outline;
use krilla::page::PageSettings;
use krilla::paint::Fill;
use krilla::paint::FillRule;
use krilla::surface::Surface;
use krilla::tagging::Artifact;
use krilla::tagging::ArtifactType;
use krilla::tagging::ContentTag;
use krilla::tagging::Identifier;
use krilla::tagging::Node;
use krilla::tagging::SpanTag;
use krilla::tagging::TableHeaderScope;
use krilla::tagging::Tag;
use krilla::tagging::TagGroup;
use krilla::tagging::TagKind;
use krilla::tagging::TagTree;

use super::AttachedFile;
use super::Paper;
use super::PdfError;
use super::font::Cut;
use super::font::Fonts;
use super::font::Line;
use super::layout::Ink;
use super::layout::Laid;
use super::layout::MARGIN;
use super::layout::Op;
use super::layout::Role;
use crate::kernel::Time;

pub(super) fn draw(paper: &Paper, laid: Laid, fonts: &Fonts) -> Result<Vec<u8>, PdfError> {
    let mut document = Document::new_with(settings(&laid)?);
    let mut leaves: Vec<Vec<Identifier>> = laid.nodes.iter().map(|_| Vec::new()).collect();
    let pages = laid.pages.len();
    for (number, ops) in (1..).zip(&laid.pages) {
        let (width, height) = laid.size;
        let size = PageSettings::from_wh(width, height).expect("A4 is a size");
        let mut page = document.start_page_with(size);
        let mut surface = page.surface();
        for op in ops {
            draw_op(&mut surface, op, fonts, &mut leaves);
        }
        let words = fonts.line(&(paper.footer)(number, pages), Cut::Regular, 7.5);
        let right = width - MARGIN - words.width;
        ornament(&mut surface, |surface| {
            text(surface, right, height - 32.0, &words, Ink::Quiet, fonts);
        });
        surface.finish();
        page.finish();
    }
    let mut tree = TagTree::new().with_lang(Some(paper.language.clone()));
    for root in &laid.roots {
        tree.push(group(&laid, *root, &mut leaves));
    }
    document.set_tag_tree(tree);
    document.set_outline(Outline::new());
    document.set_metadata(metadata(paper));
    for file in &paper.files {
        let embedded = embedded(file, paper.at);
        let taken = document.embed_file(embedded);
        taken.ok_or_else(|| PdfError(format!("two files named {}", file.name)))?;
    }
    document
        .finish()
        .map_err(|error| PdfError(format!("{error:?}")))
}

/// PDF/UA-1 where the font has every letter, and otherwise the same without the claim.
fn settings(laid: &Laid) -> Result<SerializeSettings, PdfError> {
    let complete = laid.pages.iter().flatten().all(|op| match op {
        Op::Text { line, .. } => line.is_complete(),
        Op::Rule { .. } => true,
    });
    let mut wanted = ConfigurationBuilder::new();
    if complete {
        wanted = wanted.with_accessibility_validator(Accessibility::UA1);
    }
    let configuration = wanted.finish();
    Ok(SerializeSettings {
        configuration: configuration.map_err(|error| PdfError(format!("{error:?}")))?,
        ..SerializeSettings::default()
    })
}

fn draw_op(surface: &mut Surface<'_>, op: &Op, fonts: &Fonts, leaves: &mut [Vec<Identifier>]) {
    match op {
        Op::Text {
            x,
            y,
            line,
            ink,
            node,
        } => match node {
            Some(node) => {
                // Letters that the font lacks share a box; this keeps them apart for readers.
                let actual = (!line.is_complete()).then_some(line.text.as_str());
                let span = SpanTag::empty().with_actual_text(actual);
                leaves[*node].push(surface.start_tagged(ContentTag::Span(span)));
                text(surface, *x, *y, line, *ink, fonts);
                surface.end_tagged();
            }
            None => ornament(surface, |surface| text(surface, *x, *y, line, *ink, fonts)),
        },
        Op::Rule {
            y,
            from,
            to,
            strong,
        } => ornament(surface, |surface| {
            rule(surface, *y, *from, *to, *strong);
        }),
    }
}

fn ornament(surface: &mut Surface<'_>, drawn: impl FnOnce(&mut Surface<'_>)) {
    surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(
        ArtifactType::Other,
    )));
    drawn(surface);
    surface.end_tagged();
}

fn text(surface: &mut Surface<'_>, x: f32, y: f32, line: &Line, ink: Ink, fonts: &Fonts) {
    surface.set_fill(Some(fill(match ink {
        Ink::Full => rgb::Color::new(20, 20, 22),
        Ink::Quiet => rgb::Color::new(95, 92, 88),
        Ink::Warning => rgb::Color::new(160, 40, 20),
    })));
    let font = fonts.drawn(line.cut);
    surface.draw_glyphs(
        Point::from_xy(x, y),
        &line.glyphs,
        font,
        &line.text,
        line.size,
        false,
    );
}

fn rule(surface: &mut Surface<'_>, y: f32, from: f32, to: f32, strong: bool) {
    let (shade, thick) = if strong { (90, 0.8) } else { (215, 0.5) };
    surface.set_fill(Some(fill(rgb::Color::new(shade, shade, shade))));
    let mut path = PathBuilder::new();
    if let Some(bar) = Rect::from_ltrb(from, y, to, y + thick) {
        path.push_rect(bar);
    }
    if let Some(path) = path.finish() {
        surface.draw_path(&path);
    }
}

fn fill(color: rgb::Color) -> Fill {
    Fill {
        paint: color.into(),
        opacity: NormalizedF32::ONE,
        rule: FillRule::NonZero,
    }
}

fn group(laid: &Laid, node: usize, leaves: &mut [Vec<Identifier>]) -> TagGroup {
    let tagged = &laid.nodes[node];
    let level = |level| NonZeroU16::new(level).expect("levels begin at one");
    let tag: TagKind = match tagged.role {
        Role::Heading => Tag::Hn(level(1), tagged.title.clone()).into(),
        Role::Subheading => Tag::Hn(level(2), tagged.title.clone()).into(),
        Role::Paragraph => Tag::P.into(),
        Role::Table => Tag::Table.into(),
        Role::Row => Tag::TR.into(),
        Role::ColumnHeader => Tag::TH(TableHeaderScope::Column).into(),
        Role::RowHeader => Tag::TH(TableHeaderScope::Row).into(),
        Role::Cell => Tag::TD.into(),
    };
    let mut children: Vec<Node> = std::mem::take(&mut leaves[node])
        .into_iter()
        .map(Node::from)
        .collect();
    for child in &tagged.children {
        children.push(group(laid, *child, leaves).into());
    }
    TagGroup::with_children(tag, children)
}

fn metadata(paper: &Paper) -> Metadata {
    Metadata::new()
        .title(paper.title.clone())
        .language(paper.language.clone())
        .creator("Matinee".to_owned())
        .producer("Matinee".to_owned())
        .creation_date(date_time(paper.at))
}

fn embedded(file: &AttachedFile, at: Time) -> EmbeddedFile {
    EmbeddedFile {
        path: file.name.clone(),
        mime_type: MimeType::new(&file.media_type),
        description: Some(file.description.clone()),
        association_kind: AssociationKind::Source,
        data: file.bytes.clone().into(),
        modification_date: Some(date_time(at)),
        compress: Some(false),
        location: None,
    }
}

/// A moment in the words of the crate, to the second, in UTC.
fn date_time(at: Time) -> DateTime {
    let moment = at.to_offset();
    DateTime::new(u16::try_from(moment.year()).unwrap_or(0))
        .month(moment.month().into())
        .day(moment.day())
        .hour(moment.hour())
        .minute(moment.minute())
        .second(moment.second())
        .utc_offset_hour(0)
        .utc_offset_minute(0)
}

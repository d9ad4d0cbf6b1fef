//! The two cuts of the font, and how wide text is in them.

use krilla::text::Font;
use krilla::text::GlyphId;
use krilla::text::KrillaGlyph;
use rustybuzz::Face;
use rustybuzz::Feature;
use rustybuzz::UnicodeBuffer;
use rustybuzz::ttf_parser::Tag;

const REGULAR: &[u8] = include_bytes!(concat!(
    env!("OUT_DIR"),
    "/web/node_modules/@expo-google-fonts/inter/400Regular/Inter_400Regular.ttf"
));
const BOLD: &[u8] = include_bytes!(concat!(
    env!("OUT_DIR"),
    "/web/node_modules/@expo-google-fonts/inter/600SemiBold/Inter_600SemiBold.ttf"
));

/// Sums of widths differ a little by the order in which they were added, in points.
const SLACK: f32 = 0.05;

/// A cut of the font.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    Regular,
    Bold,
}

pub(super) struct Fonts {
    regular: Loaded,
    bold: Loaded,
}

struct Loaded {
    drawn: Font,
    shaped: Face<'static>,
}

/// A line of text with its glyphs.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) text: String,
    pub(super) cut: Cut,
    pub(super) size: f32,
    pub(super) width: f32,
    pub(super) glyphs: Vec<KrillaGlyph>,
}

impl Loaded {
    fn load(bytes: &'static [u8]) -> Self {
        Self {
            drawn: Font::new(bytes.into(), 0).expect("the build put a font there"),
            shaped: Face::from_slice(bytes, 0).expect("the build put a font there"),
        }
    }
}

impl Fonts {
    pub(super) fn load() -> Self {
        Self {
            regular: Loaded::load(REGULAR),
            bold: Loaded::load(BOLD),
        }
    }

    fn of(&self, cut: Cut) -> &Loaded {
        match cut {
            Cut::Regular => &self.regular,
            Cut::Bold => &self.bold,
        }
    }

    pub(super) fn drawn(&self, cut: Cut) -> Font {
        self.of(cut).drawn.clone()
    }

    /// One line as it will be drawn, with figures of equal width.
    pub(super) fn line(&self, text: &str, cut: Cut, size: f32) -> Line {
        // What a line cannot hold would be a glyph without a letter.
        let text: String = text
            .chars()
            .map(|letter| if letter.is_control() { ' ' } else { letter })
            .collect();
        let face = &self.of(cut).shaped;
        #[allow(clippy::cast_precision_loss)] // units of a font are below 2^24
        let unit = face.units_per_em() as f32;
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(&text);
        let features = equal_figures(&text);
        let shaped = rustybuzz::shape(face, &features, buffer);
        let infos = shaped.glyph_infos();
        #[allow(clippy::cast_precision_loss)]
        let glyphs: Vec<KrillaGlyph> = infos
            .iter()
            .zip(shaped.glyph_positions())
            .map(|(info, position)| {
                let start = info.cluster as usize;
                KrillaGlyph::new(
                    GlyphId::new(info.glyph_id),
                    position.x_advance as f32 / unit,
                    position.x_offset as f32 / unit,
                    position.y_offset as f32 / unit,
                    position.y_advance as f32 / unit,
                    start..end_of_cluster(infos, start, text.len()),
                    None,
                )
            })
            .collect();
        let advance: f32 = glyphs.iter().map(|glyph| glyph.x_advance).sum();
        Line {
            text,
            cut,
            size,
            width: advance * size,
            glyphs,
        }
    }

    /// A text in lines that are at most so wide; a word that is wider is cut.
    pub(super) fn wrap(&self, text: &str, cut: Cut, size: f32, width: f32) -> Vec<Line> {
        let mut lines = Vec::new();
        for paragraph in text.lines() {
            let mut held = String::new();
            for word in paragraph.split_whitespace() {
                for piece in self.pieces(word, cut, size, width) {
                    let longer = if held.is_empty() {
                        piece.clone()
                    } else {
                        format!("{held} {piece}")
                    };
                    if self.line(&longer, cut, size).width <= width + SLACK {
                        held = longer;
                    } else {
                        lines.push(self.line(&held, cut, size));
                        held = piece;
                    }
                }
            }
            lines.push(self.line(&held, cut, size));
        }
        if lines.is_empty() {
            lines.push(self.line("", cut, size));
        }
        lines
    }

    /// A word in pieces that each fit a line.
    fn pieces(&self, word: &str, cut: Cut, size: f32, width: f32) -> Vec<String> {
        if self.line(word, cut, size).width <= width + SLACK {
            return vec![word.to_owned()];
        }
        let mut pieces = vec![String::new()];
        for letter in word.chars() {
            let last = pieces.last_mut().expect("there is always one");
            last.push(letter);
            if self.line(last, cut, size).width > width + SLACK && last.chars().count() > 1 {
                last.pop();
                pieces.push(letter.to_string());
            }
        }
        pieces
    }
}

/// Asks for figures of equal width, with the signs of numbers, so that they stand below each other.
/// A hyphen within a word or a name keeps its own width: as wide as a figure it looks like a dash.
fn equal_figures(text: &str) -> Vec<Feature> {
    let tag = Tag::from_bytes(b"tnum");
    let bytes = text.as_bytes();
    let is_hyphen = |at: &usize| bytes[*at] == b'-' && bytes[at - 1].is_ascii_alphanumeric();
    // Written out, because `Feature::new` counts the end of a range in, and the shaping does not.
    let without = |at: usize| Feature {
        tag,
        value: 0,
        start: u32::try_from(at).unwrap_or(u32::MAX),
        end: u32::try_from(at + 1).unwrap_or(u32::MAX),
    };
    let everywhere = Feature::new(tag, 1, ..);
    let hyphens = (1..bytes.len()).filter(is_hyphen).map(without);
    std::iter::once(everywhere).chain(hyphens).collect()
}

/// Where the letters of a cluster end: at the start of the next one, in whatever direction.
fn end_of_cluster(infos: &[rustybuzz::GlyphInfo], start: usize, length: usize) -> usize {
    let later = infos.iter().map(|info| info.cluster as usize);
    later.filter(|at| *at > start).min().unwrap_or(length)
}

impl Line {
    /// Whether the font has every letter of it.
    pub(super) fn is_complete(&self) -> bool {
        self.glyphs.iter().all(|glyph| glyph.glyph_id.to_u32() != 0)
    }
}

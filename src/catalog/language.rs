//! Languages films are spoken in: ISO 639-1 codes.

use std::str::FromStr;

/// The language a film is mainly spoken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Language(usize);

const KNOWN: [(&str, &str); 44] = [
    ("ar", "language-ar"),
    ("bg", "language-bg"),
    ("bn", "language-bn"),
    ("ca", "language-ca"),
    ("cs", "language-cs"),
    ("da", "language-da"),
    ("de", "language-de"),
    ("el", "language-el"),
    ("en", "language-en"),
    ("es", "language-es"),
    ("et", "language-et"),
    ("fa", "language-fa"),
    ("fi", "language-fi"),
    ("fr", "language-fr"),
    ("ga", "language-ga"),
    ("he", "language-he"),
    ("hi", "language-hi"),
    ("hr", "language-hr"),
    ("hu", "language-hu"),
    ("id", "language-id"),
    ("is", "language-is"),
    ("it", "language-it"),
    ("ja", "language-ja"),
    ("ko", "language-ko"),
    ("lt", "language-lt"),
    ("lv", "language-lv"),
    ("ml", "language-ml"),
    ("nl", "language-nl"),
    ("no", "language-no"),
    ("pl", "language-pl"),
    ("pt", "language-pt"),
    ("ro", "language-ro"),
    ("ru", "language-ru"),
    ("sk", "language-sk"),
    ("sl", "language-sl"),
    ("sv", "language-sv"),
    ("ta", "language-ta"),
    ("te", "language-te"),
    ("th", "language-th"),
    ("tr", "language-tr"),
    ("uk", "language-uk"),
    ("vi", "language-vi"),
    ("zh", "language-zh"),
    ("zxx", "language-zxx"),
];

impl Language {
    /// Every language, in the order of its code.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..KNOWN.len()).map(Self)
    }

    /// The code, `de`.
    pub fn code(self) -> &'static str {
        KNOWN[self.0].0
    }

    /// The key of its name.
    pub fn name(self) -> &'static str {
        KNOWN[self.0].1
    }
}

impl FromStr for Language {
    type Err = &'static str;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        let at = KNOWN.iter().position(|(known, _)| *known == code);
        at.map(Self).ok_or("fault-please-choose-a-language-of")
    }
}

//! Every language the store has, and which one a reader gets.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::LazyLock;
use std::sync::RwLock;

use super::Words;
use super::formats::Formats;
use super::language::Language;

/// The languages that come with the binary: name and text. English stands first.
const BUILT_IN: [(&str, &str); 1] = [("en", include_str!("../../../messages/en.ftl"))];
/// Readers that are remembered, by what their browsers say. Further ones are worked out anew.
const MOST_READERS: usize = 512;
/// What a browser says about languages counts up to here.
const MOST_BYTES: usize = 256;

/// All languages.
pub struct Catalog {
    languages: Vec<Arc<Language>>,
    readers: RwLock<HashMap<String, Words>>,
}

/// Why the messages of a language cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MessagesFault {
    /// The name of the file is not that of a language.
    #[error("{0}.ftl is not named after a language")]
    Name(String),
    /// The file is not what Fluent understands.
    #[error("{0}.ftl cannot be read as messages: {1}")]
    Broken(String, String),
    /// The folder or a file in it cannot be read.
    #[error("the folder of messages cannot be read")]
    Unreadable(#[from] std::io::Error),
}

impl MessagesFault {
    pub(super) fn broken(tag: &str, fault: Option<&impl ToString>) -> Self {
        let fault = fault.map_or_else(String::new, ToString::to_string);
        Self::Broken(tag.to_owned(), fault)
    }
}

impl Catalog {
    /// The languages that come with the binary, parsed once.
    pub fn built_in() -> &'static Self {
        static BUILT: LazyLock<Catalog> =
            LazyLock::new(|| Catalog::load(None).expect("a test reads the built-in languages"));
        &BUILT
    }

    /// The languages of the binary and those of a folder, which may also replace them.
    pub fn load(folder: Option<&Path>) -> Result<Self, MessagesFault> {
        let mut texts: Vec<(String, String)> = BUILT_IN
            .iter()
            .map(|(tag, text)| ((*tag).to_owned(), (*text).to_owned()))
            .collect();
        if let Some(folder) = folder {
            texts.extend(files_of(folder)?);
        }
        Self::of(texts)
    }

    /// The languages of some texts; the first is the one to fall back to.
    fn of(texts: Vec<(String, String)>) -> Result<Self, MessagesFault> {
        let mut languages: Vec<Arc<Language>> = Vec::new();
        for (tag, text) in texts {
            let fallback = languages.first().cloned();
            let language = Arc::new(Language::parse(&tag, text, fallback)?);
            languages.push(language);
        }
        Ok(Self {
            languages,
            readers: RwLock::new(HashMap::new()),
        })
    }

    /// The words for a reader whose browser sent this `Accept-Language`; may be empty.
    pub fn choose(&self, accept_language: &str) -> Words {
        if let Ok(readers) = self.readers.read()
            && let Some(words) = readers.get(accept_language)
        {
            return words.clone();
        }
        let words = self.work_out(accept_language);
        if accept_language.len() <= MOST_BYTES
            && let Ok(mut readers) = self.readers.write()
            && readers.len() < MOST_READERS
        {
            readers.insert(accept_language.to_owned(), words.clone());
        }
        words
    }

    fn work_out(&self, accept_language: &str) -> Words {
        let end = accept_language.floor_char_boundary(MOST_BYTES);
        let wanted: Vec<String> = accept_language::parse_with_quality(&accept_language[..end])
            .into_iter()
            .filter(|(tag, quality)| *quality > 0.0 && tag != "*")
            .map(|(tag, _)| tag)
            .collect();
        let language = wanted.iter().find_map(|tag| self.best(tag));
        let place = wanted.iter().find_map(|tag| tag.parse().ok());
        Words {
            language: Arc::clone(language.unwrap_or(&self.languages[0])),
            formats: Arc::new(Formats::of(place)),
        }
    }

    /// The language of this very name, or else one of the same tongue.
    fn best(&self, tag: &str) -> Option<&Arc<Language>> {
        let id: unic_langid::LanguageIdentifier = tag.parse().ok()?;
        let newest_first = || self.languages.iter().rev();
        newest_first()
            .find(|language| *language.id() == id)
            .or_else(|| newest_first().find(|language| language.id().language == id.language))
    }
}

/// Name and text of every `*.ftl` in a folder.
fn files_of(folder: &Path) -> Result<Vec<(String, String)>, MessagesFault> {
    let mut texts = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let is_ftl = path.extension().is_some_and(|end| end == "ftl");
        if let (true, Some(tag)) = (is_ftl, path.file_stem().and_then(|stem| stem.to_str())) {
            texts.push((tag.to_owned(), std::fs::read_to_string(&path)?));
        }
    }
    texts.sort();
    Ok(texts)
}

impl std::fmt::Debug for Catalog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let tags = self.languages.iter().map(|language| language.tag());
        f.debug_list().entries(tags).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Note;

    fn catalog() -> Catalog {
        let english = "hello = Hello\nowed = { $name } owes { $count ->\n    [one] { $number } \
                       coin\n   *[other] { $number } coins\n}\nonly = Only here\n";
        let german = "hello = Guten Tag\nowed = { $name } hat { $wrong } Schulden\n";
        let arabic = "hello = أهلا\n";
        let texts = [("en", english), ("de", german), ("ar", arabic)];
        Catalog::of(texts.map(|(a, b)| (a.to_owned(), b.to_owned())).to_vec()).unwrap()
    }

    #[test]
    fn a_reader_gets_the_first_language_there_is() {
        let catalog = catalog();
        for (accepted, language, place, hello) in [
            ("", "en", "en-US", "Hello"),
            ("de-AT,de;q=0.9,en;q=0.8", "de", "de-AT", "Guten Tag"),
            ("fr-FR,fr;q=0.9,de;q=0.5", "de", "fr-FR", "Guten Tag"),
            ("de;q=0.1, en-GB;q=0.9", "en", "en-GB", "Hello"),
            ("de;q=0,fr", "en", "fr", "Hello"),
            ("*", "en", "en-US", "Hello"),
            ("\u{1f3ac};;q=x,,", "en", "en-US", "Hello"),
        ] {
            let words = catalog.choose(accepted);
            assert_eq!(
                (words.lang(), words.place(), words.t("hello")),
                (language, place, hello),
                "{accepted}"
            );
            assert_eq!(
                catalog.choose(accepted).t("hello"),
                hello,
                "the second time"
            );
        }
        assert_eq!(catalog.choose("ar-EG").dir(), "rtl");
        assert_eq!(catalog.choose("de").dir(), "ltr");
    }

    #[test]
    fn what_a_language_lacks_is_said_in_english() {
        let words = catalog().choose("de-DE");
        assert_eq!(words.t("only"), "Only here");
        let owed = |count| {
            words
                .say("owed")
                .with("name", "Ada")
                .count(count)
                .to_string()
        };
        assert_eq!(owed(1), "Ada owes 1 coin"); // the German message wants an argument we lack
        assert_eq!(owed(1234), "Ada owes 1.234 coins");
        assert_eq!(words.t("never"), "never");
        assert_eq!(words.say("never").with("name", "Ada").to_string(), "never");
    }

    #[test]
    fn notes_are_messages_with_arguments() {
        let words = catalog().choose("en");
        let note = Note::new("owed").with("name", "Bo").with("count", 2_i64);
        assert_eq!(words.note(&note).to_string(), "Bo owes 2 coins");
        assert_eq!(words.note(&Note::new("hello")).to_string(), "Hello");
    }

    #[test]
    fn scripts_get_their_messages_in_the_reader_s_language() {
        let texts = [
            (
                "en",
                "a-says-hi = Hi { $name }\na-says-bye = Bye\nb-says-no = No\n",
            ),
            ("de", "a-says-bye = Tschüss\n"),
        ];
        let texts = texts.map(|(tag, text)| (tag.to_owned(), text.to_owned()));
        let words = Catalog::of(texts.to_vec()).unwrap().choose("de");
        let expected = r#"{"a-says-bye":"Tschüss","a-says-hi":"Hi {name}"}"#;
        assert_eq!(words.for_scripts("a"), expected);
    }

    #[test]
    fn many_readers_do_not_fill_the_memory() {
        let catalog = catalog();
        for number in 0..MOST_READERS + 50 {
            let _ = catalog.choose(&format!("en-US;q=0.{number}"));
        }
        let long = "é,".repeat(MOST_BYTES * 4);
        assert_eq!(catalog.choose(&long).lang(), "en");
        assert_eq!(catalog.readers.read().unwrap().len(), MOST_READERS);
    }

    #[test]
    fn a_folder_adds_languages_and_a_broken_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("fr.ftl"), "shared-films = Les films\n").unwrap();
        std::fs::write(folder.path().join("notes.txt"), "not a language").unwrap();
        let catalog = Catalog::load(Some(folder.path())).unwrap();
        let words = catalog.choose("fr");
        assert_eq!((words.lang(), words.t("shared-films")), ("fr", "Les films"));
        assert_eq!(words.t("shared-search"), "Search");
        std::fs::write(folder.path().join("it.ftl"), "= ?").unwrap();
        let fault = Catalog::load(Some(folder.path())).unwrap_err().to_string();
        assert!(fault.starts_with("it.ftl"), "{fault}");
        assert!(Catalog::load(Some(Path::new("/nowhere"))).is_err());
    }

    #[test]
    fn countries_have_names_in_the_language_of_the_texts() {
        let words = Catalog::built_in().choose("de-DE,en;q=0.5");
        let name = |code: &str| words.country(code);
        assert_eq!(name("DE"), "Germany");
        assert_eq!(name("CI"), "Côte d’Ivoire");
        let names: Vec<String> = words
            .countries()
            .into_iter()
            .map(|(_, name)| name)
            .collect();
        assert_eq!(names.len(), 249);
        assert!(
            names.iter().all(|name| name.chars().count() > 2),
            "{names:?}"
        );
        let at = |name: &str| names.iter().position(|other| other == name).unwrap();
        assert!(
            at("Åland Islands") < at("Albania"),
            "accents change no order"
        );
    }
}

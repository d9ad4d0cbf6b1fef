//! The form of a title: what was typed, and what it means.

use crate::catalog::Credit;
use crate::catalog::Details;
use crate::catalog::Genre;
use crate::catalog::Language;
use crate::catalog::Rating;
use crate::catalog::Title;
use crate::kernel::Note;
use crate::kernel::Time;
use crate::kernel::text::DisplayName;
use crate::kernel::text::Prose;
use crate::kernel::text::Slug;
use crate::kernel::text::TextFault;
use crate::platform::web::FormErrors;

/// The year of the oldest film that survives.
const FIRST_YEAR: i64 = 1888;
/// How far ahead a film may be announced.
const YEARS_AHEAD: i64 = 5;
/// Longest runtime, in minutes: a hundred hours.
const LONGEST_MINUTES: i64 = 6_000;
/// Lines of credits one title may have.
const MOST_CREDITS: usize = 200;
/// What is spoken where nobody said anything else.
const USUAL_LANGUAGE: &str = "en";

/// A form as typed. Every field may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TitleFields {
    /// Its name.
    pub name: String,
    /// Its address, or nothing to make it of the name.
    pub slug: String,
    /// What it is about.
    pub synopsis: String,
    /// When it came out.
    pub year: String,
    /// How long it runs.
    pub runtime_minutes: String,
    /// Words of genres.
    pub genres: Vec<String>,
    /// One credit a line.
    pub credits: String,
    /// Tag of a language.
    pub language: String,
    /// Age of a rating.
    pub rating: String,
}

impl TitleFields {
    /// Reads the body of a form. Fields that we do not know are left out.
    pub fn read(body: &[u8]) -> Self {
        let mut fields = Self::default();
        for (name, value) in url::form_urlencoded::parse(body) {
            let value = value.into_owned();
            match &*name {
                "name" => fields.name = value,
                "slug" => fields.slug = value,
                "synopsis" => fields.synopsis = value,
                "year" => fields.year = value,
                "runtime_minutes" => fields.runtime_minutes = value,
                "genres" => fields.genres.push(value),
                "credits" => fields.credits = value,
                "language" => fields.language = value,
                "rating" => fields.rating = value,
                _ => {}
            }
        }
        fields
    }

    /// The form of a title as it is.
    pub fn of(title: &Title) -> Self {
        let details = &title.details;
        let lines = details.credits.iter();
        let lines: Vec<_> = lines
            .map(|Credit(role, name)| format!("{role}: {name}"))
            .collect();
        Self {
            name: details.name.to_string(),
            slug: title.slug.to_string(),
            synopsis: details.synopsis.to_string(),
            year: details.year.to_string(),
            runtime_minutes: details.runtime_minutes.to_string(),
            genres: details.genres.iter().map(|g| g.slug().to_owned()).collect(),
            credits: lines.join("\n"),
            language: details.language.code().to_owned(),
            rating: details.rating.age().to_string(),
        }
    }

    /// Whether a genre is ticked, for the template.
    pub fn has_genre(&self, genre: &Genre) -> bool {
        self.genres.iter().any(|word| word == genre.slug())
    }

    /// Whether an age is chosen, for the template; without a choice it is that of all ages.
    pub fn has_rating(&self, rating: &Rating) -> bool {
        self.rating.parse().unwrap_or(0) == rating.age()
    }

    /// What was typed, checked, and the address if one was typed; or what to mend, field by field.
    pub fn parse(&self, now: Time) -> Result<(Details, Option<Slug>), FormErrors> {
        let mut errors = FormErrors::new();
        let name = errors.take(
            "name",
            needed(DisplayName::parse(&self.name), "fault-write-a-name"),
        );
        let slug = errors.take("slug", optional(&self.slug, Slug::parse));
        let synopsis = errors.take(
            "synopsis",
            needed(Prose::parse(&self.synopsis), "fault-write-a-synopsis"),
        );
        let latest = year_of(now) + YEARS_AHEAD;
        let year = errors.take("year", number(&self.year, "fault-year", FIRST_YEAR, latest));
        let runtime = number(&self.runtime_minutes, "fault-runtime", 1, LONGEST_MINUTES);
        let runtime_minutes = errors.take("runtime_minutes", runtime);
        let genres = errors.take("genres", genres(&self.genres));
        let credits = errors.take("credits", credits(&self.credits));
        let language = match self.language.trim() {
            "" => USUAL_LANGUAGE,
            tag => tag,
        };
        let language = errors.take("language", language.parse::<Language>());
        let rating = errors.take("rating", rating(&self.rating));
        let details = (|| {
            let details = Details {
                name: name?,
                synopsis: synopsis?,
                year: year?,
                runtime_minutes: runtime_minutes?,
                genres: genres?,
                credits: credits?,
                language: language?,
                rating: rating?,
            };
            Some((details, slug?))
        })();
        errors.or(details)
    }
}

/// Nothing typed is no value; something typed must be right.
fn optional<T, E>(text: &str, parse: impl Fn(&str) -> Result<T, E>) -> Result<Option<T>, E> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    parse(text).map(Some)
}

/// A sentence that names what is missing, since the summary stands apart from the field.
fn needed<T>(parsed: Result<T, TextFault>, missing: &'static str) -> Result<T, Note> {
    parsed.map_err(|fault| match fault {
        TextFault::Empty => missing.into(),
        fault => fault.into(),
    })
}

fn number(text: &str, fault: &'static str, least: i64, most: i64) -> Result<i64, Note> {
    let text = text.trim();
    let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let number = text.parse().ok().filter(|_| plain);
    number
        .filter(|number| (least..=most).contains(number))
        .ok_or_else(|| {
            // A year has no separators, whatever the place.
            Note::new(fault)
                .with("least", least.to_string())
                .with("most", most.to_string())
        })
}

fn genres(words: &[String]) -> Result<Vec<Genre>, Note> {
    let mut genres = Vec::new();
    for word in words {
        let genre = word.parse::<Genre>()?;
        if !genres.contains(&genre) {
            genres.push(genre);
        }
    }
    match genres.len() {
        0 => Err("fault-please-choose-at-least-one".into()),
        n if n > Genre::MOST => Err(Note::new("fault-too-many-genres").with("most", Genre::MOST)),
        _ => Ok(genres),
    }
}

fn rating(age: &str) -> Result<Rating, &'static str> {
    if age.trim().is_empty() {
        return Ok(Rating::All);
    }
    let age = age.trim().parse().ok();
    age.and_then(Rating::of_age)
        .ok_or("fault-please-choose-an-age-of")
}

fn credits(text: &str) -> Result<Vec<Credit>, Note> {
    let lines = text.lines().enumerate();
    let lines: Vec<_> = lines.filter(|(_, line)| !line.trim().is_empty()).collect();
    if lines.len() > MOST_CREDITS {
        return Err(Note::new("fault-too-many-credits").with("most", MOST_CREDITS));
    }
    let read = |(number, line): &(usize, &str)| {
        credit(line).map_err(|fault| {
            Note::new("fault-credit-line")
                .with("line", number + 1)
                .with("fault", fault)
        })
    };
    lines.iter().map(read).collect()
}

/// Reads `Director: Ada Lovelace`.
fn credit(line: &str) -> Result<Credit, Note> {
    let (role, name) = line
        .split_once(':')
        .ok_or("fault-please-write-one-credit-a")?;
    let part = |text| DisplayName::parse(text).map_err(Note::from);
    Ok(Credit(part(role)?.to_string(), part(name)?.to_string()))
}

fn year_of(now: Time) -> i64 {
    now.date()[..4]
        .parse()
        .expect("a date begins with its year")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: Time = Time::from_seconds(1_800_000_000); // 2027-01-15

    fn good() -> TitleFields {
        let body = "name=The+Long+Night&synopsis=It+is+long.&year=1931&runtime_minutes=92\
                    &genres=drama&genres=crime&genres=drama&credits=Director%3A+Ada%0D%0A%0D%0AMusic%3A+Bo";
        TitleFields::read(body.as_bytes())
    }

    fn sentence(field: &str, change: impl Fn(&mut TitleFields)) -> String {
        let mut fields = good();
        change(&mut fields);
        let errors = fields.parse(NOW).unwrap_err();
        assert_eq!(errors.all().len(), 1, "{errors:?}");
        errors.english(field)
    }

    #[test]
    fn a_full_form_becomes_details() {
        let (details, slug) = good().parse(NOW).unwrap();
        assert_eq!(details.name.as_str(), "The Long Night");
        assert_eq!(details.genres, [Genre::Drama, Genre::Crime]);
        assert_eq!(details.credits.len(), 2);
        assert_eq!(
            (details.language.code(), details.rating),
            ("en", Rating::All)
        );
        assert_eq!((slug, details.year), (None, 1931));
    }

    #[test]
    fn an_empty_form_names_every_field_that_is_needed() {
        let errors = TitleFields::default().parse(NOW).unwrap_err();
        let fields: Vec<_> = errors.all().iter().map(|(field, _)| *field).collect();
        assert_eq!(
            fields,
            ["name", "synopsis", "year", "runtime_minutes", "genres"]
        );
    }

    #[test]
    fn each_wrong_field_says_what_to_mend() {
        assert!(sentence("year", |f| f.year = "1887".to_owned()).contains("1888 to 2032"));
        assert!(sentence("year", |f| f.year = "+1999".to_owned()).contains("whole number"));
        assert!(
            sentence("runtime_minutes", |f| f.runtime_minutes = "0".to_owned()).contains("1 to")
        );
        assert!(sentence("slug", |f| f.slug = "Not a slug".to_owned()).contains("lower-case"));
        assert!(sentence("genres", |f| f.genres = vec!["soap".to_owned()]).contains("list"));
        assert!(sentence("language", |f| f.language = "xx".to_owned()).contains("language"));
        assert!(sentence("rating", |f| f.rating = "13".to_owned()).contains("age"));
        let credits = sentence("credits", |f| f.credits = "Director: Ada\nBo".to_owned());
        assert!(credits.starts_with("Line 2: "), "{credits}");
        let many = Genre::ALL.map(|genre| genre.slug().to_owned()).to_vec();
        assert!(sentence("genres", |f| f.genres = many.clone()).contains("at most 4"));
        assert!(sentence("name", |f| f.name = "x".repeat(121)).contains("120"));
    }

    proptest! {
        #[test]
        fn no_form_breaks_the_parser(body in prop::collection::vec(any::<u8>(), 0..400)) {
            let _ = TitleFields::read(&body).parse(NOW);
        }
    }
}

//! A language is one file: a made-up one, written from English with every message marked and
//! lengthened, reaches every page, and leaves no text of the store's own outside its marks.

use reqwest::Method;

use crate::harness::Answer;
use crate::harness::PASSWORD;
use crate::harness::Person;
use crate::harness::TestApp;

const ENGLISH: &str = include_str!("../../messages/en.ftl");
/// A reader of the made-up language in Japan, where dates have no words.
const READER: &str = "ja-JP, en-XA;q=0.9";
/// What is data, or the same everywhere.
const DATA: [&str; 13] = [
    "Matinee",
    "Night Train",
    "Lantern Films",
    "Owner",
    "Ada",
    "UTC",
    "Ada@example.org",
    "ada@example.org",
    "lantern-films@example.org",
    "/dev/mail",
    "USD",
    "Mara Quell",
    "A night, a train, and somebody who is not on the list.",
];

/// Every message in brackets, and longer by half, as German is.
fn pseudo(english: &str) -> String {
    let mut file = String::new();
    for line in english.lines() {
        let (before, text) = match line.split_once(" = ") {
            Some((key, text)) if !line.starts_with(['#', ' ']) => (format!("{key} = "), text),
            _ => match line.split_once("] ") {
                Some((choice, text)) if line.starts_with(' ') => (format!("{choice}] "), text),
                _ => (String::new(), ""),
            },
        };
        if text.is_empty() || text.ends_with("->") {
            file.push_str(line);
        } else {
            let more = "ä".repeat(text.chars().count() / 2);
            file.push_str(&format!("{before}⟦{text} {more}⟧"));
        }
        file.push('\n');
    }
    file
}

async fn read(person: &Person, path: &str) -> Answer {
    let request = person.request(Method::GET, path);
    person.send(request.header("accept-language", READER)).await
}

async fn post(person: &Person, path: &str, fields: &[(&str, &str)]) -> Answer {
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(fields);
    let request = person.request(Method::POST, path).body(body.finish());
    let kind = "application/x-www-form-urlencoded";
    let request = request.header("content-type", kind);
    person.send(request.header("accept-language", READER)).await
}

/// Texts and spoken attributes of a page, as they are read.
fn spoken(html: &str) -> String {
    let (mut text, mut rest) = (String::new(), html);
    while let Some((before, after)) = rest.split_once('<') {
        text.push_str(before);
        let (tag, after) = after.split_once('>').unwrap_or((after, ""));
        for name in ["aria-label", "placeholder", "alt"] {
            let value = tag.split_once(&format!(" {name}=\""));
            let value = value.and_then(|(_, value)| value.split_once('"'));
            if let Some((value, _)) = value {
                text.push_str(&format!("\n{value}\n"));
            }
        }
        // What a machine gave a name to is no text: ids, tokens and fingerprints.
        rest = match tag.split(' ').next() {
            Some(machine @ ("code" | "kbd")) => after
                .split_once(&format!("</{machine}>"))
                .map_or("", |(_, rest)| rest),
            _ => after,
        };
    }
    text + rest
}

/// The text of a page that no message holds.
fn outside(html: &str) -> String {
    let mut text = spoken(html);
    let mut depth = 0_u32;
    text.retain(|letter| {
        match letter {
            '⟦' => depth += 1,
            '⟧' => depth -= 1,
            _ => return depth == 0,
        }
        false
    });
    let text = DATA.iter().fold(text, |text, data| text.replace(data, ""));
    let words = text.split_whitespace();
    let is_code =
        |word: &str| word.len() <= 4 && word.chars().all(|c| c.is_uppercase() || c == ',');
    let words = words.filter(|word| word.chars().filter(|c| c.is_alphabetic()).count() > 1);
    let words = words.filter(|word| !is_code(word)); // a currency
    words.collect::<Vec<_>>().join(" ")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_language_is_one_file_and_reaches_every_page() {
    let app = TestApp::speaking("en-XA", &pseudo(ENGLISH)).await;
    let film = app.film_on_sale("Night Train", "Lantern Films", 999).await;
    let (nobody, viewer) = (app.nobody(), app.viewer("Ada").await);
    viewer
        .post("/checkout", &[("offer", &film.offer.id.to_string())])
        .await
        .expect(303);
    let owner = app.nobody();
    let fields = [
        ("email", "lantern-films@example.org"),
        ("password", PASSWORD),
    ];
    owner.post("/login", &fields).await.expect(303);
    let pages: [(&Person, &[&str]); 3] = [
        (
            &nobody,
            &[
                "/",
                "/films",
                "/films?genre=drama",
                "/films?q=none",
                "/films/night-train",
                "/studios/lantern-films",
                "/login",
                "/signup",
                "/account/forgot",
                "/studio/signup",
                "/legal/terms",
                "/legal/privacy",
                "/legal/accessibility",
                "/nowhere",
            ],
        ),
        (
            &viewer,
            &[
                "/",
                "/library",
                "/account",
                "/account/password",
                "/account/email",
                "/films/night-train",
            ],
        ),
        (
            &owner,
            &[
                "/studio",
                "/studio/titles/new",
                "/studio/titles/night-train/offers",
                "/studio/sales",
                "/studio/payments",
                "/studio/team",
                "/studio/tokens",
            ],
        ),
    ];
    let mut left = Vec::new();
    for (person, paths) in pages {
        for path in paths {
            let answer = read(person, path).await;
            assert_eq!(answer.headers["content-language"], "en-XA", "{path}");
            assert!(answer.text.contains("lang=\"en-XA\" dir=\"ltr\""), "{path}");
            left.push((*path, outside(&answer.text)));
        }
    }
    left.retain(|(_, text)| !text.is_empty());
    assert!(left.is_empty(), "texts that no message holds: {left:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_went_wrong_is_said_in_the_reader_s_language() {
    let app = TestApp::speaking("en-XA", &pseudo(ENGLISH)).await;
    let page = post(
        &app.nobody(),
        "/login",
        &[("email", "x"), ("password", "y")],
    )
    .await;
    let page = page.expect(422).text;
    assert!(
        page.contains("⟦Please write a full e-mail address"),
        "{page}"
    );
    assert_eq!(outside(&page), "");
    let lost = app
        .nobody()
        .request(Method::GET, "/nowhere")
        .header("accept", "application/json");
    let lost = app
        .nobody()
        .send(lost.header("accept-language", READER))
        .await
        .expect(404);
    assert!(
        lost.json()["message"]
            .as_str()
            .unwrap()
            .starts_with("⟦There is nothing")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_is_written_in_its_reader_s_language() {
    let app = TestApp::speaking("en-XA", &pseudo(ENGLISH)).await;
    let person = app.nobody();
    let fields = [
        ("name", "Bo"),
        ("email", "bo@example.org"),
        ("password", PASSWORD),
    ];
    post(&person, "/signup", &fields).await.expect(303);
    let mut conn = app.state.db.read().await.unwrap();
    let mails = matinee::platform::mail::latest(&mut conn, 1).await.unwrap();
    assert!(
        mails[0].subject.starts_with("⟦Confirm your e-mail address"),
        "{}",
        mails[0].subject
    );
    assert!(mails[0].body_html.contains("<html lang=\"en-XA\""));
    assert!(
        mails[0].body_text.starts_with("⟦Hello,"),
        "{}",
        mails[0].body_text
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_says_that_it_depends_on_the_language() {
    let app = TestApp::sqlite().await;
    app.film_on_sale("Night Train", "Lantern Films", 999).await;
    let nobody = app.nobody();
    let german = nobody.request(Method::GET, "/films/night-train");
    let german = nobody
        .send(german.header("accept-language", "de-DE,de;q=0.9"))
        .await
        .expect(200);
    assert_eq!(german.headers["content-language"], "en");
    let vary: Vec<_> = german
        .headers
        .get_all("vary")
        .iter()
        .map(|v| v.to_str().unwrap())
        .collect();
    assert!(
        vary.join(",").to_lowercase().contains("accept-language"),
        "{vary:?}"
    );
    assert!(german.text.contains("9,99\u{a0}$"), "{}", german.text);
    assert!(german.text.contains("itemprop=\"price\" content=\"9.99\""));
    let static_file = nobody.get("/robots.txt").await.expect(200);
    assert!(!static_file.headers.contains_key("content-language"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_language_that_is_read_from_right_to_left_turns_the_page() {
    let app = TestApp::speaking("ar-XB", "base-sign-in = ادخل\n").await;
    let request = app.nobody().request(Method::GET, "/login");
    let page = app
        .nobody()
        .send(request.header("accept-language", "ar-XB"))
        .await
        .expect(200)
        .text;
    assert!(
        page.contains("lang=\"ar-XB\" dir=\"rtl\"") && page.contains("ادخل"),
        "{page}"
    );
    assert!(
        page.contains("Forgotten your password?"),
        "English stands in: {page}"
    );
}

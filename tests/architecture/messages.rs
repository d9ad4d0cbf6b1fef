//! Rules about texts: pages hold none of their own, every key exists and is used, and every
//! message gets the arguments it wants. So a language really is one file.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::assert_none;
use super::source::Source;
use super::tree;

/// Templates that are not the store's: the payment page of the sandbox plays Stripe's part.
const FOREIGN: &str = "stripe_sandbox/";
/// Words that are the same in every language.
const NAMES: [&str; 1] = ["Matinee"];
/// Attributes that are read to people.
const SPOKEN: [&str; 4] = ["aria-label", "placeholder", "alt", "title"];
/// Elements that every message may use.
const ELEMENTS: [&str; 6] = ["strong", "code", "kbd", "unseen", "optional", "price"];

/// What one message wants.
#[derive(Debug, Default, PartialEq, Eq)]
struct Wants {
    arguments: BTreeSet<String>,
    links: BTreeSet<String>,
    is_rich: bool,
}

/// Every message of a file: its key and what it wants.
fn messages(ftl: &str) -> BTreeMap<String, Wants> {
    let mut found: BTreeMap<String, Wants> = BTreeMap::new();
    let mut key = String::new();
    for line in ftl.lines().filter(|line| !line.starts_with('#')) {
        if let Some((name, _)) = line.split_once(" = ").filter(|_| !line.starts_with(' ')) {
            name.clone_into(&mut key);
            found.entry(key.clone()).or_default();
        }
        let Some(wants) = found.get_mut(&key) else {
            continue;
        };
        for part in line.split('$').skip(1) {
            wants.arguments.insert(word(part).to_owned());
        }
        for part in line
            .split('<')
            .skip(1)
            .filter(|part| !part.starts_with('/'))
        {
            let name = word(part);
            wants.is_rich |= !name.is_empty();
            if !name.is_empty() && !ELEMENTS.contains(&name) {
                wants.links.insert(name.to_owned());
            }
        }
    }
    found
}

/// The name at the beginning of a text.
fn word(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'));
    &text[..end.unwrap_or(text.len())]
}

/// The string literal at the beginning of a text, without its quotes.
fn literal(text: &str) -> Option<&str> {
    let rest = text.trim_start().strip_prefix('"')?;
    rest.split_once('"').map(|(inside, _)| inside)
}

/// What follows the bracket that closes the one before this text.
fn after_bracket(text: &str) -> &str {
    let (mut depth, mut quoted) = (1, false);
    for (at, letter) in text.char_indices() {
        match letter {
            '"' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &text[at + 1..];
        }
    }
    ""
}

/// The arguments and links given in `.with("a", …).link("b", …).count(…)`.
fn given(mut chain: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut arguments, mut links) = (BTreeSet::new(), BTreeSet::new());
    loop {
        chain = chain.trim_start();
        let inside = if let Some(inside) = chain.strip_prefix(".with(") {
            arguments.extend(literal(inside).map(str::to_owned));
            inside
        } else if let Some(inside) = chain.strip_prefix(".link(") {
            links.extend(literal(inside).map(str::to_owned));
            inside
        } else if let Some(inside) = chain.strip_prefix(".count(") {
            arguments.extend(["count".to_owned(), "number".to_owned()]);
            inside
        } else {
            return (arguments, links);
        };
        chain = after_bracket(inside);
    }
}

/// Calls with a literal key: how, which key, and what follows the closing bracket.
fn calls(text: &str) -> Vec<(&'static str, &str, &str)> {
    let mut found = Vec::new();
    for how in [".t(", ".say(", ".rich(", "Note::new("] {
        for (at, _) in text.match_indices(how) {
            let inside = &text[at + how.len()..];
            if let Some(key) = literal(inside) {
                found.push((how, key, after_bracket(inside)));
            }
        }
    }
    found
}

/// What is wrong with the calls of one file.
fn call_faults(path: &str, text: &str, known: &BTreeMap<String, Wants>) -> Vec<String> {
    let mut faults = Vec::new();
    for (how, key, chain) in calls(text) {
        let Some(wants) = known.get(key) else {
            faults.push(format!(
                "{path}: there is no message `{key}` in messages/en.ftl"
            ));
            continue;
        };
        let (mut arguments, links) = given(chain);
        if arguments.contains("count") {
            arguments.insert("number".to_owned());
        }
        if !wants.arguments.contains("number") {
            arguments.remove("number");
        }
        if arguments != wants.arguments || links != wants.links {
            faults.push(format!(
                "{path}: `{key}` wants {:?} {:?}, and gets {arguments:?} {links:?}",
                wants.arguments, wants.links
            ));
        }
        if wants.is_rich != (how == ".rich(") {
            faults.push(format!(
                "{path}: `{key}` has elements, or has none; see `rich` and `t`"
            ));
        }
    }
    faults
}

/// A template without expressions, statements and comments.
fn without_code(text: &str) -> String {
    let mut plain = text.to_owned();
    for (open, close) in [
        ("{#", "#}"),
        ("{{", "}}"),
        ("{%", "%}"),
        ("<!--", "-->"),
        ("<style", "</style>"),
    ] {
        while let Some(from) = plain.find(open) {
            let to = plain[from..]
                .find(close)
                .map_or(plain.len(), |at| from + at + close.len());
            plain.replace_range(from..to, if open == "{{" { "…" } else { "" });
        }
    }
    plain
}

/// Literal texts of a template, which belong into the messages.
fn literal_texts(path: &str, text: &str) -> Vec<String> {
    let plain = without_code(text);
    let mut faults = Vec::new();
    let mut check = |text: &str, what: &str| {
        let text = NAMES
            .iter()
            .fold(text.to_owned(), |text, name| text.replace(name, ""));
        let letters = text.chars().filter(|letter| letter.is_alphabetic()).count();
        if letters > 1 {
            faults.push(format!(
                "templates/{path}: put {what} `{}` into messages/en.ftl",
                text.trim()
            ));
        }
    };
    for piece in plain.split('<').skip(1) {
        let (tag, after) = piece.split_once('>').unwrap_or((piece, ""));
        check(
            &after
                .replace("&amp;", "")
                .replace("&lt;", "")
                .replace("&gt;", ""),
            "the text",
        );
        for name in SPOKEN {
            let value = tag
                .split_once(&format!(" {name}=\""))
                .and_then(|(_, value)| value.split_once('"'));
            if let Some((value, _)) = value {
                check(value, name);
            }
        }
    }
    faults
}

fn english() -> BTreeMap<String, Wants> {
    messages(&tree::file("messages/en.ftl").expect("English is always there"))
}

fn templates() -> Vec<(String, String)> {
    let files = tree::files("templates", "").into_iter();
    files
        .filter(|(path, _)| !path.starts_with(FOREIGN))
        .collect()
}

#[test]
fn templates_hold_no_text_of_their_own() {
    let faults: Vec<_> = templates()
        .iter()
        .filter(|(path, _)| path.ends_with(".html"))
        .flat_map(|(path, text)| literal_texts(path, text))
        .collect();
    assert_none(&faults);
}

#[test]
fn every_message_that_is_said_exists_and_gets_its_arguments() {
    let known = english();
    let mut faults = Vec::new();
    for (path, text) in templates() {
        faults.extend(call_faults(&format!("templates/{path}"), &text, &known));
    }
    for (path, text) in tree::files("src", ".rs") {
        let text = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
        faults.extend(call_faults(&format!("src/{path}"), text, &known));
    }
    assert_none(&faults);
}

/// Beginnings of keys that stand in Rust as they are, to be said later.
const FAMILIES: [&str; 16] = [
    "badge-",
    "currency-",
    "error-",
    "fault-",
    "film-state-",
    "genre-",
    "language-",
    "length-",
    "need-",
    "order-",
    "outcome-",
    "quality-",
    "rating-",
    "role-",
    "sort-",
    "step-",
];

#[test]
fn every_key_that_is_kept_for_later_exists() {
    let known = english();
    let mut faults = Vec::new();
    for (path, text) in tree::files("src", ".rs") {
        for (line, literal) in Source::parse(&text).strings {
            let is_key = FAMILIES.iter().any(|family| literal.starts_with(family))
                && word(&literal) == literal
                && !literal.contains("--");
            if is_key && !known.contains_key(&literal) {
                faults.push(format!(
                    "src/{path}:{line}: there is no message `{literal}`"
                ));
            }
        }
    }
    assert_none(&faults);
}

#[test]
fn every_message_is_said_somewhere() {
    let mut said: BTreeSet<String> = BTreeSet::new();
    for (_, text) in tree::files("src", ".rs") {
        said.extend(
            Source::parse(&text)
                .strings
                .into_iter()
                .map(|(_, text)| text),
        );
    }
    let scripts = tree::files("static/js", ".js");
    for (_, text) in templates().iter().chain(&scripts) {
        said.extend(text.split(['"', '\'', '`']).map(str::to_owned));
    }
    let unused = english().into_keys().filter(|key| !said.contains(key));
    let faults: Vec<_> = unused
        .map(|key| format!("messages/en.ftl: nothing says `{key}` any more"))
        .collect();
    assert_none(&faults);
}

#[test]
fn no_key_stands_twice() {
    let text = tree::file("messages/en.ftl").expect("English is always there");
    let keys = text
        .lines()
        .filter(|line| !line.starts_with(['#', ' ', '}']));
    let keys: Vec<_> = keys
        .filter_map(|line| Some(line.split_once(" =")?.0))
        .collect();
    let mut seen = BTreeSet::new();
    let faults: Vec<_> = keys
        .iter()
        .filter(|key| !seen.insert(**key))
        .map(|key| format!("messages/en.ftl: `{key}` stands twice"))
        .collect();
    assert_none(&faults);
}

#[test]
fn other_languages_say_nothing_that_english_does_not() {
    let english = english();
    let mut faults = Vec::new();
    for (path, text) in tree::files("messages", ".ftl") {
        for (key, wants) in messages(&text) {
            match english.get(&key) {
                None => faults.push(format!("messages/{path}: English has no `{key}`")),
                Some(theirs) if !wants.arguments.is_subset(&theirs.arguments) => {
                    faults.push(format!("messages/{path}: `{key}` wants other arguments"));
                }
                Some(theirs) if wants.links != theirs.links => {
                    faults.push(format!("messages/{path}: `{key}` has other links"));
                }
                Some(_) => {}
            }
        }
    }
    assert_none(&faults);
}

#[test]
fn refuses_what_it_should() {
    let known = messages(
        "a = Hello { $name }\nb = <home>Home</home>\nc = { $count ->\n   *[other] { $number }\n}\nd = D\n",
    );
    let faults = |text: &str| call_faults("x", text, &known).len();
    assert_eq!(faults("page.say(\"a\").with(\"name\", f(1, \")\"))"), 0);
    assert_eq!(faults("page.say(\"a\")"), 1);
    assert_eq!(faults("page.t(\"a\")"), 1);
    assert_eq!(faults("page.say(\"a\").with(\"nam\", x)"), 1);
    assert_eq!(faults("page.rich(\"b\").link(\"home\", \"/\")"), 0);
    assert_eq!(faults("page.t(\"b\")"), 2);
    assert_eq!(faults("w.say(\"c\")\n  .count(3)"), 0);
    assert_eq!(faults("page.t(\"d\") page.t(\"e\")"), 1);
    assert_eq!(
        literal_texts("x", "<p a=\"b\">{{ t }} · Matinee</p><kbd>k</kbd>"),
        Vec::<String>::new()
    );
    assert_eq!(
        literal_texts("x", "<p>{% if a %}Hello{% endif %}</p><img alt=\"Cat\">").len(),
        2
    );
}

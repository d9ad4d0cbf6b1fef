//! Keeps the map of ARCHITECTURE.md: who may use whom, where SQL and HTTP may stand, and that
//! tables in the documents still tell the truth. It reads text and needs only `std`.
//! Every rule is a function from text to sentences, and has a test that shows it refusing.

#[path = "architecture/documents.rs"]
mod documents;
#[path = "architecture/messages.rs"]
mod messages;
#[path = "architecture/source.rs"]
mod source;
#[path = "architecture/tree.rs"]
mod tree;

use source::CratePath;
use source::Source;

/// The map, top to bottom: a module uses only modules that stand before it.
const MAP: &[&str] = &[
    "kernel",
    "sealed",
    "platform",
    "accounts",
    "studios",
    "catalog",
    "offers",
    "uploads",
    "packaging",
    "ledger",
    "library",
    "invoices",
    "checkout",
    "playback",
    "payouts",
    "takedowns",
    "pages",
    "app",
    "commands",
    "demo",
    "lib",
    "main",
];
/// The layers under the slices; their modules may be named directly.
const LAYERS: &[&str] = &["kernel", "sealed", "platform"];
/// Crates that speak HTTP; they stay out of the pure parts.
const HTTP: &[&str] = &["axum", "axum_extra", "hyper", "hyper_util", "tower_http"];
/// How a statement in SQL begins.
const SQL: &[&str] = &[
    "SELECT ",
    "INSERT INTO ",
    "UPDATE ",
    "DELETE FROM ",
    "WITH ",
    "CREATE TABLE ",
    "CREATE INDEX ",
    "ALTER TABLE ",
    "DROP ",
    "PRAGMA ",
    "BEGIN",
    "SAVEPOINT ",
];

/// Everything that is wrong with one file under `src/`; `path` is relative to it.
fn faults_of_file(path: &str, text: &str) -> Vec<String> {
    let source = Source::parse(text);
    let module = module_of(path);
    let mut faults = Vec::new();
    match (place_of(module), source.crate_paths()) {
        (None, _) => faults.push(format!(
            "src/{path}: `{module}` is not on the map; give it a place in MAP \
             (tests/architecture.rs) and in ARCHITECTURE.md"
        )),
        (_, Err(line)) => faults.push(format!(
            "src/{path}:{line}: write one `use crate::...` per line, without braces in braces"
        )),
        (Some(place), Ok(paths)) => {
            for used in &paths {
                faults.extend(order_fault(path, module, place, used));
                faults.extend(front_door_fault(path, module, used));
            }
        }
    }
    faults.extend(climbing_faults(path, &source));
    faults.extend(sql_faults(path, &source));
    faults.extend(http_faults(path, &source));
    faults
}

/// Rule 1: a module uses only what stands above it.
fn order_fault(path: &str, module: &str, place: usize, used: &CratePath) -> Option<String> {
    let name = used.words.first()?;
    if used.is_macro || name == module {
        return None;
    }
    let line = used.line;
    match place_of(name) {
        None => Some(format!(
            "src/{path}:{line}: `crate::{name}` is not a part on the map; name the part it \
             comes from"
        )),
        Some(other) if other > place => Some(format!(
            "src/{path}:{line}: {module} must not use {name}, which stands below it on the map; \
             move the shared word to kernel, or let {name} act"
        )),
        Some(_) => None,
    }
}

/// Rule 2: another slice is entered through its `mod.rs`.
fn front_door_fault(path: &str, module: &str, used: &CratePath) -> Option<String> {
    let [slice, inner @ ..] = used.words.as_slice() else {
        return None;
    };
    let deep = inner.len() > 1 && inner[0].starts_with(char::is_lowercase);
    let behind_the_door =
        inner.iter().any(|word| word == "store") || (deep && !LAYERS.contains(&slice.as_str()));
    (slice != module && behind_the_door).then(|| {
        format!(
            "src/{path}:{}: {module} reaches into {slice}::{}; use what {slice}/mod.rs \
             re-exports",
            used.line, inner[0]
        )
    })
}

/// Rule 2, the back way: `super::super::…` that leaves the part.
fn climbing_faults(path: &str, source: &Source) -> Vec<String> {
    let depth = path.matches('/').count() + usize::from(!path.ends_with("mod.rs"));
    let climb = "super::".repeat(depth);
    let places = source
        .code
        .match_indices(&climb)
        .filter(|_| depth > 0 && path.contains('/'));
    places
        .map(|(at, _)| {
            let line = source.line_of(at);
            format!("src/{path}:{line}: leave a part by `crate::…`, so that this test can follow")
        })
        .collect()
}

/// Rule 3: SQL stands only in a store, in `platform/db` and in `platform/jobs`.
fn sql_faults(path: &str, source: &Source) -> Vec<String> {
    let is_store = path.ends_with("/store.rs") || path.contains("/store/");
    if is_store || path.starts_with("platform/db") || path.starts_with("platform/jobs") {
        return Vec::new();
    }
    let statements = source.strings.iter().filter(|(_, text)| {
        let text = text.trim_start();
        SQL.iter().any(|begin| {
            text.starts_with(begin.trim_end()) && {
                text[begin.trim_end().len()..].starts_with([' ', '\n']) || text == begin.trim_end()
            }
        })
    });
    let calls = source
        .code
        .match_indices("sqlx::query")
        .map(|(at, _)| source.line_of(at));
    let lines = statements.map(|(line, _)| *line).chain(calls);
    lines
        .map(|line| format!("src/{path}:{line}: SQL belongs into the store.rs of its slice"))
        .collect()
}

/// Rule 3: the pure parts and the stores know no HTTP.
fn http_faults(path: &str, source: &Source) -> Vec<String> {
    let pure = path.starts_with("kernel")
        || path.starts_with("sealed")
        || path.ends_with("/model.rs")
        || path.ends_with("/store.rs");
    let words = HTTP.iter().filter(|_| pure);
    words
        .flat_map(|word| {
            source
                .lines_with_word(word)
                .into_iter()
                .map(move |line| (word, line))
        })
        .map(|(word, line)| {
            format!(
                "src/{path}:{line}: no {word} here; HTTP belongs into routes.rs or platform/web"
            )
        })
        .collect()
}

/// The part of the map to which a file belongs.
fn module_of(path: &str) -> &str {
    let first = path.split('/').next().unwrap_or(path);
    first.strip_suffix(".rs").unwrap_or(first)
}

fn place_of(module: &str) -> Option<usize> {
    MAP.iter().position(|part| *part == module)
}

/// The parts of the map that a text names as `part/`, in the order of their first mention.
fn parts_named(text: &str) -> Vec<&'static str> {
    let mut named: Vec<_> = MAP
        .iter()
        .filter_map(|part| Some((text.find(&format!("\n  {part}/"))?, *part)))
        .collect();
    named.sort_unstable();
    named.into_iter().map(|(_, part)| part).collect()
}

#[track_caller]
fn assert_none(faults: &[String]) {
    assert!(faults.is_empty(), "\n\n{}\n", faults.join("\n"));
}

#[test]
fn every_file_keeps_the_map() {
    let files = tree::files("src", ".rs");
    assert!(!files.is_empty(), "no sources found under src/");
    let faults: Vec<_> = files
        .iter()
        .flat_map(|(path, text)| faults_of_file(path, text))
        .collect();
    assert_none(&faults);
}

#[test]
fn the_page_shows_the_parts_in_the_order_of_the_map() {
    let Some(page) = tree::file("ARCHITECTURE.md") else {
        return;
    };
    let named = parts_named(&page);
    let expected: Vec<_> = MAP
        .iter()
        .copied()
        .filter(|part| named.contains(part))
        .collect();
    assert_eq!(
        named, expected,
        "ARCHITECTURE.md draws the map in another order than MAP"
    );
    let present = MAP
        .iter()
        .filter(|part| tree::is_folder(&format!("src/{part}")));
    let missing: Vec<_> = present.filter(|part| !named.contains(part)).collect();
    assert!(
        missing.is_empty(),
        "ARCHITECTURE.md does not show {missing:?}"
    );
}

mod refuses {
    use super::*;

    fn only_fault(path: &str, text: &str) -> String {
        let faults = faults_of_file(path, text);
        assert_eq!(
            faults.len(),
            1,
            "expected one fault in {text:?}, found {faults:#?}"
        );
        faults[0].clone()
    }

    #[test]
    fn a_module_that_uses_one_below_it() {
        let fault = only_fault("kernel/money.rs", "\nuse crate::catalog::Title;");
        assert!(
            fault.starts_with("src/kernel/money.rs:2: kernel must not use catalog"),
            "{fault}"
        );
        only_fault("kernel/money.rs", "fn f() -> crate::catalog::Title {}");
        only_fault("offers/mod.rs", "use crate::library::{self};");
    }

    #[test]
    fn a_part_that_is_not_on_the_map() {
        assert!(only_fault("helpers/mod.rs", "").contains("not on the map"));
        assert!(only_fault("catalog/mod.rs", "use crate::helpers::x;").contains("not a part"));
    }

    #[test]
    fn a_way_around_the_front_door() {
        let fault = only_fault("library/grant.rs", "use crate::ledger::store::insert;");
        assert!(
            fault.contains("library reaches into ledger::store"),
            "{fault}"
        );
        only_fault("library/grant.rs", "use crate::ledger::post::Transfer;");
        only_fault(
            "library/grant.rs",
            "use crate::ledger::{Entry, post::Transfer};",
        );
        only_fault("library/grant.rs", "use super::super::ledger::post;");
        only_fault("library/mod.rs", "use super::ledger::post;");
        only_fault(
            "library/grant.rs",
            "use crate::platform::jobs::store::claim;",
        );
    }

    #[test]
    fn a_use_that_hides_its_paths() {
        assert!(only_fault("app.rs", "use crate::{catalog, offers};").contains("one `use"));
        assert!(only_fault("app.rs", "use crate::catalog::{a::{B}, C};").contains("one `use"));
    }

    #[test]
    fn sql_outside_a_store() {
        assert!(only_fault("checkout/settle.rs", "let q = \"SELECT 1\";").contains("SQL"));
        only_fault(
            "checkout/settle.rs",
            "let q = r#\"\n   DELETE FROM t WHERE a = '\"'\"#;",
        );
        only_fault("checkout/settle.rs", "sqlx::query_scalar(name)");
        only_fault(
            "platform/web/session.rs",
            "f(\"UPDATE session SET a = $1\")",
        );
    }

    #[test]
    fn http_in_a_pure_part() {
        assert!(only_fault("sealed/seal.rs", "use axum::body::Body;").contains("no axum here"));
        only_fault("catalog/model.rs", "fn f(r: axum::http::Request) {}");
        only_fault("catalog/store.rs", "use hyper::Request;");
    }

    #[test]
    fn nothing_that_is_right() {
        for (path, text) in [
            (
                "catalog/publish.rs",
                "use crate::catalog::store::Row;\nuse super::store;",
            ),
            (
                "catalog/publish.rs",
                "use crate::platform::db::Conn;\nuse crate::kernel::money::Money;",
            ),
            (
                "library/check.rs",
                "use crate::ledger::balance;\ncrate::ledger::Transfer::new()",
            ),
            ("kernel/ids.rs", "crate::define_id!(TitleId);"),
            (
                "kernel/text.rs",
                "// crate::catalog::Title\n/* /* SELECT 1 */ axum */ let s = 'a';",
            ),
            (
                "kernel/text.rs",
                "let s = \"crate::catalog\"; let c = '\"'; fn f<'a>(x: &'a str) {}",
            ),
            ("catalog/store.rs", "sqlx::query(\"SELECT 1\")"),
            (
                "pages/mod.rs",
                "let label = \"UPDATES\"; let w = \"Selected\";",
            ),
            (
                "kernel/a.rs",
                "fn f() {}\n#[cfg(test)]\nmod tests { use crate::catalog::Title; }",
            ),
            ("catalog/search/words.rs", "use super::super::store;"),
        ] {
            assert_eq!(
                faults_of_file(path, text),
                Vec::<String>::new(),
                "{path}: {text}"
            );
        }
    }

    #[test]
    fn a_map_drawn_in_another_order() {
        assert_eq!(
            parts_named("src/\n  sealed/ ..\n  kernel/ .."),
            ["sealed", "kernel"]
        );
    }
}

//! Finds the routes in the sources, since a built router does not list them.

use std::collections::BTreeSet;
use std::path::Path;

const METHODS: &[&str] = &["get", "post", "put", "patch", "delete", "any"];

/// Every route under `src/`, as `GET /films/{slug}`; the Stripe sandbox is another program.
pub fn routes_of_the_store() -> BTreeSet<String> {
    let mut routes = BTreeSet::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("sandbox") {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                routes.extend(routes_in(&std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    routes
}

/// The routes of one file; what its test module mounts does not count.
fn routes_in(source: &str) -> Vec<String> {
    let source = source
        .split("#[cfg(test)]\nmod ")
        .next()
        .unwrap_or_default();
    let mut found = Vec::new();
    for (at, mark) in source.match_indices(".route(") {
        let arguments = balanced(&source[at + mark.len()..]);
        let path = arguments.split('"').nth(1).unwrap_or_else(|| {
            panic!("write the path of a route as a literal, so that this test sees it: {arguments}")
        });
        let handlers = &arguments[arguments.find(',').unwrap_or(arguments.len())..];
        for method in METHODS {
            if calls(handlers, method) {
                found.push(format!("{} {path}", method.to_uppercase()));
            }
        }
    }
    assert!(
        !source.contains(".nest("),
        "mount whole paths, not nests, so that this test sees them"
    );
    found
}

/// The text up to the bracket that closes what was opened before it.
fn balanced(text: &str) -> &str {
    let mut depth = 1;
    let end = text.find(|c| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        depth == 0
    });
    &text[..end.unwrap_or(text.len())]
}

/// Whether `name(` stands in the text as a word of its own.
fn calls(text: &str, name: &str) -> bool {
    text.match_indices(&format!("{name}("))
        .any(|(at, _)| !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_'))
}

#[test]
fn routes_are_found_in_any_layout() {
    let source = r#"
        Router::new()
            .route("/films", get(list))
            .route(
                "/studio/titles/{slug}",
                routing::get(show).post(update).layer(DefaultBodyLimit::max(budget(3))),
            )
            .route("/logout", post(sign_out))
        #[cfg(test)]
        mod tests {}
    "#;
    let found = routes_in(source);
    let expected = [
        "GET /films",
        "GET /studio/titles/{slug}",
        "POST /studio/titles/{slug}",
        "POST /logout",
    ];
    assert_eq!(found, expected);
}

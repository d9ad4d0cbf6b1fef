//! Rules about what is not Rust: templates, dependencies, and tables in the documents that
//! would rot if nobody compared them with the code.

use std::collections::BTreeSet;

use super::assert_none;
use super::source::Source;
use super::tree;

/// Autoescape is what keeps a studio's words from becoming markup; no template may end it.
fn template_faults(path: &str, text: &str) -> Vec<String> {
    let lines = text
        .lines()
        .enumerate()
        .map(|(at, line)| (at + 1, line.replace(' ', "")));
    lines
        .filter_map(|(at, line)| {
            if line.contains("|safe") || line.contains("escape(\"none\")") {
                return Some(format!(
                    "templates/{path}:{at}: no `|safe`; make a typed view value"
                ));
            }
            let foreign = ["src=\"http", "src=\"//", "action=\"http"];
            foreign.iter().any(|mark| line.contains(mark)).then(|| {
                format!("templates/{path}:{at}: no third-party request; serve it from static/")
            })
        })
        .collect()
}

/// Every dependency stands on one line that ends in its reason.
fn dependency_faults(manifest: &str) -> Vec<String> {
    let (mut faults, mut in_dependencies) = (Vec::new(), false);
    for (at, line) in manifest.lines().enumerate() {
        if line.starts_with('[') {
            in_dependencies = line.trim_end_matches(']').ends_with("dependencies");
            if line.contains("dependencies.") {
                faults.push(format!(
                    "Cargo.toml:{}: write a dependency on one line",
                    at + 1
                ));
            }
        } else if in_dependencies && line.contains('=') && !line.starts_with('#') {
            let reason = line
                .split_once(" # ")
                .map_or("", |(_, reason)| reason.trim());
            if reason.is_empty() {
                let name = line.split(' ').next().unwrap_or(line);
                faults.push(format!(
                    "Cargo.toml:{}: say after a `#` why {name} is here",
                    at + 1
                ));
            }
        }
    }
    faults
}

/// Names of environment variables in a text; only prefixes that are ours to document.
fn variables(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'))
        .filter(|word| {
            let ours = ["MATINEE_", "STRIPE_", "SMTP_"]
                .iter()
                .any(|mark| word.strip_prefix(mark).is_some_and(|rest| !rest.is_empty()));
            (ours || *word == "DATABASE_URL") && !word.ends_with('_')
        })
        .map(str::to_owned)
        .collect()
}

/// What the configuration reads and the documents do not name.
fn undocumented(config: &[String], documents: &str) -> Vec<String> {
    let documented = variables(documents);
    let read: BTreeSet<_> = config
        .iter()
        .flat_map(|text| Source::parse(text).strings)
        .flat_map(|(_, literal)| variables(&literal))
        .collect();
    read.difference(&documented)
        .map(|name| format!("{name} is read by the configuration, but no document names it"))
        .collect()
}

/// What the documents name and no code knows.
fn unknown(documents: &str, everything_else: &str) -> Vec<String> {
    let known = variables(everything_else);
    let named = variables(documents);
    named
        .difference(&known)
        .map(|name| format!("{name} stands in the documents, but nothing reads it"))
        .collect()
}

#[test]
fn templates_leave_escaping_on_and_stay_at_home() {
    let files = tree::files("templates", ".html");
    let faults: Vec<_> = files
        .iter()
        .flat_map(|(path, text)| template_faults(path, text))
        .collect();
    assert_none(&faults);
}

#[test]
fn every_dependency_says_why_it_is_here() {
    let manifest = tree::file("Cargo.toml").expect("the manifest is there");
    assert_none(&dependency_faults(&manifest));
}

#[test]
fn the_documents_name_the_variables_that_the_store_reads() {
    let Some(mut documents) = tree::file("README.md") else {
        return;
    };
    let pages = tree::files("docs", ".md");
    documents.extend(pages.iter().map(|(_, text)| text.as_str()));
    let is_config = |path: &str| path.starts_with("platform/config");
    let sources = tree::files("src", ".rs");
    let config: Vec<_> = sources
        .iter()
        .filter(|(path, _)| is_config(path))
        .map(|(_, text)| text.clone())
        .collect();
    let mut code: String = sources.into_iter().map(|(_, text)| text).collect();
    for (folder, end) in [("tests", ""), ("benches", ".rs"), (".ci", "")] {
        code.extend(tree::files(folder, end).into_iter().map(|(_, text)| text));
    }
    assert_none(
        &[
            undocumented(&config, &documents),
            unknown(&documents, &code),
        ]
        .concat(),
    );
}

mod refuses {
    use super::*;

    #[test]
    fn a_template_that_ends_escaping_or_leaves_the_house() {
        for bad in [
            "a\n{{ name|safe }}",
            "\n{{ name | safe }}",
            "\n{{ name|escape(\"none\") }}",
            "\n<script src=\"https://cdn.example/x.js\"></script>",
            "\n<img src=\"//cdn.example/x.png\">",
        ] {
            let faults = template_faults("x.html", bad);
            assert_eq!(faults.len(), 1, "{bad}");
            assert!(faults[0].starts_with("templates/x.html:2: "), "{faults:?}");
        }
        assert!(
            template_faults("x.html", "<a href=\"https://x.example\">{{ name }}</a>").is_empty()
        );
    }

    #[test]
    fn a_dependency_without_a_reason() {
        let bad = "[package]\nname = \"x\"\n[dev-dependencies]\nfoo = \"1\"\nbar = \"1\" # why";
        assert_eq!(
            dependency_faults(bad),
            ["Cargo.toml:4: say after a `#` why foo is here"]
        );
        assert_eq!(
            dependency_faults("[dependencies.foo]\nversion = \"1\"").len(),
            1
        );
        assert!(dependency_faults("[dependencies]\n# -- Web --\na = \"1\" # b\n").is_empty());
    }

    #[test]
    fn documents_and_configuration_that_differ() {
        let config = ["env(\"MATINEE_BIND\"); // MATINEE_COMMENT".to_owned()];
        assert_eq!(undocumented(&config, "`MATINEE_BIND` is where").len(), 0);
        assert_eq!(undocumented(&config, "`MATINEE_BINDING`").len(), 1);
        assert_eq!(
            unknown("set `MATINEE_OLD` and MATINEE_*", "MATINEE_BIND").len(),
            1
        );
        assert_eq!(unknown("`DATABASE_URL`", "env(\"DATABASE_URL\")").len(), 0);
    }
}

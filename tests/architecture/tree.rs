//! The files of the repository, as text.

use std::fs;
use std::path::Path;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All files below `folder` whose name ends in `end`: path relative to `folder`, and text.
pub fn files(folder: &str, end: &str) -> Vec<(String, String)> {
    let top = root().join(folder);
    let (mut found, mut folders) = (Vec::new(), vec![top.clone()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.extend((!path.ends_with("node_modules")).then_some(path));
            } else if path.to_string_lossy().ends_with(end) {
                let name = path.strip_prefix(&top).expect("found below it");
                let bytes = fs::read(&path).expect("listed a moment ago");
                let text = String::from_utf8_lossy(&bytes).into_owned();
                found.push((name.to_string_lossy().into_owned(), text));
            }
        }
    }
    found.sort();
    found
}

/// The text of one file, if it exists.
pub fn file(path: &str) -> Option<String> {
    fs::read_to_string(root().join(path)).ok()
}

/// Whether a folder of that name exists.
pub fn is_folder(path: &str) -> bool {
    root().join(path).is_dir()
}

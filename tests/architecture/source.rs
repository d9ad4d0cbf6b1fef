//! A Rust source file taken apart just far enough for the rules: code without comments and
//! string literals, and the literals by themselves, both with their line numbers.

/// One source file, split.
pub struct Source {
    /// The code; comments are gone and every string literal is `""`. Lines are kept.
    pub code: String,
    /// Line (from 1) and text of every string literal.
    pub strings: Vec<(usize, String)>,
}

/// A path that starts at `crate::`, for instance `crate::catalog::Title`.
#[derive(Debug, PartialEq, Eq)]
pub struct CratePath {
    /// Line of its first word, from 1.
    pub line: usize,
    /// The words after `crate`.
    pub words: Vec<String>,
    /// Whether it names a macro (`crate::define_id!`), which lives at the root of the crate.
    pub is_macro: bool,
}

impl Source {
    /// Splits `text`; what stands in the test module at its end does not count.
    pub fn parse(text: &str) -> Self {
        let text = without_tests(text);
        let bytes = text.as_bytes();
        let (mut code, mut strings) = (String::new(), Vec::new());
        let (mut at, mut line) = (0, 1);
        while at < bytes.len() {
            let rest = &text[at..];
            let length = if rest.starts_with("//") {
                rest.find('\n').unwrap_or(rest.len())
            } else if rest.starts_with("/*") {
                block_comment(rest)
            } else if let Some((length, literal)) = string_literal(rest, code.chars().last()) {
                strings.push((line, literal));
                code.push_str("\"\"");
                length
            } else {
                let length = char_literal(rest)
                    .unwrap_or_else(|| rest.chars().next().map_or(1, char::len_utf8));
                code.push_str(&rest[..length].replace('\n', ""));
                length
            };
            for _ in rest[..length].matches('\n') {
                code.push('\n');
                line += 1;
            }
            at += length;
        }
        Self { code, strings }
    }

    /// Every path from the root of the crate; braces are opened (`crate::a::{B, C}` is two).
    /// An error names the line of a form that this reader does not follow.
    pub fn crate_paths(&self) -> Result<Vec<CratePath>, usize> {
        let mut paths = Vec::new();
        for (at, _) in self.code.match_indices("crate::") {
            if self.code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
                continue;
            }
            let line = self.line_of(at);
            let (words, rest) = words_of(&self.code[at + "crate::".len()..]);
            let Some(inner) = rest.strip_prefix('{') else {
                let is_macro = words.len() == 1 && rest.starts_with('!');
                paths.push(CratePath {
                    line,
                    words,
                    is_macro,
                });
                continue;
            };
            let inner = &inner[..inner.find('}').ok_or(line)?];
            if words.is_empty() || inner.contains('{') {
                return Err(line);
            }
            for member in inner
                .split(',')
                .map(str::trim)
                .filter(|member| !member.is_empty())
            {
                let words = [words.clone(), words_of(member).0].concat();
                paths.push(CratePath {
                    line,
                    words,
                    is_macro: false,
                });
            }
        }
        Ok(paths)
    }

    /// The lines in which `word` stands as a whole identifier.
    pub fn lines_with_word(&self, word: &str) -> Vec<usize> {
        let part_of_word = |c: char| c.is_alphanumeric() || c == '_';
        self.code
            .match_indices(word)
            .filter(|(at, _)| {
                !self.code[..*at].ends_with(part_of_word)
                    && !self.code[at + word.len()..].starts_with(part_of_word)
            })
            .map(|(at, _)| self.line_of(at))
            .collect()
    }

    /// The line of a place in `code`.
    pub fn line_of(&self, at: usize) -> usize {
        self.code[..at].matches('\n').count() + 1
    }
}

/// The text before `#[cfg(test)] mod tests {`.
fn without_tests(text: &str) -> &str {
    text.match_indices("#[cfg(test)]")
        .find(|(at, mark)| {
            let after = text[at + mark.len()..].trim_start();
            after.starts_with("mod ") && after.find('{') < after.find(';').or(Some(usize::MAX))
        })
        .map_or(text, |(at, _)| &text[..at])
}

/// The words of a path, and what follows it.
fn words_of(mut text: &str) -> (Vec<String>, &str) {
    let mut words = Vec::new();
    loop {
        let end = text
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(text.len());
        if end > 0 {
            words.push(text[..end].to_owned());
        }
        match text[end..].strip_prefix("::") {
            Some(rest) if end > 0 => text = rest,
            _ => return (words, &text[end..]),
        }
    }
}

/// Length of the block comment at the start of `text`; they nest.
fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        if text[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if text[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += text[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    at
}

/// Length and content of the string literal at the start of `text`, if one stands there.
/// `before` is the character before it: the `r` of `for"` would otherwise look like a prefix.
fn string_literal(text: &str, before: Option<char>) -> Option<(usize, String)> {
    let in_word = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let prefix = text
        .find(|c: char| !matches!(c, 'b' | 'c' | 'r'))
        .unwrap_or(0);
    if prefix > 2 || (in_word && prefix > 0) {
        return None;
    }
    let raw = text[..prefix].contains('r');
    let hashes = text[prefix..].len() - text[prefix..].trim_start_matches('#').len();
    let open = prefix + hashes;
    if !text[open..].starts_with('"') || (hashes > 0 && !raw) {
        return None;
    }
    let body = &text[open + 1..];
    let close = format!("\"{}", "#".repeat(hashes));
    let length = if raw {
        body.find(&close).unwrap_or(body.len())
    } else {
        let mut escaped = false;
        body.find(|c: char| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        })
        .unwrap_or(body.len())
    };
    Some((
        (open + 1 + length + close.len()).min(text.len()),
        body[..length].to_owned(),
    ))
}

/// Length of the character literal at the start of `text` (a lifetime is none).
fn char_literal(text: &str) -> Option<usize> {
    let body = text.strip_prefix('\'')?;
    let first = body.chars().next()?;
    let length = if first == '\\' {
        2 + body[2..].find('\'')?
    } else {
        first.len_utf8()
    };
    body[length..].starts_with('\'').then_some(length + 2)
}

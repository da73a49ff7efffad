//! Checks the names of test crates.

use std::path::Path;

use super::NewError;

/// Names of crates that a test crate cannot shadow.
const TAKEN: &[&str] = &[
    "alloc",
    "autotest",
    "core",
    "proc_macro",
    "std",
    "test",
    "autotest-runtime",
];

/// Rust's keywords in all editions, which cannot be names of crates.
const WORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// The name of the crate in a directory.
///
/// # Errors
/// If a test crate cannot have this name.
pub(super) fn of(dir: &Path) -> Result<String, NewError> {
    let name = dir.file_name().unwrap_or_default().to_string_lossy();
    match problem(&name) {
        None => Ok(name.into_owned()),
        Some(problem) => Err(NewError::Name(name.into_owned(), problem)),
    }
}

fn problem(name: &str) -> Option<String> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let strange = name.chars().find(|c| !is_allowed(*c));
    if let Some(strange) = strange {
        return Some(format!(
            "it has a {strange:?}; use letters, digits, `-` and `_`"
        ));
    }
    if name.is_empty() {
        return Some("it is empty; end the path with the name of the crate".to_owned());
    }
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return Some("begin with a letter".to_owned());
    }
    if WORDS.contains(&name) {
        return Some("it is a word of Rust; try `…-tests`".replace('…', name));
    }
    TAKEN
        .contains(&name)
        .then(|| "another crate is called so; try `…-tests`".replace('…', name))
}

//! Links from the page to files of results. All are relative, so that they work wherever the results are
//! copied with the page, and so that none can be a script.

use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

use maud::{Markup, html};

/// A link to a file, with this text.
pub(super) fn link(base: Option<&Path>, file: &Path, text: &str) -> Markup {
    match base.and_then(|base| relative(base, file)) {
        Some(href) => html! { a href=(href) { (text) } },
        None => html! { (text) },
    }
}

/// The relative URL of a file from a directory.
fn relative(base: &Path, file: &Path) -> Option<String> {
    let base = std::path::absolute(base).ok()?;
    let file = std::path::absolute(file).ok()?;
    let shared = base.components().zip(file.components());
    let shared = shared.take_while(|(base, file)| base == file).count();
    let mut path = PathBuf::from(".");
    path.extend(base.components().skip(shared).map(|_| Component::ParentDir));
    path.extend(file.components().skip(shared));
    Some(encoded(path.as_os_str().as_bytes()))
}

/// A path in a URL: everything but letters, digits and what paths usually have is encoded.
pub(super) fn encoded(path: &[u8]) -> String {
    let mut url = String::with_capacity(path.len());
    for &byte in path {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'~' => {
                url.push(char::from(byte));
            }
            byte => url.push_str(&format!("%{byte:02X}")),
        }
    }
    url
}

/// Whether a path that a test gave stays below the test's directory.
pub(super) fn is_below(path: &str) -> bool {
    let mut components = Path::new(path).components();
    let is_below = components.all(|component| matches!(component, Component::Normal(_)));
    !path.is_empty() && is_below
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(base: &str, file: &str, expected: &str) {
        let found = relative(Path::new(base), Path::new(file));
        assert_eq!(found.as_deref(), Some(expected));
    }

    #[test]
    fn links_are_relative_to_the_page() {
        check("/r", "/r/t/debug/stdout", "./t/debug/stdout");
        check("/r/a", "/r/b/c", "./../b/c");
        check("/r", "/r/javascript:x", "./javascript%3Ax");
        check("/r", "/r/a b\"<\u{e9}", "./a%20b%22%3C%C3%A9");
    }

    #[test]
    fn only_paths_below_a_directory_are_linked() {
        for path in ["", "/etc/passwd", "../x", "a/../../x"] {
            assert!(!is_below(path), "{path:?}");
        }
        assert!(is_below("a/b"));
    }
}

//! Makes a test's text safe to print: it cannot end a line, move the cursor or change the direction of
//! writing, so nothing that a test prints can forge a line of a report.
//!
//! Each format does its own quoting and escaping in addition.

use serde::Serialize;

/// Whether a character affects a terminal or a reader instead of being shown. Some readers treat the
/// separators U+2028 and U+2029, and several control characters, as the end of a line.
fn is_active(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        || matches!(c, '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// Replaces active characters by `?`, except line breaks and tabs.
pub(crate) fn printable(text: &str) -> String {
    let shown = |c| match c {
        '\n' | '\t' => c,
        c if is_active(c) => '?',
        c => c,
    };
    text.chars().map(shown).collect()
}

/// The first line of a text.
pub(crate) fn first_line(text: &str) -> String {
    single_line(text.lines().next().unwrap_or_default())
}

/// The whole text on one line, safe to print. Any text of a journal may come from a test.
///
/// ```
/// let text = autotest_report::sanitize::single_line("\u{1b}[31mred\nok 1\n");
/// assert_eq!(text, "?[31mred ok 1");
/// ```
pub fn single_line(text: &str) -> String {
    printable(text.trim_end()).replace(['\n', '\t'], " ")
}

/// JSON on one line. Active characters are escaped; in JSON they only occur in strings.
///
/// # Errors
/// If the value cannot be represented in JSON.
pub fn json(value: &impl Serialize) -> serde_json::Result<String> {
    Ok(escaped(serde_json::to_string(value)?))
}

fn escaped(text: String) -> String {
    if !text.contains(is_active) {
        return text;
    }
    let mut json = String::with_capacity(text.len());
    for c in text.chars() {
        if is_active(c) {
            // All active characters are in the Basic Multilingual Plane.
            json.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            json.push(c);
        }
    }
    json
}

/// Quotes a text with double quotes, for JSON and YAML.
pub(crate) fn quoted(text: &str) -> String {
    json(&text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_a_line() {
        let hostile = "a\nb\r\u{85}\u{2028}\u{9b}31m\u{202e}#\u{fffe}";
        assert_eq!(single_line(hostile), "a b????31m?#?");
        assert_eq!(first_line(hostile), "a");
        assert_eq!(
            quoted(hostile),
            r#""a\nb\r\u0085\u2028\u009b31m\u202e#\ufffe""#
        );
        let read: String = serde_json::from_str(&quoted(hostile)).unwrap();
        assert_eq!(read, hostile);
    }
}

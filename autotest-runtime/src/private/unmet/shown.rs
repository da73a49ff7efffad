//! Values as reasons show them: their `Debug` forms, with limits.

use std::fmt::{self, Debug, Write};

/// How much of a value is compared, in bytes.
const MAX_LONG_BYTES: usize = 256 << 10;

/// How much of a value is shown if it is not compared, in bytes.
const MAX_BEGINNING_BYTES: usize = 1000;

/// A text that takes no more than so many bytes. Writing more is an error, which ends a `Debug` that writes
/// forever.
struct Limited {
    text: String,
    max_bytes: usize,
}

impl Write for Limited {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut end = text.len().min(self.max_bytes - self.text.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        self.text.push_str(&text[..end]);
        match end == text.len() {
            true => Ok(()),
            false => Err(fmt::Error),
        }
    }
}

/// The `Debug` form on one line; `None` if it is longer, or has a text of several lines.
pub(super) fn short(value: &dyn Debug, max_bytes: usize) -> Option<String> {
    let text = String::new();
    let mut limited = Limited { text, max_bytes };
    write!(limited, "{value:?}").ok()?;
    let text = limited.text;
    (!text.contains("\\n") && !text.contains('\n')).then_some(text)
}

/// The `Debug` form on several lines, cut at a limit.
pub(super) fn long(value: &dyn Debug) -> String {
    pretty(value, MAX_LONG_BYTES)
}

/// The beginning of the `Debug` form.
pub(super) fn beginning(value: &dyn Debug) -> String {
    pretty(value, MAX_BEGINNING_BYTES)
}

fn pretty(value: &dyn Debug, max_bytes: usize) -> String {
    let text = String::new();
    let mut limited = Limited { text, max_bytes };
    let written = write!(limited, "{value:#?}");
    let mut text = with_line_breaks(&limited.text);
    if written.is_err() {
        text.push_str(" [cut]");
    }
    text
}

/// Makes `\n` in a literal the end of a line; other escapes stay, so that they can be seen.
fn with_line_breaks(text: &str) -> String {
    let mut broken = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        let escaped = (c == '\\').then(|| chars.next()).flatten();
        match escaped {
            None => broken.push(c),
            Some('n') => broken.push('\n'),
            Some(other) => broken.extend([c, other]),
        }
    }
    broken
}

/// Source text on one line.
pub(super) fn single_line(source: &str) -> String {
    source.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_its_lines_and_other_escapes() {
        assert_eq!(
            long(&"a\r\nb\\n\t\"\u{7f}"),
            "\"a\\r\nb\\\\n\\t\\\"\\u{7f}\""
        );
        assert_eq!(with_line_breaks("a\\"), "a\\");
    }

    #[test]
    fn a_value_is_short_on_one_line() {
        assert_eq!(short(&"é", 4).as_deref(), Some("\"é\""));
        assert_eq!(short(&"é", 3), None);
        assert_eq!(short(&"a\nb", 100), None);
        assert_eq!(short(&format_args!("a\nb"), 100), None);
    }

    #[test]
    fn a_long_value_is_cut() {
        let cut = beginning(&"é".repeat(1000));
        assert_eq!(cut, format!("\"{} [cut]", "é".repeat(499)));
    }
}

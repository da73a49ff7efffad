//! Texts of others, before a terminal gets them.

use autotest_report::sanitize::single_line;

/// A text without anything that a terminal would obey. Its lines stay lines.
pub(crate) fn safe(text: &str) -> String {
    let lines = text.lines().map(|line| single_line(line).to_string());
    lines.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_stay_and_escapes_do_not() {
        assert_eq!(safe("a\x1b[31mb\n\rc"), "a?[31mb\n?c");
    }
}

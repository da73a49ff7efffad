//! Makes foreign text safe for a terminal.

use autotest_report::sanitize::single_line;

/// Replaces everything in a text that a terminal would interpret, except line breaks.
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

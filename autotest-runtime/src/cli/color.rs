//! `--color`: whether output is coloured.

use crate::engine::Variables;

/// When to use colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Color {
    /// On a terminal that supports colours, unless `NO_COLOR` is set (<https://no-color.org>).
    #[default]
    Auto,
    Always,
    Never,
}

impl Color {
    /// Whether standard output is coloured.
    pub(crate) fn is_coloured(self, is_terminal: bool, variables: Variables<'_>) -> bool {
        match self {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                let is_dumb = variables.get("TERM").is_none_or(|term| term == "dumb");
                is_terminal && !is_dumb && variables.get("NO_COLOR").is_none()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(color: Color, is_terminal: bool, set: &[(&str, &str)], expected: bool) {
        let is_coloured =
            Variables::these(set, |variables| color.is_coloured(is_terminal, variables));
        assert_eq!(is_coloured, expected);
    }

    #[test]
    fn auto_colours_a_terminal_that_can_and_may() {
        check(Color::Auto, true, &[("TERM", "xterm")], true);
        check(Color::Auto, false, &[("TERM", "xterm")], false);
        check(Color::Auto, true, &[], false);
        check(Color::Auto, true, &[("TERM", "dumb")], false);
        check(
            Color::Auto,
            true,
            &[("TERM", "xterm"), ("NO_COLOR", "1")],
            false,
        );
        check(
            Color::Auto,
            true,
            &[("NO_COLOR", ""), ("TERM", "xterm")],
            true,
        );
    }

    #[test]
    fn what_the_flag_says_wins() {
        check(Color::Always, false, &[("NO_COLOR", "1")], true);
        check(Color::Never, true, &[], false);
    }
}

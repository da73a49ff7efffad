//! The reasons of comparisons that do not hold.
//!
//! Only the macros that compare name these functions, so a binary without them does not contain them. They
//! are not generic, so a binary with them contains them once.

#[path = "unmet/diff.rs"]
mod diff;
#[path = "unmet/shown.rs"]
mod shown;

use std::fmt::Debug;

use autotest_core::excerpt;

/// What a comparison demands.
#[derive(Clone, Copy, Debug)]
pub enum Relation {
    /// `==`
    Equal,
    /// `!=`
    Unequal,
    /// `<`, `<=`, `>` or `>=`
    Ordered,
}

/// How long two values on one line may be, in bytes.
const MAX_LINE_BYTES: usize = 160;

/// The reason for a comparison that does not hold.
pub fn unmet(
    relation: Relation,
    condition: &str,
    left: &dyn Debug,
    right: &dyn Debug,
    message: Option<String>,
) -> String {
    let message = before(message);
    let condition = shown::single_line(condition);
    let head = format!("{message}`{}` does not hold", excerpt(&condition));
    let short = |value| shown::short(value, MAX_LINE_BYTES);
    match (relation, short(left), short(right)) {
        (Relation::Unequal, Some(left), Some(right)) if left == right => {
            format!("{head}: both are {left}")
        }
        (_, Some(left), Some(right)) if left.len() + right.len() <= MAX_LINE_BYTES => {
            format!("{head}: {left} vs {right}")
        }
        (Relation::Equal, ..) => match diff::lines(&shown::long(left), &shown::long(right)) {
            Some(lines) => format!("{head} (- left, + right):\n{lines}"),
            None => format!(
                "{head}, but both look like this:\n{}",
                shown::beginning(left)
            ),
        },
        (Relation::Unequal | Relation::Ordered, ..) => {
            let (left, right) = (shown::beginning(left), shown::beginning(right));
            format!("{head}\nleft: {left}\nright: {right}")
        }
    }
}

/// The reason for a value that does not match a pattern.
pub fn unmatched(
    expression: &str,
    pattern: &str,
    value: &dyn Debug,
    message: Option<String>,
) -> String {
    let message = before(message);
    let (expression, pattern) = (shown::single_line(expression), shown::single_line(pattern));
    let (expression, pattern) = (excerpt(&expression), excerpt(&pattern));
    let head = format!("{message}`{expression}` does not match `{pattern}`");
    match shown::short(value, MAX_LINE_BYTES) {
        Some(value) => format!("{head}: {value}"),
        None => format!("{head}:\n{}", shown::beginning(value)),
    }
}

fn before(message: Option<String>) -> String {
    message.map_or_else(String::new, |message| format!("{message}: "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Link {
        #[expect(dead_code, reason = "it is shown")]
        name: &'static str,
        #[expect(dead_code, reason = "it is shown")]
        addresses: Vec<String>,
    }

    fn link(count: u8) -> Link {
        let addresses = (0..count).map(|i| format!("10.0.{i}.1"));
        Link {
            name: "eth0",
            addresses: addresses.collect(),
        }
    }

    #[track_caller]
    fn check(relation: Relation, left: impl Debug, right: impl Debug, expected: &str) {
        assert_eq!(unmet(relation, "a ? b", &left, &right, None), expected);
    }

    #[test]
    fn short_values_are_on_the_first_line() {
        check(Relation::Equal, 7, 8, "`a ? b` does not hold: 7 vs 8");
        check(Relation::Ordered, 7, 7, "`a ? b` does not hold: 7 vs 7");
        check(Relation::Unequal, 7, 7, "`a ? b` does not hold: both are 7");
        check(
            Relation::Unequal,
            "a",
            'a',
            "`a ? b` does not hold: \"a\" vs 'a'",
        );
        let message = Some("port 7".to_owned());
        assert_eq!(
            unmet(Relation::Equal, "x\n    .y() == 1", &0, &1, message),
            "port 7: `x .y() == 1` does not hold: 0 vs 1"
        );
    }

    #[test]
    fn structures_are_compared_line_by_line() {
        check(
            Relation::Equal,
            link(8),
            link(9),
            "`a ? b` does not hold (- left, + right):\n\
             @@ line 9 @@\n         \"10.0.5.1\",\n         \"10.0.6.1\",\n         \"10.0.7.1\",\n\
             +        \"10.0.8.1\",\n     ],\n }",
        );
    }

    #[test]
    fn values_that_look_alike_are_shown_once() {
        let same = "x".repeat(200);
        let expected = format!("`a ? b` does not hold, but both look like this:\n{same:?}");
        check(Relation::Equal, &same, &same, &expected);
    }

    #[test]
    fn long_values_without_a_diff_are_below_each_other() {
        check(
            Relation::Ordered,
            "a\nb",
            "c",
            "`a ? b` does not hold\nleft: \"a\nb\"\nright: \"c\"",
        );
    }

    #[test]
    fn a_value_that_does_not_match_is_shown() {
        let reason = |value: &dyn Debug| unmatched("value()", "Some(1..=9)", value, None);
        assert_eq!(
            reason(&Some(12)),
            "`value()` does not match `Some(1..=9)`: Some(12)"
        );
        assert_eq!(
            reason(&"a\nb"),
            "`value()` does not match `Some(1..=9)`:\n\"a\nb\""
        );
    }

    #[test]
    fn no_value_floods_the_reason() {
        let huge = vec![1_u64 << 60; 1 << 20];
        let other = vec![1_u64 << 61; 1 << 20];
        for relation in [Relation::Equal, Relation::Unequal, Relation::Ordered] {
            let reason = unmet(relation, &"x".repeat(5000), &huge, &other, None);
            assert!(reason.len() < 4096, "{relation:?}: {}", reason.len());
        }
    }
}

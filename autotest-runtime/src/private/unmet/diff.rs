//! The difference of two texts, line by line.

use autotest_core::excerpt_around;
use similar::{Algorithm, DiffTag, capture_diff_slices, group_diff_ops};

/// How many lines of each text are compared: the time grows with their square.
const MAX_COMPARED_LINES: usize = 2000;

/// How many lines of a difference are shown.
const MAX_SHOWN_LINES: usize = 60;

/// How many equal lines are shown around each difference.
const CONTEXT_LINES: usize = 3;

/// A longer line is shown only around its difference, in bytes.
const MAX_LINE_BYTES: usize = 200;

/// The lines that differ, after `-` (left) or `+` (right), with some equal ones around them. `None` if the
/// texts are equal as far as they are compared.
pub(super) fn lines(left: &str, right: &str) -> Option<String> {
    let split = |text| str::split(text, '\n').take(MAX_COMPARED_LINES).collect();
    let (left, right): (Vec<&str>, Vec<&str>) = (split(left), split(right));
    if left == right {
        return None;
    }
    let mut shown = Vec::new();
    let ops = capture_diff_slices(Algorithm::Myers, &left, &right);
    for group in group_diff_ops(ops, CONTEXT_LINES) {
        let first = group.first().map_or(0, |op| op.old_range().start);
        if first > 0 {
            shown.push(format!("@@ line {} @@", first + 1));
        }
        for op in group {
            let (old, new) = (&left[op.old_range()], &right[op.new_range()]);
            match op.tag() {
                DiffTag::Equal => shown.extend(old.iter().map(|line| marked(' ', line, 0))),
                DiffTag::Delete | DiffTag::Insert | DiffTag::Replace => {
                    shown.extend(all_marked('-', old, new));
                    shown.extend(all_marked('+', new, old));
                }
            }
        }
    }
    Some(joined(shown))
}

fn joined(mut shown: Vec<String>) -> String {
    let more = shown.len().saturating_sub(MAX_SHOWN_LINES);
    if more > 0 {
        shown.truncate(MAX_SHOWN_LINES);
        shown.push(format!("[cut: {more} more lines]"));
    }
    shown.join("\n")
}

/// Lines that only one text has, each shown around its difference from its counterpart.
fn all_marked(mark: char, lines: &[&str], counterparts: &[&str]) -> impl Iterator<Item = String> {
    lines.iter().enumerate().map(move |(i, line)| {
        let counterpart = counterparts.get(i).copied().unwrap_or_default();
        marked(mark, line, common_bytes(line, counterpart))
    })
}

fn marked(mark: char, line: &str, place: usize) -> String {
    match line.len() <= MAX_LINE_BYTES {
        true => format!("{mark}{line}"),
        false => format!("{mark}{}", excerpt_around(line, place).0),
    }
}

/// How many bytes at the beginning of two texts are the same characters.
fn common_bytes(one: &str, other: &str) -> usize {
    let pairs = one.chars().zip(other.chars());
    let same = pairs.take_while(|(a, b)| a == b);
    same.map(|(c, _)| c.len_utf8()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(count: usize) -> String {
        (1..=count).map(|i| format!("{i}\n")).collect()
    }

    #[test]
    fn equal_texts_have_no_difference() {
        assert_eq!(lines("a\nb", "a\nb"), None);
        let long = numbers(MAX_COMPARED_LINES);
        assert_eq!(lines(&long, &format!("{long}beyond the limit")), None);
    }

    #[test]
    fn differences_far_apart_have_their_lines() {
        let left = numbers(20);
        let right = left.replace("10\n", "ten\n").replace("20\n", "");
        let shown = lines(&left, &right).unwrap();
        let expected = "@@ line 7 @@\n 7\n 8\n 9\n-10\n+ten\n 11\n 12\n 13\n@@ line 17 @@\n 17\n 18\n 19\n-20\n ";
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_missing_newline_at_the_end_is_a_difference() {
        assert_eq!(lines("a\n", "a").unwrap(), " a\n-");
    }

    #[test]
    fn a_long_line_is_shown_around_its_difference() {
        let line = |middle| format!("{}{middle}{}", "é".repeat(500), "z".repeat(500));
        let shown = lines(&line("one"), &line("two")).unwrap();
        let (removed, added) = shown.split_once('\n').unwrap();
        assert!(
            removed.starts_with("-[cut] é") && removed.contains("éonez"),
            "{removed}"
        );
        assert!(
            added.starts_with("+[cut] é") && added.contains("étwoz"),
            "{added}"
        );
        assert!(shown.len() < 500);
    }

    #[test]
    fn many_differences_are_cut() {
        let shown = lines(&numbers(100), "").unwrap();
        assert_eq!(shown.lines().count(), MAX_SHOWN_LINES + 1);
        assert!(shown.ends_with("\n[cut: 41 more lines]"), "{shown}");
    }
}

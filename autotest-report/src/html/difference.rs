//! The difference of two texts in the form of `diff -u`.

use similar::algorithms::{Capture, Replace, myers};
use similar::{DiffOp, DiffTag, group_diff_ops};

/// Longer texts are not compared: the time may grow with the square of their lines.
const MAX_LINES: usize = 2000;
/// The number of equal lines shown around each difference.
const CONTEXT_LINES: usize = 1;

/// A difference.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Difference {
    /// The number of lines that were removed or added.
    pub(super) changed: usize,
    pub(super) text: String,
}

impl Difference {
    /// `None` if the texts are equal or too long.
    pub(super) fn of(before: &str, after: &str) -> Option<Difference> {
        let (before, after): (Vec<_>, Vec<_>) = (before.lines().collect(), after.lines().collect());
        if before == after || before.len().max(after.len()) > MAX_LINES {
            return None;
        }
        // Naming one algorithm saves 700 KB of code over a choice among all.
        let mut capture = Replace::new(Capture::new());
        let (all_before, all_after) = (0..before.len(), 0..after.len());
        myers::diff(
            &mut capture,
            before.as_slice(),
            all_before,
            after.as_slice(),
            all_after,
        )
        .ok()?;
        let mut difference = Difference {
            changed: 0,
            text: String::new(),
        };
        for group in group_diff_ops(capture.into_inner().into_ops(), CONTEXT_LINES) {
            difference.add(&group, &before, &after);
        }
        Some(difference)
    }

    fn add(&mut self, group: &[DiffOp], before: &[&str], after: &[&str]) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else {
            return;
        };
        let (old, new) = (first.old_range().start, first.new_range().start);
        let (old_lines, new_lines) = (last.old_range().end - old, last.new_range().end - new);
        let (old, new) = (old + 1, new + 1);
        self.line('@', &format!("@ -{old},{old_lines} +{new},{new_lines} @@"));
        for op in group {
            if op.tag() == DiffTag::Equal {
                before[op.old_range()]
                    .iter()
                    .for_each(|line| self.line(' ', line));
                continue;
            }
            before[op.old_range()]
                .iter()
                .for_each(|line| self.line('-', line));
            after[op.new_range()]
                .iter()
                .for_each(|line| self.line('+', line));
            self.changed += op.old_range().len() + op.new_range().len();
        }
    }

    fn line(&mut self, mark: char, line: &str) {
        self.text.push(mark);
        self.text.push_str(line);
        self.text.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_differ_are_marked() {
        let before = "a\nb\nc\nd\ne\nf\ng\nh\n";
        let found = Difference::of(before, "a\nB\nc\nd\ne\nf\ng\nh\ni\n");
        let text = "@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n@@ -8,1 +8,2 @@\n h\n+i\n".to_owned();
        assert_eq!(found, Some(Difference { changed: 3, text }));
        assert_eq!(Difference::of(before, before), None);
    }

    #[test]
    fn long_texts_are_not_compared() {
        let text = |line: &str, count| line.repeat(count);
        assert!(Difference::of(&text("a\n", 2000), &text("b\n", 2000)).is_some());
        assert_eq!(Difference::of(&text("a\n", 2001), "b\n"), None);
        assert_eq!(Difference::of("b\n", &text("a\n", 2001)), None);
    }
}

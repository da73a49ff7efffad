//! TAP, the Test Anything Protocol: version 13, <https://testanything.org/tap-version-13-specification.html>,
//! with the subtests of version 14, <https://testanything.org/tap-version-14-specification.html>.
//!
//! Readers of version 13 skip the indented lines of a subtest, and readers of version 14 accept version 13:
//! Perl's TAP::Harness (`prove`), `tap.py` and npm's `tap-parser` read the same bytes with the same verdict.
//! `prove` up to version 3.44 reports an error for versions above 13.

use autotest_core::Verdict;
use autotest_core::status::Status;

use crate::runs::Grade;
use crate::sanitize::{first_line, quoted, single_line};
use crate::test_points::{Dialect, Point, PointEnd, TestPoints};

/// Writes TAP. TEST_NA is a skipped test, and a known failure has the directive TODO.
///
/// A failed subtest has the directive TODO if its outermost test passed: some readers count every `not ok` at
/// any depth, although the job did not fail.
pub type Tap<W> = TestPoints<W, TapVersion>;

/// The version in the first line of [`Tap`]; nothing else depends on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TapVersion {
    /// The version that all readers accept.
    #[default]
    V13,
    /// For readers that require it for subtests.
    V14,
}

impl Dialect for TapVersion {
    const NAME: &'static str = "TAP";
    const INDENT: &'static str = "    ";

    fn version(&self) -> String {
        let version = match self {
            TapVersion::V13 => 13,
            TapVersion::V14 => 14,
        };
        format!("TAP version {version}\n")
    }

    fn plan(&self, points: usize) -> String {
        let reason = if points == 0 {
            " # SKIP no test is selected"
        } else {
            ""
        };
        format!("1..{points}{reason}\n")
    }

    fn plan_behind(&self, points: usize) -> String {
        self.plan(points)
    }

    fn point(&self, point: &Point<'_>) -> String {
        match point.end {
            PointEnd::Ignored(reason) => line(point, "ok", Some(("SKIP", reason))),
            PointEnd::Ran {
                status,
                grade,
                verdict,
                known_failure,
                notes,
                subdir,
                passed_all_the_same,
            } => {
                let reason = verdict.map_or("", |verdict| verdict.reason.as_str());
                let line = match (grade, known_failure) {
                    (Grade::Passed, Some(reason)) => line(point, "not ok", Some(("TODO", reason))),
                    (Grade::Passed, None) => line(point, "ok", None),
                    (Grade::Skipped, _) => line(point, "ok", Some(("SKIP", reason))),
                    (Grade::Failed, _) => match passed_all_the_same {
                        None => line(point, "not ok", None),
                        Some(test) => {
                            let reason = format!("{test} passed anyway");
                            line(point, "not ok", Some(("TODO", &reason)))
                        }
                    },
                };
                line + &diagnosis(status, verdict, notes, subdir)
            }
        }
    }

    /// The plan of a subtest is always behind it.
    fn subtest(&self, parent: &str, _: Option<usize>) -> String {
        format!("# Subtest: {}\n", escaped(parent))
    }
}

fn line(point: &Point<'_>, result: &str, directive: Option<(&str, &str)>) -> String {
    let directive = match directive {
        Some((word, reason)) => format!(" # {word} {}", escaped(&first_line(reason))),
        None => String::new(),
    };
    let (number, name) = (point.number, escaped(point.name));
    format!(
        "{}\n",
        format!("{result} {number} - {name}{directive}").trim_end()
    )
}

/// Escapes `#`, which would begin a directive.
fn escaped(text: &str) -> String {
    single_line(text).replace('\\', "\\\\").replace('#', "\\#")
}

/// The YAML block of a test with a verdict or notes. Texts are quoted as in JSON, which is valid YAML 1.2.
fn diagnosis(status: Status, verdict: Option<&Verdict>, notes: &[String], subdir: &str) -> String {
    if verdict.is_none() && notes.is_empty() {
        return String::new();
    }
    let mut block = format!("  ---\n  status: {status}\n");
    if let Some(verdict) = verdict {
        block.push_str(&format!("  reason: {}\n", quoted(&verdict.reason)));
        if let Some(location) = &verdict.location {
            block.push_str(&format!("  at: {}\n", quoted(location)));
        }
    }
    if !notes.is_empty() {
        // Not a list: Perl's reader parses a quoted item with a colon as a mapping.
        let notes = quoted(&notes.join("\n"));
        block.push_str(&format!("  also: {notes}\n"));
    }
    if !subdir.is_empty() {
        block.push_str(&format!(
            "  debug: {}\n",
            quoted(&format!("{subdir}/debug"))
        ));
    }
    block.push_str("  ...\n");
    block
}

//! KTAP version 1 of the Linux kernel, <https://docs.kernel.org/dev-tools/ktap.html>.

use autotest_core::Verdict;

use crate::runs::Grade;
use crate::sanitize::{first_line, single_line};
use crate::test_points::{Dialect, Point, PointEnd, TestPoints, comment};

/// Writes KTAP version 1. TEST_NA is a skipped test; there is no other directive.
pub type Ktap<W> = TestPoints<W, Ktap1>;

/// The dialect of [`Ktap`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Ktap1;

impl Dialect for Ktap1 {
    const NAME: &'static str = "KTAP";
    const INDENT: &'static str = "  ";

    fn version(&self) -> String {
        "KTAP version 1\n".to_owned()
    }

    fn plan(&self, points: usize) -> String {
        format!("1..{points}\n")
    }

    /// None: the plan may be left out if it is not known, and the kernel's `kunit.py` takes one that comes late
    /// for the beginning of another test. It finds the end of such a subtest by the name.
    fn plan_behind(&self, _: usize) -> String {
        String::new()
    }

    /// The diagnosis comes before the line of the point.
    fn point(&self, point: &Point<'_>) -> String {
        match point.end {
            PointEnd::Ignored(reason) => line(point, "ok", Some(reason)),
            PointEnd::Ran {
                status: _,
                grade,
                verdict,
                notes,
                subdir,
                known_failure: _,
                passed_all_the_same: _,
            } => {
                let reason = verdict.map_or("", |verdict| verdict.reason.as_str());
                let line = match grade {
                    Grade::Passed => line(point, "ok", None),
                    Grade::Skipped => line(point, "ok", Some(reason)),
                    Grade::Failed => line(point, "not ok", None),
                };
                diagnosis(verdict, notes, subdir) + &line
            }
        }
    }

    fn subtest(&self, parent: &str, points: Option<usize>) -> String {
        let subtest = comment(&format!("Subtest: {}", escaped(parent)));
        let plan = points.map_or_else(String::new, |points| self.plan(points));
        format!("KTAP version 1\n{subtest}{plan}")
    }
}

fn line(point: &Point<'_>, result: &str, skipped: Option<&str>) -> String {
    let directive = match skipped {
        Some(reason) => format!(" # SKIP {}", first_line(reason)),
        None => String::new(),
    };
    let name = escaped(point.name);
    format!(
        "{}\n",
        format!("{result} {} {name}{directive}", point.number).trim_end()
    )
}

/// Replaces `#`, which begins a directive; there is no escape for it.
fn escaped(name: &str) -> String {
    single_line(name).replace('#', "_")
}

fn diagnosis(verdict: Option<&Verdict>, notes: &[String], subdir: &str) -> String {
    let mut lines = String::new();
    if let Some(verdict) = verdict {
        let mut reason = verdict.reason.trim_end().lines();
        let first = reason.next().unwrap_or_default();
        lines.push_str(&comment(&format!("{}: {first}", verdict.kind.status())));
        lines.extend(reason.map(|line| comment(&format!("  {line}"))));
        let location = verdict.location.iter();
        lines.extend(location.map(|location| comment(&format!("at {location}"))));
    }
    lines.extend(notes.iter().map(|note| comment(&format!("also {note}"))));
    if !lines.is_empty() && !subdir.is_empty() {
        lines.push_str(&comment(&format!("see {subdir}/debug")));
    }
    lines
}

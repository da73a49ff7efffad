//! The progress line.

use std::fmt;

use autotest_core::GroupKind;

use super::running::AtWork;
use crate::runs::{OpenRun, Runs};
use crate::sanitize::single_line;

/// The least that is shown of a long name.
const MIN_NAME: usize = 12;

/// Replaces the beginning of a long name, whose end is more specific.
const CUT: &str = "...";

/// What stands between a group and a test in it, or a test and its subtest.
const BELOW: &str = " > ";

/// What stands between the longest running test and those of other branches.
const BESIDE: &str = "; ";

/// `[3/12] net::ping: execute, iteration 40/100, 12s`, behind the groups and the branch of the test, as
/// `[3] network > net::ping: 12s` and `[5] 2 tests, longest cpu: cpu::burn: 12s; io: io::stream`. The last
/// column stays free, since a terminal may wrap after it.
pub(super) fn line(
    runs: &Runs<AtWork>,
    done: usize,
    planned: usize,
    t: f64,
    columns: usize,
) -> Option<String> {
    let outermost = || runs.iter().filter(|(_, run)| run.depth == 0);
    let longest = outermost().next()?;
    let mut head = match planned {
        0 => format!("[{done}] "),
        planned => format!("[{done}/{planned}] "),
    };
    match outermost().count() {
        1 => {}
        count => head.push_str(&format!("{count} tests, longest ")),
    }
    let (name, at_work) = chain(runs, longest);
    let tails = tails(at_work, &Elapsed(t - longest.1.start_t));
    let columns = columns.saturating_sub(1);
    let mut line = fit(&head, &single_line(&name), &tails, columns);
    for beside in outermost()
        .skip(1)
        .filter(|(_, run)| is_in_branch(runs, run))
    {
        let text = format!("{BESIDE}{}", single_line(&chain(runs, beside).0));
        if width(&line) + width(&text) <= columns {
            line.push_str(&text);
        }
    }
    Some(line)
}

fn is_in_branch(runs: &Runs<AtWork>, run: &OpenRun<AtWork>) -> bool {
    let path = runs.path_of(run.group);
    path.iter().any(|group| group.kind == GroupKind::Branch)
}

/// The groups and branches around a test, as they stand before its name.
fn place(runs: &Runs<AtWork>, run: &OpenRun<AtWork>) -> String {
    let path = runs.path_of(run.group).into_iter();
    path.map(|group| match group.kind {
        GroupKind::Group => format!("{}{BELOW}", group.name),
        GroupKind::Branch => format!("{}: ", group.name),
    })
    .collect()
}

/// The names from the outermost group of a test down to its innermost running subtest, and the state of that
/// one.
fn chain<'a>(
    runs: &'a Runs<AtWork>,
    (mut number, outermost): (u32, &'a OpenRun<AtWork>),
) -> (String, &'a AtWork) {
    let mut name = place(runs, outermost) + &outermost.name();
    let mut at_work = &outermost.state;
    while let Some((below, run)) = runs.iter().find(|(_, run)| run.parent == Some(number)) {
        name.push_str(BELOW);
        name.push_str(&run.name());
        (number, at_work) = (below, &run.state);
    }
    (name, at_work)
}

/// The state of a test and its elapsed time, from the longest to the shortest form.
fn tails(at_work: &AtWork, elapsed: &Elapsed) -> Vec<String> {
    let phase = at_work.phase.map(|phase| format!("{phase}, "));
    let phase = phase.unwrap_or_default();
    let count = at_work.iteration.map(|(iteration, total)| match total {
        Some(total) => format!("{iteration}/{total}, "),
        None => format!("{iteration}, "),
    });
    match count {
        Some(count) => vec![
            format!(": {phase}iteration {count}{elapsed}"),
            format!(": {count}{elapsed}"),
            format!(": {elapsed}"),
        ],
        None => vec![format!(": {phase}{elapsed}"), format!(": {elapsed}")],
    }
}

/// Fits the line into `columns`, with the first tail that leaves enough room for the name, which may be
/// shortened.
fn fit(head: &str, name: &str, tails: &[String], columns: usize) -> String {
    let room = |tail: &String| columns.saturating_sub(width(head) + width(tail));
    let is_roomy = |tail: &&String| room(tail) >= MIN_NAME.min(width(name));
    let tail = tails.iter().find(is_roomy).or(tails.last());
    let tail = tail.map_or("", String::as_str);
    let room = columns.saturating_sub(width(head) + width(tail));
    let mut name = name.to_owned();
    if width(&name) > room {
        let room = room.max(MIN_NAME);
        while width(&name) + CUT.len() > room && !name.is_empty() {
            name.remove(0);
        }
        name.insert_str(0, CUT);
    }
    let mut line = format!("{head}{name}{tail}");
    while width(&line) > columns {
        line.pop();
    }
    line
}

/// An upper limit for the columns that a text takes.
fn width(text: &str) -> usize {
    text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()
}

/// A number of seconds in a readable form.
struct Elapsed(f64);

impl fmt::Display for Elapsed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // If the clock was set back, shows 0.
        let s = self.0.max(0.0) as u64;
        match (s / 3600, s / 60 % 60, s % 60) {
            (0, 0, s) => write!(f, "{s}s"),
            (0, m, s) => write!(f, "{m}m {s:02}s"),
            (h, m, _) => write!(f, "{h}h {m:02}m"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(elapsed_s: f64, expected: &str) {
        assert_eq!(Elapsed(elapsed_s).to_string(), expected);
    }

    #[test]
    fn times_are_shown_as_a_person_says_them() {
        check(-3.0, "0s");
        check(59.9, "59s");
        check(61.0, "1m 01s");
        check(2.0 * 3600.0 + 5.0 * 60.0, "2h 05m");
    }

    #[track_caller]
    fn check_fit(name: &str, columns: usize, expected: &str) {
        let tails = [": execute, 1s", ": 1s"].map(str::to_owned);
        assert_eq!(fit("[1/2] ", name, &tails, columns), expected);
    }

    #[test]
    fn words_are_left_out_before_the_line_is_cut() {
        let name = "storage::of_the_second_disk";
        check_fit("a::b", 23, "[1/2] a::b: execute, 1s");
        check_fit("a::b", 22, "[1/2] a::b: 1s");
        check_fit(name, 60, "[1/2] storage::of_the_second_disk: execute, 1s");
        check_fit(name, 39, "[1/2] ...f_the_second_disk: execute, 1s");
        check_fit(name, 24, "[1/2] ...second_disk: 1s");
        check_fit(name, 20, "[1/2] ...cond_disk: ");
        check_fit(name, 3, "[1/");
    }

    #[test]
    fn characters_that_may_be_wide_are_taken_for_wide() {
        check_fit("試験試験試験試験", 23, "[1/2] ...験試験試験: 1s");
    }
}

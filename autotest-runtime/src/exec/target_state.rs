//! Detects changes of the target that a test does not undo (`--leaks`): mounts, devices, files, sockets, kernel
//! parameters. Leftover processes are handled elsewhere: [`leaks`](super::leaks) ends them.
//!
//! The state in the table of [`rows`] is read before and after a run. Nothing is restored.

mod clock;
mod files;
mod items;
mod kernel;
mod kernel_file;
mod kernel_log;
mod netlink;
mod network;
mod nftables;
mod rows;
mod sockets;
mod system_journal;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use clock::Clock;
use items::Items;
use kernel_log::KernelLog;
use rows::{ROWS, Reading, Row, Tells};
use system_journal::SystemJournal;

/// The number of differences that a verdict names.
const MAX_NAMED: usize = 16;

/// For how long the state after a run serves as that before the next run. No test runs in between.
const RECENT: Duration = Duration::from_millis(100);

/// Files of the framework itself, which are not changes by a test.
#[derive(Clone, Debug)]
pub(super) struct Own {
    /// The directory for temporary files.
    pub(super) tmp: PathBuf,
    /// The prefix of the names of the framework's files in it.
    pub(super) prefix: String,
}

/// Watches the target while runs are in progress.
#[derive(Debug)]
pub(super) struct Watch {
    own: Own,
    before: Option<State>,
    /// The state after the last run, and the time at which it was read.
    last: Option<(State, Instant)>,
    kernel_log: KernelLog,
    journal: SystemJournal,
    /// The operations of all runs that were in progress since the target was last read.
    runs: Vec<String>,
}

#[derive(Debug)]
struct State {
    /// In the order of the table's rows; `None` where they could not be read.
    items: Vec<Option<Items>>,
    clock: Clock,
}

impl State {
    fn read(own: &Own) -> State {
        let reading = Reading::begin(own);
        State {
            items: ROWS.iter().map(|row| (row.read)(&reading).ok()).collect(),
            clock: Clock::read(),
        }
    }

    /// The differences, in words. What was not read at both times is left out.
    fn differences_from(&self, before: &State) -> Vec<String> {
        let items = before.items.iter().zip(&self.items);
        let rows = ROWS.iter().zip(items);
        let differing = rows.flat_map(|(row, items)| match items {
            (Some(before), Some(after)) => differing(row, before, after),
            _ => Vec::new(),
        });
        differing
            .chain(self.clock.change_since(&before.clock))
            .collect()
    }
}

impl Watch {
    pub(super) fn new(own: Own) -> Watch {
        Watch {
            own,
            before: None,
            last: None,
            kernel_log: KernelLog::default(),
            journal: SystemJournal::default(),
            runs: Vec::new(),
        }
    }

    /// Notes that a run begins whose changes are not to be reported.
    pub(super) fn forget(&mut self) {
        self.last = None;
    }

    /// Notes that a run begins. `others` is `true` if another is in progress, which may still undo its changes.
    pub(super) fn begin(&mut self, operation: &str, others: bool) {
        if !others {
            self.runs.clear();
            self.kernel_log.begin();
            self.journal.begin();
            let last = self.last.take();
            let last = last.filter(|(_, at)| at.elapsed() < RECENT);
            self.before = match last {
                Some((state, _)) => Some(state),
                None => Some(State::read(&self.own)),
            };
        }
        self.runs.push(operation.to_owned());
    }

    /// Notes that a run ended. Returns the changes, unless another run is still in progress.
    pub(super) fn end(&mut self, operation: &str, others: bool) -> Option<String> {
        let before = self.before.take_if(|_| !others)?;
        let after = State::read(&self.own);
        let mut differences = after.differences_from(&before);
        differences.extend(self.kernel_log.errors());
        differences.extend(self.journal.errors());
        self.last = Some((after, Instant::now()));
        let text = told(differences)?;
        let others: Vec<_> = self.runs.iter().filter(|run| *run != operation).collect();
        Some(match others.as_slice() {
            [] => format!("changed the target: {text}"),
            others => {
                let others: Vec<_> = others.iter().map(|run| run.as_str()).collect();
                format!("it, or {}, changed the target: {text}", others.join(" or "))
            }
        })
    }
}

/// The differences, in words: new, gone or changed items.
fn differing(row: &Row, before: &Items, after: &Items) -> Vec<String> {
    if before == after {
        return Vec::new();
    }
    let name = row.name;
    let (before, after) = (before.by_name(), after.by_name());
    let mut differences = Vec::new();
    for (key, value) in &after {
        match before.get(key) {
            None if !(row.counts)(key) => {}
            None => differences.push(format!("{name} {key}{} is new", in_parentheses(value))),
            Some(old) if old != value => {
                differences.push(format!("{name} {key} is {value}, was {old}"));
            }
            Some(_) => {}
        }
    }
    if row.tells == Tells::Everything {
        let gone = before.keys().filter(|key| !after.contains_key(*key));
        differences.extend(gone.map(|key| format!("{name} {key} is gone")));
    }
    differences
}

fn in_parentheses(value: &str) -> String {
    match value {
        "" => String::new(),
        value => format!(" ({value})"),
    }
}

fn told(mut differences: Vec<String>) -> Option<String> {
    let left_out = differences.len().saturating_sub(MAX_NAMED);
    differences.truncate(MAX_NAMED);
    if left_out > 0 {
        differences.push(format!("and {left_out} more"));
    }
    (!differences.is_empty()).then(|| differences.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(pairs: &[(&str, &str)]) -> Items {
        let pairs = pairs.iter();
        pairs
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn a_difference_says_what_is_new_gone_or_changed() {
        let before = items(&[("/a", "ext4"), ("/b", "tmpfs"), ("/c", "")]);
        let after = items(&[
            ("/a", "xfs"),
            ("/c", ""),
            ("/d", "proc"),
            ("/e", ""),
            ("/f", ""),
        ]);
        let row = Row {
            name: "mount",
            read: |_| Ok(Items::new()),
            tells: Tells::Everything,
            counts: |key| key != "/f",
        };
        let all = differing(&row, &before, &after);
        let expected = [
            "mount /a is xfs, was ext4",
            "mount /d (proc) is new",
            "mount /e is new",
            "mount /b is gone",
        ];
        assert_eq!(all, expected);
        let tells = Tells::NewOnly;
        let some = differing(&Row { tells, ..row }, &before, &after);
        assert_eq!(some, expected[..3]);
    }

    #[test]
    fn a_row_that_could_not_be_read_is_not_compared() {
        let state = |items| State {
            items: vec![items],
            clock: Clock::read(),
        };
        let some = || state(Some(items(&[("/a", "ext4")])));
        let none = || state(None);
        assert_eq!(some().differences_from(&none()), [""; 0]);
        assert_eq!(none().differences_from(&some()), [""; 0]);
        let empty = state(Some(Items::new()));
        assert_eq!(empty.differences_from(&some()), ["mount /a is gone"]);
    }

    #[test]
    fn at_most_sixteen_differences_are_named() {
        assert_eq!(told(Vec::new()), None);
        let many = (0..18).map(|i| i.to_string()).collect();
        let text = told(many).unwrap();
        assert!(text.ends_with("; 15; and 2 more"), "{text}");
    }

    #[test]
    fn a_target_that_stays_as_it_was_is_not_told() {
        let own = Own {
            tmp: std::env::temp_dir(),
            prefix: String::new(),
        };
        let read = || State::read(&own);
        let (before, after) = (read(), read());
        assert_eq!(before.items.len(), ROWS.len());
        assert_eq!(after.clock.change_since(&before.clock), None);
    }
}

//! `scheduler.csv`: context switches, interrupts, forks, and the numbers of runnable and blocked tasks.

use std::io;

use super::csv::{Csv, Directory};
use super::moment::Moment;
use super::text::{fields, lines, number};

const COLUMNS: &str =
    "context_switches_per_s,interrupts_per_s,forks_per_s,runnable_tasks,blocked_tasks";

/// The lines of `/proc/stat`: the first three are counters, the others are current values.
const KEYS: [&[u8]; 5] = [
    b"ctxt",
    b"intr",
    b"processes",
    b"procs_running",
    b"procs_blocked",
];

const COUNTERS: usize = 3;
const FORKS: usize = 2;

#[derive(Debug)]
pub(super) struct Scheduler {
    values: [u64; KEYS.len()],
    csv: Csv,
}

impl Scheduler {
    pub(super) fn new(dir: &Directory) -> io::Result<Scheduler> {
        let csv = dir.create("scheduler.csv", COLUMNS)?;
        let values = [0; KEYS.len()];
        Ok(Scheduler { values, csv })
    }

    /// Takes a sample from the text of `/proc/stat`.
    pub(super) fn sample(&mut self, moment: &Moment, stat: &[u8]) {
        let before = std::mem::replace(&mut self.values, read(stat));
        if !moment.has_interval() {
            return;
        }
        let row = self.csv.row(moment);
        let row = (0..COUNTERS).fold(row, |row, i| {
            row.tenths(moment.rate(before[i], self.values[i]))
        });
        drop(
            self.values[COUNTERS..]
                .iter()
                .fold(row, |row, value| row.count(*value)),
        );
        self.csv.write_rows();
    }

    /// The number of processes and threads started since boot; 0 if unknown.
    pub(super) fn forks(&self) -> u64 {
        self.values[FORKS]
    }

    pub(super) fn csv(&self) -> &Csv {
        &self.csv
    }
}

fn read(stat: &[u8]) -> [u64; KEYS.len()] {
    let mut values = [0; KEYS.len()];
    for line in lines(stat).skip_while(|line| line.starts_with(b"cpu")) {
        let key = KEYS.iter().position(|key| {
            line.strip_prefix(*key)
                .is_some_and(|rest| rest.starts_with(b" "))
        });
        if let Some(key) = key {
            values[key] = fields(line).nth(1).and_then(number).unwrap_or(0);
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_known_by_their_keys() {
        let stat = b"cpu  1 2 3\ncpu0 1 2 3\nintr 7 0 7\nctxt 8\nbtime 9\nprocesses 10\n\
            procs_running 3\nprocs_blocked 1\nsoftirq 5 5\n";
        assert_eq!(read(stat), [8, 7, 10, 3, 1]);
    }
}

//! The rows of the table: final runs in the order in which they began, each followed by its subtests. Earlier tries of
//! a run belong to its row.

use std::collections::{BTreeMap, BTreeSet};

use super::verdict::Shown;
use super::words::line;
use super::{HtmlJob, Page, RunRef};
use crate::digest::{JobDigest, RunDigest};
use crate::runs::Grade;

/// The rows of a page.
#[derive(Debug, Default)]
pub(super) struct Entries<'a> {
    pub(super) rows: Vec<Entry<'a>>,
    /// Whether the jobs ran on several targets.
    has_targets: bool,
    /// Whether they are of several suites.
    has_suites: bool,
}

/// A run with a row of its own.
#[derive(Clone, Debug)]
pub(super) struct Entry<'a> {
    pub(super) job: HtmlJob<'a>,
    pub(super) run: &'a RunDigest,
    pub(super) shown: Shown,
    /// The number of runs that wait for it.
    pub(super) depth: usize,
    /// The row of the run that waits for it.
    pub(super) parent: Option<usize>,
    /// Earlier tries, in order.
    pub(super) attempts: Vec<Try<'a>>,
}

/// An earlier try of a run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Try<'a> {
    pub(super) job: HtmlJob<'a>,
    pub(super) run: &'a RunDigest,
}

/// The relations between runs, collected before they get rows.
struct Related<'a> {
    page: &'a Page<'a>,
    children: BTreeMap<Option<RunRef>, Vec<RunRef>>,
    /// The earlier tries of each final run.
    tries: BTreeMap<RunRef, Vec<RunRef>>,
}

impl<'a> Entries<'a> {
    pub(super) fn of(page: &'a Page<'a>) -> Entries<'a> {
        let related = Related::of(page);
        let differ = |name: fn(&JobDigest) -> &String| {
            let mut names = page.jobs.iter().map(|job| name(&job.digest.job));
            let first = names.next();
            names.any(|name| Some(name) != first)
        };
        let mut entries = Entries {
            has_targets: differ(|job| &job.hostname),
            has_suites: differ(|job| &job.label),
            ..Entries::default()
        };
        entries.add(&related, None, None, 0);
        entries
    }

    /// The final runs that no other run waits for.
    pub(super) fn tests(&self) -> impl Iterator<Item = (usize, &Entry<'a>)> {
        let rows = self.rows.iter().enumerate();
        rows.filter(|(_, entry)| entry.parent.is_none())
    }

    /// The target and the suite of a run, if the page has several; empty otherwise.
    pub(super) fn place(&self, entry: &Entry<'_>) -> String {
        let job = &entry.job.digest.job;
        match (self.has_targets, self.has_suites) {
            (true, true) => format!("{}: {}", line(&job.hostname), line(&job.label)),
            (true, false) => line(&job.hostname),
            (false, true) => line(&job.label),
            (false, false) => String::new(),
        }
    }

    fn add(
        &mut self,
        related: &Related<'a>,
        run: Option<RunRef>,
        parent: Option<usize>,
        depth: usize,
    ) {
        for &child in related.children.get(&run).into_iter().flatten() {
            let row = self.rows.len();
            self.rows.push(related.entry(child, parent, depth));
            self.add(related, Some(child), Some(row), depth + 1);
        }
    }
}

impl Entry<'_> {
    pub(super) fn has_failed(&self) -> bool {
        self.run.grade == Grade::Failed
    }
}

impl<'a> Related<'a> {
    fn of(page: &'a Page<'a>) -> Related<'a> {
        let mut related = Related {
            page,
            children: BTreeMap::new(),
            tries: BTreeMap::new(),
        };
        let superseded: BTreeSet<_> = page.superseded.iter().map(|earlier| earlier.run).collect();
        for earlier in page.superseded {
            related.add_try(earlier.by, earlier.run);
        }
        for job in 0..page.jobs.len() {
            related.add_job(job, &superseded);
        }
        related
    }

    fn add_try(&mut self, by: RunRef, run: RunRef) {
        self.tries.entry(by).or_default().push(run);
    }

    /// An attempt belongs to the next run of the same name.
    fn add_job(&mut self, job: usize, superseded: &BTreeSet<RunRef>) {
        let mut waiting: BTreeMap<(&str, Option<usize>), Vec<RunRef>> = BTreeMap::new();
        for (index, run) in self.page.jobs[job].digest.runs.iter().enumerate() {
            let run_ref = RunRef { job, run: index };
            let name = (run.operation.as_str(), run.parent);
            if run.is_attempt() {
                waiting.entry(name).or_default().push(run_ref);
            } else if !superseded.contains(&run_ref) {
                for earlier in waiting.remove(&name).into_iter().flatten() {
                    self.add_try(run_ref, earlier);
                }
                let parent = run.parent.map(|run| RunRef { job, run });
                self.children.entry(parent).or_default().push(run_ref);
            }
        }
    }

    fn get(&self, run: RunRef) -> Option<Try<'a>> {
        let job = *self.page.jobs.get(run.job)?;
        let run = job.digest.runs.get(run.run)?;
        Some(Try { job, run })
    }

    fn entry(&self, run: RunRef, parent: Option<usize>, depth: usize) -> Entry<'a> {
        let tries = self.tries.get(&run).into_iter().flatten();
        let job = self.page.jobs[run.job];
        let digest = &job.digest.runs[run.run];
        Entry {
            job,
            run: digest,
            shown: Shown::of(digest),
            depth,
            parent,
            attempts: tries.filter_map(|run| self.get(*run)).collect(),
        }
    }
}

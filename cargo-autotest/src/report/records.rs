//! Converts the records of a job for a merged one: gives its runs other numbers and directories, and puts them in a
//! branch.

use std::collections::HashMap;

use autotest_core::{CallId, Event, Requested, RunRequest, StatusRecord, TestStart};
use autotest_report::Record;

use super::places::Places;
use super::units::Part;

/// The branch of a unit in a merged job with several.
#[derive(Clone, Debug)]
pub(super) struct Branch {
    /// Its number among runs and groups.
    pub(super) number: u32,
    /// The path of the branch in requests.
    pub(super) path: String,
}

/// Changes the records of one job.
#[derive(Debug)]
pub(super) struct Renumbered<'p, 'l> {
    part: &'p Part,
    places: &'p mut Places<'l>,
    /// The directory of the unit.
    below: &'p str,
    branch: Option<&'p Branch>,
    /// The offset that is added to the number of a run or a group.
    offset: u32,
    /// The highest number so far.
    pub(super) last: u32,
    /// The directory of each run, in its job and in the merged job.
    dirs: HashMap<u32, (String, String)>,
    /// The runs that the merged job leaves out, with their subtests.
    left_out: HashMap<u32, ()>,
    requests: u64,
}

impl<'p, 'l> Renumbered<'p, 'l> {
    /// `last` is the highest number of a run or a group before this job.
    pub(super) fn new(
        part: &'p Part,
        places: &'p mut Places<'l>,
        below: &'p str,
        branch: Option<&'p Branch>,
        last: u32,
    ) -> Renumbered<'p, 'l> {
        Renumbered {
            part,
            places,
            below,
            branch,
            offset: last,
            last,
            dirs: HashMap::new(),
            left_out: part.left_out.iter().map(|run| (*run, ())).collect(),
            requests: 0,
        }
    }

    /// Converts a record. `None` if the merged job leaves it out.
    pub(super) fn record(&mut self, mut record: Record) -> Option<Record> {
        let run = record.run;
        if let Event::TestStart(start) = &record.event
            && start
                .parent
                .is_some_and(|parent| self.left_out.contains_key(&parent))
        {
            self.left_out.insert(run, ());
        }
        if self.left_out.contains_key(&run) {
            return None;
        }
        self.event(run, &mut record.event)?;
        record.run = match (run, self.branch) {
            (0, Some(branch)) => branch.number,
            (0, None) => 0,
            (run, _) => self.number(run),
        };
        self.last = self.last.max(record.run);
        Some(record)
    }

    fn number(&self, run: u32) -> u32 {
        self.offset.saturating_add(run)
    }

    /// The number in the merged job of the group or branch around a run or a group.
    fn group(&self, group: Option<u32>) -> Option<u32> {
        let around = self.branch.map(|branch| branch.number);
        group.map(|group| self.number(group)).or(around)
    }

    fn call(&self, call: &CallId) -> CallId {
        call.within(self.branch.map_or("", |branch| branch.path.as_str()))
    }

    /// Converts an event. `None` if the merged job leaves it out.
    fn event(&mut self, run: u32, event: &mut Event) -> Option<()> {
        match event {
            Event::JobStart(_) | Event::JobEnd { .. } | Event::JobResume(_) => return None,
            Event::TestStart(start) => self.start(run, start),
            Event::TestEnd { verdict, .. } => {
                if self.part.attempts.contains_key(&run)
                    && let Some(verdict) = verdict.take()
                {
                    let subdir = self.place(run);
                    *event = Event::Attempt { subdir, verdict };
                }
            }
            Event::Attempt { subdir, .. } => *subdir = self.place(run),
            Event::GroupStart(start) => {
                start.group = self.group(start.group);
                start.call = self.call(&start.call);
            }
            Event::GroupEnd { call, .. } | Event::RebootEnd { call, .. } => {
                *call = self.call(call);
            }
            Event::RebootStart(start) => {
                start.group = self.group(start.group);
                start.call = self.call(&start.call);
            }
            Event::Answered(answered) => answered.call = self.call(&answered.call),
            Event::Status(entry) => self.status(run, entry),
            // Bookkeeping of a supervisor that is gone.
            Event::Process { .. } | Event::Saved { .. } | Event::ChangedFile { .. } => return None,
            Event::Phase(_)
            | Event::Keyval(_)
            | Event::IterationKeyval { .. }
            | Event::Perf(_)
            | Event::Suppressed { .. }
            | Event::Crash(_)
            | Event::Progress { .. }
            | Event::Artifact { .. }
            | Event::HookTimer { .. }
            | Event::Nested { .. } => {}
        }
        Some(())
    }

    fn start(&mut self, run: u32, start: &mut TestStart) {
        let place = self.place_of(run, start);
        let before = std::mem::replace(&mut start.subdir, place.clone());
        self.dirs.insert(run, (before, place));
        match (&mut start.requested, self.branch) {
            (Some(requested), _) => {
                requested.group = self.group(requested.group);
                requested.call = self.call(&requested.call);
            }
            (None, Some(branch)) if start.parent.is_none() => {
                start.requested = Some(Box::new(self.requested(branch, start)));
                self.requests += 1;
            }
            (None, _) => {}
        }
        start.parent = start.parent.map(|parent| self.number(parent));
    }

    /// The request for a planned run, as if the branch of its unit had made it.
    fn requested(&self, branch: &Branch, start: &TestStart) -> Requested {
        let request = RunRequest {
            test: start.test.clone(),
            args: start.args.clone(),
            ..RunRequest::default()
        };
        Requested {
            call: CallId::new(&branch.path, self.requests),
            group: Some(branch.number),
            ..Requested::new(request)
        }
    }

    /// The place of a run. A subtest's directory stays in that of its parent.
    fn place_of(&mut self, run: u32, start: &TestStart) -> String {
        let parent = start.parent.and_then(|parent| self.dirs.get(&parent));
        let in_parent = parent.and_then(|(before, now)| {
            let rest = start.subdir.strip_prefix(before.as_str())?;
            let is_below = rest.starts_with('/') && !rest.split('/').any(|part| part == "..");
            (is_below && !now.is_empty()).then(|| format!("{now}{rest}"))
        });
        in_parent.unwrap_or_else(|| {
            let attempt = self.part.attempts.get(&run).copied();
            self.places
                .of_run(self.below, &self.part.source, &start.subdir, attempt)
        })
    }

    fn place(&self, run: u32) -> String {
        self.dirs
            .get(&run)
            .map_or_else(String::new, |(_, now)| now.clone())
    }

    fn status(&self, run: u32, entry: &mut StatusRecord) {
        if let (Some(subdir), Some((before, now))) = (&mut entry.subdir, self.dirs.get(&run))
            && subdir == before
        {
            subdir.clone_from(now);
        }
    }
}

//! Finds the run to which a process belongs.

use std::fs;
use std::io;
use std::path::PathBuf;

use autotest_report::{Summary, journal};

use super::crash_dir::CrashDir;
use super::register::RegisteredJob;
use crate::exec::mark;
use crate::exec::procfs;
use crate::exec::stat::Stat;
use crate::exec::unix::ChildPid;

/// The number of ancestors to follow: the chain may change while it is read.
const MAX_ANCESTORS: usize = 1000;

/// The run to which a process belongs.
#[derive(Debug, PartialEq)]
pub(super) struct Owner {
    jobdir: PathBuf,
    /// The output directory of the run, relative to the job's.
    subdir: String,
    pub(super) supervisor: i32,
}

impl Owner {
    pub(super) fn crash_dir(&self) -> io::Result<CrashDir> {
        CrashDir::create(&self.jobdir, &self.subdir)
    }
}

/// The run to which a process belongs, according to the mark in its environment, its ancestors, its group or session,
/// or the job's control group. `None` if it belongs to none of these jobs, or to no run in progress.
pub(super) fn of(pid: i32, jobs: &[RegisteredJob]) -> Option<Owner> {
    let pid = ChildPid::new(pid)?;
    let process = Process::of(pid);
    // The nearest supervisor, since a test may run a job itself.
    let is_above = |ancestor: &i32| jobs.iter().find(|job| job.supervisor == *ancestor);
    let below = process.ancestors.iter().find_map(is_above);
    let marked = jobs.iter().find(|job| process.has_mark_of(job));
    let grouped = || jobs.iter().find(|job| process.is_in_group_of(job));
    match marked.or(below).or_else(grouped) {
        Some(job) => process.run_in(job, process.program != job.binary),
        None => jobs.iter().find_map(|job| process.run_in(job, false)),
    }
}

/// The attributes of a process that show its origin.
struct Process {
    pid: i32,
    mark: Option<String>,
    /// Its parent, grandparent, and so on.
    ancestors: Vec<i32>,
    group: i32,
    session: i32,
    control_groups: String,
    program: PathBuf,
}

impl Process {
    fn of(pid: ChildPid) -> Process {
        let ancestors = std::iter::successors(parent(pid), |pid| parent(*pid));
        let stat = Stat::of(pid);
        let dir = procfs::of(pid);
        let control_groups = dir
            .as_ref()
            .and_then(|dir| procfs::text(dir.join("cgroup")).ok());
        let program = dir.and_then(|dir| fs::read_link(dir.join("exe")).ok());
        Process {
            pid: pid.get(),
            mark: mark::run_of(pid),
            ancestors: ancestors.take(MAX_ANCESTORS).map(ChildPid::get).collect(),
            group: stat.as_ref().map_or(0, |stat| stat.group),
            session: stat.as_ref().map_or(0, |stat| stat.session),
            control_groups: control_groups.unwrap_or_default(),
            program: program.unwrap_or_default(),
        }
    }

    fn has_mark_of(&self, job: &RegisteredJob) -> bool {
        let mark = self.mark.as_deref();
        mark.is_some_and(|mark| mark::is_run_of(mark, &job.id))
    }

    fn is_in_group_of(&self, job: &RegisteredJob) -> bool {
        let group = format!("/autotest-{}", job.id);
        self.control_groups.lines().any(|line| {
            let rest = line.split(&group).nth(1);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }

    /// The run of this job to which the process belongs. `is_of_tests` is `true` for a process of the job that executes
    /// a program other than the job's binary, and thus comes from a test: if only one run is in progress, it belongs to
    /// that.
    fn run_in(&self, job: &RegisteredJob, is_of_tests: bool) -> Option<Owner> {
        let journal = fs::File::open(job.jobdir.join(journal::NAME)).ok()?;
        let open = Summary::of(journal).open;
        let marked = |number: &u32| {
            let mark = mark::run_mark(&job.id, *number);
            self.mark.as_deref() == Some(&mark)
        };
        let by_mark = open.iter().find(|(number, _)| marked(number));
        let led = |leader: i32| {
            let mut runs = open.iter();
            runs.find(|(_, run)| {
                run.process
                    .as_ref()
                    .is_some_and(|process| process.pid == leader)
            })
        };
        let by_ancestor = || {
            let mut chain = std::iter::once(&self.pid).chain(&self.ancestors);
            chain.find_map(|pid| led(*pid))
        };
        let by_group = || led(self.group).or_else(|| led(self.session));
        let only = || match open.iter().count() {
            1 if is_of_tests => open.iter().next(),
            _ => None,
        };
        let run = by_mark.or_else(by_ancestor).or_else(by_group).or_else(only);
        let (_, run) = run.filter(|(_, run)| !run.start.subdir.is_empty())?;
        Some(Owner {
            jobdir: job.jobdir.clone(),
            subdir: run.start.subdir.clone(),
            supervisor: job.supervisor,
        })
    }
}

fn parent(pid: ChildPid) -> Option<ChildPid> {
    let status = procfs::text(procfs::of(pid)?.join("status")).ok()?;
    let parent = status.lines().find_map(|line| line.strip_prefix("PPid:"))?;
    ChildPid::new(parent.trim().parse().ok()?)
}

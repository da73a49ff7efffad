//! The processes of a test: its own process, the descendants of that, and all members of their groups and sessions.
//!
//! New processes are looked for only if the kernel has started any since the last sample. A process that was found once
//! stays one of the test, whatever its parent becomes. If its parent ended before a sample and it has left the group,
//! it is recognised only by the mark in its environment.

mod process;

use std::ffi::CStr;
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;

use rustix::fs::{Mode, OFlags, RawDir, SeekFrom, open, seek};

use super::SampledTest;
use super::usage::{Account, Ended, Usage};
use process::{Process, Reading, Status};

/// After this many forks, a process id may have been reused. The smallest limit of process ids is twice this.
const FORKS_UNTIL_REUSE: u64 = 16_384;

/// The number of processes whose files stay open.
const MAX_OPEN: usize = 100;

/// The number of ended group or session leaders to remember.
const MAX_LEADERS: usize = 4096;

/// Sums over the processes of a test in one sample.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Totals {
    pub(super) processes: u64,
    pub(super) threads: u64,
    pub(super) resident_pages: u64,
    pub(super) usage: Usage,
    /// `true` if the I/O counters of any process could be read.
    pub(super) knows_io: bool,
}

#[derive(Debug)]
pub(super) struct Processes {
    test: SampledTest,
    /// The parent of the test's process; it adopts orphans.
    supervisor: i32,
    /// The processes of the test; parents precede their children.
    members: Vec<Process>,
    /// Members that ended, but led a group or a session.
    leaders: Vec<i32>,
    account: Account,
    /// The start time up to which processes are not counted from their start.
    first_start_ticks: u64,
    listing: Listing,
    forks: u64,
    text: Vec<u8>,
    ended: Vec<Ended>,
}

impl Processes {
    /// # Errors
    /// If the test's process does not exist.
    pub(super) fn new(test: &SampledTest) -> io::Result<Processes> {
        let mut text = Vec::new();
        let status = process::status(test.pid, &mut text)?;
        let mut processes = Processes {
            test: test.clone(),
            supervisor: status.parent,
            members: Vec::new(),
            leaders: Vec::new(),
            account: Account::default(),
            first_start_ticks: u64::MAX,
            listing: Listing::new()?,
            forks: 0,
            text,
            ended: Vec::new(),
        };
        processes.add(test.pid, status);
        Ok(processes)
    }

    /// Samples all processes. `forks` is the number of processes that the kernel has started since boot; 0 if unknown.
    pub(super) fn sample(&mut self, forks: u64) -> Totals {
        self.read_members();
        if forks == 0 || forks != self.forks {
            if forks.saturating_sub(self.forks) > FORKS_UNTIL_REUSE {
                self.listing.forget();
            }
            self.forks = forks;
            self.find_new();
        }
        let members = &mut self.members;
        self.account.decide(&mut self.ended, |parent, faults| {
            let mut members = members.iter_mut();
            let parent = members.find(|member| member.pid == parent)?;
            Some(parent.waited.claim(faults))
        });
        self.totals()
    }

    /// Ends the setup: processes that start from now on are counted from their start.
    pub(super) fn begin(&mut self) {
        let latest = self.members.iter().map(|member| member.status.start_ticks);
        self.first_start_ticks = latest.max().unwrap_or(0);
    }

    fn read_members(&mut self) {
        let Self {
            members,
            text,
            ended,
            leaders,
            ..
        } = self;
        members.retain_mut(|member| match member.read(text) {
            Reading::Read | Reading::Failed => true,
            Reading::Ended => {
                ended.push(member.ended());
                if member.leads() && leaders.len() < MAX_LEADERS {
                    leaders.push(member.pid);
                }
                false
            }
        });
    }

    /// Adds those new processes that belong to the test.
    fn find_new(&mut self) {
        if self.listing.read().is_err() {
            return;
        }
        let mut candidates = Vec::new();
        for pid in self.listing.added() {
            if let Ok(status) = process::status(pid, &mut self.text) {
                let before = |(other, known): &(i32, Status)| {
                    (known.start_ticks, *other) < (status.start_ticks, pid)
                };
                candidates.insert(candidates.partition_point(before), (pid, status));
            }
        }
        // A child may have started in the same tick as its parent, and have a smaller process id.
        loop {
            let before = candidates.len();
            candidates.retain(|(pid, status)| {
                let is_new = !self.members.iter().any(|member| member.pid == *pid);
                let is_of_test = is_new && self.is_of_test(*pid, status);
                if is_of_test {
                    self.add(*pid, *status);
                }
                is_new && !is_of_test
            });
            if candidates.len() == before {
                return;
            }
        }
    }

    fn is_of_test(&mut self, pid: i32, status: &Status) -> bool {
        let is_member = |pid: i32| self.members.iter().any(|member| member.pid == pid);
        let leads = |pid: i32| is_member(pid) || self.leaders.contains(&pid);
        if is_member(status.parent) || leads(status.group) || leads(status.session) {
            return true;
        }
        let is_orphan = status.parent == 1 || status.parent == self.supervisor;
        let mark = self.test.mark.as_ref().filter(|_| is_orphan);
        mark.is_some_and(|mark| process::has_mark(pid, mark, &mut self.text))
    }

    fn add(&mut self, pid: i32, status: Status) {
        let keeps_open = self.members.len() < MAX_OPEN;
        let mut member = Process::new(pid, status, keeps_open);
        match member.read(&mut self.text) {
            Reading::Ended => return self.ended.push(member.ended()),
            Reading::Read | Reading::Failed => {}
        }
        if status.start_ticks < self.first_start_ticks {
            self.account.leave_out(member.usage());
        }
        self.members.push(member);
    }

    fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        for member in &self.members {
            totals.processes += u64::from(member.status.lives);
            totals.threads += member.status.threads;
            totals.resident_pages += member.status.resident_pages;
            totals.usage = totals.usage.plus(member.usage());
            totals.knows_io |= member.knows_io();
        }
        totals.usage = self.account.sum(totals.usage);
        totals
    }
}

/// The ids of all processes on the machine, as of the last two readings.
#[derive(Debug)]
struct Listing {
    dir: OwnedFd,
    pids: Vec<i32>,
    before: Vec<i32>,
    buffer: Vec<MaybeUninit<u8>>,
}

impl Listing {
    fn new() -> io::Result<Listing> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(Listing {
            dir: open("/proc", flags, Mode::empty())?,
            pids: Vec::new(),
            before: Vec::new(),
            buffer: vec![MaybeUninit::uninit(); 32 << 10],
        })
    }

    fn read(&mut self) -> io::Result<()> {
        std::mem::swap(&mut self.pids, &mut self.before);
        self.pids.clear();
        seek(&self.dir, SeekFrom::Start(0))?;
        let mut entries = RawDir::new(&self.dir, &mut self.buffer);
        while let Some(entry) = entries.next() {
            if let Some(pid) = number(entry?.file_name()) {
                // The kernel lists them in order; out-of-order ones are only slower.
                let place = match self.pids.last() {
                    Some(last) if *last > pid => self.pids.partition_point(|other| *other < pid),
                    _ => self.pids.len(),
                };
                self.pids.insert(place, pid);
            }
        }
        Ok(())
    }

    /// The ids that the reading before did not have.
    fn added(&self) -> impl Iterator<Item = i32> {
        let pids = self.pids.iter().copied();
        pids.filter(|pid| self.before.binary_search(pid).is_err())
    }

    /// Makes the next reading treat all processes as new.
    fn forget(&mut self) {
        self.pids.clear();
    }
}

fn number(name: &CStr) -> Option<i32> {
    str::from_utf8(name.to_bytes()).ok()?.parse().ok()
}

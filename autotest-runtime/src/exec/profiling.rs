//! The supervisor's view of a run's profilers: their requests and problems.
//!
//! The profilers, each in its own process, get requests one after the other. This module must not block: the event loop
//! passes it what arrives.

mod member;

use std::collections::VecDeque;
use std::path::PathBuf;
use std::time::Duration;

use autotest_core::{Phase, ProfilerStep};
use autotest_report::json;

use super::unix::{self, Change, Polled};
use super::wire::{ProfilerMessage, ProfilerRequest};
use crate::profilers::{IterationFiles, Mark, ProfilerList};
pub(super) use member::Member;
use member::Progress;

/// How long the process of a profiler may take to exit after its last step.
const LIMIT_TO_EXIT: Duration = Duration::from_secs(3);

/// The maximum number of marks.
const MAX_MARKS: usize = 1000;

/// The profilers of one run.
#[derive(Debug)]
pub(super) struct Profiling {
    list: ProfilerList<Member>,
    test_pid: u32,
    profdir: PathBuf,
    files: IterationFiles,
    iteration: u64,
    marks: Vec<Mark>,
    /// The steps to perform after the current one, once the test's process has ended.
    queue: VecDeque<ProfilerStep>,
    /// `true` if the test waits for the current step.
    is_awaited: bool,
    /// `true` if the test's process has ended.
    is_closing: bool,
    troubles: Vec<String>,
}

/// The supervisor's next action.
#[derive(Debug, PartialEq)]
pub(super) enum Next {
    /// Wait until a profiler answers or ends.
    Wait,
    /// Tell the test that its step is complete, and whether the profilers are active.
    Answer(bool),
    /// None: the test and all profilers have ended.
    Over,
}

impl Profiling {
    pub(super) fn new(test_pid: u32, profdir: PathBuf) -> Profiling {
        Profiling {
            list: ProfilerList::default(),
            test_pid,
            profdir,
            files: IterationFiles::default(),
            iteration: 0,
            marks: Vec::new(),
            queue: VecDeque::new(),
            is_awaited: false,
            is_closing: false,
            troubles: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, name: &str, member: Member) {
        self.list.add(name, member);
    }

    pub(super) fn members(&self) -> impl Iterator<Item = &Member> {
        self.list.iter().map(|(_, member)| member)
    }

    pub(super) fn members_mut(&mut self) -> impl Iterator<Item = &mut Member> {
        self.list.iter_mut().map(|(_, member)| member)
    }

    /// Adds a problem, unless it is known already. Problems make the run a WARN.
    pub(super) fn trouble(&mut self, text: String) {
        if !self.troubles.contains(&text) {
            self.troubles.push(text);
        }
    }

    /// The problems so far.
    pub(super) fn take_troubles(&mut self) -> Vec<String> {
        std::mem::take(&mut self.troubles)
    }

    /// Handles a request of the test. There is no earlier one in progress, since the test waits for each.
    pub(super) fn request(&mut self, step: ProfilerStep, iteration: u64) {
        self.iteration = iteration;
        self.is_awaited = true;
        self.begin(step);
    }

    fn begin(&mut self, step: ProfilerStep) {
        if step == ProfilerStep::Stop {
            self.end_mark();
        }
        self.list.begin(step);
    }

    /// Sends the current step to the next profiler, or ends the step.
    pub(super) fn proceed(&mut self) -> Next {
        if self.list.iter().any(|(_, member)| member.doing.is_some()) {
            return Next::Wait;
        }
        loop {
            if let Some(step) = self.list.step() {
                if self.ask_next(step) {
                    return Next::Wait;
                }
                self.end_step(step);
            }
            if std::mem::take(&mut self.is_awaited) {
                return Next::Answer(self.list.are_active());
            }
            match self.queue.pop_front() {
                Some(step) => self.begin(step),
                None if !self.is_closing => return Next::Wait,
                None => return self.close(),
            }
        }
    }

    /// Sends a request to the next profiler that the step concerns. Returns `false` if there is none.
    fn ask_next(&mut self, step: ProfilerStep) -> bool {
        let request = ProfilerRequest {
            step,
            iteration: self.iteration,
            test_pid: self.test_pid,
            marks: self.marks.clone(),
        };
        while let Some(member) = self.list.next() {
            if member.is_concerned(step) {
                member.ask(&request);
                return true;
            }
        }
        false
    }

    fn end_step(&mut self, step: ProfilerStep) {
        match step {
            ProfilerStep::Start => self.mark(format!("iteration {}", self.iteration)),
            ProfilerStep::Report => {
                if let Err(error) = self.files.store(&self.profdir, self.iteration) {
                    let iteration = self.iteration;
                    self.trouble(format!(
                        "failed to move the profilers' files to `profiling/iteration.{iteration}`: {error}"
                    ));
                }
            }
            ProfilerStep::BeforeStart | ProfilerStep::Stop => {}
        }
    }

    /// Closes the channels, so that all processes exit; they have nothing more to do.
    fn close(&mut self) -> Next {
        if !self.list.are_present() {
            return Next::Over;
        }
        for member in self.members_mut() {
            if member.process.channel_fd().is_some() {
                member.process.close();
                member.process.limit(LIMIT_TO_EXIT);
            }
        }
        Next::Wait
    }

    /// Shortens the time limit of each step from now on, including the current one, since the job is to end.
    pub(super) fn hurry(&mut self) {
        self.members_mut().for_each(Member::hurry);
    }

    /// Begins the end of the profilers, since the test's process has ended: those that started are to stop and report.
    pub(super) fn end(&mut self) {
        self.is_closing = true;
        self.is_awaited = false;
        self.queue = match self.list.step() {
            None => VecDeque::from([ProfilerStep::Stop, ProfilerStep::Report]),
            Some(ProfilerStep::BeforeStart | ProfilerStep::Start) => {
                self.list.cancel();
                VecDeque::from([ProfilerStep::Stop, ProfilerStep::Report])
            }
            Some(ProfilerStep::Stop) => VecDeque::from([ProfilerStep::Report]),
            Some(ProfilerStep::Report) => VecDeque::new(),
        };
        let is_reporting = self.list.step().is_some();
        let has_started =
            |member: &Member| member.progress == Progress::Started || member.doing.is_some();
        if !is_reporting && !self.members().any(has_started) {
            self.queue.clear();
        }
    }

    /// Begins a part of the run.
    pub(super) fn mark(&mut self, name: String) {
        self.end_mark();
        if self.marks.len() < MAX_MARKS {
            self.marks.push(Mark {
                name,
                begin: unix::since_boot(),
                end: None,
            });
        }
    }

    /// Begins a part of the run that is a phase of the test.
    pub(super) fn mark_phase(&mut self, phase: Phase) {
        self.mark(phase.name().to_owned());
    }

    fn end_mark(&mut self) {
        if let Some(last) = self.marks.last_mut() {
            last.end = last.end.or_else(|| Some(unix::since_boot()));
        }
    }

    /// Reads at most one buffer from each stream that is ready.
    pub(super) fn read(&mut self, polled: &Polled, buffer: &mut [u8]) {
        let mut received = Vec::new();
        for (place, member) in self.members_mut().enumerate() {
            let process = &mut member.process;
            for stream in [&mut process.stdout, &mut process.stderr] {
                if stream.fd().is_some_and(|fd| polled.is_ready(fd)) {
                    stream.read(buffer);
                }
            }
            if process.channel_fd().is_some_and(|fd| polled.is_ready(fd)) {
                process.read_lines(buffer, |line| received.push((place, line.to_vec())));
            }
        }
        for (place, line) in received {
            self.take(place, json::from_slice(&line).ok());
        }
    }

    /// Handles a message; `None` stands for a line that is not one.
    fn take(&mut self, place: usize, message: Option<ProfilerMessage>) {
        let Some((name, member)) = self.list.iter_mut().nth(place) else {
            return;
        };
        let name = name.to_owned();
        match message {
            Some(ProfilerMessage::Entered(function)) if member.doing.is_some() => {
                member.enter(&function);
            }
            Some(ProfilerMessage::Done { error, warnings }) if member.doing.is_some() => {
                let function = member.done(error.is_some());
                for warning in warnings {
                    self.trouble(format!("the profiler `{name}` warns: {warning}"));
                }
                if let Some(error) = error {
                    self.trouble(format!(
                        "the profiler `{name}` failed in `{function}`: {error}"
                    ));
                }
            }
            Some(_) | None => {
                self.trouble(format!("the profiler `{name}` sent what is no answer"));
            }
        }
    }

    /// Removes the profiler at this index, whose process has ended.
    pub(super) fn remove(
        &mut self,
        place: usize,
        change: Change,
        buffer: &mut [u8],
    ) -> Option<Member> {
        let mut lines = Vec::new();
        let member = self.members_mut().nth(place)?;
        let keep = |line: &[u8]| lines.push(line.to_vec());
        member.process.drain_lines(buffer, keep);
        for line in lines {
            self.take(place, json::from_slice(&line).ok());
        }
        let (name, member) = self.list.iter().nth(place)?;
        let is_over = self.is_closing && member.doing.is_none() && change == Change::Exited(0);
        if member.progress != Progress::Out && !is_over {
            let trouble = format!("the profiler `{name}` {}", member.how_it_ended(change));
            self.trouble(trouble);
        }
        Some(self.list.remove(place))
    }
}

//! A summary of a journal, for resuming its job: the runs that are finished, in progress and interrupted.

use std::collections::HashMap;
use std::fs::File;

use autotest_core::{
    Answer, Answered, CallId, Event, JobResume, JobStart, Recovery, Request, RunResult, SmallMap,
    Status, TargetFacts, TestStart, Verdict,
};

use super::amendments::Amendments;
use super::is_interrupted;
use crate::journal::Records;
use crate::record::Record;

/// The summary of a journal.
#[derive(Debug, Default)]
pub struct Summary {
    /// The properties of the job; `None` if the journal does not begin with a job.
    pub job: Option<JobStart>,
    /// The process id of the supervisor that last wrote the journal.
    pub supervisor: u32,
    /// The boot of the target in which the journal was last written.
    pub boot_id: String,
    /// The process namespace in which the journal was last written.
    pub pid_namespace: String,
    /// The records of kernel crashes that were known when the journal was last written.
    #[cfg(feature = "sysinfo")]
    pub kernel_records: Vec<String>,
    /// The planned and requested runs that have a verdict, by their [`identity`].
    pub finished: HashMap<String, Status>,
    /// The requests of a control function that have an answer.
    pub requests: Requests,
    /// The sequence numbers in the names of a control function's runs.
    pub sequences: HashMap<CallId, u32>,
    /// Planned runs that were ended by a signal to the job.
    pub interrupted: SmallMap<u32, TestStart>,
    /// How often a run was interrupted with its job, by its [`identity`].
    pub attempts: SmallMap<String, u32>,
    /// The runs in progress. Each subtest comes after its parent.
    pub open: SmallMap<u32, Open>,
    /// How the job ended: its status and the reason. `None` if it was cut off or continues.
    pub ended: Option<(Status, String)>,
    /// The offset of the end of the last complete record.
    pub length: u64,
    /// The number of the next record.
    pub next_seq: u64,
    /// The highest number of a run; 0 if there was none.
    pub last_run: u32,
    /// The changes from later records.
    pub amendments: Amendments,
}

/// The recorded requests of a control function.
pub type Requests = HashMap<CallId, (Request, Earlier)>;

/// The recorded result of a control function's request.
#[derive(Clone, Debug, PartialEq)]
pub enum Earlier {
    /// The answer.
    Answer(Answer),
    /// The number of the group that it began.
    Group(u32),
    /// The value of a `once`.
    Kept(serde_json::Value),
    /// A reboot that has no end yet: its number, and the target before it.
    Reboot(u32, TargetFacts),
}

/// The key that identifies a run within its job, also when it is repeated: the identity of its request, or its
/// operation.
pub fn identity(start: &TestStart) -> &str {
    match &start.requested {
        Some(requested) => requested.call.as_str(),
        None => &start.operation,
    }
}

/// A run without an end.
#[derive(Clone, Debug)]
pub struct Open {
    /// The properties of the run.
    pub start: TestStart,
    /// When it began, in seconds since 1970.
    pub began: f64,
    /// How often the job has been resumed since.
    pub resumed: u32,
    /// Whether the target has rebooted since.
    pub has_rebooted: bool,
    /// The kernel's message of a crash since then; empty if it did not crash, or that is not known.
    pub kernel_crash: String,
    /// Its process, if there was one.
    pub process: Option<StartedProcess>,
    /// The state that `cleanup` needs.
    pub recovery: Recovery,
}

/// The process of a run.
#[derive(Clone, Debug)]
pub struct StartedProcess {
    /// Its id, which is also that of its process group.
    pub pid: i32,
    /// The start time, in seconds since the target booted.
    pub since_boot_s: f64,
}

impl Open {
    fn new(start: TestStart, began: f64) -> Open {
        Open {
            start,
            began,
            resumed: 0,
            has_rebooted: false,
            kernel_crash: String::new(),
            process: None,
            recovery: Recovery::default(),
        }
    }
}

impl Summary {
    /// Summarises a journal.
    pub fn of(journal: File) -> Summary {
        let mut summary = Summary::default();
        let mut records = Records::new(journal);
        for record in &mut records {
            summary.amendments.note(&record);
            summary.add(record);
        }
        summary.length = records.length;
        summary
    }

    fn add(&mut self, record: Record) {
        self.next_seq = record.seq + 1;
        self.last_run = self.last_run.max(record.run);
        match record.event {
            Event::JobStart(job) => {
                self.supervisor = job.pid;
                self.boot_id.clone_from(&job.boot_id);
                self.pid_namespace.clone_from(&job.pid_namespace);
                #[cfg(feature = "sysinfo")]
                self.kernel_records.clone_from(&job.kernel_records);
                self.job = Some(*job);
            }
            Event::JobResume(job) => self.resume(job),
            Event::TestStart(start) => {
                if let Some(requested) = &start.requested {
                    let sequence = requested.sequence.map(|it| (requested.call.clone(), it));
                    self.sequences.extend(sequence);
                }
                self.open.insert(record.run, Open::new(start, record.t));
            }
            Event::Process { pid, since_boot_s } => self.note(record.run, |open| {
                open.process = Some(StartedProcess { pid, since_boot_s });
            }),
            Event::Phase(phase) => self.note(record.run, |open| {
                open.recovery.failed_phase = Some(phase);
            }),
            Event::Saved { key, value } => self.note(record.run, |open| {
                open.recovery.saved.insert(key, value);
            }),
            Event::ChangedFile { path, original } => self.note(record.run, |open| {
                open.recovery.changed_files.note(&path, original.as_deref());
            }),
            Event::TestEnd {
                status, verdict, ..
            } => {
                let open = self.open.remove(&record.run);
                if let Some(open) = open.filter(|open| open.start.parent.is_none()) {
                    self.end(record.run, open.start, status, verdict);
                }
            }
            Event::Attempt { .. } => self.attempt(record.run),
            Event::GroupStart(start) => {
                let earlier = Earlier::Group(record.run);
                let (name, kind) = (start.name, start.kind);
                self.request(start.call, Request::BeginGroup { name, kind }, earlier);
            }
            Event::GroupEnd {
                status,
                reason,
                call,
            } => {
                let error = (status != Status::Good).then_some(reason);
                let earlier = Earlier::Answer(Answer::Done);
                self.request(call, Request::EndGroup { error }, earlier);
            }
            Event::RebootStart(start) => {
                let earlier = Earlier::Reboot(record.run, start.target);
                self.request(start.call, Request::Reboot, earlier);
            }
            Event::RebootEnd { call, problems, .. } => {
                let earlier = Earlier::Answer(rebooted(&problems));
                self.request(call, Request::Reboot, earlier);
            }
            Event::Answered(answered) => self.answered(*answered),
            Event::JobEnd { status, reason } => self.ended = Some((status, reason)),
            Event::Keyval(_)
            | Event::IterationKeyval { .. }
            | Event::Perf(_)
            | Event::Status(_)
            | Event::Suppressed { .. }
            | Event::Progress { .. }
            | Event::Artifact { .. }
            | Event::HookTimer { .. } => {}
            #[cfg(feature = "crash-handler")]
            Event::Crash(_) => {}
            #[cfg(feature = "packages")]
            Event::Nested { .. } => {}
        }
    }
}

/// The answer to a request to reboot.
fn rebooted(problems: &[String]) -> Answer {
    match problems {
        [] => Answer::Done,
        problems => Answer::Refused(problems.join("; ")),
    }
}

impl Summary {
    fn resume(&mut self, job: JobResume) {
        self.ended = None;
        let has_rebooted = self.boot_id != job.boot_id;
        let open = std::mem::take(&mut self.open).into_iter();
        let open = open.map(|(run, mut open)| {
            open.resumed += 1;
            open.has_rebooted |= has_rebooted;
            #[cfg(feature = "sysinfo")]
            if open.kernel_crash.is_empty() {
                open.kernel_crash.clone_from(&job.kernel_crash);
            }
            (run, open)
        });
        self.open = open.collect();
        self.supervisor = job.pid;
        self.boot_id = job.boot_id;
        self.pid_namespace = job.pid_namespace;
        #[cfg(feature = "sysinfo")]
        {
            self.kernel_records = job.kernel_records;
        }
    }

    fn note(&mut self, run: u32, note: impl FnOnce(&mut Open)) {
        if let Some(open) = self.open.get_mut(&run) {
            note(open);
        }
    }

    fn request(&mut self, call: CallId, request: Request, earlier: Earlier) {
        self.requests.insert(call, (request, earlier));
    }

    fn answered(&mut self, answered: Answered) {
        let Answered {
            call,
            request,
            answer,
        } = answered;
        let earlier = match &request {
            Request::Keep { value, .. } => Earlier::Kept(value.clone()),
            _ => Earlier::Answer(answer),
        };
        self.request(call, request, earlier);
    }

    fn attempt(&mut self, run: u32) {
        let open = self.open.remove(&run);
        if let Some(open) = open.filter(|open| open.start.parent.is_none()) {
            let identity = identity(&open.start).to_owned();
            let before = self.attempts.get(&identity).copied().unwrap_or(0);
            self.attempts.insert(identity, before + 1);
        }
        self.interrupted.remove(&run);
    }

    fn end(&mut self, run: u32, start: TestStart, status: Status, verdict: Option<Verdict>) {
        if verdict.as_ref().is_some_and(is_interrupted) {
            self.interrupted.insert(run, start);
            return;
        }
        self.finished.insert(identity(&start).to_owned(), status);
        if let Some(requested) = start.requested {
            let answer = Answer::Ran(RunResult {
                status,
                verdict,
                subdir: start.subdir,
            });
            let request = Request::Run(requested.request);
            self.request(requested.call, request, Earlier::Answer(answer));
        }
    }
}

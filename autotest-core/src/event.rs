//! Events: everything that a test sends. Every file and report is a fold over events.
//!
//! Events are owned values, so that a pipe, the journal and a report can use the same codec. Serde's tags are
//! external, since internal ones would buffer each event.

#[cfg(feature = "crash-handler")]
mod crash;
mod job;
#[cfg(feature = "packages")]
mod package;
pub mod path;
mod version;

use serde::{Deserialize, Serialize};

use crate::control::{Answer, CallId, GroupKind, Request, RunRequest, TargetFacts};
use crate::def::Metadata;
use crate::outcome::Verdict;
use crate::params::Args;
use crate::perf::PerfValue;
use crate::phase::Phase;
use crate::settings::Settings;
use crate::status::{Code, Status};
use crate::value::Value;

#[cfg(feature = "crash-handler")]
pub use crash::Crash;
pub use job::{ControlStart, JobResume, JobStart, PlannedTest};
pub use version::JournalVersion;

/// The origin of a [`Suppressed`](Event::Suppressed) failure that was expected.
pub const KNOWN_FAILURE: &str = "a known failure";

/// The beginning of the reason of a [`Kind::CutOff`](crate::Kind::CutOff) verdict if a signal to the job
/// ended the run.
pub const INTERRUPTED: &str = "interrupted by ";

/// An event of a job or a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The job begins. This is the first event of a journal.
    JobStart(Box<JobStart>),
    /// The job ended.
    JobEnd {
        /// The status of the job: GOOD or ABORT.
        status: Status,
        /// Why it was aborted; otherwise empty.
        reason: String,
    },
    /// A test begins. Its directory exists.
    TestStart(TestStart),
    /// An interrupted job continues in another process.
    JobResume(JobResume),
    /// The process of a test was created. Only the supervisor sends this.
    Process {
        /// The process id, which is also that of its process group.
        pid: i32,
        /// The start time, in seconds since the target booted.
        since_boot_s: f64,
    },
    /// A run that was interrupted with its job becomes an attempt: the test runs again.
    Attempt {
        /// The new name of its directory.
        subdir: String,
        /// What interrupted it.
        verdict: Verdict,
    },
    /// A test ended. There is exactly one such event for each planned test.
    TestEnd {
        /// The status of its END line.
        status: Status,
        /// The verdict; `None` if it passed.
        verdict: Option<Verdict>,
        /// The time it took, in seconds.
        elapsed_s: f64,
    },
    /// A group or a branch of a control function begins. It has a number like a run.
    GroupStart(GroupStart),
    /// A group or a branch ended.
    GroupEnd {
        /// GOOD, or FAIL if its function returned an error.
        status: Status,
        /// The error; otherwise empty.
        reason: String,
        /// The request that ended it.
        call: CallId,
    },
    /// The target reboots, and this process ends. It has a number like a run.
    RebootStart(RebootStart),
    /// The job continues after a reboot.
    RebootEnd {
        /// The request.
        call: CallId,
        /// The target after the reboot.
        target: TargetFacts,
        /// The differences from before the reboot; the job ends if there are any.
        problems: Vec<String>,
    },
    /// A request of a control function was answered. Runs and groups have events of their own.
    Answered(Box<Answered>),
    /// A phase begins. Phases within iterations send no event.
    Phase(Phase),
    /// `write_test_keyval`.
    Keyval(Vec<(String, Value)>),
    /// `write_iteration_keyval`, `write_attr_keyval` and `write_perf_keyval`.
    IterationKeyval {
        /// The attributes.
        attr: Vec<(String, Value)>,
        /// The measurements.
        perf: Vec<(String, Value)>,
    },
    /// `output_perf_value`.
    Perf(PerfValue),
    /// A line of the status log other than the START and END of a test.
    Status(StatusRecord),
    /// An error that does not decide the verdict, because another one does.
    Suppressed {
        /// The error.
        verdict: Verdict,
        /// Its origin.
        origin: String,
    },
    /// A process of the run crashed, and its core dump was kept. Only the supervisor sends this.
    #[cfg(feature = "crash-handler")]
    Crash(Box<Crash>),
    /// The progress of the loop of iterations. Throttled.
    Progress {
        /// The iteration that ended, from 1.
        iteration: u64,
        /// The number of iterations, in a counted loop.
        total: Option<u64>,
        /// Seconds since the loop began.
        elapsed_s: f64,
    },
    /// A file that the test declared as part of its results.
    Artifact {
        /// The path, relative to the output directory.
        path: String,
    },
    /// A value that a test saves for a `cleanup` after an abnormal end.
    Saved {
        /// The key; a later value replaces an earlier one.
        key: String,
        /// The value.
        value: serde_json::Value,
    },
    /// A file that a test changes until its run ends.
    ChangedFile {
        /// The path; absolute.
        path: String,
        /// The content to restore, sent before the first change; `None` once it is restored.
        original: Option<String>,
    },
    /// The time that a pass of hooks took.
    HookTimer {
        /// `before_test`, `after_test`, `before_iteration` or `after_iteration`.
        hook: String,
        /// The time, in seconds.
        elapsed_s: f64,
    },
    /// An event of a run in the job of a package. The supervisor turns it into an event of a run of its own job; this
    /// event itself is never in a journal.
    #[cfg(feature = "packages")]
    Nested {
        /// The number of the run in the package's job.
        run: u32,
        /// Its event.
        event: Box<Event>,
    },
}

/// The properties of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TestStart {
    /// The test's id.
    pub test: String,
    /// The output directory relative to the job's; also the subdir in status lines.
    pub subdir: String,
    /// The tagged name; also the operation in status lines.
    pub operation: String,
    /// The test's declarations, if it has any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared: Option<Box<Declared>>,
    /// The arguments.
    pub args: Args,
    /// The timeout, in seconds.
    pub timeout_s: Option<f64>,
    /// The number of the run that waits for this one, if it is a subtest.
    pub parent: Option<u32>,
    /// The request of a control function; `None` for a planned run and a subtest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested: Option<Box<Requested>>,
}

/// The declarations of a test that reports sort by.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Declared {
    /// The suites that it names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub suites: Vec<String>,
    /// Its attributes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<String>,
    /// Its perf constraints. Those of the run are among its arguments.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub constraints: Vec<String>,
}

impl Declared {
    /// The declarations among a test's options; `None` if it has none.
    pub fn of(meta: &Metadata) -> Option<Box<Declared>> {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let declared = Declared {
            suites: texts(meta.suites),
            attributes: texts(meta.attributes),
            constraints: texts(meta.constraints),
        };
        (declared != Declared::default()).then(|| Box::new(declared))
    }
}

/// A run's request, and where it was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Requested {
    /// The request's identity.
    pub call: CallId,
    /// The number of the innermost group or branch around it.
    pub group: Option<u32>,
    /// The request.
    pub request: RunRequest,
    /// The settings of the run, if the control function changed them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<Settings>,
    /// The sequence number in the run's name, if the settings ask for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequence: Option<u32>,
}

/// A request of a control function, and its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answered {
    /// The request's identity.
    pub call: CallId,
    /// The request.
    pub request: Request,
    /// The answer.
    pub answer: Answer,
}

/// The beginning of a reboot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RebootStart {
    /// The request.
    pub call: CallId,
    /// The number of the group around it.
    pub group: Option<u32>,
    /// The target before the reboot.
    pub target: TargetFacts,
}

impl Requested {
    /// A request outside of groups.
    pub fn new(request: RunRequest) -> Requested {
        Requested {
            call: CallId::new("", 0),
            group: None,
            request,
            settings: None,
            sequence: None,
        }
    }
}

/// The properties of a group or a branch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupStart {
    /// Its name.
    pub name: String,
    /// Whether it is a group or a branch.
    pub kind: GroupKind,
    /// The number of the group or branch around it.
    pub group: Option<u32>,
    /// The request that began it.
    pub call: CallId,
}

/// A record of the status log, without its time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StatusRecord {
    /// Its code.
    pub code: Code,
    /// The output directory of the test that it belongs to.
    pub subdir: Option<String>,
    /// The operation.
    pub operation: Option<String>,
    /// Fields besides the time.
    pub fields: Vec<(String, String)>,
    /// The message, which may have several lines.
    pub message: String,
}

impl StatusRecord {
    /// A record that only has a message.
    pub fn message(code: Code, message: impl Into<String>) -> StatusRecord {
        let message = message.into();
        StatusRecord {
            code,
            subdir: None,
            operation: None,
            fields: Vec::new(),
            message,
        }
    }
}

//! The only thing that leaves a test. Every file and report is a fold over events.
//!
//! Events are owned values without program state, so that the same codec serves a pipe, a journal
//! and a report. Serde's tags are external: internal ones would buffer each event.

mod path;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::outcome::Verdict;
use crate::params::Args;
use crate::perf::PerfValue;
use crate::phase::Phase;
use crate::small_map::SmallMap;
use crate::status::{Code, Status};
use crate::value::Value;

/// The origin of a [`Suppressed`](Event::Suppressed) failure that a test is expected to have.
pub const KNOWN_FAILURE: &str = "a known failure";

/// How the reason of a [`Kind::CutOff`](crate::Kind::CutOff) verdict begins if a signal to the job ended
/// the run.
pub const INTERRUPTED: &str = "interrupted by ";

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The job begins. The first event of a journal.
    JobStart(Box<JobStart>),
    /// The job ended.
    JobEnd {
        /// Its own status: GOOD, or ABORT with the reason.
        status: Status,
        /// Why it was aborted, else empty.
        reason: String,
    },
    /// A test begins; its directory exists.
    TestStart(TestStart),
    /// A job that had been cut off goes on, in another process.
    JobResume(JobResume),
    /// The process of a test is there; sent by the supervisor alone.
    Process {
        /// Its id, also that of its group.
        pid: i32,
        /// When it was started, in seconds since the target booted.
        since_boot_s: f64,
    },
    /// A run was interrupted with its job and does not count: the test runs again.
    Attempt {
        /// What its directory is called from now on.
        subdir: String,
        /// What cut it off.
        verdict: Verdict,
    },
    /// A test ended. Each planned test has one such event and no more.
    TestEnd {
        /// The status of its END line.
        status: Status,
        /// What it said if it did not pass.
        verdict: Option<Verdict>,
        /// How long it took, in seconds.
        elapsed_s: f64,
    },
    /// A test enters a phase (none is sent for the phases of an iteration).
    Phase(Phase),
    /// `write_test_keyval`.
    Keyval(Vec<(String, Value)>),
    /// `write_iteration_keyval` and its two short forms.
    IterationKeyval {
        /// The attributes.
        attr: Vec<(String, Value)>,
        /// The measurements.
        perf: Vec<(String, Value)>,
    },
    /// `output_perf_value`.
    Perf(PerfValue),
    /// A line of the status log that is neither the START nor the END of a test.
    Status(StatusRecord),
    /// An error that did not decide the test because another one did.
    Suppressed {
        /// The error.
        verdict: Verdict,
        /// Where it came from.
        origin: String,
    },
    /// How far the loop of iterations is. Throttled.
    Progress {
        /// The iteration that ended, from 1.
        iteration: u64,
        /// How many there will be, in a counted loop.
        total: Option<u64>,
        /// Seconds since the loop began.
        elapsed_s: f64,
    },
    /// A file that the test wants kept with its results, below its output directory.
    Artifact {
        /// The path.
        path: String,
    },
    /// What a test remembers for a cleanup after an abnormal end.
    Saved {
        /// Its name; the last value of a name stays.
        key: String,
        /// Its value.
        value: serde_json::Value,
    },
    /// How long a pass of hooks took.
    HookTimer {
        /// `before_test`, `after_test`, `before_iteration` or `after_iteration`.
        hook: String,
        /// Seconds.
        elapsed_s: f64,
    },
}

/// What a job is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct JobStart {
    /// Tells this job from every other one on the same host.
    pub id: String,
    /// The name of the binary.
    pub label: String,
    /// The command line behind the program's name.
    pub argv: Vec<String>,
    /// Who runs it.
    pub user: String,
    /// Where it runs.
    pub hostname: String,
    /// The supervisor's process.
    pub pid: u32,
    /// Which build of the binary this is: a resumed job goes on with the same one.
    pub build_id: String,
    /// Which boot of the target this is.
    pub boot_id: String,
    /// The namespace in which the numbers of its processes are meant.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub pid_namespace: String,
    /// The runs in their order.
    pub plan: Vec<PlannedTest>,
    /// Selected tests that do not run, with the reason or an empty text.
    pub ignored: Vec<(String, String)>,
    /// How many tests no filter selected.
    pub filtered_out: usize,
    /// What the order was made from, if it was shuffled.
    pub shuffle_seed: Option<u64>,
    /// Which part of the tests this is, as `2/3`.
    pub shard: Option<String>,
    /// Where that lies which tests have set up.
    #[serde(with = "path")]
    pub installed: PathBuf,
    /// Where temporary directories are made.
    #[serde(with = "path")]
    pub tmp: PathBuf,
    /// Whether a test that warns has failed.
    pub is_strict: bool,
    /// Whether tests may run at once, so that their status lines are kept together.
    pub is_parallel: bool,
}

/// One run of the plan.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PlannedTest {
    /// The test's id.
    pub test: String,
    /// The tagged name.
    pub operation: String,
    /// The arguments.
    #[serde(default, skip_serializing_if = "Args::is_empty")]
    pub args: Args,
}

/// What is new where a job goes on.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct JobResume {
    /// The supervisor's process.
    pub pid: u32,
    /// Which boot of the target this is.
    pub boot_id: String,
    /// The namespace in which the numbers of its processes are meant.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub pid_namespace: String,
    /// What the directories of runs that do not count are called from now on, by run.
    pub moved: SmallMap<u32, String>,
}

/// What a run of a test is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TestStart {
    /// The test's id.
    pub test: String,
    /// The directory below the job's, also the status line's subdir.
    pub subdir: String,
    /// The tagged name, also the status line's operation.
    pub operation: String,
    /// The arguments.
    pub args: Args,
    /// The deadline, in seconds.
    pub timeout_s: Option<f64>,
    /// The run whose test waits for this one, if it is a subtest.
    pub parent: Option<u32>,
}

/// One record of the status log, without its time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StatusRecord {
    /// Its code.
    pub code: Code,
    /// The directory that it belongs to.
    pub subdir: Option<String>,
    /// The operation.
    pub operation: Option<String>,
    /// Fields beside the time.
    pub fields: Vec<(String, String)>,
    /// The message; more lines than one are allowed.
    pub message: String,
}

impl StatusRecord {
    /// A record of nothing but a message.
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

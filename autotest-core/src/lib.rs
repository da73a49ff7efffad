//! The values and rules of the autotest framework: tests, their lifecycle, and the events that they send.
//!
//! Nothing in this crate opens a file, starts a process, reads a clock or prints. All side effects go through
//! [`Host`], [`Clock`] and [`Sink`], which an executor implements.
//!
//! # Words
//!
//! | word | meaning |
//! |---|---|
//! | test | a function or `impl` block that an author annotated: a [`TestDef`] |
//! | description | everything known about a test without running it, in one canonical form: a [`Description`] |
//! | run | one execution of a test with its arguments: a [`Run`] |
//! | job | an ordered list of runs with their [`Settings`] |
//! | phase | a step of a test that its author may define: a [`Phase`] |
//! | parameter, argument | an input that a test declares ([`ParamDef`]), its value in a run ([`Args`]) |
//! | keyval | a line `key=value` of a test or of an iteration |
//! | perf value | a measurement with unit and direction: a [`PerfValue`] |
//! | constraint | an expression over the last perf keyval that must be true: a [`Constraint`] |
//! | status | GOOD, FAIL and so on: a [`Status`]; a line of the status log has a [`Code`] |
//! | verdict | the result of a run that did not pass: a [`Verdict`] |
//! | event | the only kind of message that a test sends: an [`Event`] |
//! | outputdir, resultsdir, profdir, debugdir, tmpdir, bindir, srcdir | the [`Directories`] of a run |
//! | profiler | what measures a run from a process of its own; a [`ProfilerStep`] is what it is asked to do |
//! | need | what a test requires of its target: a [`Need`] |
//! | tag | a text that distinguishes runs of one test |

#![warn(clippy::unwrap_used)]

pub mod attr;
pub mod constraint;
mod data_file;
mod duration;
mod excerpt;
pub mod id;
pub mod name;
mod need;
mod phase;
mod suggest;
mod value;

#[cfg(feature = "events")]
mod context;
#[cfg(feature = "events")]
pub mod control;
#[cfg(feature = "events")]
mod def;
#[cfg(feature = "events")]
mod description;
#[cfg(feature = "events")]
mod event;
#[cfg(feature = "events")]
mod host;
#[cfg(feature = "events")]
pub mod keyval;
#[cfg(feature = "events")]
pub mod lifecycle;
#[cfg(feature = "events")]
mod outcome;
#[cfg(feature = "events")]
pub mod params;
#[cfg(feature = "events")]
pub mod perf;
#[cfg(feature = "profilers")]
mod profiler_use;
#[cfg(feature = "events")]
mod settings;
#[cfg(feature = "events")]
mod small_map;
#[cfg(feature = "events")]
pub mod status;
#[cfg(feature = "sysinfo")]
mod sysinfo;

pub use constraint::{Constraint, ParseError};
pub use data_file::{DataFileError, check_data_file};
pub use duration::duration;
pub use excerpt::{excerpt, excerpt_around, excerpt_ends};
pub use need::{KernelNeed, KernelVersion, Need, NeedError};
pub use phase::{Phase, PhaseSet};
pub use suggest::{any_of, distance, nearest, nearest_few};
pub use value::Value;

#[cfg(feature = "crash-handler")]
pub use event::Crash;
#[cfg(feature = "sysinfo")]
pub use {
    host::SysinfoStep,
    sysinfo::{Sysinfo, SysinfoRow, SysinfoSource, SysinfoTime},
};

#[cfg(feature = "profilers")]
pub use {
    context::Profilers,
    profiler_use::{ProfilerUse, ProfilerUseError},
};
#[cfg(feature = "events")]
pub use {
    context::{
        ChangedFiles, Job, LEGAL_TAG, PerfBuilder, Recovery, RunName, TestContext, is_legal_tag,
    },
    control::{Answer, CallId, GroupKind, Request, RunRequest, TargetFacts},
    def::{
        Bind, Binding, Bound, Call, CaseDef, Details, Expect, Metadata, Module, Phases, TestDef,
        Version,
    },
    description::{
        DescribedExpect, DescribedKind, DescribedParam, DescribedVersion, Description, Format,
    },
    event::{
        Answered, ControlStart, Declared, Event, GroupStart, INTERRUPTED, JobResume, JobStart,
        JournalVersion, KNOWN_FAILURE, PlannedTest, RebootStart, Requested, StatusRecord,
        TestStart, path as path_in_json,
    },
    host::{Clock, Directories, Host, PanicReport, ProfilerStep, Sink, Subtest},
    lifecycle::{ExecuteArgs, Outcome, Run, recover, run_test},
    outcome::{Failure, Kind, RunResult, TestError, TestResult, Verdict, class_of},
    params::{Arg, Args, Known, ParamDef, ParamError, SECRET, decode, in_choices, in_range, with},
    perf::{PerfRequest, PerfValue},
    settings::{Hook, HookNames, HookOrder, JobHooks, LeakPolicy, Settings},
    small_map::SmallMap,
    status::{Code, Status},
};

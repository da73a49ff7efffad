//! The command line.
//!
//! This module only parses. [`crate::plan`] decides which tests a command line selects.

mod color;
mod combined;
mod completions;
mod env;
mod error;
mod existing;
mod flags;
mod format;
mod help;
mod preset;
mod value;
mod words;

use std::ffi::OsString;
use std::num::NonZeroU32;
use std::path::PathBuf;

use autotest_core::Known;
use autotest_report::Style;
use lexopt::Arg::{Long, Short, Value as Positional};
use lexopt::ValueExt;

use crate::engine::{Engine, Variables};
use crate::exec::{ExecOptions, Isolation};
use crate::journal::Sync;
use crate::plan::{Ignored, PlanOptions};

pub(crate) use autotest_report::Format;
pub(crate) use color::Color;
pub(crate) use completions::{Shell, completions};
pub(crate) use error::UsageError;
pub(crate) use existing::{Existing, FollowOptions, RerunOnly};
use flags::{Flag, FlagId, by_long, by_short};
pub(crate) use help::help;
use value::{
    attr, constraint, iterations, length, number, one_of, param, shard, tag, threads, timeout,
};
pub(crate) use words::{filters_of, flags_of};

/// A parsed command line, combined with the environment variables that stand for flags.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    pub(crate) action: Action,
    /// The selection of tests, their arguments and settings.
    pub(crate) plan: PlanOptions,
    is_shuffled: bool,
    pub(crate) no_tests_fail: bool,
    pub(crate) results: Option<PathBuf>,
    pub(crate) isolation: Isolation,
    /// When the journal is synced to disk. `None` is the default, which depends on whether cargo started us.
    pub(crate) sync: Option<Sync>,
    /// The directory of the job to resume.
    pub(crate) resume: Option<PathBuf>,
    pub(crate) existing: Existing,
    /// The number of interrupted attempts after which a test is given up.
    pub(crate) attempts: Option<NonZeroU32>,
    /// The long names of the given flags, in order.
    pub(crate) given: Vec<&'static str>,
    /// The flags and values of `AUTOTEST_OPTIONS`, which precede those of the command line.
    pub(crate) preset: Vec<OsString>,
    pub(crate) exec: ExecOptions,
    pub(crate) show_output: bool,
    /// The format of standard output. `style` refines it for `--list` and for the terminal report.
    pub(crate) format: Format,
    pub(crate) style: Style,
    pub(crate) files: ReportFiles,
    /// The command that reboots the target, for a control function.
    pub(crate) reboot_command: Option<String>,
    /// The command to run once the job has ended.
    pub(crate) end_command: Option<String>,
    /// The job file to execute, instead of running a list of tests.
    pub(crate) job: Option<PathBuf>,
    /// The control function to call, instead of running a list of tests.
    pub(crate) control: Option<String>,
    pub(crate) color: Color,
    /// The settings from the CI engine or runner that started this process.
    pub(crate) engine: Engine,
}

/// The optional report files.
#[derive(Clone, Debug, Default)]
pub(crate) struct ReportFiles {
    #[cfg(feature = "html")]
    pub(crate) html: bool,
    pub(crate) junit: bool,
    /// A second path for the JUnit document, from Bazel's `XML_OUTPUT_FILE`.
    pub(crate) junit_at: Option<PathBuf>,
    pub(crate) tap: bool,
    pub(crate) logfile: Option<PathBuf>,
}

/// The action of the binary.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Action {
    #[default]
    Run,
    List,
    ListControls,
    /// Lists the profilers.
    #[cfg(feature = "profilers")]
    ListProfilers,
    DryRun,
    Describe(String),
    Replay(PathBuf),
    Follow(PathBuf),
    Completions(Shell),
    Help,
}

/// Parses the arguments after the program's name and those in `AUTOTEST_OPTIONS`, then applies the other environment
/// variables.
pub(crate) fn parse(args: Vec<OsString>, variables: Variables<'_>) -> Result<Options, UsageError> {
    let mut alone = Options::default();
    read(&mut alone, &args)?;
    let has_record = alone.resume.is_some() || alone.existing.rerun.is_some();
    let preset = match alone.is_of_tests() && !has_record {
        true => preset::words(variables)?,
        false => Vec::new(),
    };
    parse_recorded(preset, &[args], variables)
}

/// Parses several command lines in order, after the flags of a `preset`. Later flags override earlier ones.
pub(crate) fn parse_recorded(
    preset: Vec<OsString>,
    lines: &[Vec<OsString>],
    variables: Variables<'_>,
) -> Result<Options, UsageError> {
    let mut options = preset::read(preset)?;
    let ignored = std::mem::take(&mut options.plan.selection.ignored);
    for line in lines {
        read(&mut options, line)?;
    }
    if options.plan.selection.ignored == Ignored::Skip {
        options.plan.selection.ignored = ignored;
    }
    if options.is_of_tests() {
        env::apply(&mut options, variables)?;
    }
    if options.is_shuffled && options.plan.shuffle_seed.is_none() {
        options.plan.shuffle_seed = Some(value::seed_of_now());
    }
    let checked = format::check(&options).and_then(|()| combined::check(&options));
    match (checked, options.preset.is_empty()) {
        (Ok(()), _) => Ok(options),
        (Err(error), true) => Err(error),
        (Err(error), false) => Err(UsageError::WithPreset(Box::new(error))),
    }
}

/// Parses one command line. Later flags override earlier ones.
fn read(options: &mut Options, args: &[OsString]) -> Result<(), UsageError> {
    let mut parser = lexopt::Parser::from_args(args);
    while let Some(arg) = parser.next()? {
        let flag = match arg {
            Positional(filter) => {
                options.plan.selection.filters.push(filter.string()?);
                continue;
            }
            Long(long) => by_long(long).ok_or_else(|| unknown(long))?,
            Short(short) => by_short(short).ok_or_else(|| UsageError::Unknown {
                given: format!("-{short}"),
                nearest: Vec::new(),
            })?,
        };
        options.given.push(flag.long);
        apply(options, flag, &mut parser)?;
    }
    Ok(())
}

impl Options {
    /// `true` if tests are run or listed.
    fn is_of_tests(&self) -> bool {
        match &self.action {
            Action::Run | Action::List | Action::DryRun => true,
            #[cfg(feature = "profilers")]
            Action::ListProfilers => false,
            Action::ListControls
            | Action::Describe(_)
            | Action::Replay(_)
            | Action::Follow(_)
            | Action::Completions(_)
            | Action::Help => false,
        }
    }

    /// # Errors
    /// If the command line has a filter or a flag that is not in `allowed`; the error names the first one.
    pub(crate) fn check_only(
        &self,
        allowed: &[&str],
        flag: &'static str,
        why: &'static str,
    ) -> Result<(), UsageError> {
        let mut flags = self.given.iter();
        let other = flags.find(|given| !allowed.contains(given));
        let other = other.map(|given| format!("--{given}"));
        match other.or_else(|| self.plan.selection.filters.first().cloned()) {
            Some(given) => Err(UsageError::NotAllowedWith { given, flag, why }),
            None => Ok(()),
        }
    }
}

fn unknown(long: &str) -> UsageError {
    let nearest = autotest_core::nearest_few(long, flags::FLAGS.iter().map(|flag| flag.long));
    UsageError::Unknown {
        given: format!("--{long}"),
        nearest,
    }
}

fn apply(
    options: &mut Options,
    flag: &'static Flag,
    parser: &mut lexopt::Parser,
) -> Result<(), UsageError> {
    let mut text = || -> Result<String, lexopt::Error> { parser.value()?.string() };
    match flag.id {
        FlagId::Help => options.action = Action::Help,
        FlagId::List => options.action = Action::List,
        FlagId::ListControls => options.action = Action::ListControls,
        #[cfg(feature = "profilers")]
        FlagId::ListProfilers => options.action = Action::ListProfilers,
        #[cfg(feature = "profilers")]
        FlagId::Profiler => options
            .plan
            .settings
            .profilers
            .push(value::profiler(flag, &text()?)?),
        FlagId::Control => options.control = Some(text()?),
        FlagId::Job => options.job = Some(PathBuf::from(parser.value()?)),
        FlagId::DryRun => options.action = Action::DryRun,
        FlagId::Describe => options.action = Action::Describe(text()?),
        FlagId::Exact => options.plan.selection.exact = true,
        FlagId::Skip => options.plan.selection.skip.push(text()?),
        FlagId::Ignored => value::ignored(options, Ignored::Only)?,
        FlagId::IncludeIgnored => value::ignored(options, Ignored::Include)?,
        FlagId::Param => {
            let text = text().map_err(|error| match error {
                lexopt::Error::NonUnicodeValue(_) => UsageError::NotText("--param".to_owned()),
                error => error.into(),
            });
            options.plan.given.params.push(param(flag, &text?)?);
        }
        FlagId::AllowUnknownParams => options.plan.settings.known_params = Known::Lenient,
        FlagId::Tag => options.plan.given.tag = Some(tag(flag, text()?)?),
        FlagId::Iterations => options.plan.given.iterations = Some(iterations(flag, &text()?)?),
        FlagId::TestLength => {
            options.plan.given.test_length_s = Some(length(flag, &text()?)?.as_secs_f64())
        }
        FlagId::Constraint => options.plan.given.constraints.push(constraint(text()?)?),
        FlagId::ProfileOnly => options.plan.given.profile_only = true,
        FlagId::Fast => options.plan.settings.fast = true,
        FlagId::BeforeTest => options.plan.settings.hooks.before_test = Some(text()?),
        FlagId::AfterTest => options.plan.settings.hooks.after_test = Some(text()?),
        FlagId::BeforeIteration => {
            options.plan.settings.hooks.before_iteration.push(text()?);
        }
        FlagId::AfterIteration => options.plan.settings.hooks.after_iteration.push(text()?),
        FlagId::HookOrder => {
            options.plan.settings.after_iteration_order = one_of(flag, value::ORDERS, &text()?)?;
        }
        FlagId::MaxDiskUsage => {
            let limit: u32 = number(flag, "a whole number of MB an hour", &text()?)?;
            options.plan.settings.max_disk_usage_mb_per_hour = Some(limit.into());
        }
        #[cfg(feature = "sysinfo")]
        FlagId::Sysinfo => options.plan.settings.sysinfo = Some(Default::default()),
        #[cfg(feature = "leaks")]
        FlagId::Leaks => options.plan.settings.leaks = one_of(flag, value::LEAKS, &text()?)?,
        FlagId::RebootCommand => options.reboot_command = Some(text()?),
        FlagId::EndCommand => options.end_command = Some(text()?),
        FlagId::Retry => {
            options.plan.settings.test_retry = Some(number(flag, "a number from 0", &text()?)?)
        }
        FlagId::NoCleanup => options.plan.settings.run_test_cleanup = false,
        #[cfg(feature = "crash-handler")]
        FlagId::CrashHandler => options.plan.settings.crash_handler = true,
        FlagId::DropCaches => options.plan.settings.drop_caches_between_iterations = true,
        FlagId::DropCachesBetweenTests => options.plan.settings.drop_caches = true,
        FlagId::Strict => options.exec.is_strict = true,
        FlagId::StrictNeeds => options.exec.is_strict_needs = true,
        FlagId::NoTests => options.no_tests_fail = one_of(flag, value::NO_TESTS, &text()?)?,
        FlagId::Attr => options.plan.selection.attrs.push(attr(text()?)?),
        FlagId::Suite => options.plan.selection.suites.push(text()?),
        FlagId::Shard => options.plan.selection.shard = Some(shard(flag, &text()?)?),
        FlagId::Shuffle => options.is_shuffled = true,
        FlagId::ShuffleSeed => {
            options.plan.shuffle_seed = Some(number(flag, "a number", &text()?)?)
        }
        FlagId::Completions => {
            options.action = Action::Completions(one_of(flag, value::SHELLS, &text()?)?);
        }
        FlagId::Isolation => options.isolation = one_of(flag, value::ISOLATIONS, &text()?)?,
        FlagId::Sync => options.sync = Some(one_of(flag, value::SYNCS, &text()?)?),
        FlagId::Resume => options.resume = Some(PathBuf::from(parser.value()?)),
        FlagId::Replay => options.action = Action::Replay(PathBuf::from(parser.value()?)),
        FlagId::Follow
        | FlagId::From
        | FlagId::Files
        | FlagId::Rerun
        | FlagId::RerunOnly
        | FlagId::Continue => existing::apply(options, flag, parser)?,
        FlagId::Attempts => {
            options.attempts = Some(number(flag, "a number from 1", &text()?)?);
        }
        FlagId::NoCapture => options.exec.nocapture = true,
        FlagId::ShowOutput => options.show_output = true,
        FlagId::Timeout => options.exec.timeout = Some(timeout(flag, &text()?)?),
        FlagId::JobTimeout => options.exec.job_timeout = Some(timeout(flag, &text()?)?),
        FlagId::FailFast => options.exec.fail_fast = true,
        FlagId::TestThreads => options.exec.slots = threads(flag, &text()?)?,
        FlagId::Format => format::set(options, flag, &text()?)?,
        FlagId::Color => options.color = one_of(flag, value::COLORS, &text()?)?,
        FlagId::Quiet => options.style = Style::Terse,
        FlagId::Logfile => options.files.logfile = Some(PathBuf::from(parser.value()?)),
        #[cfg(feature = "html")]
        FlagId::Html => options.files.html = true,
        FlagId::Junit => options.files.junit = true,
        FlagId::Tap => options.files.tap = true,
        FlagId::Bench => options.plan.selection.is_bench = true,
        FlagId::WithoutEffect => {
            if flag.value.is_some() {
                text()?;
            }
        }
        #[cfg(feature = "packages")]
        FlagId::Package => value::package(options, flag, text()?)?,
        FlagId::Results => options.results = Some(PathBuf::from(parser.value()?)),
    }
    Ok(())
}

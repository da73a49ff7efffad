//! The table of flags, used by the parser, `--help`, the README's flag section and the shell completions.

/// The meaning of a flag; the parser matches on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FlagId {
    Help,
    List,
    ListControls,
    Control,
    Job,
    DryRun,
    Describe,
    Exact,
    Skip,
    Ignored,
    IncludeIgnored,
    NoTests,
    Attr,
    Suite,
    Shard,
    Completions,
    Param,
    AllowUnknownParams,
    Tag,
    Iterations,
    TestLength,
    Constraint,
    ProfileOnly,
    Fast,
    BeforeTest,
    AfterTest,
    BeforeIteration,
    AfterIteration,
    HookOrder,
    MaxDiskUsage,
    #[cfg(feature = "sysinfo")]
    Sysinfo,
    Retry,
    NoCleanup,
    DropCaches,
    DropCachesBetweenTests,
    #[cfg(feature = "crash-handler")]
    CrashHandler,
    Strict,
    StrictNeeds,
    #[cfg(feature = "profilers")]
    Profiler,
    #[cfg(feature = "profilers")]
    ListProfilers,
    #[cfg(feature = "leaks")]
    Leaks,
    Shuffle,
    ShuffleSeed,
    Isolation,
    Timeout,
    JobTimeout,
    NoCapture,
    ShowOutput,
    Format,
    Quiet,
    Logfile,
    #[cfg(feature = "html")]
    Html,
    Junit,
    Tap,
    Color,
    FailFast,
    TestThreads,
    Bench,
    WithoutEffect,
    Results,
    Sync,
    Resume,
    RebootCommand,
    EndCommand,
    Replay,
    Continue,
    Rerun,
    RerunOnly,
    Follow,
    From,
    Files,
    Attempts,
    #[cfg(feature = "packages")]
    Package,
}

/// One flag.
#[derive(Debug)]
pub(crate) struct Flag {
    pub(crate) id: FlagId,
    pub(crate) long: &'static str,
    pub(crate) short: Option<char>,
    /// The placeholder for its value in the help; `None` if it takes no value.
    pub(crate) value: Option<&'static str>,
    pub(crate) help: &'static str,
    pub(crate) group: Group,
    /// What a shell offers for its value.
    pub(crate) completes: Completes,
}

/// What a shell offers for a flag's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Completes {
    Nothing,
    /// One of these; the parser accepts nothing else.
    OneOf(&'static [&'static str]),
    /// The names of tests, as `--list` prints them.
    Tests,
    Paths,
}

/// A section of the help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    Select,
    Instead,
    Run,
    Show,
    Results,
    Cargo,
}

impl Group {
    pub(crate) const ALL: [Group; 6] = [
        Group::Select,
        Group::Instead,
        Group::Run,
        Group::Show,
        Group::Results,
        Group::Cargo,
    ];

    pub(crate) fn title(self) -> &'static str {
        match self {
            Group::Select => "Selecting tests",
            Group::Instead => "Instead of running tests",
            Group::Show => "Output",
            Group::Run => "Running tests",
            Group::Results => "Results",
            Group::Cargo => "For cargo and its tools",
        }
    }
}

const fn flag(
    id: FlagId,
    long: &'static str,
    value: Option<&'static str>,
    group: Group,
    help: &'static str,
) -> Flag {
    Flag {
        id,
        long,
        short: None,
        value,
        help,
        group,
        completes: Completes::Nothing,
    }
}

impl Flag {
    const fn short(self, short: char) -> Flag {
        Flag {
            short: Some(short),
            ..self
        }
    }

    const fn completes(self, completes: Completes) -> Flag {
        Flag { completes, ..self }
    }

    const fn one_of(self, values: &'static [&'static str]) -> Flag {
        self.completes(Completes::OneOf(values))
    }
}

/// All flags, in the order of the help. This is a static, since each module that uses a constant gets a copy: 10 KB
/// with the relocations of its pointers.
pub(crate) static FLAGS: &[Flag] = &[
    flag(
        FlagId::Exact,
        "exact",
        None,
        Group::Select,
        "Match whole names, not parts of them",
    ),
    flag(
        FlagId::Skip,
        "skip",
        Some("FILTER"),
        Group::Select,
        "Leave out tests that match FILTER, even if another filter selects them",
    )
    .completes(Completes::Tests),
    flag(
        FlagId::Ignored,
        "ignored",
        None,
        Group::Select,
        "Run only ignored tests",
    ),
    flag(
        FlagId::IncludeIgnored,
        "include-ignored",
        None,
        Group::Select,
        "Run ignored tests too",
    ),
    flag(
        FlagId::Attr,
        "attr",
        Some("EXPR"),
        Group::Select,
        "Run only tests whose attributes match, for example 'suite:bvt && !slow'",
    ),
    flag(
        FlagId::Suite,
        "suite",
        Some("NAME"),
        Group::Select,
        "Run only tests of suite NAME; may be repeated",
    ),
    flag(
        FlagId::Shard,
        "shard",
        Some("I/N"),
        Group::Select,
        "Run only part I of N; each test is in one part",
    ),
    flag(
        FlagId::Control,
        "control",
        Some("NAME"),
        Group::Select,
        "Run what the control function NAME requests",
    ),
    flag(
        FlagId::Job,
        "job",
        Some("FILE"),
        Group::Select,
        "Run the job that FILE describes, in JSON",
    )
    .completes(Completes::Paths),
    flag(
        FlagId::NoTests,
        "no-tests",
        Some("fail"),
        Group::Select,
        "Exit with 4 if no test is selected",
    )
    .one_of(&["fail"]),
    flag(
        FlagId::List,
        "list",
        None,
        Group::Instead,
        "List the selected tests",
    ),
    flag(
        FlagId::DryRun,
        "dry-run",
        None,
        Group::Instead,
        "Show what would run, with its arguments",
    ),
    flag(
        FlagId::ListControls,
        "list-controls",
        None,
        Group::Instead,
        "List the control functions",
    ),
    #[cfg(feature = "profilers")]
    flag(
        FlagId::ListProfilers,
        "list-profilers",
        None,
        Group::Instead,
        "List the profilers; --describe NAME tells what they take",
    ),
    flag(
        FlagId::Describe,
        "describe",
        Some("NAME"),
        Group::Instead,
        "Describe a test or a control function, and its parameters; `*` in NAME stands for any text",
    )
    .completes(Completes::Tests),
    flag(
        FlagId::Replay,
        "replay",
        Some("DIR"),
        Group::Instead,
        "Make the reports of the job in DIR again from its journal, in DIR or in --results",
    )
    .completes(Completes::Paths),
    flag(
        FlagId::Follow,
        "follow",
        Some("DIR"),
        Group::Instead,
        "Print the journal's records of the job in DIR as they come, until the job ends or is interrupted",
    )
    .completes(Completes::Paths),
    flag(
        FlagId::From,
        "from",
        Some("SEQ"),
        Group::Instead,
        "With --follow: begin with record SEQ (default 0)",
    ),
    flag(
        FlagId::Files,
        "files",
        None,
        Group::Instead,
        "With --follow: also send the files of the results, between the records",
    ),
    flag(
        FlagId::Completions,
        "completions",
        Some("SHELL"),
        Group::Instead,
        "Print the completion script for bash, zsh or fish",
    )
    .one_of(&["bash", "zsh", "fish"]),
    flag(FlagId::Help, "help", None, Group::Instead, "Show this help").short('h'),
    flag(
        FlagId::Param,
        "param",
        Some("NAME=VALUE"),
        Group::Run,
        "Pass an argument (JSON or text) to the tests that declare it",
    ),
    flag(
        FlagId::AllowUnknownParams,
        "allow-unknown-params",
        None,
        Group::Run,
        "Accept arguments that no test declares",
    ),
    flag(
        FlagId::Iterations,
        "iterations",
        Some("N"),
        Group::Run,
        "Run N iterations of each test",
    ),
    flag(
        FlagId::TestLength,
        "test-length",
        Some("TIME"),
        Group::Run,
        "Run iterations of each test until TIME (90, 2m) has passed",
    ),
    flag(
        FlagId::Constraint,
        "constraint",
        Some("EXPR"),
        Group::Run,
        "Fail unless EXPR holds for the last perf keyval of each iteration",
    ),
    #[cfg(feature = "profilers")]
    flag(
        FlagId::Profiler,
        "profiler",
        Some("PROFILER"),
        Group::Run,
        "Measure each test with PROFILER, NAME or NAME:PARAM=VALUE,..., in an extra iteration; may be repeated",
    ),
    flag(
        FlagId::ProfileOnly,
        "profile-only",
        None,
        Group::Run,
        "Run every iteration under the profilers",
    ),
    flag(
        FlagId::Fast,
        "fast",
        None,
        Group::Run,
        "Skip hooks, except after a failure",
    ),
    flag(
        FlagId::BeforeTest,
        "before-test",
        Some("HOOK"),
        Group::Run,
        "Call HOOK before each test",
    ),
    flag(
        FlagId::AfterTest,
        "after-test",
        Some("HOOK"),
        Group::Run,
        "Call HOOK after each test",
    ),
    flag(
        FlagId::BeforeIteration,
        "before-iteration",
        Some("HOOK"),
        Group::Run,
        "Call HOOK before each iteration; may be repeated",
    ),
    flag(
        FlagId::AfterIteration,
        "after-iteration",
        Some("HOOK"),
        Group::Run,
        "Call HOOK after each iteration; may be repeated",
    ),
    flag(
        FlagId::HookOrder,
        "hook-order",
        Some("ORDER"),
        Group::Run,
        "lifo: of the hooks after an iteration, the last one runs first (default); fifo: the first",
    )
    .one_of(&["lifo", "fifo"]),
    flag(
        FlagId::MaxDiskUsage,
        "max-disk-usage",
        Some("MB"),
        Group::Run,
        "Let a test that consumes more than MB an hour of the root file system end with WARN",
    ),
    #[cfg(feature = "sysinfo")]
    flag(
        FlagId::Sysinfo,
        "sysinfo",
        None,
        Group::Run,
        "Collect what the target tells, into sysinfo/ of the job and of each test: files of /proc, logs, packages",
    ),
    #[cfg(feature = "packages")]
    flag(
        FlagId::Package,
        "package",
        Some("PACKAGE"),
        Group::Run,
        "Run the tests of PACKAGE, the path or URL of a .tar.bz2, after the selected tests, or alone if none is \
         selected; of anything else: look for packages in this directory or URL first",
    )
    .completes(Completes::Paths),
    #[cfg(feature = "leaks")]
    flag(
        FlagId::Leaks,
        "leaks",
        Some("WHAT"),
        Group::Run,
        "What follows from a change of the target that a test does not change back: off (default), warn or fail",
    )
    .one_of(&["off", "warn", "fail"]),
    flag(
        FlagId::Retry,
        "retry",
        Some("N"),
        Group::Run,
        "Repeat an iteration that asks for it up to N times",
    ),
    flag(
        FlagId::NoCleanup,
        "no-cleanup",
        None,
        Group::Run,
        "Do not run cleanup",
    ),
    #[cfg(feature = "crash-handler")]
    flag(
        FlagId::CrashHandler,
        "crash-handler",
        None,
        Group::Run,
        "Keep the core dumps of tests, with backtraces, in their directories crash/; needs root",
    ),
    flag(
        FlagId::DropCaches,
        "drop-caches",
        None,
        Group::Run,
        "Drop the kernel's caches before each iteration",
    ),
    flag(
        FlagId::DropCachesBetweenTests,
        "drop-caches-between-tests",
        None,
        Group::Run,
        "Drop the kernel's caches before each test",
    ),
    flag(
        FlagId::Timeout,
        "timeout",
        Some("TIME"),
        Group::Run,
        "End a test after TIME, unless it has its own timeout",
    ),
    flag(
        FlagId::JobTimeout,
        "job-timeout",
        Some("TIME"),
        Group::Run,
        "End the job after TIME",
    ),
    flag(
        FlagId::Isolation,
        "isolation",
        Some("MODE"),
        Group::Run,
        "fork: each test in its own process (default); exec: the same, executing the binary again; none: all in this process, unprotected",
    )
    .one_of(&["fork", "exec", "none"]),
    flag(
        FlagId::NoCapture,
        "nocapture",
        None,
        Group::Show,
        "Show the output of tests as it arrives",
    ),
    flag(
        FlagId::NoCapture,
        "no-capture",
        None,
        Group::Show,
        "The same as --nocapture",
    ),
    flag(
        FlagId::ShowOutput,
        "show-output",
        None,
        Group::Show,
        "Show the output of passing tests at the end, too",
    ),
    flag(
        FlagId::FailFast,
        "fail-fast",
        None,
        Group::Run,
        "Start no further test after a failure",
    ),
    flag(
        FlagId::Strict,
        "strict",
        None,
        Group::Run,
        "Treat WARN as a failure",
    ),
    flag(
        FlagId::StrictNeeds,
        "strict-needs",
        None,
        Group::Run,
        "Treat a test that the target cannot run as a failure",
    ),
    flag(
        FlagId::TestThreads,
        "test-threads",
        Some("N"),
        Group::Run,
        "Run N tests at once (default 1, since tests share the target)",
    ),
    flag(
        FlagId::Shuffle,
        "shuffle",
        None,
        Group::Run,
        "Run tests in a different order each time",
    ),
    flag(
        FlagId::ShuffleSeed,
        "shuffle-seed",
        Some("N"),
        Group::Run,
        "Run tests in the order given by seed N",
    ),
    flag(
        FlagId::Format,
        "format",
        Some("FORMAT"),
        Group::Show,
        "pretty, terse, json, junit, tap, tap14, ktap, lava or json-events",
    )
    .one_of(&[
        "pretty",
        "terse",
        "json",
        "junit",
        "tap",
        "tap14",
        "ktap",
        "lava",
        "json-events",
    ]),
    flag(
        FlagId::Quiet,
        "quiet",
        None,
        Group::Show,
        "The same as --format terse",
    )
    .short('q'),
    flag(
        FlagId::Color,
        "color",
        Some("WHEN"),
        Group::Show,
        "auto: on a terminal, unless NO_COLOR is set (default); always; never",
    )
    .one_of(&["auto", "always", "never"]),
    flag(
        FlagId::Tag,
        "tag",
        Some("TAG"),
        Group::Results,
        "Add TAG to the names of the runs",
    ),
    flag(
        FlagId::Results,
        "results",
        Some("DIR"),
        Group::Results,
        "Write results to DIR, which must be empty or new",
    )
    .completes(Completes::Paths),
    flag(
        FlagId::Sync,
        "sync",
        Some("WHEN"),
        Group::Results,
        "none, test or event: when the journal must be on the disk (default: test; under cargo: none)",
    )
    .one_of(&["none", "test", "event"]),
    flag(
        FlagId::Resume,
        "resume",
        Some("DIR"),
        Group::Run,
        "Continue the interrupted job in DIR; tests that have a verdict keep it",
    )
    .completes(Completes::Paths),
    flag(
        FlagId::Rerun,
        "rerun",
        Some("DIR"),
        Group::Run,
        "Run the tests of the job in DIR again that failed or have no verdict, in a new job",
    )
    .completes(Completes::Paths),
    flag(
        FlagId::RerunOnly,
        "rerun-only",
        Some("WHICH"),
        Group::Run,
        "With --rerun: only those that failed, or only those that are unfinished",
    )
    .one_of(&["failed", "unfinished"]),
    flag(
        FlagId::Continue,
        "continue",
        None,
        Group::Run,
        "With --results DIR: continue the job in DIR if there is one; run nothing if it has ended",
    ),
    flag(
        FlagId::RebootCommand,
        "reboot-command",
        Some("CMD"),
        Group::Run,
        "When a control function reboots the target, call CMD with sh before the exit with 75",
    ),
    flag(
        FlagId::EndCommand,
        "end-command",
        Some("CMD"),
        Group::Run,
        "Once the job has ended, call CMD with sh, such as `poweroff`",
    ),
    flag(
        FlagId::Attempts,
        "attempts",
        Some("N"),
        Group::Run,
        "With --resume or --continue: give up a test that was interrupted N times (default 2)",
    ),
    #[cfg(feature = "html")]
    flag(
        FlagId::Html,
        "html",
        None,
        Group::Results,
        "Also write report.html, which a browser shows",
    ),
    flag(
        FlagId::Junit,
        "junit",
        None,
        Group::Results,
        "Also write junit.xml",
    ),
    flag(
        FlagId::Tap,
        "tap",
        None,
        Group::Results,
        "Also write TAP files (and tap.tar.gz, with the feature tap-archive)",
    ),
    flag(
        FlagId::Logfile,
        "logfile",
        Some("PATH"),
        Group::Results,
        "Write a line such as `ok NAME` to PATH for each test",
    )
    .completes(Completes::Paths),
    flag(
        FlagId::WithoutEffect,
        "test",
        None,
        Group::Cargo,
        "Run tests (the default)",
    ),
    flag(
        FlagId::Bench,
        "bench",
        None,
        Group::Cargo,
        "Run benchmarks; there are none, and tests are ignored",
    ),
    flag(
        FlagId::WithoutEffect,
        "unstable-flag",
        Some("NAME"),
        Group::Cargo,
        "Accepted without effect",
    )
    .short('Z'),
    flag(
        FlagId::WithoutEffect,
        "report-time",
        None,
        Group::Cargo,
        "Accepted; the journal has each test's time",
    ),
    flag(
        FlagId::WithoutEffect,
        "ensure-time",
        None,
        Group::Cargo,
        "Accepted; see --timeout",
    ),
    flag(
        FlagId::WithoutEffect,
        "exclude-should-panic",
        None,
        Group::Cargo,
        "Accepted; no test should panic",
    ),
    flag(
        FlagId::WithoutEffect,
        "force-run-in-process",
        None,
        Group::Cargo,
        "Accepted; see --isolation",
    ),
];

/// The flag with this long name.
pub(crate) fn by_long(long: &str) -> Option<&'static Flag> {
    FLAGS.iter().find(|flag| flag.long == long)
}

/// The flag with this short name.
pub(crate) fn by_short(short: char) -> Option<&'static Flag> {
    FLAGS.iter().find(|flag| flag.short == Some(short))
}

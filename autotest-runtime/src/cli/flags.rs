//! The table of flags. The parser, `--help` and the README's flag section are made from it.

/// What a flag means; the parser matches on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FlagId {
    Help,
    List,
    Describe,
    Exact,
    Skip,
    Ignored,
    IncludeIgnored,
    NoTests,
    Param,
    AllowUnknownParams,
    Tag,
    Iterations,
    TestLength,
    Constraint,
    ProfileOnly,
    Fast,
    Retry,
    NoCleanup,
    Isolation,
    Timeout,
    NoCapture,
    ShowOutput,
    Format,
    Quiet,
    Logfile,
    Junit,
    Tap,
    FailFast,
    TestThreads,
    Bench,
    WithoutEffect,
    Results,
    Sync,
    Resume,
    Replay,
    Attempts,
}

/// One flag.
#[derive(Debug)]
pub(crate) struct Flag {
    pub(crate) id: FlagId,
    pub(crate) long: &'static str,
    pub(crate) short: Option<char>,
    /// What stands for its value in the help; `None` if it takes none.
    pub(crate) value: Option<&'static str>,
    pub(crate) help: &'static str,
    pub(crate) group: Group,
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
            Group::Select => "Which tests",
            Group::Instead => "Instead of running them",
            Group::Show => "What is shown",
            Group::Run => "How they run",
            Group::Results => "Where results go",
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
    }
}

/// All flags, in the order of the help.
pub(crate) const FLAGS: &[Flag] = &[
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
        "Leave out tests that match; wins over filters",
    ),
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
        FlagId::NoTests,
        "no-tests",
        Some("fail"),
        Group::Select,
        "Exit with 4 if no test is selected",
    ),
    flag(
        FlagId::List,
        "list",
        None,
        Group::Instead,
        "List the selected tests",
    ),
    flag(
        FlagId::Describe,
        "describe",
        Some("NAME"),
        Group::Instead,
        "Show all that is known of a test, with its parameters",
    ),
    flag(
        FlagId::Replay,
        "replay",
        Some("DIR"),
        Group::Instead,
        "Make the reports of the job in DIR again from its journal, there or in --results",
    ),
    Flag {
        id: FlagId::Help,
        long: "help",
        short: Some('h'),
        value: None,
        group: Group::Instead,
        help: "Show this help",
    },
    flag(
        FlagId::Param,
        "param",
        Some("NAME=VALUE"),
        Group::Run,
        "Give an argument to the tests that declare it (JSON or text)",
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
        "Iterate N times",
    ),
    flag(
        FlagId::TestLength,
        "test-length",
        Some("SECONDS"),
        Group::Run,
        "Iterate until this much time has passed (e.g. 90, 2m)",
    ),
    flag(
        FlagId::Constraint,
        "constraint",
        Some("EXPR"),
        Group::Run,
        "Fail unless EXPR holds for the last perf keyval of each iteration",
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
        FlagId::Retry,
        "retry",
        Some("N"),
        Group::Run,
        "Try an iteration that asks for it up to N more times",
    ),
    flag(
        FlagId::NoCleanup,
        "no-cleanup",
        None,
        Group::Run,
        "Do not run cleanup",
    ),
    flag(
        FlagId::Timeout,
        "timeout",
        Some("TIME"),
        Group::Run,
        "End a test after TIME, unless it has a timeout of its own",
    ),
    flag(
        FlagId::Isolation,
        "isolation",
        Some("MODE"),
        Group::Run,
        "fork: each test in a process (default); exec: in a new image; none: all in this one",
    ),
    flag(
        FlagId::NoCapture,
        "nocapture",
        None,
        Group::Show,
        "Show what tests print as it comes",
    ),
    flag(
        FlagId::NoCapture,
        "no-capture",
        None,
        Group::Show,
        "The same",
    ),
    flag(
        FlagId::ShowOutput,
        "show-output",
        None,
        Group::Show,
        "Show at the end what passing tests printed, too",
    ),
    flag(
        FlagId::FailFast,
        "fail-fast",
        None,
        Group::Run,
        "Start no further test after a failure",
    ),
    flag(
        FlagId::TestThreads,
        "test-threads",
        Some("N"),
        Group::Run,
        "Run N tests at once (1 unless said: they share the target)",
    ),
    flag(
        FlagId::Format,
        "format",
        Some("FORMAT"),
        Group::Show,
        "pretty, terse, json, junit, tap, ktap, lava or json-events",
    ),
    Flag {
        id: FlagId::Quiet,
        long: "quiet",
        short: Some('q'),
        value: None,
        help: "The same as --format terse",
        group: Group::Show,
    },
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
        "Write results to DIR, which must be empty or not exist",
    ),
    flag(
        FlagId::Sync,
        "sync",
        Some("WHEN"),
        Group::Results,
        "none, test or event: when the journal must be on the disk (test, under cargo none)",
    ),
    flag(
        FlagId::Resume,
        "resume",
        Some("DIR"),
        Group::Results,
        "Go on with the job in DIR, which was cut off; what has a verdict is kept",
    ),
    flag(
        FlagId::Attempts,
        "attempts",
        Some("N"),
        Group::Results,
        "With --resume: give up a test that was cut off N times (2)",
    ),
    flag(
        FlagId::Junit,
        "junit",
        None,
        Group::Results,
        "Write junit.xml, too",
    ),
    flag(
        FlagId::Tap,
        "tap",
        None,
        Group::Results,
        "Write TAP files, too (tap.tar.gz: with the feature tap-archive)",
    ),
    flag(
        FlagId::Logfile,
        "logfile",
        Some("PATH"),
        Group::Results,
        "Write `ok NAME` or the like to PATH for each test",
    ),
    flag(
        FlagId::WithoutEffect,
        "test",
        None,
        Group::Cargo,
        "Run tests, as without it",
    ),
    flag(
        FlagId::Bench,
        "bench",
        None,
        Group::Cargo,
        "Run benchmarks: there are none, so that every test is ignored",
    ),
    flag(
        FlagId::WithoutEffect,
        "color",
        Some("WHEN"),
        Group::Cargo,
        "Accepted; verdicts are coloured on terminals",
    ),
    Flag {
        id: FlagId::WithoutEffect,
        long: "unstable-flag",
        short: Some('Z'),
        value: Some("NAME"),
        help: "Accepted; nothing here is unstable",
        group: Group::Cargo,
    },
    flag(
        FlagId::WithoutEffect,
        "report-time",
        None,
        Group::Cargo,
        "Accepted; the journal has the time of each test",
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

/// The help of all flags, as `--help` and the README show it.
pub(crate) fn help() -> String {
    let mut help = String::new();
    for group in Group::ALL {
        help.push_str(&format!("\n{}:\n", group.title()));
        for flag in FLAGS.iter().filter(|flag| flag.group == group) {
            help.push_str(&format!("  {:<28}{}\n", spelling(flag), flag.help));
        }
    }
    help
}

fn spelling(flag: &Flag) -> String {
    let short = flag
        .short
        .map_or_else(String::new, |short| format!("-{short}, "));
    match flag.value {
        Some(value) => format!("{short}--{} {value}", flag.long),
        None => format!("{short}--{}", flag.long),
    }
}

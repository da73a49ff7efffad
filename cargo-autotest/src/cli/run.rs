//! The command lines of `run`, `attach` and `rerun`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

/// Run a suite on a target, and bring its results home
///
/// The suite is built for the target's architecture, copied there unless it is there already, and started detached: it
/// runs on when the connection breaks, this program ends or the target restarts. Meanwhile its results come here, as
/// if it ran here. A target needs a POSIX shell, and nothing else.
#[derive(Debug, Args)]
#[command(after_help = "\
A target is one of autotest.toml, a group there, or an address: `local`, `ssh:[user@]host[:port]`, `adb:SERIAL`,
or `qemu:[user@]IMAGE`, which boots the image of a disk and never changes it.

  [targets.board1]
  address = \"ssh:root@10.0.0.7\"
  args = [\"--drop-caches\"]               # also: env, directory, triple, {ssh,qemu}_options
  reboot = \"ssh root@10.0.0.7 reboot\"    # how the host restarts it, and cuts its power
  power = \"pdu cycle 3\"
  [groups]
  lab = [\"board1\", \"board2\"]

^C asks whether the job shall end or go on without this program; without a terminal, it ends.

Exit codes: those of the suite (0 all passed, 101 a test failed, 5 results could not be written, 130 and 143
interrupted); 1 if a target failed; 2 and 3 as for `build`.

Examples:
  cargo autotest run bvt --on ssh:root@board1
  cargo autotest run bvt-1.2.0-aarch64-unknown-linux-musl.tar.bz2 --on board1 -- --attr '!slow'
  cargo autotest run bvt --on lab --shard      # each test once, on one of the targets
  cargo autotest run bvt --on board1 --detach  # then: cargo autotest attach DIR")]
pub(crate) struct Run {
    /// A suite that the workspace configures, or the file of a package or of a test binary
    #[arg(value_name = "SUITE|PACKAGE|BINARY")]
    pub(crate) what: String,
    /// Where to run it; may be repeated: then each target runs the whole suite [default: local]
    #[arg(long, value_name = "TARGET")]
    pub(crate) on: Vec<String>,
    /// Divide the tests among the targets, which are alike
    #[arg(long)]
    pub(crate) shard: bool,
    /// Build with a profile of the workspace [default: `autotest-suite`]
    #[arg(long, value_name = "PROFILE")]
    pub(crate) profile: Option<String>,
    #[command(flatten)]
    pub(crate) place: ResultsPlace,
    /// Start the job, and do not wait for it
    #[arg(long)]
    pub(crate) detach: bool,
    #[command(flatten)]
    pub(crate) watch: Watch,
    /// Flags of the suite, as `BINARY --help` lists them
    #[arg(last = true)]
    pub(crate) args: Vec<String>,
}

/// Where results are written.
#[derive(Debug, Args)]
pub(crate) struct ResultsPlace {
    /// The directory for the results, which must be empty or new [default: a new one in `autotest` of the target
    /// directory, or in `autotest-results`]
    #[arg(long, value_name = "DIR")]
    pub(crate) results: Option<PathBuf>,
}

/// How a run is watched.
#[derive(Clone, Debug, Args)]
pub(crate) struct Watch {
    /// The report on standard output
    #[arg(long, value_name = "FORMAT", default_value = "pretty", value_parser = super::report::formats())]
    pub(crate) format: String,
    /// Show the output of passing tests at the end, too
    #[arg(long)]
    pub(crate) show_output: bool,
    /// How long to wait for a target that does not answer, such as 90 or 15m
    #[arg(long, value_name = "TIME", default_value = "15m", value_parser = time)]
    pub(crate) patience: Duration,
    /// Give up a test that was interrupted N times [default: 2]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) attempts: Option<u32>,
    /// Leave on the target what the job wrote there
    #[arg(long)]
    pub(crate) keep: bool,
    /// auto: colours on a terminal, unless NO_COLOR is set
    #[arg(long, value_enum, value_name = "WHEN", default_value_t)]
    pub(crate) color: Color,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

/// Take up a run again, from any process and on another day
///
/// What its targets have done meanwhile is brought here first.
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  cargo autotest attach target/autotest/bvt/latest")]
pub(crate) struct Attach {
    /// The results directory of the run
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,
    #[command(flatten)]
    pub(crate) watch: Watch,
}

/// Run again what failed or did not run in an earlier job
///
/// The tests keep their arguments, tags and order. What `run` ran is built anew and runs on the same targets.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo autotest rerun target/autotest/bvt/latest
  cargo autotest rerun results --failed target/debug/net")]
pub(crate) struct Rerun {
    /// The results directory of a job
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,
    /// What to run [default: what the earlier run ran]
    #[arg(value_name = "SUITE|PACKAGE|BINARY")]
    pub(crate) what: Option<String>,
    /// Only what failed, and not what was interrupted or never ran
    #[arg(long)]
    pub(crate) failed: bool,
    /// Where to run it [default: where `run` ran it; otherwise local]
    #[arg(long, value_name = "TARGET")]
    pub(crate) on: Option<String>,
    /// Build with a profile of the workspace [default: `autotest-suite`]
    #[arg(long, value_name = "PROFILE")]
    pub(crate) profile: Option<String>,
    #[command(flatten)]
    pub(crate) place: ResultsPlace,
    #[command(flatten)]
    pub(crate) watch: Watch,
    /// Further flags of the suite
    #[arg(last = true)]
    pub(crate) args: Vec<String>,
}

/// Parses a number of seconds, or a number with a unit.
fn time(text: &str) -> Result<Duration, String> {
    autotest_core::duration(text)
}

//! The command line, as types. Their doc comments are the help texts.

mod db;
mod report;
mod run;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

pub(crate) use db::{
    Compare, Db, DbCommand, Flaky, History, Import, Place, Query, Samples, Slow, Time, Trend,
};
pub(crate) use report::Report;
pub(crate) use run::{Attach, Color, Rerun, Run, Watch};

/// Makes test crates; lists, describes, checks, builds and packs suites; runs them on targets; reports results and
/// keeps them
#[derive(Debug, Parser)]
#[command(
    name = "cargo autotest",
    bin_name = "cargo autotest",
    version,
    arg_required_else_help = true,
    after_help = FIRST_STEPS,
    max_term_width = 100
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const FIRST_STEPS: &str = "\
From nothing to a suite on a target:
  cargo autotest new --suite bvt      # a workspace with tests and the suite `bvt`
  cd bvt && cargo test                # runs the tests here
  cargo autotest build bvt            # makes bvt-0.1.0-x86_64-unknown-linux-musl.tar.bz2
  cargo autotest run bvt --on ssh:root@board   # builds it, runs it there, brings the results home

Exit codes:
  0    done
  1    a file or a program failed, what was built is not complete, or results contradict
  2    the command line is wrong, or names a test, suite or file that does not exist
  3    the configuration of the suites is wrong
  4    `check` found mistakes in the job file
  101  cargo could not read or build the workspace; `report`, `run`: a test failed

What a command makes or finds goes to standard output, progress and messages to standard error.
`cargo autotest help COMMAND` has examples of a command.";

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    New(New),
    List(List),
    Describe(Describe),
    Check(Check),
    Build(Build),
    Run(Run),
    Attach(Attach),
    Rerun(Rerun),
    Report(Report),
    Db(Db),
    Calibrate(Calibrate),
    /// Print the JSON Schema of job files, for editors and for programs that write them
    #[command(after_help = "Example:\n  cargo autotest schema > job-file.schema.json")]
    Schema,
    /// Print the completion script for a shell
    #[command(after_help = COMPLETIONS_EXAMPLES)]
    Completions {
        /// The shell
        shell: Shell,
    },
}

const COMPLETIONS_EXAMPLES: &str = "\
The script completes `cargo-autotest`, the program's own name.

Examples:
  cargo autotest completions bash > ~/.local/share/bash-completion/completions/cargo-autotest
  cargo autotest completions zsh > ~/.zfunc/_cargo-autotest
  cargo autotest completions fish > ~/.config/fish/completions/cargo-autotest.fish";

/// Make a test crate, with a test of each form
///
/// The crate is a library of tests, a test target that runs them (`cargo test`), and a README that says what is
/// where. In a workspace it becomes a member.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo autotest new net-tests
  cargo autotest new --suite bvt
  cargo autotest new --path ../autotest/autotest-runtime net-tests")]
pub(crate) struct New {
    /// The directory to make; its last part is the name of the crate
    #[arg(value_name = "NAME")]
    pub(crate) dir: PathBuf,
    /// Make a suite that `cargo autotest build NAME` packs: a workspace with its configuration and a crate of
    /// tests; in a workspace, a member that configures the suite itself
    #[arg(long)]
    pub(crate) suite: bool,
    #[command(flatten)]
    pub(crate) framework: FrameworkArgs,
}

/// Where the framework comes from, if the user says it.
#[derive(Debug, Default, Args)]
pub(crate) struct FrameworkArgs {
    /// Where the crate autotest-runtime is, in this file system [default: the workspace's dependency `autotest`,
    /// or the checkout from which this program was built]
    #[arg(long, value_name = "DIR", conflicts_with = "git")]
    pub(crate) path: Option<PathBuf>,
    /// The Git repository that has it
    #[arg(long, value_name = "URL")]
    pub(crate) git: Option<String>,
}

/// List the tests of a workspace, a binary or a package
///
/// No test binary is run: the tests are read from a section of the file, also if it is for another architecture,
/// stripped, or in a package. Without BINARY, the test binaries of the workspace are built and read.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo autotest list
  cargo autotest list bvt-1.2.0-aarch64-unknown-linux-musl.tar.bz2
  cargo autotest list --format json target/debug/net | jq -r .id
  cargo autotest list --suites")]
pub(crate) struct List {
    /// List the suites that the workspace configures, with their crates
    #[arg(long, conflicts_with = "from")]
    pub(crate) suites: bool,
    /// text: a name a line; json: an object a line, with everything that is known of the test
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    /// Show the first line of each test's documentation, too
    #[arg(short, long)]
    pub(crate) verbose: bool,
    #[command(flatten)]
    pub(crate) from: From,
}

/// Describe a test: documentation, place, options, parameters
///
/// The text is that of `BINARY --describe TEST`.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo autotest describe net_tests::ping
  cargo autotest describe net_tests::ping bvt-1.2.0-aarch64-unknown-linux-musl.tar.bz2")]
pub(crate) struct Describe {
    /// The name of the test, as `list` shows it
    pub(crate) test: String,
    /// text: for a person; json: the same as an object
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) from: From,
}

/// Check a job file against the tests that it names
///
/// It finds what `BINARY --job FILE` would refuse: tests that do not exist, arguments that they do not declare or
/// of the wrong type, unknown keys. A job that is accepted is shown, as by `--dry-run`. Without BINARY, one of the
/// workspace's test binaries or configured suites must accept it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo autotest check nightly.json
  cargo autotest check nightly.json bvt-1.2.0-aarch64-unknown-linux-musl.tar.bz2")]
pub(crate) struct Check {
    /// The job file, in JSON
    #[arg(value_name = "JOBFILE")]
    pub(crate) job_file: PathBuf,
    #[command(flatten)]
    pub(crate) from: From,
}

/// Where tests are read from.
#[derive(Debug, Args)]
#[group(id = "from")]
pub(crate) struct From {
    /// A test binary of any architecture, or a package [default: the test binaries of the workspace]
    #[arg(value_name = "BINARY|PACKAGE")]
    pub(crate) file: Option<PathBuf>,
}

/// Build a suite into one static executable, and pack it with its data files and licences
///
/// The same sources make the same package, byte for byte, wherever they are. The executable is optimized for size
/// unless a profile is named.
#[derive(Debug, Args)]
#[command(after_help = "\
The package SUITE-VERSION-TARGET.tar.bz2 contains the executable, the data files of its tests, licences, a manifest \
with checksums, and the script `run`, which runs the suite where the package is unpacked.

For another architecture, a cross compiler links if one is installed, otherwise, for musl, Rust's own linker. \
CARGO_TARGET_<TRIPLE>_LINKER and Cargo's configuration win over both.

Examples:
  cargo autotest build bvt
  cargo autotest build bvt --target aarch64-unknown-linux-musl --output /srv/packages
  cargo autotest build bvt --profile dev      # for a quick look")]
pub(crate) struct Build {
    /// The name of the suite; `list --suites` shows all
    pub(crate) suite: String,
    /// The target [default: musl of this machine's architecture if installed, otherwise this machine's, static]
    #[arg(long, value_name = "TRIPLE")]
    pub(crate) target: Option<String>,
    /// Build with the workspace's release profile
    #[arg(long, conflicts_with = "profile")]
    pub(crate) release: bool,
    /// Build with a profile of the workspace [default: `autotest-suite`: for size, unless the workspace has one of
    /// this name]
    #[arg(long, value_name = "PROFILE")]
    pub(crate) profile: Option<String>,
    /// Where to write the package [default: autotest-suites in the target directory]
    #[arg(long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
    /// text: for a person; json: the same as an object
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

/// Measure how often the verdicts on perf values are wrong
///
/// Without DIR, samples are simulated: equal ones, in which every change that is found is a false alarm, and changed
/// ones. With DIR, the jobs below it are compared, whose builds must be the same: each of their perf values and perf
/// keyvals, job by job and in groups of jobs. The table is in Markdown.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo autotest calibrate
  cargo autotest calibrate /srv/results/nightly     # is this machine quiet enough?")]
pub(crate) struct Calibrate {
    /// Directories with jobs, at any depth
    #[arg(value_name = "DIR")]
    pub(crate) dirs: Vec<PathBuf>,
    /// The number of comparisons in each row of the table
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) comparisons: u32,
    /// The seed of everything random: the same seed gives the same table
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(crate) seed: u64,
}

/// How results are printed: for a person, or for a program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    #[default]
    Text,
    Json,
}

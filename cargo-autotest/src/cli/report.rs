//! The command line of `report`.

use std::path::PathBuf;

use autotest_report::FORMATS;
use clap::Args;
use clap::builder::PossibleValuesParser;

/// Report the results of several jobs as one
///
/// Shards, the attempts of a runner, the jobs of several targets and suites become one report, in which each test has
/// exactly one final verdict on each target. What contradicts is named on standard error, and everything is reported
/// all the same.
#[derive(Debug, Args)]
#[command(after_help = "\
DIR is the directory of a job, a directory with several at any depth, or a link such as `latest`.

Exit codes:
  0    all tests passed
  1    results contradict, are not complete or are damaged; or a file could not be read or written
  2    a DIR has no results, or there are results already where new ones should go
  101  a test failed, or a job was aborted

Examples:
  cargo autotest report shard-1 shard-2 shard-3 --junit junit.xml
  cargo autotest report target/autotest/net/latest    # all tests of a run of cargo-nextest
  cargo autotest report lab1 lab2 --results merged --trace trace.json
  cargo autotest report results/today --since results/yesterday --html report.html
  cargo autotest report results/today --since autotest.sqlite")]
pub(crate) struct Report {
    /// The results
    #[arg(required = true, value_name = "DIR")]
    pub(crate) dirs: Vec<PathBuf>,
    /// The report on standard output, as by `--format` of a test binary
    #[arg(long, default_value = "pretty", value_name = "FORMAT", value_parser = formats())]
    pub(crate) format: String,
    /// Show the output of tests that passed, too
    #[arg(long)]
    pub(crate) show_output: bool,
    /// Write JUnit's XML to a file
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    /// Write a results tree of all jobs, with copies of the tests' files; the directory must not exist or be empty
    #[arg(long, value_name = "DIR")]
    pub(crate) results: Option<PathBuf>,
    /// Write a time line of all jobs to a file, which <https://ui.perfetto.dev> opens
    #[arg(long, value_name = "FILE")]
    pub(crate) trace: Option<PathBuf>,
    /// Write a page for people to a file: everything that is known of each test, in one HTML file
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Show what changed since the jobs in another directory, or since the newest earlier job of each test in a
    /// database: a file or a URL, as for `db`
    #[arg(long, value_name = "DIR|DB")]
    pub(crate) since: Option<PathBuf>,
    /// Count WARN as a failure, also in jobs that ran without `--strict`
    #[arg(long)]
    pub(crate) strict: bool,
}

pub(super) fn formats() -> PossibleValuesParser {
    FORMATS.iter().map(|(name, ..)| *name).into()
}

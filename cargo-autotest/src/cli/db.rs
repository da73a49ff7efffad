//! The commands of `db`.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};

use super::Format;

/// Keep results in a database: import, query, history, flaky tests, changes of metrics
///
/// The database is the file `autotest.sqlite` in the current directory, another SQLite file, or one of a
/// PostgreSQL server. docs/database.md describes its tables.
#[derive(Debug, Args)]
#[command(
    arg_required_else_help = true,
    after_help = "\
Examples:
  cargo autotest db import autotest-results
  cargo autotest db import /srv/results --db postgres://lab@db.example/autotest
  cargo autotest db history net_tests::ping
  cargo autotest db query 'SELECT test, COUNT(*) FROM runs GROUP BY test'"
)]
pub(crate) struct Db {
    #[command(subcommand)]
    pub(crate) command: DbCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DbCommand {
    Import(Import),
    Query(Query),
    History(History),
    Flaky(Flaky),
    Slow(Slow),
    Samples(Samples),
    Compare(Compare),
    Trend(Trend),
}

/// Which database.
#[derive(Debug, Args)]
pub(crate) struct Place {
    /// The database: an SQLite file, or postgres://USER@HOST/NAME; the server's password is that of the URL or of
    /// the variable PGPASSWORD [default: the variable AUTOTEST_DB, otherwise autotest.sqlite]
    #[arg(long, value_name = "FILE|URL")]
    pub(crate) db: Option<String>,
    /// How long to wait for other programs that use the database
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(..=86_400))]
    pub(crate) wait: u32,
}

impl Place {
    /// The database that another flag names.
    pub(crate) fn named(name: &Path) -> Place {
        Place {
            db: Some(name.to_string_lossy().into_owned()),
            wait: 30,
        }
    }
}

/// Import jobs into the database
///
/// A directory may be that of a job, or contain any number of them. A job that is there already is not changed,
/// unless it has been resumed since; then it is replaced. Each job is imported as a whole or not at all, and several
/// imports may run at once.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo autotest db import autotest-results
  cargo autotest db import target1/results target2/results --db lab.sqlite
  PGPASSWORD=secret cargo autotest db import /srv/results --db postgres://lab@db.example/autotest")]
pub(crate) struct Import {
    /// The directory of a job, or one that contains some
    #[arg(value_name = "DIR", required = true)]
    pub(crate) dirs: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) place: Place,
}

/// Print what an SQL statement selects
///
/// The database is opened for reading only.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo autotest db query \"SELECT hostname, COUNT(*) FROM jobs JOIN targets ON targets.id = target_id GROUP BY hostname\"
  cargo autotest db query \"SELECT test_name, reason FROM tko_test_view_2 WHERE status = 'FAIL'\"
  cargo autotest db query 'SELECT * FROM runs' --format json | jq .reason")]
pub(crate) struct Query {
    /// The statement
    pub(crate) sql: String,
    #[command(flatten)]
    pub(crate) output: Output,
    #[command(flatten)]
    pub(crate) place: Place,
}

/// Print the last runs of a test, the newest first
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo autotest db history net_tests::ping
  cargo autotest db history net_tests::ping --target board7 --limit 5")]
pub(crate) struct History {
    /// The id of the test, or the name of a run of it
    pub(crate) test: String,
    /// Only on this target
    #[arg(long, value_name = "HOST")]
    pub(crate) target: Option<String>,
    /// How many runs
    #[arg(long, value_name = "COUNT", default_value_t = 20)]
    pub(crate) limit: u32,
    #[command(flatten)]
    pub(crate) output: Output,
    #[command(flatten)]
    pub(crate) place: Place,
}

/// Print the tests that passed and failed with the same build on the same target, the worst first
///
/// The score is the share of runs whose verdict was not that of the run before it, with the same build on the same
/// target: 0 for a test that always passes or always fails, 1 for one that alternates. Skipped and aborted runs do
/// not count.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo autotest db flaky
  cargo autotest db flaky --since 30 --format json")]
pub(crate) struct Flaky {
    /// Only jobs of so many days before the newest one, or since a date (UTC)
    #[arg(long, value_name = "DAYS|DATE")]
    pub(crate) since: Option<String>,
    #[command(flatten)]
    pub(crate) output: Output,
    #[command(flatten)]
    pub(crate) place: Place,
}

/// Print the tests that take the most time, and how long they took earlier
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo autotest db slow
  cargo autotest db slow --by mean --since 2026-11-01 --limit 5")]
pub(crate) struct Slow {
    /// Compare the jobs of so many days before the newest one, or since a date (UTC), with all earlier ones
    #[arg(long, value_name = "DAYS|DATE", default_value = "7")]
    pub(crate) since: String,
    /// The order
    #[arg(long, value_enum, default_value_t)]
    pub(crate) by: Time,
    /// How many tests
    #[arg(long, value_name = "COUNT", default_value_t = 20)]
    pub(crate) limit: u32,
    #[command(flatten)]
    pub(crate) output: Output,
    #[command(flatten)]
    pub(crate) place: Place,
}

/// A time of a test.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Time {
    /// The time of all runs
    #[default]
    Total,
    /// The mean time of a run
    Mean,
}

/// Print what was measured of a metric, a line for each job and test, the oldest first
///
/// A metric is a perf value or a measurement of iterations. JSON has all samples; the table has their number,
/// minimum, median and maximum.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo autotest db samples throughput
  cargo autotest db samples throughput --test disk::write --target board7 --format json")]
pub(crate) struct Samples {
    /// The name of the metric
    pub(crate) metric: String,
    /// Only of this test
    #[arg(long)]
    pub(crate) test: Option<String>,
    /// Only on this target
    #[arg(long, value_name = "HOST")]
    pub(crate) target: Option<String>,
    #[command(flatten)]
    pub(crate) output: Output,
    #[command(flatten)]
    pub(crate) place: Place,
}

/// Compare the metrics of some jobs with those of others
///
/// A and B each name jobs: a build, a commit or a job (or the beginning of one), a day (UTC), days, or a directory of
/// results that was imported. Each metric has a verdict: regress, improve, differ (the metric has no direction), same,
/// or not enough data. docs/perf-verdicts.md says what they mean, and how to run jobs so that changes show.
#[derive(Debug, Args)]
#[command(after_help = "\
Exit codes:
  0    compared
  1    with --fail-on-regress: a metric is worse; or the database failed
  2    the command line is wrong, or names no jobs with a metric in common

Examples:
  cargo autotest db compare 3c5e19d0 77aa01c2
  cargo autotest db compare 2026-11-01..2026-11-08 2026-11-09 --target board7
  cargo autotest db compare results/main results/branch --fail-on-regress")]
pub(crate) struct Compare {
    /// The jobs before: BUILD, COMMIT, JOB, DATE, DATE..DATE or DIR
    #[arg(value_name = "A")]
    pub(crate) before: String,
    /// The jobs after
    #[arg(value_name = "B")]
    pub(crate) after: String,
    /// Only this test
    #[arg(long)]
    pub(crate) test: Option<String>,
    /// Only on this target
    #[arg(long, value_name = "HOST")]
    pub(crate) target: Option<String>,
    /// The jobs of both sides ran in turn, so that the state of the machine was the same for both [default: if they
    /// alternate by their times]
    #[arg(long)]
    pub(crate) in_turn: bool,
    /// The change that is of no interest [default: 3]
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    pub(crate) minimal_effect: Option<f64>,
    /// End with exit code 1 if a metric is worse
    #[arg(long)]
    pub(crate) fail_on_regress: bool,
    #[command(flatten)]
    pub(crate) output: Output,
    #[command(flatten)]
    pub(crate) place: Place,
}

/// Parses a percentage that is not negative.
fn percent(text: &str) -> Result<f64, String> {
    let percent = text.trim_end_matches('%').trim().parse::<f64>().ok();
    let percent = percent.filter(|percent| (0.0..=1000.0).contains(percent));
    percent.ok_or_else(|| "write a number of percent, such as 5 or 2.5".to_owned())
}

/// Print a metric over all jobs, and where its level changed
///
/// Each test and target has a series of its own, with the median of each job. docs/perf-verdicts.md says how changes
/// are found.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cargo autotest db trend throughput
  cargo autotest db trend throughput --test disk::write --target board7 --html trend.html")]
pub(crate) struct Trend {
    /// The name of the metric
    pub(crate) metric: String,
    /// Only of this test
    #[arg(long)]
    pub(crate) test: Option<String>,
    /// Only on this target
    #[arg(long, value_name = "HOST")]
    pub(crate) target: Option<String>,
    /// Write a page with plots
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) output: Output,
    #[command(flatten)]
    pub(crate) place: Place,
}

/// How rows are printed.
#[derive(Debug, Args)]
pub(crate) struct Output {
    /// text: a table; json: an object a line
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
}

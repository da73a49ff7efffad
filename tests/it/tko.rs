//! Readable by the original's results parser (TKO)?
//!
//! The reader here is written from the description of that parser's behaviour alone (formats §3
//! "Reading" and §12), and shares no code with the framework: what both understood wrongly the same
//! way would show nowhere else. It is as unforgiving as the original: one bad line loses the job.

mod edge_cases;
mod iterations;
mod journal;
mod keyvals;
mod line;
mod machine;
mod prefixes;
mod runs;

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::Path;

use line::Status;
use machine::Machine;

pub(crate) use runs::{check_cut_off, check_readable, check_tree};

/// What loses the whole job.
#[derive(Debug, PartialEq)]
struct Fatal(String);

fn fatal<T>(why: impl Into<String>) -> Result<T, Fatal> {
    Err(Fatal(why.into()))
}

/// A test, as it would stand in the database.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    subdir: Option<String>,
    testname: String,
    status: Status,
    reason: String,
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Row {
            subdir,
            testname,
            status,
            reason,
        } = self;
        let subdir = subdir.as_deref().unwrap_or("-");
        write!(f, "{subdir} | {testname} | {status} | {reason}")
    }
}

/// All that is read of a job.
#[derive(Debug)]
struct Job {
    /// The tests, and `CLIENT_JOB.n` for the jobs around them.
    rows: Vec<Row>,
    /// The status of the row `SERVER_JOB`, which is always there.
    server: Status,
}

/// Reads the results tree of a job.
fn read(jobdir: &Path) -> Result<Job, Fatal> {
    let keyvals = keyvals::read(&jobdir.join("keyval"))?;
    check_job_keyvals(&keyvals)?;
    let log = ["status.log", "status"].map(|name| jobdir.join(name));
    let Some(log) = log.iter().find(|log| log.exists()) else {
        return fatal("there is no status log");
    };
    let is_aborted = keyvals.contains_key("aborted_by");
    if is_aborted && !keyvals.contains_key("aborted_on") {
        return fatal("aborted_by without aborted_on");
    }
    let rows = Machine::default().read(&text(log))?;
    for subdir in rows.iter().filter_map(|row| row.subdir.as_deref()) {
        read_test(&jobdir.join(subdir))?;
    }
    let server = server_status(&jobdir.join(".autoserv_execute"));
    Ok(Job { rows, server })
}

/// What stands in a test's directory.
fn read_test(outputdir: &Path) -> Result<iterations::Iterations, Fatal> {
    keyvals::read(&outputdir.join("keyval"))?;
    let chart = outputdir.join("results/results-chart.json");
    if chart.exists() {
        let parsed = serde_json::from_str::<serde_json::Value>(&text(&chart));
        parsed.map_err(|error| Fatal(format!("{}: {error}", chart.display())))?;
    }
    let iterations = outputdir.join("results/keyval");
    let is_file = iterations.is_file();
    Ok(iterations::parse(&if is_file {
        text(&iterations)
    } else {
        String::new()
    }))
}

fn check_job_keyvals(keyvals: &BTreeMap<String, String>) -> Result<(), Fatal> {
    let version = keyvals.get("status_version").map(String::as_str);
    if version != Some("1") {
        return fatal(format!("status_version is {version:?}"));
    }
    for key in ["job_queued", "job_started", "job_finished"] {
        let is_number = |value: &String| value.trim().parse::<f64>().is_ok();
        if let Some(value) = keyvals.get(key).filter(|value| !is_number(value)) {
            return fatal(format!("{key} is no number: {value}"));
        }
    }
    Ok(())
}

/// The second line is a wait status: 0, exit 1, or something else.
fn server_status(path: &Path) -> Status {
    let text = fs::read_to_string(path).unwrap_or_default();
    match text.lines().nth(1) {
        Some("0") => Status::named("GOOD"),
        Some("256") => Status::named("FAIL"),
        _ => Status::named("ABORT"),
    }
    .expect("a word of the list")
}

/// The parser knows bytes; what is ASCII stays where it is.
fn text(path: &Path) -> String {
    String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned()
}

//! Every report of every kind of job: each directory beside this one holds a journal (`events.jsonl`),
//! the output of its tests (`printed`), and what each report makes of that (`expected`).
//!
//! `UPDATE_GOLDEN=1` writes `expected` anew; a diff of the repository then shows what has changed.
//! `upstream` is a job that the original ran: its `tap_files.txt` has the bytes that the original wrote.
//! Other programs that read a format get the very bytes of the report ([`rules`]).

mod compare;
mod page;
mod replayed;
mod rules;
mod tap;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use libtest_mimic::{Arguments, Failed, Trial};

/// The status log has local times.
const TIME_ZONE: &str = "UTC0";

fn main() -> ExitCode {
    if std::env::var_os("TZ").is_none_or(|zone| zone != TIME_ZONE) {
        return again_in_time_zone();
    }
    let trials = cases().into_iter().map(|case| {
        let name = name_of(&case);
        Trial::test(name, move || check(&case))
    });
    let arguments = Arguments::from_args();
    if !arguments.list {
        tap::tell_of_missing();
    }
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}

fn check(case: &Path) -> Result<(), Failed> {
    let replayed = replayed::outputs(case);
    let outputs = replayed.normal();
    assert_eq!(
        outputs,
        replayed::outputs(case).normal(),
        "two replays differ"
    );
    let mut found = compare::compare(&case.join("expected"), &outputs);
    found.extend(rules::check(&replayed.outputs));
    if found.is_empty() {
        Ok(())
    } else {
        Err(Failed::from(found.join("\n")))
    }
}

/// The time zone belongs to the process, and can be set safely only for a new one.
fn again_in_time_zone() -> ExitCode {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let status = command
        .args(std::env::args_os().skip(1))
        .env("TZ", TIME_ZONE)
        .status();
    let code = status.unwrap().code().unwrap_or(1);
    ExitCode::from(u8::try_from(code).unwrap_or(1))
}

fn cases() -> Vec<PathBuf> {
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let entries = std::fs::read_dir(home).unwrap();
    let mut cases: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    cases.retain(|case| case.join("events.jsonl").exists());
    cases.sort();
    cases
}

fn name_of(case: &Path) -> String {
    case.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

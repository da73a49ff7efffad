//! Every report of every kind of job: each directory beside this one holds a journal (`events.jsonl`),
//! what its tests printed (`printed`), and what each report makes of that (`expected`).
//!
//! `UPDATE_GOLDEN=1` writes `expected` anew; a diff of the repository then shows what has changed.
//! `upstream` is a job that the original ran: its `tap_files.txt` has the bytes that the original wrote.
//! What a golden file can not say, that a text of a test forges nothing, is checked by parsers (`rules`).

mod compare;
mod replayed;
mod rules;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// The status log has local times.
const TIME_ZONE: &str = "UTC0";

fn main() -> ExitCode {
    if std::env::var_os("TZ").is_none_or(|zone| zone != TIME_ZONE) {
        return again_in_time_zone();
    }
    let is_wanted = |case: &PathBuf| {
        let mut filters = std::env::args()
            .skip(1)
            .filter(|arg| !arg.starts_with('-'))
            .peekable();
        let name = name_of(case);
        filters.peek().is_none() || filters.any(|filter| name.contains(&filter))
    };
    let mut failures = Vec::new();
    let cases: Vec<_> = cases().into_iter().filter(is_wanted).collect();
    for case in &cases {
        let outputs = replayed::outputs(case);
        assert_eq!(outputs, replayed::outputs(case), "two replays differ");
        let mut found = compare::compare(&case.join("expected"), &outputs);
        found.extend(rules::check(&outputs));
        failures.extend(
            found
                .into_iter()
                .map(|text| format!("{}: {text}", name_of(case))),
        );
    }
    println!("{} cases, {} failures", cases.len(), failures.len());
    failures.iter().for_each(|failure| println!("\n{failure}"));
    ExitCode::from(u8::from(!failures.is_empty()))
}

/// The time zone is the process's, and can be set safely before it starts alone.
fn again_in_time_zone() -> ExitCode {
    let mut command = Command::new(std::env::current_exe().unwrap());
    let status = command
        .args(std::env::args_os().skip(1))
        .env("TZ", TIME_ZONE)
        .status();
    ExitCode::from(u8::from(!status.unwrap().success()))
}

fn cases() -> Vec<PathBuf> {
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden");
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

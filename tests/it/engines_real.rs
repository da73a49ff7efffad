//! The recipes of `examples/engines`, executed by the engines that they are for. They run with `AUTOTEST_ENGINES=1`, as
//! in `.ci/run`, which installs what can be installed; a test says which engine it left out.

mod avocado;
mod bazel;
mod kirk;
mod kubernetes;
mod lava;
mod parallel;
mod slurm;

use std::path::{Path, PathBuf};
use std::process::Command;

use autotest_core::Event;
use autotest_report::{Record, Replay};

use super::binary::fixture_path;

/// The verdicts of the suite's tests, but for those that a recipe leaves out.
const VERDICTS: [&str; 12] = [
    "ends.crash ERROR",
    "ends.fail FAIL",
    "ends.known_failure GOOD",
    "ends.skip TEST_NA",
    "ends.warn WARN",
    "measures GOOD",
    "quick.a GOOD",
    "quick.b GOOD",
    "quick.c GOOD",
    "quick.d GOOD",
    "quick.e GOOD",
    "quick.f GOOD",
];

/// Whether an engine runs here: the variable asks for it, and its programs are there.
fn runs(engine: &str, programs: &[&str]) -> bool {
    if std::env::var_os("AUTOTEST_ENGINES").is_none() {
        return false;
    }
    let missing = programs.iter().find(|program| find(program).is_none());
    if let Some(program) = missing {
        println!("left out: {engine}: `{program}` is not installed");
    }
    missing.is_none()
}

/// The path of a program.
fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let mut dirs = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    dirs.find_map(|dir| Some(dir.join(program)).filter(|path| path.is_file()))
}

/// A file of a recipe.
fn recipe(path: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    root.join("examples/engines").join(path)
}

/// Copies the suite into `dir`, as users have it: the program `bvt`.
fn install_suite(dir: &Path) -> PathBuf {
    let suite = dir.join("bvt");
    let mut copy = Command::new("cp");
    copy.arg(fixture_path("lab")).arg(&suite);
    assert!(copy.status().unwrap().success());
    suite
}

/// What a program printed, which ended with `code`.
#[track_caller]
fn printed(command: &mut Command, code: i32) -> String {
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(code), "{command:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The names and verdicts of the runs that reports show of a job, sorted.
fn verdicts(jobdir: &Path) -> Vec<String> {
    let journal = std::fs::File::open(jobdir.join("journal.jsonl")).unwrap();
    let mut names = std::collections::HashMap::new();
    let mut verdicts = Vec::new();
    for Record { run, event, .. } in Replay::new(journal).unwrap() {
        match event {
            Event::TestStart(start) => _ = names.insert(run, start.operation),
            Event::TestEnd { status, .. } => verdicts.push(format!("{} {status}", names[&run])),
            _ => {}
        }
    }
    verdicts.sort();
    verdicts
}

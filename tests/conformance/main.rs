//! The conformance runner: each case of the corpus is a scenario and what the original did with it.
//!
//! A scripted test is made from the scenario, taken through the real lifecycle with the real host and
//! the real file reports, and what comes out is compared. Cases are read from `tests/conformance/cases`
//! or from the folder that `AUTOTEST_CONFORMANCE` names. `docs/conformance.md` lists what is decided
//! otherwise than in the original.
//!
//! An argument is a part of a case's name: `cargo test --test conformance -- keyval`.

mod case;
mod compare;
mod definition;
mod drive;
mod host;
mod normalise;
mod raise;
mod rules;
mod scenario;
mod script;
mod seed;
mod sink;
mod summary;
mod trace;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use case::Case;
use rules::Rule;
use summary::Summary;

/// The name of the one test that this target is to a test runner.
const NAME: &str = "conformance";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--list") {
        if !arguments.iter().any(|argument| argument == "--ignored") {
            println!("{NAME}: test");
        }
        return ExitCode::SUCCESS;
    }
    let filter = arguments
        .into_iter()
        .find(|argument| !argument.starts_with('-') && argument != NAME);
    let summary = run(&folder(), filter.as_deref());
    print!("{summary}");
    if summary.is_success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn folder() -> PathBuf {
    let given = std::env::var_os("AUTOTEST_CONFORMANCE").map(PathBuf::from);
    given.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/cases"))
}

fn run(folder: &Path, filter: Option<&str>) -> Summary {
    let mut summary = Summary::new(filter.is_some());
    match case::paths(folder) {
        Ok(paths) => {
            for path in paths {
                run_file(&path, filter, &mut summary);
            }
        }
        Err(error) => summary.fail(&folder.display().to_string(), &[error.to_string()]),
    }
    summary
}

fn run_file(path: &Path, filter: Option<&str>, summary: &mut Summary) {
    let case = match Case::read(path) {
        Ok(case) => case,
        Err(error) => return summary.fail(&path.display().to_string(), &[error.to_string()]),
    };
    if filter.is_some_and(|part| !case.name.contains(part)) {
        return;
    }
    match judge(&case) {
        Judgement::Passed => summary.pass(),
        Judgement::LeftOut(rule) => summary.leave_out(rule),
        Judgement::Failed(differences) => summary.fail(&case.name, &differences),
    }
}

/// What became of a case.
enum Judgement {
    Passed,
    LeftOut(&'static Rule),
    Failed(Vec<String>),
}

fn judge(case: &Case) -> Judgement {
    if let Some(rule) = rules::applying(&case.scenario) {
        return Judgement::LeftOut(rule);
    }
    let before = std::env::current_dir();
    let differences = catch_unwind(AssertUnwindSafe(|| run_case(case)));
    if let Ok(before) = before
        && let Err(error) = std::env::set_current_dir(&before)
    {
        return Judgement::Failed(vec![format!(
            "failed to return to `{}`: {error}",
            before.display()
        )]);
    }
    match differences {
        Ok(differences) if differences.is_empty() => Judgement::Passed,
        Ok(differences) => Judgement::Failed(differences),
        Err(_) => Judgement::Failed(vec!["    the runner panicked".to_owned()]),
    }
}

fn run_case(case: &Case) -> Vec<String> {
    match drive::drive(case) {
        Ok(driven) => {
            let mut differences = compare::differences(case, &driven.observed);
            differences.extend(driven.problems);
            differences
        }
        Err(error) => vec![format!(
            "    failed to make the case's directories: {error}"
        )],
    }
}

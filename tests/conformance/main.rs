//! The conformance runner: each case of the corpus is a scenario and what the original did with it.
//!
//! A scripted test is made from the scenario, taken through the real lifecycle with the real host and
//! the real file reports, and what comes out is compared. Cases are read from `tests/conformance/cases`
//! or from the folder that `AUTOTEST_CONFORMANCE` names. `docs/conformance.md` lists what is decided
//! otherwise than in the original.
//!
//! Each case is a test with a name: `cargo test --test conformance -- keyval` runs the cases with this
//! part in their names.

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
use std::sync::{Arc, Mutex};

use libtest_mimic::{Arguments, Failed, Trial};

use case::Case;
use summary::Summary;

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // A case changes the current directory, which is the process's.
    arguments.test_threads = Some(1);
    let summary = Arc::new(Mutex::new(Summary::default()));
    let conclusion = libtest_mimic::run(&arguments, trials(&folder(), &summary));
    if !arguments.list && !is_under_nextest() {
        print!("{}", summary.lock().unwrap());
    }
    conclusion.exit_code()
}

/// Then each case has a process, and a summary, of its own.
fn is_under_nextest() -> bool {
    std::env::var_os("NEXTEST").is_some()
}

fn folder() -> PathBuf {
    let given = std::env::var_os("AUTOTEST_CONFORMANCE").map(PathBuf::from);
    given.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance/cases"))
}

/// A test for each case, and one for all of them. A case that is left out is an ignored test.
fn trials(folder: &Path, summary: &Arc<Mutex<Summary>>) -> Vec<Trial> {
    let paths = match case::paths(folder) {
        Ok(paths) => paths,
        Err(error) => {
            let error = format!("failed to read `{}`: {error}", folder.display());
            return vec![Trial::test("cases", || Err(error.into()))];
        }
    };
    let (mut trials, mut left_out) = (Vec::new(), 0);
    for path in paths {
        match Case::read(&path) {
            Ok(case) => {
                let rule = rules::applying(&case.scenario);
                if let Some(rule) = rule {
                    left_out += 1;
                    summary.lock().unwrap().leave_out(rule);
                }
                let summary = Arc::clone(summary);
                let trial = Trial::test(case.name.clone(), move || judge(&case, &summary));
                trials.push(trial.with_ignored_flag(rule.is_some()));
            }
            Err(error) => {
                let (name, error) = (path.display().to_string(), error.to_string());
                trials.push(Trial::test(name, || Err(error.into())));
            }
        }
    }
    let run = trials.len() - left_out;
    let share = move || summary::check_share(run, left_out).map_err(Failed::from);
    trials.push(Trial::test("enough_cases_are_run", share));
    trials
}

fn judge(case: &Case, summary: &Mutex<Summary>) -> Result<(), Failed> {
    if rules::applying(&case.scenario).is_some() {
        return Ok(());
    }
    let differences = differences(case);
    summary.lock().unwrap().add(differences.is_empty());
    if differences.is_empty() {
        Ok(())
    } else {
        Err(Failed::from(differences.join("\n")))
    }
}

fn differences(case: &Case) -> Vec<String> {
    let before = std::env::current_dir();
    let differences = catch_unwind(AssertUnwindSafe(|| run_case(case)));
    if let Ok(before) = before
        && let Err(error) = std::env::set_current_dir(&before)
    {
        return vec![format!(
            "failed to return to `{}`: {error}",
            before.display()
        )];
    }
    differences.unwrap_or_else(|_| vec!["    the runner panicked".to_owned()])
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

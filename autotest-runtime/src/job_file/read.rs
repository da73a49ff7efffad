//! Reads the text of a job file. All mistakes are found before any is reported.

use autotest_core::{Arg, Args, CallId, RunRequest, Settings, nearest_few};

use super::check::Checker;
use super::mistakes::{Member, Mistakes, Piece};
use super::settings::read_settings;
use super::{Entry, JobFile};
use crate::plan::GivenArgs;
use crate::registry::Registry;

/// Reads a job file and checks it against the tests of this binary. `settings` and `given` come from the command line.
///
/// # Errors
/// All mistakes in the file.
pub(crate) fn read<'a>(
    text: &'a str,
    registry: &'static Registry,
    settings: &Settings,
    given: GivenArgs,
) -> Result<JobFile, Mistakes<'a>> {
    read_with(Checker::new(registry, settings.clone(), given), text)
}

/// The runs of a job file that has been checked already.
///
/// # Errors
/// If it is not a job file.
pub(super) fn runs(text: &str) -> Result<Vec<Entry>, Mistakes<'_>> {
    read_with(Checker::default(), text).map(|file| file.runs)
}

fn read_with(checker: Checker, text: &str) -> Result<JobFile, Mistakes<'_>> {
    let mut mistakes = Mistakes::new(text);
    match serde_json::from_slice(text.as_bytes()) {
        Err(error) => mistakes.syntax(&error),
        Ok(root) => {
            let file = job(root, checker, &mut mistakes);
            if mistakes.count() == 0 {
                return Ok(file);
            }
        }
    }
    Err(mistakes)
}

fn job<'a>(root: Piece<'a>, mut checker: Checker, mistakes: &mut Mistakes<'a>) -> JobFile {
    const KEYS: &[&str] = &["$schema", "label", "settings", "params", "runs"];
    let Some(members) = mistakes.object(root, "an object with `runs`") else {
        return JobFile::default();
    };
    refuse_unknown(&members, KEYS, mistakes);
    let member = |name: &str| members.iter().find(|(key, ..)| key == name);
    let mut file = JobFile::default();
    if let Some((_, _, label)) = member("label") {
        file.label = mistakes.value(label, "a text");
    }
    if let Some((_, _, changes)) = member("settings") {
        file.settings = read_settings(changes, checker.registry, mistakes);
    }
    file.apply_settings(&mut checker.settings, &[]);
    if let Some((_, _, params)) = member("params") {
        let params = mistakes.object(params, "an object").unwrap_or_default();
        checker.check_params(&params, mistakes);
        let params = params.into_iter().filter_map(|(name, _, value)| {
            let value: serde_json::Value = mistakes.value(value, "a value")?;
            Some((name, Arg::Json(value)))
        });
        file.params = params.collect();
        checker.given.of_file = file.params.clone();
    }
    match member("runs") {
        Some((_, _, runs)) => file.runs = entries(runs, &mut checker, mistakes),
        None => mistakes.at(root, "it has no `runs`"),
    }
    file
}

pub(super) fn refuse_unknown(members: &[Member<'_>], keys: &[&str], mistakes: &mut Mistakes<'_>) {
    for (name, key, _) in members
        .iter()
        .filter(|(name, ..)| !keys.contains(&name.as_str()))
    {
        let near = nearest_few(name, keys.iter().copied());
        let advice = match near.as_slice() {
            [] => format!("there are {}", autotest_core::any_of(keys)),
            near => format!("did you mean {}?", autotest_core::any_of(near)),
        };
        mistakes.at(key, format!("unknown key `{name}`: {advice}"));
    }
}

/// Reads a list of runs.
fn entries<'a>(list: Piece<'a>, checker: &mut Checker, mistakes: &mut Mistakes<'a>) -> Vec<Entry> {
    let list = mistakes.list(list, "a list of runs");
    let entries = list
        .into_iter()
        .filter_map(|piece| entry(piece, checker, mistakes));
    entries.collect()
}

fn entry<'a>(
    piece: Piece<'a>,
    checker: &mut Checker,
    mistakes: &mut Mistakes<'a>,
) -> Option<Entry> {
    let expected = "a run (`{\"test\": …}`), a group, a parallel block or a reboot";
    let members = mistakes.object(piece, expected)?;
    let member = |name: &str| members.iter().find(|(key, ..)| key == name).map(|it| it.2);
    if let Some(name) = member("group") {
        refuse_unknown(&members, &["group", "runs"], mistakes);
        let name = tag(name, "the name of a group", mistakes);
        let Some(runs) = member("runs") else {
            mistakes.at(piece, "it has no `runs`");
            return None;
        };
        let runs = entries(runs, checker, mistakes);
        return Some(Entry::Group(name?, runs));
    }
    if let Some(branches) = member("parallel") {
        refuse_unknown(&members, &["parallel"], mistakes);
        if checker.settings.use_sequence_number {
            let advice = "leave out `use_sequence_number`, and give the runs tags";
            let why = "branches run in no fixed order, so their runs cannot have sequence numbers";
            mistakes.at(piece, format!("{why}: {advice}"));
        }
        return Some(Entry::Parallel(parallel(branches, checker, mistakes)));
    }
    if let Some(reboot) = member("reboot") {
        refuse_unknown(&members, &["reboot"], mistakes);
        if mistakes.value::<bool>(reboot, "`true`") == Some(false) {
            mistakes.at(reboot, "expected `true`");
        }
        if checker.is_in_branch {
            mistakes.at(
                piece,
                "a branch cannot reboot the target: reboot before or after it",
            );
        }
        return Some(Entry::Reboot);
    }
    run(piece, &members, checker, mistakes).map(Entry::Run)
}

fn parallel<'a>(
    piece: Piece<'a>,
    checker: &mut Checker,
    mistakes: &mut Mistakes<'a>,
) -> Vec<(String, Vec<Entry>)> {
    let was_in_branch = std::mem::replace(&mut checker.is_in_branch, true);
    let branches = mistakes.object(piece, "an object with a list of runs for each branch");
    let branches = branches.into_iter().flatten().map(|(name, key, runs)| {
        if !CallId::is_legal_branch(&name) {
            let advice = "use letters, digits, `_` and `-`";
            mistakes.at(
                key,
                format!("{name:?} is not a valid name of a branch: {advice}"),
            );
        }
        (name, entries(runs, checker, mistakes))
    });
    let branches = branches.collect();
    checker.is_in_branch = was_in_branch;
    branches
}

fn run<'a>(
    piece: Piece<'a>,
    members: &[Member<'a>],
    checker: &mut Checker,
    mistakes: &mut Mistakes<'a>,
) -> Option<RunRequest> {
    const KEYS: &[&str] = &[
        "test",
        "tag",
        "subdir_tag",
        "args",
        "constraints",
        "iterations",
        "test_length",
        "profile_only",
        "postprocess_profiled_run",
        "run_cleanup",
        "test_attributes",
        "timeout",
        "retries",
        "group",
        "parallel",
        "reboot",
    ];
    refuse_unknown(members, KEYS, mistakes);
    let Some((_, _, test)) = members.iter().find(|(key, ..)| key == "test") else {
        mistakes.at(piece, "it has no `test`");
        return None;
    };
    let mut request = RunRequest {
        test: mistakes.value(test, "the id of a test")?,
        ..RunRequest::default()
    };
    let mut places = vec![(String::new(), *test)];
    for (name, _, value) in members {
        match name.as_str() {
            "tag" => request.tag = tag(value, "a tag", mistakes),
            "subdir_tag" => request.subdir_tag = tag(value, "a tag", mistakes),
            "timeout" => request.timeout_s = seconds(value, mistakes),
            "retries" => request.retries = mistakes.value(value, "a number from 0"),
            "args" => {
                for (name, key, value) in mistakes.object(value, "an object").unwrap_or_default() {
                    insert(&mut request.args, &name, value, mistakes);
                    places.push((name, key));
                }
            }
            "test_length" => {
                if let Some(seconds) = seconds(value, mistakes) {
                    request.args = std::mem::take(&mut request.args).with("test_length", seconds);
                }
            }
            "constraints"
            | "iterations"
            | "profile_only"
            | "postprocess_profiled_run"
            | "run_cleanup"
            | "test_attributes" => {
                insert(&mut request.args, name, value, mistakes);
                places.push((name.clone(), value));
            }
            _ => {}
        }
    }
    checker.check_run(&request, &places, mistakes);
    Some(request)
}

fn insert(args: &mut Args, name: &str, value: Piece<'_>, mistakes: &mut Mistakes<'_>) {
    if let Some(value) = mistakes.value::<serde_json::Value>(value, "a value") {
        args.insert(name, Arg::Json(value));
    }
}

/// Reads a text that may be part of a directory's name.
pub(super) fn tag(piece: Piece<'_>, expected: &str, mistakes: &mut Mistakes<'_>) -> Option<String> {
    let tag: String = mistakes.value(piece, expected)?;
    if !autotest_core::is_legal_tag(&tag) {
        let advice = autotest_core::LEGAL_TAG;
        mistakes.at(piece, format!("{tag:?} is not a valid tag: {advice}"));
    }
    Some(tag)
}

/// Reads a length of time, in seconds: a number, or a text such as `"90s"`.
fn seconds(piece: Piece<'_>, mistakes: &mut Mistakes<'_>) -> Option<f64> {
    let expected = "a length of time such as `90`, `\"1.5s\"` or `\"2m\"`";
    let value: serde_json::Value = mistakes.value(piece, expected)?;
    let seconds = match &value {
        serde_json::Value::String(text) => autotest_core::duration(text).ok(),
        value => value
            .as_f64()
            .and_then(|s| std::time::Duration::try_from_secs_f64(s).ok()),
    };
    if seconds.is_none() {
        let given = autotest_core::excerpt_ends(piece.get());
        mistakes.at(piece, format!("expected {expected}, not `{given}`"));
    }
    seconds.map(|seconds| seconds.as_secs_f64())
}

//! Drives one scenario through the real lifecycle and observes what came out.

use std::rc::Rc;

use autotest_core::{
    Args, Event, HookOrder, JobHooks, Kind, Known, Outcome, Run, RunName, Settings, Sink, Status,
    TestStart, Verdict, run_test,
};
use serde_json::{Value as Json, json};

use crate::case::{Case, Observed};
use crate::definition::define;
use crate::host::RecordingHost;
use crate::raise::without_advice;
use crate::scenario::{HookScript, Scenario};
use crate::script::hook;
use crate::sink::RecordingSink;
use crate::trace::{FakeClock, Trace, mode};
use crate::world::{self, World};

/// What came out of a run.
pub(crate) struct Driven {
    pub(crate) observed: Observed,
    /// What may happen in no case.
    pub(crate) problems: Vec<String>,
}

/// Runs the case in a root of its own; the current directory is the root meanwhile.
pub(crate) fn drive(case: &Case) -> std::io::Result<Driven> {
    let world = World::create(&case.scenario)?;
    let before = std::env::current_dir()?;
    std::env::set_current_dir(&world.root)?;
    let driven = run(case, &world);
    std::env::set_current_dir(before)?;
    Ok(driven)
}

fn run(case: &Case, world: &World) -> Driven {
    let scenario = &case.scenario;
    let trace = Rc::new(Trace::new(world.places.outputdir.join("results")));
    let mut sink = RecordingSink::new(&trace, &world.places.jobdir);
    let run = prepare(case, world, &trace, sink.clone());
    sink.accept(Event::TestStart(TestStart {
        test: run.name.test.clone(),
        subdir: run.name.subdir.clone(),
        operation: run.name.tagged_testname.clone(),
        declared: None,
        args: run.args.clone(),
        timeout_s: None,
        parent: None,
        requested: None,
    }));
    let outcome = run_test(run);
    trace.look_at_modes();
    let verdict = outcome.verdict.clone();
    let status = verdict
        .as_ref()
        .map_or(Status::Good, |verdict| verdict.kind.status());
    sink.accept(Event::TestEnd {
        status,
        verdict,
        elapsed_s: 0.0,
    });
    sink.finish();
    let observed = observe(scenario, world, &trace, &outcome);
    Driven {
        observed,
        problems: trace.problems(),
    }
}

fn prepare(case: &Case, world: &World, trace: &Rc<Trace>, sink: RecordingSink) -> Run {
    let scenario = &case.scenario;
    let args: Args = scenario
        .test_args()
        .map(|(name, json)| (name.clone(), json.clone().into()))
        .collect();
    Run {
        def: define(case),
        name: RunName {
            test: scenario.url.clone(),
            tagged_testname: scenario.tagged_testname(),
            subdir: scenario.subdir(),
        },
        args,
        settings: settings(scenario),
        hooks: hooks(scenario),
        deadline: None,
        host: Box::new(RecordingHost::new(world.places.clone(), scenario, trace)),
        clock: Box::new(FakeClock {
            trace: Rc::clone(trace),
            step_s: scenario.fake_clock_step,
        }),
        sink: Box::new(sink),
    }
}

/// The job's settings, as far as the seed honours them.
fn settings(scenario: &Scenario) -> Settings {
    let (job, seed) = (&scenario.job, scenario.seed);
    let test_retry = if seed.retry {
        u32::try_from(job.test_retry).unwrap_or(0)
    } else {
        0
    };
    Settings {
        fast: seed.fast && job.fast,
        test_retry: Some(test_retry),
        run_test_cleanup: job.run_test_cleanup,
        default_profile_only: job.default_profile_only,
        drop_caches_between_iterations: job.drop_caches_between_iterations,
        known_params: Known::Original,
        after_iteration_order: match seed.last_hook_first {
            true => HookOrder::LastInFirstOut,
            false => HookOrder::FirstInFirstOut,
        },
        ..Settings::default()
    }
}

fn hooks(scenario: &Scenario) -> JobHooks {
    let one =
        |kind: &str, script: &Option<HookScript>| script.clone().map(|script| hook(kind, script));
    let several = |kind: &str, scripts: &[HookScript]| {
        let scripts = scripts
            .iter()
            .filter(|script| !script.is_registered_by_constructor());
        scripts.map(|script| hook(kind, script.clone())).collect()
    };
    JobHooks {
        before_test: one("before_test", &scenario.hooks.before_test),
        after_test: one("after_test", &scenario.hooks.after_test),
        before_iteration: several("before_iteration", &scenario.hooks.before_iteration),
        after_iteration: several("after_iteration", &scenario.hooks.after_iteration),
    }
}

fn observe(scenario: &Scenario, world: &World, trace: &Trace, outcome: &Outcome) -> Observed {
    let is_restored = std::env::current_dir().is_ok_and(|cwd| cwd == world.root);
    let mut observed = Observed::from([
        ("outcome".to_owned(), shown(outcome.verdict.as_ref())),
        ("events".to_owned(), trace.events()),
        (
            "files".to_owned(),
            world.result_files(scenario.record_raw).into(),
        ),
        ("json_files".to_owned(), world.result_json_files().into()),
        (
            "dirs".to_owned(),
            world::directories(&world.places.jobdir).into(),
        ),
        ("modes".to_owned(), modes(world, trace)),
        ("src".to_owned(), world.src().into()),
        ("cwd_restored".to_owned(), is_restored.into()),
    ]);
    let tmpdir = trace.directories().tmpdir;
    let tmpdir_name = tmpdir
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    if !tmpdir_name.is_empty() {
        observed.insert("state".to_owned(), state(world, trace, outcome));
    }
    for value in observed.values_mut() {
        hide_root(value, &world.root.to_string_lossy(), &tmpdir_name);
    }
    observed
}

/// The verdict, in the form that expectations are brought into.
pub(crate) fn shown(verdict: Option<&Verdict>) -> Json {
    match verdict {
        None => json!("ok"),
        Some(verdict) => outcome(verdict.kind, &without_advice(&verdict.reason)),
    }
}

/// How an outcome is compared.
pub(crate) fn outcome(kind: Kind, message: &str) -> Json {
    let kind_name = format!("{kind:?}");
    json!({ "kind": kind_name, "exit_status": kind.status().to_string(), "message": message })
}

fn state(world: &World, trace: &Trace, outcome: &Outcome) -> Json {
    let tmpdir = trace.directories().tmpdir;
    let name = tmpdir
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let random = name.find('_').unwrap_or(name.len());
    json!({
        "bindir": world.places.bindir,
        "failed_constraints": outcome.failed_constraints,
        "iteration": outcome.iteration,
        "success": success(trace, outcome),
        "tagged_testname": world.places.tagged_testname,
        "tmpdir_exists_after": tmpdir.exists(),
        "tmpdir_suffix": &name[random..],
    })
}

/// What the after-test hook saw, if there was one: its own failure changes nothing of it.
fn success(trace: &Trace, outcome: &Outcome) -> bool {
    let events = trace.events();
    let is_after_test = |event: &&Json| event[0] == "hook" && event[1] == "after_test";
    let seen = events.as_array().into_iter().flatten().rfind(is_after_test);
    seen.and_then(|event| event[4].as_bool())
        .unwrap_or(outcome.verdict.is_none())
}

/// The modes under a umask of 022, the recorder's; ours may be another.
fn modes(world: &World, trace: &Trace) -> Json {
    let usual = mode(&world.places.jobdir).unwrap_or(0);
    let modes = trace.modes();
    let octal = |mode: Option<u32>| mode.map(|mode| format!("{mode:04o}"));
    json!({
        "resultsdir": octal(modes.resultsdir.map(|mode| 0o755 | (mode & !usual))),
        "tmpdir": octal(modes.tmpdir),
    })
}

/// The random parts of paths become the corpus's names for them.
fn hide_root(value: &mut Json, root: &str, tmpdir: &str) {
    match value {
        Json::String(text) => *text = hidden(text, root, tmpdir),
        Json::Array(items) => items
            .iter_mut()
            .for_each(|item| hide_root(item, root, tmpdir)),
        Json::Object(entries) => {
            let old = std::mem::take(entries);
            for (key, mut item) in old {
                hide_root(&mut item, root, tmpdir);
                entries.insert(hidden(&key, root, tmpdir), item);
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

fn hidden(text: &str, root: &str, tmpdir: &str) -> String {
    let text = text.replace(root, "<root>");
    match tmpdir.find('_') {
        Some(random) => text.replace(tmpdir, &format!("<rand>{}", &tmpdir[random..])),
        None => text,
    }
}

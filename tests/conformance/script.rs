//! The scripted test: phases that record what they received and then do as the scenario says.

mod perf;

pub(crate) use perf::{PERF_PARAMETERS, perf_argument};

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::rc::Rc;

use autotest_core::{
    Args, ExecuteArgs, Hook, Phase, Phases, Subtest, TestContext, TestError, TestResult, Value,
};
use serde_json::{Map, Value as Json, json};

use crate::definition::{Received, is_truthy, scenario_of};
use crate::raise::{Raised, raised};
use crate::scenario::{self, Action, Call, HookScript, PhaseScript, Scenario, Step};
use crate::sink::json_of;
use crate::trace::{advance_clock, note};

/// An instance of the scripted test.
struct ScriptedTest {
    scenario: Rc<Scenario>,
    calls: BTreeMap<Phase, u64>,
}

/// The constructor.
pub(crate) fn construct(cx: &mut TestContext) -> TestResult<Box<dyn Phases>> {
    let scenario = Rc::new(scenario_of(cx.def()));
    let constructors = |hooks: &[HookScript]| -> Vec<HookScript> {
        hooks
            .iter()
            .filter(|hook| hook.is_registered_by_constructor())
            .cloned()
            .collect()
    };
    for script in constructors(&scenario.hooks.before_iteration) {
        cx.register_before_iteration_hook(hook("before_iteration", script));
    }
    for script in constructors(&scenario.hooks.after_iteration) {
        cx.register_after_iteration_hook(hook("after_iteration", script));
    }
    let mut test = ScriptedTest {
        scenario: Rc::clone(&scenario),
        calls: BTreeMap::new(),
    };
    if let Some(script) = scenario.phase("init") {
        play(cx, Some(&mut test), &script.actions, 1).map_err(Raised::into_failure)?;
    }
    Ok(Box::new(test))
}

impl Phases for ScriptedTest {
    fn call(&mut self, phase: Phase, cx: &mut TestContext) -> TestResult {
        let scenario = Rc::clone(&self.scenario);
        let Some(script) = scenario.phase(phase.name()) else {
            return Ok(());
        };
        let received = cx.bound::<Received>(phase)?;
        let iteration = cx.iteration();
        note(
            cx,
            &json!(["phase", phase.name(), shown(script, &received), iteration]),
        );
        let call = self.calls.entry(phase).or_default();
        *call += 1;
        let call = *call;
        play(cx, Some(self), &script.actions, call).map_err(Raised::into_failure)
    }
}

/// What the phase received, as the corpus shows it.
fn shown(script: &PhaseScript, received: &Received) -> Map<String, Json> {
    let mut shown = json_of(&received.declared);
    if script.catch_all {
        shown.insert("**".to_owned(), json_of(&received.rest).into());
    }
    if script.star_args {
        shown.insert("*".to_owned(), json!([]));
    }
    shown
}

/// A hook that records itself and then does as the script says.
pub(crate) fn hook(kind: &str, script: HookScript) -> Hook {
    let id = script.id.clone().unwrap_or_else(|| kind.to_owned());
    let kind = kind.to_owned();
    let mut calls = 0;
    Box::new(move |cx| {
        calls += 1;
        let (iteration, success) = (cx.iteration(), cx.success());
        note(cx, &json!(["hook", kind, id, iteration, success]));
        play(cx, None, &script.actions, calls).map_err(Raised::into_failure)
    })
}

/// Does the actions in order, up to the first that raises. `test` is absent in hooks.
fn play(
    cx: &mut TestContext,
    mut test: Option<&mut ScriptedTest>,
    actions: &[Action],
    call: u64,
) -> Result<(), Raised> {
    for action in actions.iter().filter(|action| action.happens_in(call)) {
        let test = test.as_deref_mut();
        match &action.step {
            Step::Try { actions } => attempt(cx, test, actions, call),
            Step::CallBase(base) | Step::Call(base) if base.method == "execute" => {
                execute(cx, test, base)?;
            }
            step => step_on(cx, step)?,
        }
    }
    Ok(())
}

/// Does the actions; an exception ends them and is recorded.
fn attempt(cx: &mut TestContext, test: Option<&mut ScriptedTest>, actions: &[Action], call: u64) {
    if let Err(raised) = play(cx, test, actions, call) {
        let (class, message) = raised.into_caught();
        note(cx, &json!(["caught", class, message]));
    }
}

/// The default `execute` with the arguments of the call.
fn execute(
    cx: &mut TestContext,
    test: Option<&mut ScriptedTest>,
    call: &Call,
) -> Result<(), Raised> {
    let test = test.expect("a rule leaves out hooks that execute");
    let args: Args = call
        .arguments
        .kwargs
        .iter()
        .map(|(name, json)| (name.clone(), json.clone().into()))
        .collect();
    let args = ExecuteArgs::parse(&args).map_err(|error| Raised::Failed(error.into()))?;
    cx.default_execute_with(test, args).map_err(Raised::Failed)
}

/// Does one step that needs nothing but the context.
fn step_on(cx: &mut TestContext, step: &Step) -> Result<(), Raised> {
    match step {
        Step::Raise(exception) => return Err(raised(exception)),
        Step::WritePerf { kv } => {
            written(cx, &[("perf", kv)], |cx| cx.write_perf_keyval(pairs(kv)))?
        }
        Step::WriteAttr { kv } => {
            written(cx, &[("attr", kv)], |cx| cx.write_attr_keyval(pairs(kv)))?
        }
        Step::WriteTestKeyval { kv } => write_test_keyval(cx, kv)?,
        Step::WriteIterationKeyval(scenario::IterationKeyval { attr, perf }) => {
            written(cx, &[("attr", attr), ("perf", perf)], |cx| {
                cx.write_iteration_keyval(pairs(attr), pairs(perf))
            })?;
        }
        Step::OutputPerfValue(arguments) => {
            cx.output_perf_value(perf::request(arguments))
                .map_err(Raised::Refused)?;
        }
        Step::RegisterHook(scenario::RegisterHook { kind, hook: script }) => {
            register(cx, kind, script.clone());
        }
        Step::Assert(scenario::Assert { expr, msg }) => {
            let message = msg.as_deref().unwrap_or_default();
            cx.assert_(is_truthy(expr), message)
                .map_err(Raised::Refused)?;
        }
        Step::Runsubtest(subtest) => run_subtest(cx, subtest)?,
        Step::Log { msg } => note(cx, &json!(["note", msg])),
        Step::AdvanceClock { s } => advance_clock(cx, *s),
        Step::WriteSrc { path, text } => in_file_system(write_src(cx.srcdir(), path, text))?,
        Step::Chdir { to } => in_file_system(std::env::set_current_dir(directory(cx, to)))?,
        Step::LogCwd => {
            let cwd = std::env::current_dir().unwrap_or_default();
            note(cx, &json!(["cwd", cwd.to_string_lossy()]));
        }
        Step::LogIteration => {
            let iteration = cx.iteration();
            note(cx, &json!(["iteration", iteration]));
        }
        // The base class's own phases do nothing.
        Step::Call(call) | Step::CallBase(call) => match call.as_step() {
            Some(step) => step_on(cx, &step)?,
            None => {}
        },
        Step::Try { .. } | Step::SetAttr {} => {
            unreachable!("played elsewhere, or left out by a rule")
        }
    }
    Ok(())
}

fn pairs(kv: &Map<String, Json>) -> impl Iterator<Item = (String, Value)> {
    kv.iter()
        .map(|(key, json)| (key.clone(), Value::from(json.clone())))
}

/// Writes an iteration's keyval. The original opened the file before it looked at the keys.
fn written(
    cx: &mut TestContext,
    parts: &[(&str, &Map<String, Json>)],
    write: impl FnOnce(&mut TestContext) -> Result<(), TestError>,
) -> Result<(), Raised> {
    write(cx).map_err(|error| {
        let opened = parts.iter().find(|(_, kv)| !kv.is_empty());
        opened
            .iter()
            .for_each(|(tag, _)| note(cx, &json!(["write_keyval", "results", tag])));
        Raised::Refused(error)
    })
}

fn write_test_keyval(cx: &mut TestContext, kv: &Map<String, Json>) -> Result<(), Raised> {
    cx.write_test_keyval(pairs(kv)).map_err(|error| {
        note(cx, &json!(["write_keyval", "test", null]));
        Raised::Refused(error)
    })
}

fn register(cx: &mut TestContext, kind: &str, script: HookScript) {
    match kind {
        "before_iteration" => cx.register_before_iteration_hook(hook(kind, script)),
        _ => cx.register_after_iteration_hook(hook(kind, script)),
    }
}

fn run_subtest(cx: &mut TestContext, script: &scenario::Subtest) -> Result<(), Raised> {
    let mut subtest = Subtest::new(&script.url);
    for (name, json) in &script.arguments.kwargs {
        subtest = match (name.as_str(), json.as_str()) {
            ("tag", Some(tag)) => subtest.tag(tag),
            _ => subtest.arg(name, json.clone()),
        };
    }
    let result = cx.run_subtest(subtest);
    // A host knows no other errors than the test's; the class of this one is the script's.
    let fails = scenario_of(cx.def()).job.subtest_raises;
    let status = result.map_err(|error| fails.as_ref().map_or(Raised::Refused(error), raised))?;
    note(cx, &json!(["subtest_result", !status.is_failure()]));
    Ok(())
}

fn in_file_system(result: std::io::Result<()>) -> Result<(), Raised> {
    result.map_err(|error| Raised::Failed(error.into()))
}

fn write_src(srcdir: &Path, path: &str, text: &str) -> std::io::Result<()> {
    let path = srcdir.join(path);
    fs::create_dir_all(path.parent().unwrap_or(srcdir))?;
    fs::write(path, text)
}

fn directory<'a>(cx: &'a TestContext, name: &str) -> &'a Path {
    match name {
        "src" => cx.srcdir(),
        "tmp" => cx.tmpdir(),
        "bin" => cx.bindir(),
        _ => cx.resultsdir(),
    }
}

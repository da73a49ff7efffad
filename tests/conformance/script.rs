//! The scripted test: phases that record what they received and then do as the scenario says.

mod perf;
mod step;

pub(crate) use perf::{PERF_PARAMETERS, perf_argument};

use std::collections::BTreeMap;
use std::rc::Rc;

use autotest_core::{Args, ExecuteArgs, Hook, Phase, Phases, TestContext, TestResult};
use serde_json::{Map, Value as Json, json};

use crate::definition::{Received, scenario_of};
use crate::raise::Raised;
use crate::scenario::{Action, Call, HookScript, PhaseScript, Scenario, Step};
use crate::sink::json_of;
use crate::trace::note;

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
            Step::CallBase(base) if base.method == "execute" => {
                execute(cx, test, base)?;
            }
            step => step::take(cx, step)?,
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
    let test = test.expect("only phases call the default execute");
    let args: Args = call
        .arguments
        .kwargs
        .iter()
        .map(|(name, json)| (name.clone(), json.clone().into()))
        .collect();
    let args = ExecuteArgs::parse(&args).map_err(|error| Raised::Failed(error.into()))?;
    cx.default_execute_with(test, args).map_err(Raised::Failed)
}

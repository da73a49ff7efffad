//! Cherry-picking: which of a run's arguments a phase receives, and which are unknown.

use super::{Arg, Args, ParamError};
use crate::def::TestDef;
use crate::phase::Phase;
use crate::suggest::nearest;

/// The arguments of the default `execute` and of the framework itself.
///
/// `initialize`, `setup`, `warmup`, `cleanup` and a test's own `execute` may declare the first five; the
/// phases inside the loop may not. No phase receives the last two.
pub const FRAMEWORK_ARGUMENTS: &[&str] = &[
    "iterations",
    "test_length",
    "profile_only",
    "postprocess_profiled_run",
    "constraints",
    "run_cleanup",
    "test_attributes",
];

/// Arguments that no phase receives.
const POPPED: &[&str] = &["run_cleanup", "test_attributes"];

/// The arguments that a phase other than `execute` receives.
///
/// Conformance: topic `pick`.
pub fn pick(def: &TestDef, phase: Phase, args: &Args) -> Args {
    let inside_loop = !matches!(
        phase,
        Phase::Initialize | Phase::Setup | Phase::Warmup | Phase::Cleanup | Phase::Execute
    );
    let hidden = if inside_loop {
        FRAMEWORK_ARGUMENTS
    } else {
        POPPED
    };
    args.filtered(&|name| {
        !hidden.contains(&name) && (def.catch_all.contains(phase) || def.declares(phase, name))
    })
}

/// The arguments that a test's own `execute` receives: all that it or `run_once` declares, including the
/// framework's. Without a `run_once`, the same as for any phase.
///
/// Conformance: `pick-own-execute-*`.
pub fn pick_execute(def: &TestDef, args: &Args) -> Args {
    if !def.phases.contains(Phase::RunOnce) {
        return pick(def, Phase::Execute, args);
    }
    let run_once_takes_all = def.catch_all.contains(Phase::RunOnce);
    args.filtered(&|name| {
        !POPPED.contains(&name)
            && (run_once_takes_all
                || def.declares(Phase::RunOnce, name)
                || def.declares(Phase::Execute, name))
    })
}

/// Which arguments a test knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub enum Known {
    /// Those that a phase declares and, for the default `execute`, the framework's.
    #[default]
    Declared,
    /// All of [`Known::Declared`] and [`Known::Original`] (`--allow-unknown-params`).
    Lenient,
    /// The original's rule (`allow_unknown_params`): any argument, unless the test has its own `execute`
    /// without a catch-all parameter; then those that `initialize`, `setup`, `execute` and `cleanup` declare.
    Original,
}

/// An argument that no phase declares.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Unknown parameter: {name}")]
pub struct UnknownParameter {
    /// The argument.
    pub name: String,
    /// The most similar name that the test knows.
    pub nearest: Option<String>,
    /// The arguments that the test knows, each with the phases that declare it.
    pub known: Vec<String>,
}

impl UnknownParameter {
    /// Advice for the user.
    pub fn advice(&self) -> String {
        let mut advice = match &self.nearest {
            Some(nearest) => format!("did you mean `{nearest}`? "),
            None => String::new(),
        };
        match self.known.as_slice() {
            [] => advice.push_str("the test takes no parameters"),
            known => advice.push_str(&format!("it takes {}", known.join(", "))),
        }
        advice
    }
}

/// Refuses the first argument that the test does not know.
///
/// # Errors
/// [`UnknownParameter`], whose text is the original's.
pub fn check(def: &TestDef, args: &Args, known: Known) -> Result<(), Box<UnknownParameter>> {
    match args.iter().find(|(name, _)| !is_known(def, name, known)) {
        Some((name, _)) => Err(Box::new(unknown(def, name))),
        None => Ok(()),
    }
}

/// Whether the test knows an argument of this name.
pub fn is_known(def: &TestDef, name: &str, known: Known) -> bool {
    let own_execute = def.phases.contains(Phase::Execute);
    let counted = |phase: Phase| match known {
        Known::Declared | Known::Lenient => true,
        Known::Original => matches!(
            phase,
            Phase::Initialize | Phase::Setup | Phase::Execute | Phase::Cleanup
        ),
    };
    let declared = def
        .phases
        .iter()
        .filter(|phase| counted(*phase))
        .any(|phase| def.catch_all.contains(phase) || def.declares(phase, name));
    POPPED.contains(&name)
        || declared
        || !own_execute && (known != Known::Declared || FRAMEWORK_ARGUMENTS.contains(&name))
}

fn unknown(def: &TestDef, name: &str) -> UnknownParameter {
    let names = def.params.iter().map(|param| param.name);
    let known = def.params.iter().map(|param| {
        let phases: Vec<_> = param.phases.iter().map(Phase::name).collect();
        format!("`{}` ({})", param.name, phases.join(", "))
    });
    let known = known.collect();
    let of_framework = match def.phases.contains(Phase::Execute) {
        true => &[],
        false => FRAMEWORK_ARGUMENTS,
    };
    let names = names.chain(of_framework.iter().copied());
    let nearest = nearest(name, names.filter(|other| *other != name)).map(str::to_owned);
    UnknownParameter {
        name: name.to_owned(),
        nearest,
        known,
    }
}

/// Checks of arguments before the run.
impl TestDef {
    /// The errors of arguments: wrong types, values out of range, and missing arguments.
    pub fn check_values(&self, args: &Args) -> Vec<ParamError> {
        let checked = self
            .params
            .iter()
            .filter_map(|param| match args.arg(param.name) {
                Some(arg) => param.check(arg).err(),
                None => self
                    .is_missing(param)
                    .then(|| ParamError::missing(param.name, param.ty)),
            });
        checked.collect()
    }

    fn is_missing(&self, param: &super::ParamDef) -> bool {
        param.required && !self.case_args().iter().any(|(name, _)| *name == param.name)
    }

    /// The arguments of this test's case, for the run's keyval.
    pub fn case_arguments(&self) -> Args {
        let args = self.case_args().iter();
        args.map(|(name, text)| ((*name).to_owned(), Arg::Text((*text).to_owned())))
            .collect()
    }
}

//! A scenario as a definition of a test, with what a macro would have generated.
//!
//! A definition holds function pointers, which capture nothing: the scenario travels in its `doc`, the
//! defaults in its parameters.

use autotest_core::{
    Arg, Args, Binding, Bound, Call, Details, Failure, Metadata, ParamDef, ParamError, Phase,
    PhaseSet, TestDef, TestResult, Value, Version,
};
use serde_json::Value as Json;

use crate::case::Case;
use crate::scenario::{PhaseScript, Scenario};
use crate::script;

/// The definition of the scripted test. It lives as long as the process, as definitions do.
pub(crate) fn define(case: &Case) -> &'static TestDef {
    Box::leak(Box::new(TestDef {
        name: leak(&case.scenario.url),
        call: Call::Phases(script::construct),
        details: Box::leak(Box::new(details(case))),
        ..TestDef::DEFAULT
    }))
}

fn details(case: &Case) -> Details {
    let scenario = &case.scenario;
    let phases = || scripted_phases(scenario);
    Details {
        doc: leak(&case.scenario_text),
        meta: Box::leak(Box::new(metadata(scenario))),
        params: phases()
            .flat_map(|(phase, script)| params(phase, script))
            .collect::<Vec<_>>()
            .leak(),
        phases: set(phases().map(|(phase, _)| phase)),
        catch_all: set(phases()
            .filter(|(_, script)| script.catch_all)
            .map(|(phase, _)| phase)),
        bind: Some(bind),
        ..Details::DEFAULT
    }
}

fn metadata(scenario: &Scenario) -> Metadata {
    let test = &scenario.test;
    Metadata {
        version: version(&test.version),
        network_destabilizing: scenario.seed.network && is_truthy(&test.network_destabilizing),
        preserve_srcdir: is_truthy(&test.preserve_srcdir),
        postprocess_profiled_run: is_truthy(&test.postprocess_profiled_run),
        ..Metadata::DEFAULT
    }
}

/// The scenario that a definition was made of.
pub(crate) fn scenario_of(def: &TestDef) -> Scenario {
    serde_json::from_str(def.doc).expect("the scenario was read from the same text before")
}

pub(crate) fn is_truthy(json: &Json) -> bool {
    Value::from(json.clone()).is_truthy()
}

fn leak(text: &str) -> &'static str {
    Box::leak(Box::from(text))
}

fn set(phases: impl Iterator<Item = Phase>) -> PhaseSet {
    phases.fold(PhaseSet::EMPTY, PhaseSet::with)
}

/// The phases that the scenario lists; `init` is the constructor.
fn scripted_phases(scenario: &Scenario) -> impl Iterator<Item = (Phase, &PhaseScript)> {
    scenario
        .test
        .phases
        .iter()
        .filter_map(|(name, script)| Some((Phase::named(name)?, script)))
}

fn version(json: &Json) -> Version {
    match Value::from(json.clone()) {
        Value::Int(number) => Version::Int(i64::try_from(number).unwrap_or_default()),
        Value::Float(number) => Version::Float(number),
        Value::Str(text) => Version::Text(leak(&text)),
        Value::None | Value::Bool(_) | Value::List(_) | Value::Map(_) => Metadata::DEFAULT.version,
    }
}

/// One definition for each parameter of the phase: in Python, defaults differ by phase.
fn params(phase: Phase, script: &PhaseScript) -> impl Iterator<Item = ParamDef> {
    script.params.iter().map(move |name| {
        let default = script
            .defaults
            .get(name)
            .map(|json| leak(&json.to_string()));
        ParamDef {
            name: leak(name),
            ty: "object",
            required: default.is_none(),
            default,
            phases: PhaseSet::EMPTY.with(phase),
            ..ParamDef::DEFAULT
        }
    })
}

/// The arguments that one phase receives: those it declares, and the rest if it takes the rest.
#[derive(Debug)]
pub(crate) struct Received {
    pub(crate) declared: Args,
    pub(crate) rest: Args,
}

fn bind(binding: &mut Binding<'_>) -> TestResult<Option<Bound>> {
    let phase = binding.phase;
    let def = binding.context().def();
    let mut rest = std::mem::take(&mut binding.args);
    let mut declared = Args::new();
    for param in def
        .params
        .iter()
        .filter(|param| param.phases.contains(phase))
    {
        let given = rest.remove(param.name);
        declared.insert(param.name, given.map_or_else(|| default_of(param), Ok)?);
    }
    Ok(Some(Bound::new(Received { declared, rest })))
}

fn default_of(param: &ParamDef) -> Result<Arg, Failure> {
    match param.default {
        Some(text) => Ok(Arg::Json(serde_json::from_str(text)?)),
        None => Err(ParamError::missing(param.name, param.ty).into()),
    }
}

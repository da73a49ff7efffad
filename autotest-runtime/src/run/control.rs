//! `--control NAME`: the control function of a job, with its arguments.

use autotest_core::params;
use autotest_core::{Args, ControlStart, Known, Settings};

use super::MainError;
use crate::cli::Options;
use crate::exec::{Control, ControlWork, Recorded};
use crate::plan::{ControlPlan, PlanError};
use crate::registry::{ControlFunction, Registry};

/// The control function that the command line names, if it names one, with its arguments.
///
/// # Errors
/// If there is no such function, if an argument is declared neither by it nor by a test, or if its arguments
/// are missing or wrong.
pub(super) fn work(
    registry: &'static Registry,
    options: &Options,
) -> Result<Option<(ControlStart, ControlWork)>, MainError> {
    let Some(name) = &options.control else {
        return Ok(None);
    };
    let function = registry.controls()?.named(name);
    let function = function.map_err(MainError::NoSuchTest)?;
    let given = options.plan.given.args();
    let known = options.plan.settings.known_params;
    let own = given.filtered(&|name| declares(function, name));
    let for_tests = given.filtered(&|name| !declares(function, name));
    refuse_undeclared(registry, function, &for_tests, known)?;
    let errors = function.control.def.check_values(&own);
    if !errors.is_empty() {
        let errors = errors.into_iter().map(|error| (function.id.clone(), error));
        return Err(PlanError::Values(errors.collect()).into());
    }
    let start = ControlStart {
        name: function.id.clone(),
        args: own.clone(),
    };
    let plan = ControlPlan {
        registry,
        settings: Settings {
            automatic_test_tag: options.plan.given.tag.clone(),
            ..options.plan.settings.clone()
        },
        given: for_tests,
    };
    let work = ControlWork {
        function,
        args: own,
        requests: Control::new(plan, Recorded::default()),
        is_repeated: false,
    };
    Ok(Some((start, work)))
}

/// Refuses an argument that neither the function nor a test declares.
fn refuse_undeclared(
    registry: &'static Registry,
    function: &ControlFunction,
    given: &Args,
    known: Known,
) -> Result<(), PlanError> {
    let is_known_to_a_test = |name: &str| {
        let mut tests = registry.tests().iter();
        tests.any(|test| params::is_known(test.def, name, known))
    };
    let undeclared = given.filtered(&|name| !is_known_to_a_test(name));
    let checked = params::check(&function.control.def, &undeclared, Known::Declared);
    checked.map_err(|unknown| PlanError::Unknown {
        test: function.id.clone(),
        unknown,
    })
}

fn declares(function: &ControlFunction, name: &str) -> bool {
    let def = &function.control.def;
    def.params.iter().any(|param| param.name == name) || !def.catch_all.is_empty()
}

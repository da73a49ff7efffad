//! Jobs whose runs are requested: by a control function (`--control NAME`) or by what a job file says
//! (`--job FILE`).

use std::fs;
use std::path::Path;

use autotest_core::params;
use autotest_core::{Args, ControlStart, Known, PlannedTest, Requested};

use super::MainError;
use crate::cli::Options;
use crate::exec::{Called, Control, ControlWork, Recorded};
use crate::job_file::{self, JobFile};
use crate::plan::{ControlPlan, GivenArgs, PlanError, WrongValue};
use crate::registry::{ControlFunction, Registry};

/// A job whose runs are requested.
pub(super) struct ControlJob {
    pub(super) start: ControlStart,
    pub(super) work: ControlWork,
    /// The runs of a job file; empty for a control function.
    pub(super) plan: Vec<PlannedTest>,
    /// The name that a job file gives to the job.
    pub(super) label: Option<String>,
}

/// The control function or the job file that the command line names, if it names one. Adds to the options what
/// the file says. `begun` is how a resumed job began.
///
/// # Errors
/// If there is no such function or file, or anything in the file or in the arguments is wrong.
pub(super) fn open(
    registry: &'static Registry,
    options: &mut Options,
    begun: Option<&ControlStart>,
) -> Result<Option<ControlJob>, MainError> {
    options.plan.settings.automatic_test_tag = match (&options.control, &options.job) {
        (None, None) => return Ok(None),
        _ => options.plan.given.tag.clone(),
    };
    match (&options.control, &options.job) {
        (Some(name), _) => function(registry, options, name).map(Some),
        (None, Some(path)) => {
            let path = path.clone();
            let text = match begun.and_then(|start| start.file.clone()) {
                Some(text) => text,
                None => read(&path)?,
            };
            file(registry, options, &path, text).map(Some)
        }
        (None, None) => Ok(None),
    }
}

fn function(
    registry: &'static Registry,
    options: &Options,
    name: &str,
) -> Result<ControlJob, MainError> {
    let function = registry.controls()?.named(name);
    let function = function.map_err(MainError::NoSuchTest)?;
    let given = options.plan.given.by_source();
    let own = own_args(function, &given);
    let mut for_tests = given;
    // A control function cannot pass a secret on, so the tests get it, too.
    for_tests.flags = for_tests
        .flags
        .filtered(&|name| !declares(function, name) || registry.is_secret(name));
    let known = options.plan.settings.known_params;
    refuse_undeclared(registry, function, &for_tests.flags, known)?;
    let errors = function.control.def.check_values(&own);
    if !errors.is_empty() {
        let errors = errors.into_iter().map(|error| WrongValue {
            test: function.id.clone(),
            variable: for_tests.variable_of(&error),
            error,
        });
        return Err(PlanError::Values(errors.collect()).into());
    }
    let start = ControlStart {
        name: function.id.clone(),
        args: own.without_secrets(),
        file: None,
    };
    Ok(ControlJob {
        start,
        work: ControlWork {
            called: Called::Function(function),
            args: own,
            requests: Control::new(plan(registry, options, for_tests), Recorded::default()),
            is_repeated: false,
        },
        plan: Vec::new(),
        label: None,
    })
}

/// The arguments of the function itself.
fn own_args(function: &ControlFunction, given: &GivenArgs) -> Args {
    let is_param = |name: &str| function.control.def.params.iter().any(|it| it.name == name);
    let mut own = given.environment.filtered(&is_param);
    own.extend(given.flags.filtered(&|name| declares(function, name)));
    own
}

fn plan(registry: &'static Registry, options: &Options, given: GivenArgs) -> ControlPlan {
    ControlPlan {
        registry,
        settings: options.plan.settings.clone(),
        given,
    }
}

fn read(path: &Path) -> Result<String, MainError> {
    let text = fs::read_to_string(path);
    text.map_err(|error| {
        MainError::JobFile(format!(
            "failed to read the job file `{}`: {error}",
            path.display()
        ))
    })
}

/// A job file. The flags of the command line win over what it says.
fn file(
    registry: &'static Registry,
    options: &mut Options,
    path: &Path,
    text: String,
) -> Result<ControlJob, MainError> {
    let name = path.display().to_string();
    let file = parsed(registry, options, &name, &text)?;
    let given = options.plan.given.by_source();
    let plan = plan(registry, options, given);
    let mut planned = Vec::new();
    let mut sequence = 0;
    file.each_run(&mut |request| {
        let settings = &plan.settings;
        let requested = Requested {
            sequence: settings.use_sequence_number.then_some(sequence + 1),
            ..Requested::new(request.clone())
        };
        if let Ok(run) = plan.run(Box::new(requested)) {
            sequence += 1;
            planned.push(PlannedTest {
                test: run.name.test,
                operation: run.name.tagged_testname,
                args: run.args.without_secrets(),
            });
        }
    });
    let start = ControlStart {
        name,
        args: Args::new(),
        file: Some(text.clone()),
    };
    Ok(ControlJob {
        start,
        work: ControlWork {
            called: Called::File(text),
            args: Args::new(),
            requests: Control::new(plan, Recorded::default()),
            is_repeated: false,
        },
        plan: planned,
        label: file.label,
    })
}

/// Parses a job file, and adds its settings and parameters to the options.
pub(super) fn parsed(
    registry: &'static Registry,
    options: &mut Options,
    name: &str,
    text: &str,
) -> Result<JobFile, MainError> {
    let given = options.plan.given.by_source();
    let file = job_file::read(text, registry, &options.plan.settings, given);
    let file = file.map_err(|mistakes| MainError::JobFile(mistakes.of_file(name)))?;
    file.apply_settings(&mut options.plan.settings, &options.given);
    options.plan.given.of_file = file.params.clone();
    Ok(file)
}

/// `--dry-run`: the runs of a job file or of a list, a line each.
///
/// # Errors
/// If the job could not run.
pub(super) fn dry_run(
    registry: &'static Registry,
    options: &mut Options,
) -> Result<String, MainError> {
    if let Some(path) = options.job.clone() {
        let text = read(&path)?;
        let file = parsed(registry, options, &path.display().to_string(), &text)?;
        return Ok(job_file::show(&file.runs));
    }
    let plan = crate::plan::Plan::new(registry, &options.plan)?;
    let lines = plan.runs.iter().map(|run| {
        let args = job_file::show_args(&run.args);
        match run.name.tagged_testname == run.test.directory() {
            true => format!("{}{args}\n", run.name.test),
            false => format!("{} ({}){args}\n", run.name.test, run.name.tagged_testname),
        }
    });
    Ok(lines.collect())
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

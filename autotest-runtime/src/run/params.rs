//! Arguments from environment variables, and secret arguments.
//!
//! A variable `AUTOTEST_PARAM_MB` stands for `--param mb=…`. Secrets are recognised once the command line is parsed,
//! and are marked here, before anything records them.

use std::ffi::OsString;

use autotest_core::{Arg, Args, JobStart, SECRET};

use super::MainError;
use super::resume::ResumeError;
use crate::cli::{Options, UsageError};
use crate::engine::Variables;
use crate::registry::{Registry, VARIABLE_PREFIX, variable_of};

/// Adds parameters from variables to the options of a new job, and marks secrets.
///
/// # Errors
/// If a variable is not UTF-8.
pub(super) fn complete(
    registry: &Registry,
    options: &mut Options,
    variables: Variables<'_>,
) -> Result<(), UsageError> {
    let given = &mut options.plan.given;
    given.environment = environment(registry, variables)?;
    seal(registry, &mut given.params);
    Ok(())
}

/// The same for a resumed job. The values of variables are taken from the journal, except for secrets, each of which
/// must be given again. `given` is the current command line.
///
/// # Errors
/// If a secret is missing, or another parameter is given.
pub(super) fn complete_resumed(
    registry: &Registry,
    options: &mut Options,
    given: &Options,
    job: &JobStart,
    variables: Variables<'_>,
) -> Result<(), MainError> {
    let again = given.plan.given.params.clone();
    let mut params = std::mem::take(&mut options.plan.given.params);
    params.truncate(params.len() - again.len());
    let mut environment = job.environment.clone();
    let is_secret = |name: &str| registry.is_secret(name);
    let needs = |name: &str| {
        let is_begun = params.iter().any(|(given, _)| given == name);
        is_secret(name) && (is_begun || environment.arg(name).is_some())
    };
    refuse_others(&again, &needs)?;
    let mut secrets = self::environment(registry, variables)?.filtered(&needs);
    again
        .into_iter()
        .for_each(|(name, arg)| secrets.insert(name, arg.into_secret()));
    for (name, arg) in params.iter_mut().filter(|(name, _)| is_secret(name)) {
        *arg = secret(&secrets, name)?;
    }
    for (name, _) in job.environment.iter().filter(|(_, arg)| arg.is_secret()) {
        environment.insert(name, secret(&secrets, name)?);
    }
    options.plan.given.params = params;
    options.plan.given.environment = environment;
    Ok(())
}

/// The same for a job that repeats runs of another. The runs keep their arguments, except for those that are `given`
/// now, and for secrets, whose values are returned.
///
/// # Errors
/// If a variable is not UTF-8.
pub(super) fn complete_rerun(
    registry: &Registry,
    options: &mut Options,
    given: &mut Options,
    job: &JobStart,
    variables: Variables<'_>,
) -> Result<Args, UsageError> {
    seal(registry, &mut given.plan.given.params);
    let mut secrets = environment(registry, variables)?.secrets();
    secrets.extend(given.plan.given.args().secrets());
    let params = &mut options.plan.given.params;
    seal(registry, params);
    for (name, arg) in params.iter_mut() {
        if let Some(secret) = secrets.arg(name).filter(|_| arg.is_secret()) {
            *arg = secret.clone().into_secret();
        }
    }
    options.plan.given.environment = job.environment.with_secrets(&secrets);
    Ok(secrets)
}

/// Refuses all parameters except those that must be given again.
fn refuse_others(again: &[(String, Arg)], needs: &dyn Fn(&str) -> bool) -> Result<(), UsageError> {
    match again.iter().find(|(name, _)| !needs(name)) {
        None => Ok(()),
        Some((name, _)) => Err(UsageError::NotAllowedWith {
            given: format!("--param {name}"),
            flag: "resume",
            why: "a resumed job keeps its parameters, except for secrets, which are not on record",
        }),
    }
}

/// The value of a secret that must be given again.
fn secret(secrets: &Args, name: &str) -> Result<Arg, ResumeError> {
    let secret = secrets.arg(name).cloned();
    secret.ok_or_else(|| ResumeError::secret(name))
}

/// The parameters from variables. Empty variables are ignored.
pub(super) fn environment(
    registry: &Registry,
    variables: Variables<'_>,
) -> Result<Args, UsageError> {
    let mut args = Args::new();
    for variable in variables.names(VARIABLE_PREFIX) {
        let Some(value) = variables.get(&variable) else {
            continue;
        };
        for param in registry.params() {
            if variable_of(param.name) == variable {
                let text = value
                    .to_str()
                    .ok_or_else(|| UsageError::NotText(variable.clone()))?;
                args.insert(param.name, Arg::Text(text.to_owned()));
            }
        }
    }
    Ok(args.sealed(&|name| registry.is_secret(name)))
}

fn seal(registry: &Registry, params: &mut [(String, Arg)]) {
    for (name, arg) in params {
        if registry.is_secret(name) {
            *arg = arg.clone().into_secret();
        }
    }
}

/// The arguments of a command line without the values of secrets, to be recorded.
pub(super) fn recorded(registry: &Registry, words: &[OsString]) -> Vec<String> {
    let words: Vec<_> = words.iter().map(|word| word.to_string_lossy()).collect();
    let before = std::iter::once("").chain(words.iter().map(|word| &**word));
    let recorded = before
        .zip(&words)
        .map(|(before, word)| match word.strip_prefix("--param=") {
            Some(param) => format!("--param={}", without_secret(registry, param)),
            None if before == "--param" => without_secret(registry, word),
            None => word.clone().into_owned(),
        });
    recorded.collect()
}

/// `NAME=VALUE`, without the value of a secret.
fn without_secret(registry: &Registry, param: &str) -> String {
    match param.split_once('=') {
        Some((name, _)) if registry.is_secret(name) => format!("{name}={SECRET}"),
        _ => param.to_owned(),
    }
}

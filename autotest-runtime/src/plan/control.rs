//! Plans the runs that a control function requests, one by one.

use autotest_core::lifecycle::check_arguments;
use autotest_core::params;
use autotest_core::{Known, LEGAL_TAG, Request, Requested, Settings, excerpt, is_legal_tag, name};

use super::{GivenArgs, PlannedRun};
use crate::registry::{Registry, Test, variable_of};

/// The part of the plans that all runs of a control function share.
#[derive(Clone, Debug)]
pub(crate) struct ControlPlan {
    pub(crate) registry: &'static Registry,
    /// The settings in force until the control function changes them.
    pub(crate) settings: Settings,
    /// The arguments of flags and variables for the tests that declare them.
    pub(crate) given: GivenArgs,
}

impl ControlPlan {
    /// Plans a run. Arguments from flags and variables take precedence over those of the control function.
    ///
    /// # Errors
    /// If it cannot be run; returns the request with the reason.
    pub(crate) fn run(
        &self,
        requested: Box<Requested>,
    ) -> Result<PlannedRun, (Box<Requested>, String)> {
        match self.planned(&requested) {
            Ok(run) => Ok(PlannedRun {
                requested: Some(requested),
                ..run
            }),
            Err(reason) => Err((requested, reason)),
        }
    }

    /// A request in the form to be recorded, without secrets.
    pub(crate) fn recorded(&self, request: Request) -> Request {
        match request {
            Request::Run(mut run) if !run.args.is_empty() => {
                let is_secret = |name: &str| self.registry.is_secret(name);
                run.args = run.args.sealed(&is_secret).without_secrets();
                Request::Run(run)
            }
            other => other,
        }
    }

    fn planned(&self, requested: &Requested) -> Result<PlannedRun, String> {
        let request = &requested.request;
        let test = self.registry.named(&request.test)?;
        for tag in [&request.tag, &request.subdir_tag].into_iter().flatten() {
            if !is_legal_tag(tag) {
                let tag = excerpt(tag);
                return Err(format!(
                    "{}: {tag:?} is not a valid tag: {LEGAL_TAG}",
                    test.id
                ));
            }
        }
        let settings = requested.settings.as_ref().unwrap_or(&self.settings);
        let args = self
            .given
            .of_run(test, &request.args, settings.known_params);
        if let Some(name) = args.unknown_secret() {
            return Err(format!("{}: {}", test.id, refused_secret(name)));
        }
        let tag = tag_of(request.tag.as_deref(), requested.sequence, settings);
        let mut run = PlannedRun::new(test, tag.as_deref(), "", args);
        if let Some(tag) = &request.subdir_tag {
            run.name.subdir = name::tagged(&run.name.subdir, tag);
        }
        check(test, &run, settings.known_params)?;
        Ok(run)
    }
}

/// The error for a secret that was given in a way that would be recorded.
pub(crate) fn refused_secret(name: &str) -> String {
    let variable = variable_of(name);
    format!(
        "the parameter `{name}` is secret, and a job's requests are recorded: give it with \
         `--param {name}=…` or in `{variable}`"
    )
}

/// The complete tag of a run: its own tag, its number and the job's tag (formats §10).
fn tag_of(own: Option<&str>, sequence: Option<u32>, settings: &Settings) -> Option<String> {
    let number = sequence.map(|number| format!("_{number:02}_"));
    let automatic = settings.automatic_test_tag.as_deref();
    let parts: Vec<_> = own
        .into_iter()
        .chain(number.as_deref())
        .chain(automatic)
        .collect();
    (!parts.is_empty()).then(|| parts.join("."))
}

/// Refuses an illegal name for a directory, unknown arguments, and values that the test does not accept.
fn check(test: &Test, run: &PlannedRun, known: Known) -> Result<(), String> {
    if run.name.subdir != test.directory() {
        name::check(&run.name.subdir).map_err(|error| {
            let name = excerpt(&run.name.subdir);
            format!(
                "{} cannot run as `{name}`: {error}; give it another tag",
                test.id
            )
        })?;
    }
    #[cfg(feature = "profilers")]
    crate::registry::check_profilers_of(test)?;
    params::check(test.def, &run.args, known).map_err(|unknown| {
        let (name, advice) = (excerpt(&unknown.name), unknown.advice());
        format!("unknown parameter `{name}` of `{}`: {advice}", test.id)
    })?;
    let mut errors = test.def.check_values(&run.args);
    errors.extend(check_arguments(&run.args));
    let errors: Vec<_> = errors.iter().map(ToString::to_string).collect();
    match errors.is_empty() {
        true => Ok(()),
        false => Err(format!("{}: {}", test.id, errors.join("; "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_a_tag_are_in_the_order_of_the_original() {
        let settings = Settings {
            automatic_test_tag: Some("auto".to_owned()),
            ..Settings::default()
        };
        let whole = tag_of(Some("t"), Some(1), &settings);
        assert_eq!(whole.as_deref(), Some("t._01_.auto"));
        assert_eq!(tag_of(None, None, &Settings::default()), None);
    }
}

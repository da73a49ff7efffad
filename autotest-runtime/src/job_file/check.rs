//! Checks the runs of a job file against the tests of this binary.

use std::collections::HashMap;

use autotest_core::lifecycle::check_arguments;
use autotest_core::params::{self, ParamError, is_known};
use autotest_core::{Args, Requested, RunRequest, Settings, excerpt};

use super::mistakes::{Member, Mistakes, Piece};
use crate::plan::{ControlPlan, GivenArgs, refused_secret};
use crate::registry::{Registry, Test};

/// The state of a check.
#[derive(Default)]
pub(super) struct Checker {
    /// `None` if the file has been checked already.
    pub(super) registry: Option<&'static Registry>,
    pub(super) settings: Settings,
    /// The arguments for all runs, from flags, variables and the file.
    pub(super) given: GivenArgs,
    /// The directories so far, each with the place in the file of its run.
    directories: HashMap<String, String>,
    /// `true` while the list of runs is within a branch.
    pub(super) is_in_branch: bool,
}

impl Checker {
    pub(super) fn new(
        registry: &'static Registry,
        settings: Settings,
        given: GivenArgs,
    ) -> Checker {
        Checker {
            registry: Some(registry),
            settings,
            given,
            ..Checker::default()
        }
    }

    /// Refuses arguments for all runs that no test declares.
    pub(super) fn check_params(&self, given: &[Member<'_>], mistakes: &mut Mistakes<'_>) {
        let Some(registry) = self.registry else {
            return;
        };
        for (name, key, _) in given {
            let mut tests = registry.tests().iter();
            if registry.is_secret(name) {
                mistakes.at(key, refused_secret(name));
                continue;
            }
            if !tests.any(|test| is_known(test.def, name, self.settings.known_params)) {
                let name = excerpt(name);
                mistakes.at(key, format!("no test has a parameter `{name}`"));
            }
        }
    }

    /// Checks a run. `places` are the places of its arguments in the file, by name; the empty name stands for the test.
    pub(super) fn check_run(
        &mut self,
        request: &RunRequest,
        places: &[(String, Piece<'_>)],
        mistakes: &mut Mistakes<'_>,
    ) {
        let Some(registry) = self.registry else {
            return;
        };
        let place_of = |name: &str| {
            let place = places.iter().find(|(known, _)| known == name);
            place.map_or(places[0].1, |(_, place)| *place)
        };
        let test = match registry.named(&request.test) {
            Ok(test) => test,
            Err(error) => return mistakes.at(places[0].1, error),
        };
        let before = mistakes.count();
        self.check_arguments((registry, test), request, &place_of, mistakes);
        if mistakes.count() == before {
            self.check_directory(registry, request, places[0].1, mistakes);
        }
    }

    /// Checks each argument separately, so that every mistake has a place.
    fn check_arguments<'p>(
        &self,
        (registry, test): (&Registry, &Test),
        request: &RunRequest,
        place_of: &dyn Fn(&str) -> Piece<'p>,
        mistakes: &mut Mistakes<'_>,
    ) {
        for (name, arg) in request.args.iter() {
            let alone: Args = [(name.to_owned(), arg.clone())].into_iter().collect();
            let place = place_of(name);
            if registry.is_secret(name) {
                mistakes.at(place, refused_secret(name));
                continue;
            }
            if let Err(unknown) = params::check(test.def, &alone, self.settings.known_params) {
                let (name, advice) = (excerpt(name), unknown.advice());
                let id = test.id;
                mistakes.at(
                    place,
                    format!("unknown parameter `{name}` of `{id}`: {advice}"),
                );
                continue;
            }
            let declared = test.def.params.iter().find(|param| param.name == name);
            let refused = declared.and_then(|param| (param.check)(param, arg).err());
            let refused = refused.into_iter().chain(check_arguments(&alone));
            refused.for_each(|error| mistakes.at(place, error.to_string()));
        }
        let known = self.settings.known_params;
        let all = self.given.of_run(test, &request.args, known);
        for error in test.def.check_values(&all) {
            if let ParamError::Missing { .. } = error {
                mistakes.at(place_of(""), error.to_string());
            }
        }
    }

    /// Refuses an illegal name for a directory, and the directory of another run.
    fn check_directory(
        &mut self,
        registry: &'static Registry,
        request: &RunRequest,
        place: Piece<'_>,
        mistakes: &mut Mistakes<'_>,
    ) {
        let requested = Box::new(Requested::new(request.clone()));
        let plan = ControlPlan {
            registry,
            settings: self.settings.clone(),
            given: self.given.clone(),
        };
        match plan.run(requested) {
            Err((_, error)) => mistakes.at(place, error),
            Ok(_) if self.settings.use_sequence_number => {}
            Ok(run) => {
                let here = mistakes.place(place);
                let there = self.directories.insert(run.name.subdir.clone(), here);
                if let Some(there) = there {
                    let subdir = excerpt(&run.name.subdir);
                    mistakes.at(
                        place,
                        format!("the run at {there} has the same directory `{subdir}`; give each a `tag`"),
                    );
                }
            }
        }
    }
}

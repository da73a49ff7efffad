//! Prepares a run: connects to the targets, asks them for facts, and builds the suite for them.

use std::collections::BTreeMap;
use std::path::Path;
use std::thread;
use std::time::Duration;

use super::facts::Facts;
use super::payload::Payload;
use super::{RunError, TargetError};
use crate::build;
use crate::cli::{self, Format};
use crate::target::{Home, Shell, Target};

/// Stands for the Rust target that `build` chooses for this machine by default.
const HOST: &str = "host";

/// A connected target.
pub(super) struct Ready {
    pub(super) target: Target,
    pub(super) shell: Shell,
    pub(super) facts: Facts,
}

/// The index of a job, with its connected target, or the reason why there is no connection.
pub(super) type Connected = (usize, Result<Ready, TargetError>);

/// Connects to all targets at once. Machines that are booted for this have their files in `home`.
///
/// # Errors
/// If one cannot be reached. It waits only for machines that boot, since nothing has been started yet.
pub(super) fn connect(
    targets: Vec<Target>,
    home: &Home,
    patience: Duration,
) -> Result<Vec<Ready>, RunError> {
    let names: Vec<String> = targets.iter().map(|it| it.name().to_owned()).collect();
    let connected = connect_each(targets.into_iter().enumerate().collect(), home, patience);
    let named = names.into_iter().zip(connected);
    named
        .map(|(name, (_, ready))| ready.map_err(|error| RunError::Target(name, Box::new(error))))
        .collect()
}

/// Connects to all targets at once. Each may fail without the others.
pub(super) fn connect_each(
    targets: Vec<(usize, Target)>,
    home: &Home,
    patience: Duration,
) -> Vec<Connected> {
    let connect = |target: Target| {
        let shell = target.shell(home, patience);
        thread::spawn(move || connect_to(target, shell))
    };
    let connecting: Vec<_> = targets
        .into_iter()
        .map(|(index, target)| (index, connect(target)))
        .collect();
    let connected = connecting.into_iter();
    connected
        .map(|(index, thread)| match thread.join() {
            Ok(ready) => (index, ready),
            Err(panic) => std::panic::resume_unwind(panic),
        })
        .collect()
}

fn connect_to(target: Target, mut shell: Shell) -> Result<Ready, TargetError> {
    if target.is_booted() {
        eprintln!("note: waiting for the SSH server of {}", target.name());
    }
    let facts = shell
        .connect()
        .map_err(TargetError::from)
        .and_then(|()| Facts::ask(&shell, &target));
    Ok(Ready {
        facts: facts?,
        target,
        shell,
    })
}

/// The files for the targets, by the Rust target for which they are built. A file that the user named is for all, with
/// an empty key.
pub(super) struct Payloads {
    by_triple: BTreeMap<String, Payload>,
}

impl Payloads {
    /// Reads the file `what`, or builds the suite of that name for each architecture.
    ///
    /// # Errors
    /// If it cannot be built or read, or a target cannot run it.
    pub(super) fn of(
        what: &str,
        profile: Option<&str>,
        ready: &[Ready],
    ) -> Result<Payloads, RunError> {
        let mut payloads = Payloads {
            by_triple: BTreeMap::new(),
        };
        let path = Path::new(what);
        let is_file = path.is_file() || what.contains('/');
        for ready in ready {
            let triple = match is_file {
                true => String::new(),
                false => triple(&ready.target, &ready.facts)?,
            };
            if !payloads.by_triple.contains_key(&triple) {
                let payload = match is_file {
                    true => Payload::of_file(path)?,
                    false => Payload::of_file(&build_suite(what, profile, &triple)?)?,
                };
                payloads.by_triple.insert(triple.clone(), payload);
            }
            if let Some(payload) = payloads.by_triple.get(&triple) {
                check(payload, ready)?;
            }
        }
        Ok(payloads)
    }

    /// The files for a target.
    pub(super) fn of_target(&self, target: &Target, facts: &Facts) -> Option<&Payload> {
        let triple = triple(target, facts).ok();
        let built = triple.and_then(|triple| self.by_triple.get(&triple));
        built.or_else(|| self.by_triple.get(""))
    }

    /// The name of the suite or binary.
    pub(super) fn label(&self) -> &str {
        let first = self.by_triple.values().next();
        first.map_or("suite", |payload| &payload.label)
    }
}

/// The Rust target for which the suite is built to run on a target.
fn triple(target: &Target, facts: &Facts) -> Result<String, RunError> {
    if let Some(triple) = &target.configured.triple {
        return Ok(triple.clone());
    }
    if facts.machine == std::env::consts::ARCH {
        return Ok(HOST.to_owned());
    }
    let known = facts.triple().map(str::to_owned);
    known.ok_or_else(|| {
        let error = TargetError::UnknownMachine(facts.machine.clone());
        RunError::target(target, error)
    })
}

fn build_suite(
    suite: &str,
    profile: Option<&str>,
    triple: &str,
) -> Result<std::path::PathBuf, RunError> {
    let args = cli::Build {
        suite: suite.to_owned(),
        target: (triple != HOST).then(|| triple.to_owned()),
        release: false,
        profile: profile.map(str::to_owned),
        output: None,
        format: Format::Text,
    };
    Ok(build::package(&args)?)
}

fn check(payload: &Payload, ready: &Ready) -> Result<(), RunError> {
    let is_trusted = ready.target.configured.triple.is_some();
    if is_trusted || !ready.facts.cannot_run(payload.architecture) {
        return Ok(());
    }
    let error = TargetError::Architecture {
        machine: ready.facts.machine.clone(),
        system: ready.facts.system.clone(),
        label: payload.label.clone(),
        architecture: payload.architecture.to_string(),
    };
    Err(RunError::target(&ready.target, error))
}

//! Job files: a job as data (`--job FILE`), in JSON.
//!
//! [`read`] turns the text into a [`JobFile`] or all of its mistakes. [`execute`] makes its requests like a control
//! function, so that there is only one way to request runs. This module must not know flags.

mod check;
mod execute;
mod mistakes;
mod read;
mod settings;
mod show;
#[cfg(feature = "sysinfo")]
mod sysinfo;

use autotest_core::{Args, RunRequest, Settings};

pub(crate) use execute::execute;
pub(crate) use read::read;
pub(crate) use show::{args as show_args, show};

/// A job that a file describes.
#[derive(Clone, Debug, Default)]
pub(crate) struct JobFile {
    /// The name of the job, for reports.
    pub(crate) label: Option<String>,
    /// The changes of the settings in the file; flags take precedence.
    pub(crate) settings: Vec<Setting>,
    /// Arguments for all runs of tests that declare them.
    pub(crate) params: Args,
    /// The entries, in order.
    pub(crate) runs: Vec<Entry>,
}

/// A change of the settings.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    /// The flag that takes precedence over it.
    pub(crate) flag: &'static str,
    /// Settings with only this one changed.
    pub(crate) changed: Settings,
    /// Copies this one setting from the first to the second.
    pub(crate) copy: fn(&Settings, &mut Settings),
}

/// An entry of a list of runs.
#[derive(Clone, Debug)]
pub(crate) enum Entry {
    /// A run.
    Run(RunRequest),
    /// A group with its name.
    Group(String, Vec<Entry>),
    /// Branches, each with its name.
    Parallel(Vec<(String, Vec<Entry>)>),
    /// A reboot of the target.
    Reboot,
}

impl JobFile {
    /// Applies the settings for which no flag was given.
    pub(crate) fn apply_settings(&self, settings: &mut Settings, given: &[&'static str]) {
        let wins = |setting: &&Setting| !given.contains(&setting.flag);
        for setting in self.settings.iter().filter(wins) {
            (setting.copy)(&setting.changed, settings);
        }
    }

    /// Calls `f` for each run, in the order of the file.
    pub(crate) fn each_run(&self, f: &mut dyn FnMut(&RunRequest)) {
        each_run(&self.runs, f);
    }
}

fn each_run(entries: &[Entry], f: &mut dyn FnMut(&RunRequest)) {
    for entry in entries {
        match entry {
            Entry::Run(run) => f(run),
            Entry::Group(_, entries) => each_run(entries, f),
            Entry::Parallel(branches) => {
                branches
                    .iter()
                    .for_each(|(_, entries)| each_run(entries, f));
            }
            Entry::Reboot => {}
        }
    }
}

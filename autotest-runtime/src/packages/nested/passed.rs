//! The settings of this job that apply to the package's job as well, and empty arguments, as flags of its executable.
//!
//! The executable may be older than this binary, or lack a feature. A dry run shows which flags it accepts; those that
//! it refuses are left out, so that its tests run all the same.

use std::io::Read;
use std::process::Stdio;

use autotest_core::{Kind, Settings, TestContext, TestError, Verdict, excerpt_ends};

use super::Executable;

/// The exit code with which an executable refuses a command line.
const WRONG_USAGE: i32 = 2;

/// The length of an error message that is read.
const MAX_MESSAGE_BYTES: u64 = 16 << 10;

/// The flags for a package's executable, and the settings that are lost.
#[derive(Debug, Default)]
pub(super) struct Passed {
    pub(super) flags: Vec<String>,
    /// The settings that cannot be passed on, each with the reason.
    lost: Vec<String>,
}

/// A setting: its flag, and the values of its uses. A switch has a use without a value.
type Row = (&'static str, fn(&Settings) -> Vec<Option<String>>);

/// The settings that mean the same to every test. Hooks and tags belong to this binary.
const ROWS: &[Row] = &[
    ("profile-only", |settings| {
        switch(settings.default_profile_only)
    }),
    ("retry", |settings| value(settings.test_retry)),
    ("no-cleanup", |settings| switch(!settings.run_test_cleanup)),
    ("drop-caches", |settings| {
        switch(settings.drop_caches_between_iterations)
    }),
    ("drop-caches-between-tests", |settings| {
        switch(settings.drop_caches)
    }),
    ("max-disk-usage", |settings| {
        value(settings.max_disk_usage_mb_per_hour)
    }),
    #[cfg(feature = "crash-handler")]
    ("crash-handler", |settings| switch(settings.crash_handler)),
    #[cfg(feature = "sysinfo")]
    ("sysinfo", |settings| switch(settings.sysinfo.is_some())),
    #[cfg(feature = "leaks")]
    ("leaks", |settings| match settings.leaks.is_off() {
        true => Vec::new(),
        false => value(Some(settings.leaks.name())),
    }),
    #[cfg(feature = "profilers")]
    ("profiler", |settings| {
        settings
            .profilers
            .iter()
            .map(|used| Some(used.to_string()))
            .collect()
    }),
];

fn switch(is_on: bool) -> Vec<Option<String>> {
    match is_on {
        true => vec![None],
        false => Vec::new(),
    }
}

fn value(value: Option<impl ToString>) -> Vec<Option<String>> {
    value.iter().map(|value| Some(value.to_string())).collect()
}

impl Passed {
    /// Determines which settings and empty arguments the executable accepts.
    pub(super) fn to(executable: &Executable, settings: &Settings) -> Passed {
        let mut passed = Passed::default();
        let mut given = given(settings);
        let empty = executable.empty.iter();
        given.extend(empty.map(|name| vec![format!("--param={name}=")]));
        let all: Vec<String> = given.concat();
        if all.is_empty() || refusal(executable, &all).is_none() {
            passed.flags = all;
        } else {
            for flags in given {
                match refusal(executable, &flags) {
                    None => passed.flags.extend(flags),
                    Some(reason) => passed
                        .lost
                        .push(format!("`{}` ({reason})", flags.join(" "))),
                }
            }
        }
        #[cfg(feature = "sysinfo")]
        passed.lose_rows(settings);
        passed
    }

    /// Adds the lost settings to a verdict: a pass becomes a WARN, any other verdict is kept.
    pub(super) fn told(
        self,
        cx: &mut TestContext,
        verdict: Result<(), TestError>,
    ) -> Result<(), TestError> {
        if self.lost.is_empty() {
            return verdict;
        }
        let reason = format!("the package's tests ran without {}", self.lost.join(", "));
        if verdict.is_ok() {
            return Err(TestError::warn(reason));
        }
        cx.note(Verdict::new(Kind::Warn, reason), "settings");
        verdict
    }

    /// Notes the sysinfo rows that a job adds as lost: no flag passes them on.
    #[cfg(feature = "sysinfo")]
    fn lose_rows(&mut self, settings: &Settings) {
        let sysinfo = settings.sysinfo.as_ref();
        if sysinfo.is_some_and(|sysinfo| !sysinfo.rows.is_empty())
            && self.flags.iter().any(|flag| flag == "--sysinfo")
        {
            let lost = "what the job adds to the table of sysinfo";
            self.lost.push(lost.to_owned());
        }
    }
}

/// The flags of each setting that was given.
fn given(settings: &Settings) -> Vec<Vec<String>> {
    let uses_of = |(flag, values): &Row| {
        let uses = values(settings).into_iter();
        let flags = uses.map(|value| std::iter::once(format!("--{flag}")).chain(value).collect());
        flags.collect::<Vec<_>>()
    };
    ROWS.iter().flat_map(uses_of).collect()
}

/// The reason why an executable refuses these flags; `None` if it accepts them, or that cannot be found out.
fn refusal(executable: &Executable, flags: &[String]) -> Option<String> {
    let mut command = executable.command();
    command.arg("--dry-run").args(flags);
    command.stdin(Stdio::null()).stdout(Stdio::null());
    command.stderr(Stdio::piped());
    let mut child = command.spawn().ok()?;
    let mut message = Vec::new();
    if let Some(stderr) = child.stderr.take() {
        let _ = stderr.take(MAX_MESSAGE_BYTES).read_to_end(&mut message);
    }
    let is_refused = child.wait().ok()?.code() == Some(WRONG_USAGE);
    let message = String::from_utf8_lossy(&message);
    let reason = message.lines().next().unwrap_or_default();
    let reason = reason.strip_prefix("error: ").unwrap_or(reason);
    is_refused.then(|| excerpt_ends(reason).into_owned())
}

#[cfg(all(
    test,
    feature = "crash-handler",
    feature = "leaks",
    feature = "profilers",
    feature = "sysinfo"
))]
mod tests {
    use autotest_core::{LeakPolicy, ProfilerUse, Sysinfo};

    use super::*;

    fn all() -> Settings {
        Settings {
            test_retry: Some(3),
            run_test_cleanup: false,
            default_profile_only: true,
            drop_caches: true,
            drop_caches_between_iterations: true,
            max_disk_usage_mb_per_hour: Some(64.0),
            crash_handler: true,
            sysinfo: Some(Sysinfo::default()),
            profilers: vec![ProfilerUse::new("a").arg("n", "1"), ProfilerUse::new("b")],
            leaks: LeakPolicy::Fail,
            ..Settings::default()
        }
    }

    #[test]
    fn each_setting_that_is_for_all_tests_has_its_flags() {
        assert_eq!(given(&Settings::default()), [[""; 0]; 0]);
        let flags: Vec<_> = given(&all()).iter().map(|flags| flags.join(" ")).collect();
        assert_eq!(
            flags,
            [
                "--profile-only",
                "--retry 3",
                "--no-cleanup",
                "--drop-caches",
                "--drop-caches-between-tests",
                "--max-disk-usage 64",
                "--crash-handler",
                "--sysinfo",
                "--leaks fail",
                "--profiler a:n=1",
                "--profiler b"
            ]
        );
    }
}

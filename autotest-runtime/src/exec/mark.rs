//! The mark of a run: an environment variable that identifies its processes, wherever they end up.

use std::fs;
use std::time::{Duration, Instant};

use super::procfs;
use super::stat::Stat;
use super::unix::ChildPid;

/// How long to wait for the environment of a process that is calling exec.
const PATIENCE: Duration = Duration::from_secs(1);

/// The environment variable that marks the processes of a run.
pub(super) const RUN_VARIABLE: &str = "AUTOTEST_RUN";

/// The value of this variable in the processes of a run.
pub(super) fn run_mark(job: &str, number: u32) -> String {
    format!("{job}/{number}")
}

/// `true` if a mark belongs to a run of the job `id`.
pub(super) fn is_run_of(mark: &str, id: &str) -> bool {
    mark.strip_prefix(id)
        .is_some_and(|rest| rest.starts_with('/'))
}

/// The mark in the environment with which a process was executed.
pub(super) fn run_of(pid: ChildPid) -> Option<String> {
    let environment = environment_of(pid)?;
    let mut variables = environment.split(|byte| *byte == 0);
    variables.find_map(|variable| {
        let variable = std::str::from_utf8(variable).ok()?;
        let mark = variable.strip_prefix(RUN_VARIABLE)?.strip_prefix('=')?;
        Some(mark.to_owned())
    })
}

/// The environment with which a process was executed. It reads as empty during an exec, until the kernel has written
/// it; this waits for that.
fn environment_of(pid: ChildPid) -> Option<Vec<u8>> {
    let path = procfs::of(pid)?.join("environ");
    let start = Instant::now();
    loop {
        let environment = fs::read(&path).ok()?;
        let is_read = !environment.is_empty() || Stat::of(pid)?.has_no_environment;
        if is_read || start.elapsed() > PATIENCE {
            return Some(environment);
        }
        std::thread::sleep(Duration::from_micros(100));
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    /// `spawn` returns as soon as the process has its new memory, which is before the environment is in it.
    #[test]
    fn a_process_that_is_just_being_executed_has_its_mark() {
        for _ in 0..100 {
            let mut command = Command::new("sleep");
            let mut child = command
                .arg("60")
                .env(RUN_VARIABLE, "job/7")
                .spawn()
                .unwrap();
            let mark = run_of(ChildPid::new(child.id().cast_signed()).unwrap());
            child.kill().unwrap();
            child.wait().unwrap();
            assert_eq!(mark.as_deref(), Some("job/7"));
        }
    }

    #[test]
    fn a_process_without_the_variable_has_no_mark() {
        for variables in [&[][..], &[("AUTOTEST_RUN_", "job/7")]] {
            let mut command = Command::new("/bin/sleep");
            let mut child = command
                .arg("60")
                .env_clear()
                .envs(variables.iter().copied())
                .spawn()
                .unwrap();
            let mark = run_of(ChildPid::new(child.id().cast_signed()).unwrap());
            child.kill().unwrap();
            child.wait().unwrap();
            assert_eq!(mark, None);
        }
    }
}

//! A program that measures until it is told to stop.

use std::fs::{self, File};
use std::io;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use autotest_core::{TestError, TestResult, excerpt};
use rustix::process::{Pid, Signal, kill_process_group};

use crate::profilers::ProfilerContext;

/// How long a program may take to end after a signal.
const GRACE: Duration = Duration::from_secs(5);

/// How long a program may take to start measuring.
const READY: Duration = Duration::from_secs(5);

const LOOK: Duration = Duration::from_millis(5);

/// A program that runs from `start` to `stop`.
#[derive(Debug, Default)]
pub(super) struct Tool(Option<Running>);

#[derive(Debug)]
struct Running {
    child: Child,
    program: String,
    /// The file that receives its standard error.
    errors: PathBuf,
}

impl Tool {
    /// Starts the program with its output redirected to the file `out` in `profiling`. `package` is the name of the
    /// package that contains the program in most distributions.
    ///
    /// # Errors
    /// If it is not installed or cannot be started.
    pub(super) fn start(
        &mut self,
        cx: &ProfilerContext,
        mut command: Command,
        out: &str,
        package: &str,
    ) -> TestResult {
        let program = command.get_program().to_string_lossy().into_owned();
        let errors = cx.profdir().join(format!("{}.stderr", cx.name()));
        command.stdin(Stdio::null());
        command.stdout(File::create(cx.profdir().join(out))?);
        command.stderr(File::create(&errors)?);
        // The column layout of these programs depends on the locale.
        command.env("LC_ALL", "C").process_group(0);
        let child = command.spawn().map_err(|error| {
            // Nothing measured, so leave no empty files.
            let _ = fs::remove_file(&errors);
            let _ = fs::remove_file(cx.profdir().join(out));
            not_started(&program, package, &error)
        })?;
        self.0 = Some(Running {
            child,
            program,
            errors,
        });
        Ok(())
    }

    /// Waits until `is_ready` accepts what the program has written to standard error so far.
    ///
    /// # Errors
    /// If it has ended, or is not ready in time.
    pub(super) fn wait_until(&mut self, is_ready: impl Fn(&str) -> bool) -> TestResult {
        let Some(running) = &mut self.0 else {
            return Ok(());
        };
        let begin = Instant::now();
        while !is_ready(&running.told()) {
            if running.child.try_wait()?.is_some() || begin.elapsed() > READY {
                let (program, told) = (&running.program, running.why());
                let reason = format!("`{program}` does not measure: {told}");
                return Err(TestError::error(reason).into());
            }
            thread::sleep(LOOK);
        }
        Ok(())
    }

    /// Like [`stop`](Self::stop), for a program that ends with the test, which may have been killed.
    ///
    /// # Errors
    /// If the program had ended before the test.
    pub(super) fn stop_with_test(&mut self, cx: &ProfilerContext, signal: Signal) -> TestResult {
        if fs::exists(format!("/proc/{}", cx.test_pid()))? {
            return self.stop(signal);
        }
        if let Some(running) = &mut self.0 {
            let begin = Instant::now();
            while running.child.try_wait()?.is_none() && begin.elapsed() < GRACE {
                thread::sleep(LOOK);
            }
            if running.child.try_wait()?.is_some() {
                self.0 = None;
            }
        }
        self.stop(signal)
    }

    /// Sends the program this signal, and kills it if it does not end in time.
    ///
    /// # Errors
    /// If the program had already ended.
    pub(super) fn stop(&mut self, signal: Signal) -> TestResult {
        let Some(mut running) = self.0.take() else {
            return Ok(());
        };
        if let Some(status) = running.child.try_wait()? {
            let (program, told) = (&running.program, running.why());
            let reason = format!("`{program}` ended before the iteration did ({status}): {told}");
            return Err(TestError::error(reason).into());
        }
        let group = Pid::from_child(&running.child);
        let _ = kill_process_group(group, signal);
        let begin = Instant::now();
        while running.child.try_wait()?.is_none() {
            if begin.elapsed() > GRACE {
                let _ = kill_process_group(group, Signal::KILL);
            }
            thread::sleep(LOOK);
        }
        if fs::metadata(&running.errors).is_ok_and(|errors| errors.len() == 0) {
            fs::remove_file(&running.errors)?;
        }
        Ok(())
    }
}

impl Running {
    fn told(&self) -> String {
        fs::read_to_string(&self.errors).unwrap_or_default()
    }

    /// An excerpt of its standard error.
    fn why(&self) -> String {
        let told = self.told();
        match told.trim() {
            "" => "it printed no reason".to_owned(),
            told => excerpt(told).into_owned(),
        }
    }
}

/// Runs a program to completion, with its output redirected to a file in `profiling`.
///
/// # Errors
/// If it cannot be run, or fails.
pub(super) fn run_to(cx: &ProfilerContext, mut command: Command, out: &str) -> TestResult {
    let program = command.get_program().to_string_lossy().into_owned();
    command.stdin(Stdio::null()).env("LC_ALL", "C");
    command.stdout(File::create(cx.profdir().join(out))?);
    let output = command.stderr(Stdio::piped()).output();
    let output =
        output.map_err(|error| TestError::error(format!("failed to run `{program}`: {error}")))?;
    if output.status.success() {
        return Ok(());
    }
    let told = String::from_utf8_lossy(&output.stderr);
    let (status, told) = (output.status, excerpt(told.trim()));
    Err(TestError::error(format!("`{program}` failed ({status}): {told}")).into())
}

fn not_started(program: &str, package: &str, error: &io::Error) -> TestError {
    TestError::error(match error.kind() {
        io::ErrorKind::NotFound => {
            format!(
                "`{program}` is not installed: install the package `{package}`, or leave the profiler out"
            )
        }
        _ => format!("failed to start `{program}`: {error}"),
    })
}

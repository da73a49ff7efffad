//! Programs that run beside the test.

use std::io::PipeWriter;
use std::mem;
use std::os::fd::AsFd;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustix::process::Signal;

use super::capture::Capture;
use super::error::ended;
use super::listening::is_listening;
use super::pipes::Pipes;
use super::process::{End, GRACE, Process};
use super::{Command, CommandError, Output};
use crate::length::Length;
use crate::waiting::{Limit, Wait, seconds};

/// How often to look whether a program that is waited for has ended.
const INTERVAL: Duration = Duration::from_millis(20);

/// A program that runs beside the test. It ends when this is dropped: its process group gets SIGTERM, and two
/// seconds later SIGKILL. So it never outlives the test, however that ends.
///
/// ```no_run
/// use autotest::prelude::*;
///
/// #[autotest]
/// fn loopback_is_fast(cx: &mut TestContext) -> TestResult {
///     let mut server = cx.command("iperf3").or_skip().args(["-s", "-p", "5201"]).spawn()?;
///     server.wait_for_port("5s", 5201)?;
///     cx.command("iperf3").args(["-c", "127.0.0.1", "-t", "1", "--json"]).timeout("10s").run()?;
///     Ok(())
/// }
/// # autotest::main!();
/// # mod hidden {}
/// ```
#[derive(Debug)]
#[must_use = "the program ends when this is dropped"]
pub struct Spawned {
    command: Command,
    process: Process,
    written: Arc<Written>,
    /// The thread that reads, and the end of a pipe that stops it when it is dropped.
    reader: Option<(JoinHandle<()>, PipeWriter)>,
    /// The number of the line behind the last one that was waited for.
    next_line: usize,
}

/// What the program has written.
#[derive(Debug)]
struct Written {
    capture: Mutex<Capture>,
    has_more: Condvar,
}

impl Written {
    /// A poisoned lock is harmless: the output is valid after each read.
    fn lock(&self) -> MutexGuard<'_, Capture> {
        self.capture.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Spawned {
    #[track_caller]
    pub(super) fn new(
        command: Command,
        mut process: Process,
        pipes: Pipes,
    ) -> Result<Spawned, CommandError> {
        let written = Arc::new(Written {
            capture: Mutex::new(Capture::with_lines(command.name())),
            has_more: Condvar::new(),
        });
        let reader = read(pipes, Arc::clone(&written));
        match reader {
            Ok(reader) => Ok(Spawned {
                command,
                process,
                written,
                reader: Some(reader),
                next_line: 0,
            }),
            Err(error) => {
                process.end(Duration::ZERO, pause);
                Err(CommandError::not_started(&command, &error))
            }
        }
    }

    /// The process id, which is also that of the process group.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Whether the program has not ended.
    pub fn is_running(&mut self) -> bool {
        matches!(self.process.status(), Ok(None))
    }

    /// Sends a signal to the process group, such as `libc::SIGHUP`. Does nothing if the program has ended, or
    /// the number is not that of a signal.
    pub fn signal(&self, signal: i32) {
        if let Some(signal) = Signal::from_named_raw(signal) {
            self.process.signal(signal);
        }
    }

    /// Waits until the program has written a line with this text to its standard output or standard error, and
    /// returns the line. Each call searches after the line that the previous one found. An incomplete last line,
    /// such as a prompt, counts as well.
    ///
    /// # Errors
    /// If the timeout expires, the test's own is near, or the program ends; with the last lines that it wrote.
    #[track_caller]
    pub fn wait_for_line(
        &mut self,
        timeout: impl Length,
        text: &str,
    ) -> Result<String, CommandError> {
        let what = format!("write a line with `{text}`");
        let limit = self.limit(timeout)?;
        let wait = Wait::new(limit);
        loop {
            let has_ended = !self.is_running();
            if has_ended {
                // What it wrote last is read before the next look.
                self.stop_reading();
            }
            let found = self.look(text, limit, has_ended);
            if let Some((line, next)) = found {
                self.next_line = next;
                return Ok(line);
            }
            if has_ended || limit.is_over() {
                return Err(self.in_vain(&what, &wait, limit));
            }
        }
    }

    /// Looks for a line, and waits a moment for it unless the program has ended.
    fn look(&self, text: &str, limit: Limit, has_ended: bool) -> Option<(String, usize)> {
        let mut capture = self.written.lock();
        let found = capture.find(text, self.next_line);
        if found.is_some() || has_ended {
            return found;
        }
        let left = limit.left().map_or(INTERVAL, |left| left.min(INTERVAL));
        let waited = self.written.has_more.wait_timeout(capture, left);
        let (mut capture, _) = waited.unwrap_or_else(PoisonError::into_inner);
        capture.find(text, self.next_line)
    }

    /// Waits until the program, or a process that it started, listens on a TCP port, in the network namespace of
    /// the program. No connection is made. A daemon that leaves its process group and its parent is not found.
    ///
    /// # Errors
    /// If the timeout expires, the test's own is near, or the program ends; with the last lines that it wrote.
    #[track_caller]
    pub fn wait_for_port(&mut self, timeout: impl Length, port: u16) -> Result<(), CommandError> {
        let limit = self.limit(timeout)?;
        let mut wait = Wait::new(limit);
        loop {
            if is_listening(self.id(), port) {
                return Ok(());
            }
            if !self.is_running() || !wait.pause() {
                let what = format!("listen on port {port}");
                return Err(self.in_vain(&what, &wait, limit));
            }
        }
    }

    /// Waits for the end of the program, as [`Command::run`] does.
    ///
    /// # Errors
    /// Those of [`Command::run`].
    #[track_caller]
    pub fn wait(mut self) -> Result<Output, CommandError> {
        let limit = self.command.limit.within(self.command.timeout);
        let end = loop {
            match self.process.status() {
                Ok(None) if limit.is_over() => {
                    let after = self.process.elapsed();
                    let status = self.process.end(limit.grace(GRACE), pause);
                    break End::TimedOut { after, status };
                }
                Ok(None) => pause(limit.left()),
                Ok(Some(status)) => break End::Exited(status),
                Err(error) => break End::Lost(error),
            }
        };
        let output = self.output();
        self.command.checked(limit, end, output)
    }

    /// Ends the program: SIGTERM to its process group, and two seconds later SIGKILL. Its exit code does not
    /// matter.
    ///
    /// # Errors
    /// If not even SIGKILL ends the program.
    #[track_caller]
    pub fn stop(mut self) -> Result<Output, CommandError> {
        let limit = self.command.limit;
        let status = match self.process.status() {
            Ok(Some(status)) => Some(status),
            _ => self.process.end(limit.grace(GRACE), pause),
        };
        let mut output = self.output();
        match status {
            Some(status) => {
                output.status = status;
                Ok(output)
            }
            None => {
                let limit = (self.process.elapsed(), limit);
                Err(CommandError::timeout(&self.command, limit, None, output))
            }
        }
    }

    #[track_caller]
    fn limit(&self, timeout: impl Length) -> Result<Limit, CommandError> {
        match timeout.length() {
            Ok(timeout) => Ok(self.command.limit.within(Some(timeout))),
            Err(mistake) => Err(CommandError::mistake(&self.command, &mistake)),
        }
    }

    /// The error of a wait; `what` completes "the program did not".
    #[track_caller]
    fn in_vain(&mut self, what: &str, wait: &Wait, limit: Limit) -> CommandError {
        let how = match self.process.status() {
            Ok(Some(status)) => format!("{} and did not {what}", ended(status)),
            _ => format!(
                "did not {what} within {}{}",
                seconds(wait.elapsed()),
                limit.end()
            ),
        };
        const LINES: usize = 10;
        let capture = self.written.lock();
        CommandError::waiting(&self.command, &how, &capture.last_lines(LINES))
    }

    /// Stops the thread. It reads once more what is there.
    fn stop_reading(&mut self) {
        if let Some((thread, stop)) = self.reader.take() {
            drop(stop);
            let _ = thread.join();
        }
    }

    fn output(&mut self) -> Output {
        self.stop_reading();
        let nothing = Capture::new(String::new());
        let capture = mem::replace(&mut *self.written.lock(), nothing);
        capture.into_output(self.process.elapsed())
    }
}

impl Drop for Spawned {
    fn drop(&mut self) {
        if self.is_running() {
            log::info!("ending {}", self.command.name());
            let grace = self.command.limit.grace(GRACE);
            self.process.end(grace, pause);
        }
        self.stop_reading();
    }
}

/// Starts a thread that reads until the pipes are closed or the returned end of a pipe is dropped.
fn read(mut pipes: Pipes, written: Arc<Written>) -> std::io::Result<(JoinHandle<()>, PipeWriter)> {
    let (stopped, stop) = std::io::pipe()?;
    let read = move || {
        while pipes.are_open() {
            let is_stopped = pipes.wait(Some(stopped.as_fd()), None);
            pipes.read(&mut written.lock());
            written.has_more.notify_all();
            if is_stopped {
                return;
            }
        }
    };
    let thread = thread::Builder::new()
        .name("output".to_owned())
        .spawn(read)?;
    Ok((thread, stop))
}

fn pause(left: Option<Duration>) {
    const PAUSE: Duration = Duration::from_millis(5);
    thread::sleep(left.map_or(PAUSE, |left| left.min(PAUSE)));
}

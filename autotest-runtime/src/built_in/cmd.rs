//! The original's `cmdprofile`: runs commands periodically.

use std::fs::File;
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use autotest_core::{TestError, TestResult};
use rustix::process::{Pid, Signal, kill_process_group};

use super::sampler::{Sampler, Stop, asctime};
use crate::profilers::ProfilerContext;

/// The longest pause between two checks whether a command has ended.
const LOOK: Duration = Duration::from_millis(10);

#[derive(Debug, Default)]
pub(super) struct Cmd {
    cmds: Vec<String>,
    files: Vec<String>,
    interval: Duration,
    sampler: Option<Sampler>,
}

/// Runs shell commands again and again, by default `ps` every minute.
///
/// What a command prints follows a line with the time and the command. A command that still runs when the test ends is
/// ended.
#[autotest_macros::profiler(name = "cmd")]
impl Cmd {
    fn initialize(
        &mut self,
        /// The commands, as a JSON list.
        #[param(default = vec!["ps".to_owned()])]
        cmds: Vec<String>,
        /// The time between two runs.
        #[param(default = "60s")]
        interval: Duration,
        /// The file in `profiling` for all commands.
        #[param(default = "cmdprofile")]
        outputfile: String,
        /// A file for each command instead, as a JSON list.
        outputfiles: Option<Vec<String>>,
    ) -> TestResult {
        let files = outputfiles.unwrap_or_else(|| vec![outputfile; cmds.len()]);
        if files.len() != cmds.len() {
            let (files, cmds) = (files.len(), cmds.len());
            let reason =
                format!("{files} `outputfiles` for {cmds} `cmds`: give a file for each command");
            return Err(TestError::error(reason).into());
        }
        for file in &files {
            super::check_file_name("outputfile", file)?;
        }
        (self.cmds, self.files, self.interval) = (cmds, files, interval);
        Ok(())
    }

    fn start(&mut self, cx: &mut ProfilerContext) -> TestResult {
        let mut commands = Vec::new();
        for (cmd, file) in self.cmds.iter().zip(&self.files) {
            let mut options = File::options();
            let out = options
                .create(true)
                .append(true)
                .open(cx.profdir().join(file))?;
            commands.push((cmd.clone(), out));
        }
        let sampler = Sampler::start(self.interval, move |stop| {
            commands
                .iter_mut()
                .try_for_each(|(cmd, out)| run(cmd, out, stop))
        });
        self.sampler = Some(sampler?);
        Ok(())
    }

    fn stop(&mut self) -> TestResult {
        Ok(self.sampler.take().map_or(Ok(()), Sampler::stop)?)
    }
}

/// Runs a command until it ends or the thread is told to stop.
fn run(cmd: &str, out: &mut File, stop: &Stop) -> io::Result<()> {
    writeln!(out, "{}: {cmd}", asctime())?;
    let mut command = Command::new("sh");
    command
        .args(["-c", cmd])
        .stdin(Stdio::null())
        .process_group(0);
    command.stdout(out.try_clone()?).stderr(out.try_clone()?);
    let mut child = command.spawn()?;
    let mut wait = Duration::from_micros(100);
    loop {
        if let Some(status) = child.try_wait()? {
            if !status.success() {
                writeln!(out, "({status})")?;
            }
            return Ok(());
        }
        if stop.is_told_within(wait) {
            kill(&mut child)?;
            writeln!(out, "(ended with the profiled iteration)")?;
            return Err(io::ErrorKind::Interrupted.into());
        }
        wait = (2 * wait).min(LOOK);
    }
}

fn kill(child: &mut Child) -> io::Result<()> {
    let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
    child.wait().map(drop)
}

//! The process of the control function: its start, messages and end.

use std::fs;
use std::io;

use autotest_core::status::Code;
use autotest_core::{
    Answer, CallId, Event, RebootStart, Status, StatusRecord, TargetFacts, Verdict,
};

use super::Forking;
use crate::exec::control::{Control, IsLive, Next, Violation};
use crate::exec::controlled::{self, ControlSpec};
use crate::exec::mark;
use crate::exec::process::Process;
use crate::exec::respawn::Respawn;
use crate::exec::source::Source;
use crate::exec::unix::{self, Change, ChildPid};
use crate::exec::verdict::{Cause, End};
use crate::exec::wire::{ControlMessage, ControlReply};
use crate::exec::{Called, ControlWork, Isolation, StopReason};
use crate::identity;

/// The number that stands for the job itself in place of a run.
const JOB: u32 = 0;

/// A control function and its process.
#[derive(Debug)]
pub(super) struct ControlFunction {
    requests: Control,
    /// `None` once it has ended.
    process: Option<Process>,
    /// The content of the last message; `None` before that arrives.
    outcome: Option<Option<Verdict>>,
    /// The number of lines that were not messages.
    garbage: u64,
}

impl ControlFunction {
    pub(super) fn source(&mut self) -> &mut dyn Source {
        &mut self.requests
    }

    pub(super) fn process(&self) -> Option<&Process> {
        self.process.as_ref()
    }

    pub(super) fn process_mut(&mut self) -> Option<&mut Process> {
        self.process.as_mut()
    }

    /// The id of the process.
    pub(super) fn pid(&self) -> Option<ChildPid> {
        self.process.as_ref().map(|process| process.pid)
    }

    fn reply(&mut self, call: CallId, answer: Answer, is_new: bool) {
        let reply = ControlReply {
            call,
            answer,
            is_new,
        };
        if let Some(process) = &mut self.process {
            process.answer(&reply.line());
        }
    }
}

/// Describes the failure of the function.
fn failure(end: &End<'_>, reason: &str) -> String {
    match (end.outcome, end.change, end.cause) {
        (Some(Some(_)), _, None) => format!("the control function failed: {reason}"),
        (None, Change::Killed(_), None) => format!("the control function was {reason}"),
        _ => format!("the control function {reason}"),
    }
}

impl Forking {
    /// Starts the process of the control function.
    pub(super) fn start_control(&mut self, work: ControlWork) {
        let mut control = ControlFunction {
            requests: work.requests,
            process: None,
            outcome: None,
            garbage: 0,
        };
        let spec = ControlSpec {
            secrets: work.args.secrets(),
            args: work.args,
            settings: self.job.settings.clone(),
            jobdir: self.job.results.jobdir.clone(),
            is_repeated: work.is_repeated,
            file: None,
        };
        let (function, spec) = match work.called {
            Called::Function(function) => (Some(function), spec),
            Called::File(text) => {
                let file = Some(text);
                (None, ControlSpec { file, ..spec })
            }
        };
        match self.control_process(function, spec) {
            Ok(process) => control.process = Some(process),
            Err(error) => {
                let reason = format!("failed to start the control function: {error}");
                self.conclusion.stop(StopReason::Control(reason));
            }
        }
        self.control = Some(control);
    }

    fn control_process(
        &self,
        function: Option<&'static crate::registry::ControlFunction>,
        spec: ControlSpec,
    ) -> io::Result<Process> {
        match fs::create_dir(self.job.results.jobdir.join("debug")) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        let mark = mark::run_mark(&self.job.id, JOB);
        let again = match self.isolation == Isolation::Exec {
            true => {
                let id = function.map_or("", |function| &function.id);
                let hidden = self.job.registry.hidden_variables();
                Some(Respawn::control(id, &spec, &mark, &hidden)?)
            }
            false => None,
        };
        let execute = |channel| controlled::execute(channel, function, spec);
        let waiting = self.fork_process(Some(JOB), &mark, again, execute)?;
        self.record_process(JOB, &waiting);
        let waiting = waiting.begin()?;
        let timeout = function.and_then(|function| function.control.def.meta.timeout);
        let capture = |pipe, name| self.capture(pipe, format!("debug/control.{name}"), name);
        let stdout = capture(waiting.ours.stdout, "stdout");
        let stderr = capture(waiting.ours.stderr, "stderr");
        Ok(Process::new(
            waiting.pid,
            waiting.gate,
            waiting.ours.channel,
            stdout,
            stderr,
            timeout,
        ))
    }

    /// Reads at most one buffer from each stream of the control function that is ready.
    pub(super) fn read_control(&mut self) {
        let Some(process) = self.control.as_mut().and_then(ControlFunction::process_mut) else {
            return;
        };
        for stream in [&mut process.stdout, &mut process.stderr] {
            if stream.fd().is_some_and(|fd| self.polled.is_ready(fd)) {
                stream.read(&mut self.buffer);
            }
        }
        let mut lines = Vec::new();
        if process
            .channel_fd()
            .is_some_and(|fd| self.polled.is_ready(fd))
        {
            process.read_lines(&mut self.buffer, |line| lines.push(line.to_vec()));
        }
        self.on_control_lines(&lines);
    }

    fn on_control_lines(&mut self, lines: &[Vec<u8>]) {
        for line in lines {
            let message = ControlMessage::from_line(line);
            let Some(control) = &mut self.control else {
                return;
            };
            match message {
                Ok(ControlMessage::Outcome(outcome)) if control.outcome.is_none() => {
                    control.outcome = Some(outcome);
                }
                Ok(ControlMessage::Request { call, request }) if control.outcome.is_none() => {
                    let next = control.requests.request(&call, request, self.runs + 1);
                    self.fulfil(call, next);
                }
                Ok(_) | Err(_) => control.garbage += 1,
            }
        }
    }

    fn fulfil(&mut self, call: CallId, next: Result<Next, Violation>) {
        let (answer, is_new) = match next {
            Ok(Next::Wait) => return,
            Ok(Next::Answer(answer, IsLive(is_new))) => (answer, is_new),
            Ok(Next::Record(group, event, answer)) => {
                if matches!(event, Event::GroupStart(_)) {
                    self.runs += 1;
                }
                self.job.record(group.unwrap_or(JOB), event);
                (answer, true)
            }
            Ok(Next::Reboot { group }) => return self.reboot(call, group),
            Ok(Next::Rebooted { number, before }) => (self.rebooted(&call, number, &before), true),
            Err(violation) => return self.abort_control(&violation),
        };
        if let Some(control) = &mut self.control {
            control.reply(call, answer, is_new);
        }
    }

    /// Records that the target reboots, and ends the job until it is resumed.
    fn reboot(&mut self, call: CallId, group: Option<u32>) {
        self.runs += 1;
        let target = identity::target_facts();
        let start = RebootStart {
            call,
            group,
            target,
        };
        self.job.record(self.runs, Event::RebootStart(start));
        self.conclusion.stop(StopReason::Reboot);
        if let Some(process) = self.control_process_mut() {
            process.kill();
        }
    }

    /// Compares the target with its state before the reboot. Returns the answer for the function.
    fn rebooted(&mut self, call: &CallId, number: u32, before: &TargetFacts) -> Answer {
        let target = identity::target_facts();
        let problems = target.problems(before);
        let answer = match problems.is_empty() {
            true => Answer::Done,
            false => Answer::Refused(problems.join("; ")),
        };
        let call = call.clone();
        let end = Event::RebootEnd {
            call,
            target,
            problems,
        };
        self.job.record(number, end);
        answer
    }

    /// Ends the job, since the control function violated a rule.
    fn abort_control(&mut self, violation: &Violation) {
        self.conclusion
            .stop(StopReason::Control(violation.to_string()));
        if let Some(process) = self.control_process_mut() {
            process.kill();
        }
    }

    /// Sends the answers for runs that ended.
    pub(super) fn answer_control(&mut self) {
        let Some(control) = &mut self.control else {
            return;
        };
        while let Some((call, answer)) = control.requests.answer() {
            control.reply(call, answer, true);
        }
    }

    pub(super) fn control_process_mut(&mut self) -> Option<&mut Process> {
        self.control.as_mut()?.process.as_mut()
    }

    /// Handles the end of the control function's process. Its running tests are ended, too.
    pub(super) fn finish_control(&mut self, change: Change) {
        let Some(mut process) = self
            .control
            .as_mut()
            .and_then(|control| control.process.take())
        else {
            return;
        };
        let mut lines = Vec::new();
        let cut = process.drain_lines(&mut self.buffer, |line| lines.push(line.to_vec()));
        self.on_control_lines(&lines);
        if let Change::Killed(_) = change {
            self.instruments.add(process.counts.as_ref());
        }
        let left = self.end_leftovers(JOB, process.pid);
        for (name, stream) in [("stdout", process.stdout), ("stderr", process.stderr)] {
            if let Some(error) = stream.finish(&mut self.buffer) {
                self.warn(format!(
                    "failed to capture {name} of the control function: {error}"
                ));
            }
        }
        let Some(control) = &mut self.control else {
            return;
        };
        control.garbage += cut;
        let garbage = control.garbage;
        let end = End {
            change,
            cause: process.cause,
            outcome: control.outcome.as_ref(),
            flaws: &[],
            #[cfg(feature = "crash-handler")]
            place: "",
        };
        let verdict = end.verdict();
        let failed = verdict.map(|verdict| failure(&end, &verdict.reason));
        let ended = control.requests.end(failed.is_none());
        let broken = ended.err().map(|violation| violation.to_string());
        if garbage > 0 {
            self.warn(format!(
                "the control function sent {garbage} lines that are not requests"
            ));
        }
        if !left.is_empty() {
            self.warn(format!(
                "the control function left processes behind: {}",
                left.join(", ")
            ));
        }
        let reason = failed.or(broken);
        if let Some(reason) = reason {
            self.conclusion.stop(StopReason::Control(reason));
        }
        for slot in &mut self.slots {
            slot.process.end(Cause::Control);
        }
        #[cfg(feature = "profilers")]
        self.hurry_profilers();
    }

    /// Kills the process of the control function if it still exists when the job ends.
    pub(super) fn end_control(&mut self) {
        if let Some(process) = self.control_process_mut() {
            process.kill();
            let change = unix::wait_for_end(process.pid);
            self.finish_control(change);
        }
        self.control = None;
    }

    /// Writes a warning about the job to the status log.
    fn warn(&self, message: String) {
        let record = StatusRecord::message(Code::Status(Status::Warn), message);
        self.job.record(JOB, Event::Status(record));
    }
}

//! The process of a profiler, after the fork.

use std::io::{self, BufRead, BufReader, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

use autotest_core::{
    Directories, Failure, Host, ProfilerStep, ProfilerUse, TestError, TestResult, excerpt,
};
use autotest_report::json;
use serde::{Deserialize, Serialize};

use super::unix;
use super::wire::{ProfilerMessage, ProfilerRequest};
use crate::__private::ProfilerDef;
use crate::host::{Places, TargetHost};
use crate::panics;
use crate::profilers::{Profiler, ProfilerContext};

/// The limit on the text of an error that is sent.
const MAX_ERROR_CHARS: usize = 2000;

/// The limit on the number of warnings of a step that are sent. A longer message would be dropped: the limit of a line is
/// [`MAX_LINE_BYTES`](super::wire::MAX_LINE_BYTES).
const MAX_WARNINGS: usize = 16;

/// Everything that the process of a profiler needs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct ProfilerSpec {
    pub(super) used: ProfilerUse,
    /// The directories of the run, with the profiler's own `bindir` and `srcdir`.
    pub(super) directories: Directories,
    /// The lock file that serialises setups.
    pub(super) setup_lock: PathBuf,
    /// The environment variable that marks the run's processes, as `NAME=VALUE`.
    pub(super) mark: String,
}

/// Serves requests until the supervisor closes the connection. Returns the exit status.
pub(super) fn execute(channel: OwnedFd, def: &'static ProfilerDef, spec: ProfilerSpec) -> i32 {
    let mut profiled = Profiled {
        pid: std::process::id(),
        def,
        profiler: None,
        cx: ProfilerContext {
            name: spec.used.name.clone(),
            directories: spec.directories.clone(),
            test_pid: 0,
            mark: spec.mark.clone(),
            iteration: 0,
            marks: Vec::new(),
            warnings: Vec::new(),
        },
        spec,
        socket: BufReader::new(UnixStream::from(channel)),
    };
    while let Some(request) = profiled.request() {
        let done = panics::watched(|| profiled.perform(request));
        let error = done.and_then(|done| done).err().map(text);
        let warnings = excerpts(&std::mem::take(&mut profiled.cx.warnings));
        profiled.send(&ProfilerMessage::Done { error, warnings });
    }
    drop(profiled);
    unix::flush_c_streams();
    let _ = io::stdout().flush();
    0
}

/// The reason of a failure, without the class of an error that is only passed on.
fn text(failure: Failure) -> String {
    let reason = failure.classify(false).reason;
    reason.chars().take(MAX_ERROR_CHARS).collect()
}

/// The beginnings of the first warnings; if there are more, also their number.
fn excerpts(warnings: &[String]) -> Vec<String> {
    let texts = warnings.iter().take(MAX_WARNINGS);
    let mut sent: Vec<String> = texts.map(|text| excerpt(text).into_owned()).collect();
    if warnings.len() > sent.len() {
        let count = warnings.len();
        sent.push(format!("{count} warnings in all; the rest is left out"));
    }
    sent
}

/// A profiler and its connection to the supervisor.
struct Profiled {
    /// The id of the process that answers. Processes that the profiler forks must not answer in its name.
    pid: u32,
    def: &'static ProfilerDef,
    spec: ProfilerSpec,
    /// `None` before the first request.
    profiler: Option<Box<dyn Profiler>>,
    cx: ProfilerContext,
    socket: BufReader<UnixStream>,
}

impl Profiled {
    /// Waits for a request. `None` if there are no more.
    fn request(&mut self) -> Option<ProfilerRequest> {
        let mut line = Vec::new();
        self.socket.read_until(b'\n', &mut line).ok()?;
        json::from_slice(&line).ok()
    }

    fn send(&self, message: &ProfilerMessage) {
        if std::process::id() == self.pid {
            let _ = unix::send_all(self.socket.get_ref().as_fd(), &message.line());
        }
    }

    fn enter(&self, function: &str) {
        self.send(&ProfilerMessage::Entered(function.to_owned()));
    }

    fn perform(&mut self, request: ProfilerRequest) -> TestResult {
        self.cx.iteration = request.iteration;
        self.cx.test_pid = request.test_pid;
        self.cx.marks = request.marks;
        let mut profiler = match self.profiler.take() {
            Some(profiler) => profiler,
            None => self.prepare()?,
        };
        self.enter(function(request.step));
        let cx = &mut self.cx;
        let result = match request.step {
            ProfilerStep::BeforeStart => profiler.before_start(cx),
            ProfilerStep::Start => profiler.start(cx),
            ProfilerStep::Stop => profiler.stop(cx),
            ProfilerStep::Report => profiler.report(cx),
        };
        self.profiler = Some(profiler);
        result
    }

    /// Creates the profiler and calls `initialize` and `setup`, as the original's manager did when one was added.
    fn prepare(&mut self) -> TestResult<Box<dyn Profiler>> {
        self.enter("initialize");
        let mut profiler = (self.def.new)()?;
        profiler.initialize(&mut self.cx, &self.spec.used.args)?;
        if profiler.has_setup() {
            self.enter("setup");
            self.update_version(&mut *profiler)?;
        }
        Ok(profiler)
    }

    /// Calls `setup` unless `srcdir` has the same version, by the rules for tests (formats §6).
    fn update_version(&mut self, profiler: &mut dyn Profiler) -> TestResult {
        let places = Places {
            srcdir: self.spec.directories.srcdir.clone(),
            setup_lock: self.spec.setup_lock.clone(),
            ..Places::default()
        };
        let no_subtests = |_| Err(TestError::error("a profiler runs no tests"));
        let mut host = TargetHost::new(places, no_subtests).within(self.spec.directories.clone());
        host.lock_setup()?;
        let meta = self.def.def.meta;
        let mut update = || -> TestResult {
            if host.is_installed(meta.version)? {
                return Ok(());
            }
            if !meta.preserve_srcdir {
                host.remove_srcdir()?;
            }
            profiler.setup(&mut self.cx, &self.spec.used.args)?;
            host.record_installed(meta.version)
        };
        let updated = update();
        host.unlock_setup();
        updated
    }
}

/// The name of the method for a step.
pub(super) fn function(step: ProfilerStep) -> &'static str {
    match step {
        ProfilerStep::BeforeStart => "before_start",
        ProfilerStep::Start => "start",
        ProfilerStep::Stop => "stop",
        ProfilerStep::Report => "report",
    }
}

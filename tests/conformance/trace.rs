//! The record of one run: what the host, the sink and the scripted test did, in one order.

use std::cell::{Cell, RefCell};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use autotest_core::{Clock, Code, Directories, TestContext};
use serde_json::{Value as Json, json};

/// What happens in one run. Host, sink and clock share it.
#[derive(Debug)]
pub(crate) struct Trace {
    events: RefCell<Vec<Json>>,
    problems: RefCell<Vec<String>>,
    directories: RefCell<Directories>,
    modes: RefCell<Modes>,
    time_s: Cell<f64>,
}

/// The permissions that were last seen.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Modes {
    pub(crate) resultsdir: Option<u32>,
    pub(crate) tmpdir: Option<u32>,
}

/// When the original's clock starts.
const START_S: f64 = 1000.0;

impl Trace {
    /// For a run whose resultsdir is to be `resultsdir`.
    pub(crate) fn new(resultsdir: PathBuf) -> Trace {
        let directories = Directories {
            resultsdir,
            ..Directories::default()
        };
        Trace {
            events: RefCell::default(),
            problems: RefCell::default(),
            directories: RefCell::new(directories),
            modes: RefCell::default(),
            time_s: Cell::new(START_S),
        }
    }

    pub(crate) fn push(&self, event: Json) {
        self.look_at_modes();
        self.events.borrow_mut().push(event);
    }

    /// An event that is not allowed in any case, such as a report that cannot be written.
    pub(crate) fn problem(&self, text: String) {
        self.problems.borrow_mut().push(text);
    }

    pub(crate) fn problems(&self) -> Vec<String> {
        self.problems.borrow().clone()
    }

    pub(crate) fn events(&self) -> Json {
        Json::Array(self.events.borrow().clone())
    }

    pub(crate) fn created(&self, directories: &Directories) {
        *self.directories.borrow_mut() = directories.clone();
    }

    pub(crate) fn directories(&self) -> Directories {
        self.directories.borrow().clone()
    }

    /// To be called while tmpdir is still there, too.
    pub(crate) fn look_at_modes(&self) {
        let directories = self.directories.borrow();
        let mut modes = self.modes.borrow_mut();
        modes.resultsdir = mode(&directories.resultsdir).or(modes.resultsdir);
        modes.tmpdir = mode(&directories.tmpdir).or(modes.tmpdir);
    }

    pub(crate) fn modes(&self) -> Modes {
        *self.modes.borrow()
    }

    fn advance(&self, seconds: f64) {
        self.time_s.set(self.time_s.get() + seconds);
    }
}

pub(crate) fn mode(path: &Path) -> Option<u32> {
    Some(fs::metadata(path).ok()?.permissions().mode() & 0o7777)
}

/// The clock of a seed: each reading takes a step.
pub(crate) struct FakeClock {
    pub(crate) trace: std::rc::Rc<Trace>,
    pub(crate) step_s: f64,
}

impl Clock for FakeClock {
    fn now(&mut self) -> Duration {
        let now = self.peek();
        self.trace.advance(self.step_s);
        now
    }

    /// Cut, not rounded, so that less than a second of floats is less than a second here.
    fn peek(&mut self) -> Duration {
        let since_start_s = self.trace.time_s.get() - START_S;
        let start = Duration::from_secs(START_S as u64);
        start + Duration::from_nanos((since_start_s.max(0.0) * 1e9) as u64)
    }
}

/// The operation of those status records that are not the test's but the script's.
const NOTE: &str = "conformance";

/// Puts an event of a script into the trace. It takes the way of all events, since a script has
/// nothing but its context.
pub(crate) fn note(cx: &mut TestContext, event: &Json) {
    let text = event.to_string();
    cx.record(Code::Info, None, Some(NOTE), &text)
        .expect("the operation has no control character");
}

/// A note that moves the clock.
pub(crate) fn advance_clock(cx: &mut TestContext, seconds: f64) {
    note(cx, &json!(["advance_clock", seconds]));
}

impl Trace {
    /// Takes a note out of a status record; false for a record of another kind.
    pub(crate) fn take_note(&self, operation: Option<&str>, message: &str) -> bool {
        if operation != Some(NOTE) {
            return false;
        }
        let event: Json = serde_json::from_str(message).expect("a note is JSON");
        match (event[0].as_str(), event[1].as_f64()) {
            (Some("advance_clock"), Some(seconds)) => self.advance(seconds),
            _ => self.push(event),
        }
        true
    }
}

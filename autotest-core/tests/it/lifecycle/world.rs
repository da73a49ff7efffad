//! The target, the clock and the sink of a scripted test.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use autotest_core::{
    Clock, Directories, Event, Host, PanicReport, ProfilerStep, RunResult, Sink, Subtest,
    TestError, TestResult, Version,
};

/// What happened, a word each.
#[derive(Clone, Default)]
pub(super) struct Notes(pub(super) Rc<RefCell<Vec<String>>>);

impl Notes {
    pub(super) fn note(&self, text: impl Into<String>) {
        self.0.borrow_mut().push(text.into());
    }
}

/// What the target is like.
#[derive(Clone, Copy, Default)]
pub(crate) struct World {
    pub(crate) has_profilers: bool,
    pub(crate) profilers_active: bool,
    pub(crate) has_srcdir: bool,
    pub(crate) is_installed: bool,
    /// What the panic hook says of each panic.
    pub(crate) panic_report: Option<&'static str>,
    /// The steps of the host that fail, as they are noted.
    pub(crate) failing: &'static [&'static str],
}

/// Shows the times that it is given, one a reading; the last one stays.
pub(super) struct ScriptedClock {
    pub(super) times: VecDeque<Duration>,
    pub(super) peeks: VecDeque<Duration>,
    pub(super) peeked: Rc<Cell<u64>>,
}

fn next(times: &mut VecDeque<Duration>) -> Duration {
    let time = match times.len() {
        0 | 1 => times.front().copied(),
        _ => times.pop_front(),
    };
    time.unwrap_or_default()
}

impl Clock for ScriptedClock {
    fn now(&mut self) -> Duration {
        next(&mut self.times)
    }

    fn peek(&mut self) -> Duration {
        self.peeked.set(self.peeked.get() + 1);
        next(&mut self.peeks)
    }
}

pub(super) struct NotingSink {
    pub(super) notes: Notes,
    pub(super) events: Rc<RefCell<Vec<Event>>>,
}

impl Sink for NotingSink {
    fn accept(&mut self, event: Event) {
        match &event {
            Event::Keyval(_) => self.notes.note("keyval"),
            Event::Status(record) => {
                self.notes
                    .note(format!("record:{}", record.message.replace(' ', "_")));
            }
            _ => {}
        }
        self.events.borrow_mut().push(event);
    }
}

pub(super) struct NotingHost(pub(super) Notes, pub(super) World);

impl NotingHost {
    fn ok(&self, note: &str) -> TestResult {
        self.0.note(note);
        match self.1.failing.contains(&note) {
            true => Err(TestError::fail(format!("{note} failed")).into()),
            false => Ok(()),
        }
    }
}

impl Host for NotingHost {
    fn create_directories(&mut self) -> TestResult<Directories> {
        // Nothing is noted of what nobody can go without.
        match self.1.failing.contains(&"create") {
            true => Err(TestError::fail("create failed").into()),
            false => Ok(Directories {
                outputdir: "/results/job/net.ping.v6".into(),
                ..Directories::default()
            }),
        }
    }
    fn remove_tmpdir(&mut self) {
        self.0.note("remove_tmp");
    }
    fn enter_outputdir(&mut self) -> TestResult {
        // The first time is before the test's own part of the trace.
        if self.0.0.borrow().is_empty() {
            Ok(())
        } else {
            self.ok("enter")
        }
    }
    fn leave_outputdir(&mut self) {
        self.0.note("leave");
    }
    fn open_to_others(&mut self) -> TestResult {
        self.ok("open")
    }
    fn tee_logs(&mut self) -> TestResult {
        self.ok("tee")
    }
    fn restore_logs(&mut self) {
        self.0.note("restore");
    }
    fn has_srcdir(&mut self) -> bool {
        self.1.has_srcdir
    }
    fn lock_setup(&mut self) -> TestResult {
        self.ok("lock")
    }
    fn unlock_setup(&mut self) {
        self.0.note("unlock");
    }
    fn is_installed(&mut self, _: Version) -> TestResult<bool> {
        let note = if self.1.is_installed {
            "installed"
        } else {
            "not_installed"
        };
        self.0.note(note);
        Ok(self.1.is_installed)
    }
    fn remove_srcdir(&mut self) -> TestResult {
        self.ok("remove_src")
    }
    fn record_installed(&mut self, _: Version) -> TestResult {
        self.ok("record")
    }
    fn drop_caches(&mut self) {
        self.0.note("drop_caches");
    }
    fn take_panic(&mut self) -> Option<PanicReport> {
        self.1.panic_report.map(|message| PanicReport {
            message: message.to_owned(),
            location: Some("net.rs:7:5".to_owned()),
            backtrace: None,
        })
    }
    fn has_profilers(&mut self) -> bool {
        self.1.has_profilers
    }
    fn are_profilers_active(&mut self) -> bool {
        self.1.profilers_active
    }
    fn profile(&mut self, step: ProfilerStep, _: u64) -> TestResult {
        self.ok(&format!("{step:?}"))
    }
    fn run_subtest(&mut self, subtest: Subtest) -> Result<RunResult, TestError> {
        self.0.note(subtest.name);
        Ok(RunResult::new(None, ""))
    }
}

//! The target, the clock and the sink of a scripted test.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::path::{Path, PathBuf};
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
    /// The files that exist, with their content.
    pub(crate) files: &'static [(&'static str, &'static str)],
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

pub(super) struct NotingHost {
    notes: Notes,
    world: World,
    files: BTreeMap<PathBuf, String>,
}

impl NotingHost {
    pub(super) fn new(notes: Notes, world: World) -> NotingHost {
        let files = world.files.iter();
        let files = files.map(|(path, text)| (path.into(), (*text).to_owned()));
        NotingHost {
            notes,
            world,
            files: files.collect(),
        }
    }

    fn ok(&self, note: &str) -> TestResult {
        self.notes.note(note);
        match self.world.failing.contains(&note) {
            true => Err(TestError::fail(format!("{note} failed")).into()),
            false => Ok(()),
        }
    }
}

impl Host for NotingHost {
    fn create_directories(&mut self) -> TestResult<Directories> {
        // Nothing is noted of what nobody can go without.
        match self.world.failing.contains(&"create") {
            true => Err(TestError::fail("create failed").into()),
            false => Ok(Directories {
                outputdir: "/results/job/net.ping.v6".into(),
                ..Directories::default()
            }),
        }
    }
    fn remove_tmpdir(&mut self) {
        self.notes.note("remove_tmp");
    }
    fn enter_outputdir(&mut self) -> TestResult {
        // The first time is before the test's own part of the trace.
        if self.notes.0.borrow().is_empty() {
            Ok(())
        } else {
            self.ok("enter")
        }
    }
    fn leave_outputdir(&mut self) {
        self.notes.note("leave");
    }
    fn open_to_others(&mut self) -> TestResult {
        self.ok("open")
    }
    fn tee_logs(&mut self) -> TestResult {
        self.ok("tee")
    }
    fn restore_logs(&mut self) {
        self.notes.note("restore");
    }
    fn has_srcdir(&mut self) -> bool {
        self.world.has_srcdir
    }
    fn lock_setup(&mut self) -> TestResult {
        self.ok("lock")
    }
    fn unlock_setup(&mut self) {
        self.notes.note("unlock");
    }
    fn is_installed(&mut self, _: Version) -> TestResult<bool> {
        let note = if self.world.is_installed {
            "installed"
        } else {
            "not_installed"
        };
        self.notes.note(note);
        Ok(self.world.is_installed)
    }
    fn remove_srcdir(&mut self) -> TestResult {
        self.ok("remove_src")
    }
    fn record_installed(&mut self, _: Version) -> TestResult {
        self.ok("record")
    }
    fn drop_caches(&mut self) {
        self.notes.note("drop_caches");
    }
    #[cfg(feature = "sysinfo")]
    fn collect_sysinfo(&mut self, step: autotest_core::SysinfoStep) {
        self.notes.note(format!("{step:?}"));
    }
    fn take_panic(&mut self) -> Option<PanicReport> {
        self.world.panic_report.map(|message| PanicReport {
            message: message.to_owned(),
            location: Some("net.rs:7:5".to_owned()),
            backtrace: None,
        })
    }
    fn has_profilers(&mut self) -> bool {
        self.world.has_profilers
    }
    fn are_profilers_active(&mut self) -> bool {
        self.world.profilers_active
    }
    fn profile(&mut self, step: ProfilerStep, _: u64) -> TestResult {
        self.ok(&format!("{step:?}"))
    }
    fn read_file(&mut self, path: &Path) -> io::Result<String> {
        let text = self.files.get(path).cloned();
        text.ok_or_else(|| io::ErrorKind::NotFound.into())
    }
    /// Noted as `PATH=TEXT`, with a `/` at the end of a line.
    fn write_file(&mut self, path: &Path, text: &str) -> io::Result<()> {
        let note = format!("{}={}", path.display(), text.replace('\n', "/"));
        self.notes.note(&*note);
        if self.world.failing.contains(&note.as_str()) {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        self.files.insert(path.to_owned(), text.to_owned());
        Ok(())
    }
    fn run_subtest(&mut self, subtest: Subtest) -> Result<RunResult, TestError> {
        self.notes.note(subtest.name);
        Ok(RunResult::new(None, ""))
    }
}

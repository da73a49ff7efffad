//! A scripted test in a world that takes notes.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Once;
use std::time::Duration;

use autotest_core::{
    Args, Call, Clock, Details, Directories, Event, ExecuteArgs, Host, JobHooks, Metadata, Outcome,
    PanicReport, Phase, PhaseSet, Phases, ProfilerStep, Run, RunName, Settings, Sink, Status,
    Subtest, TestContext, TestDef, TestError, TestResult, Version, run_test,
};

type Step = fn(&mut TestContext) -> TestResult;

/// Panics of a scripted test are no news; those of the test around it are.
fn keep_quiet() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let usual = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !IS_ON_STAGE.get() {
                usual(panic);
            }
        }));
    });
}

thread_local! {
    static IS_ON_STAGE: Cell<bool> = const { Cell::new(false) };
    /// A constructor is a function pointer and can not capture the script that it is to make.
    static SCRIPT: RefCell<Option<Script>> = const { RefCell::new(None) };
    static CALLS: Cell<u32> = const { Cell::new(0) };
}

#[derive(Clone, Default)]
struct Notes(Rc<RefCell<Vec<String>>>);

impl Notes {
    fn note(&self, text: impl Into<String>) {
        self.0.borrow_mut().push(text.into());
    }
}

#[derive(Clone)]
struct Script {
    steps: Vec<(Phase, Step)>,
    notes: Notes,
}

impl Phases for Script {
    fn call(&mut self, phase: Phase, cx: &mut TestContext) -> TestResult {
        self.notes.note(phase.name());
        if let Some((_, step)) = self.steps.iter().find(|(of, _)| *of == phase) {
            return if phase == Phase::Execute {
                cx.default_execute_with(
                    self,
                    ExecuteArgs {
                        iterations: Some(3),
                        ..Default::default()
                    },
                )
            } else {
                step(cx)
            };
        }
        Ok(())
    }
}

/// A test and its world.
pub(crate) struct Stage {
    details: Details,
    script: Script,
    args: Args,
    settings: Settings,
    hooks: JobHooks,
    clock: Vec<u64>,
    world: World,
    deadline: Option<Duration>,
}

/// What the target is like.
#[derive(Clone, Copy, Default)]
pub(crate) struct World {
    pub(crate) has_profilers: bool,
    pub(crate) profilers_active: bool,
    pub(crate) has_srcdir: bool,
    pub(crate) is_installed: bool,
    /// The steps of the host that fail, as they are noted.
    pub(crate) failing: &'static [&'static str],
}

impl Stage {
    pub(crate) fn with<'a>(phases: impl IntoIterator<Item = &'a Phase>) -> Stage {
        let phases = phases
            .into_iter()
            .fold(PhaseSet::EMPTY, |set, phase| set.with(*phase));
        Stage {
            details: Details {
                phases,
                ..Details::DEFAULT
            },
            script: Script {
                steps: Vec::new(),
                notes: Notes::default(),
            },
            args: Args::new(),
            settings: Settings::default(),
            hooks: JobHooks::default(),
            clock: vec![0],
            world: World::default(),
            deadline: None,
        }
    }

    pub(crate) fn step(mut self, phase: Phase, step: Step) -> Stage {
        self.script.steps.push((phase, step));
        self
    }

    pub(crate) fn meta(mut self, meta: &'static Metadata) -> Stage {
        self.details.meta = meta;
        self
    }

    pub(crate) fn args(mut self, args: Args) -> Stage {
        self.args = args;
        self
    }

    pub(crate) fn settings(mut self, settings: Settings) -> Stage {
        self.settings = settings;
        self
    }

    pub(crate) fn deadline(mut self, seconds: u64) -> Stage {
        self.deadline = Some(Duration::from_secs(seconds));
        self
    }

    pub(crate) fn world(mut self, world: World) -> Stage {
        self.world = world;
        self
    }

    /// The seconds that the clock shows, one reading each; the last one stays.
    pub(crate) fn clock(mut self, seconds: &[u64]) -> Stage {
        self.clock = seconds.to_vec();
        self
    }

    pub(crate) fn before_test(mut self, hook: Step) -> Stage {
        self.hooks.before_test = Some(self.noted("before_test", hook));
        self
    }

    pub(crate) fn after_test(mut self, hook: Step) -> Stage {
        self.hooks.after_test = Some(self.noted("after_test", hook));
        self
    }

    fn noted(&self, name: &'static str, hook: Step) -> autotest_core::Hook {
        let notes = self.script.notes.clone();
        Box::new(move |cx| {
            notes.note(name);
            hook(cx)
        })
    }

    pub(crate) fn run(self) -> Ended {
        keep_quiet();
        CALLS.set(0);
        let notes = self.script.notes.clone();
        SCRIPT.set(Some(self.script));
        let call = Call::Phases(|_| {
            SCRIPT
                .take()
                .map(|script| Box::new(script) as _)
                .ok_or("no script".into())
        });
        let def: &'static TestDef = Box::leak(Box::new(TestDef {
            call,
            details: Box::leak(Box::new(self.details)),
            ..TestDef::DEFAULT
        }));
        let events = Rc::new(RefCell::new(Vec::new()));
        IS_ON_STAGE.set(true);
        let outcome = run_test(Run {
            def,
            name: RunName {
                test: "net::ping".to_owned(),
                tagged_testname: "net.ping.v6".to_owned(),
                subdir: "net.ping.v6".to_owned(),
            },
            args: self.args,
            settings: self.settings,
            hooks: self.hooks,
            deadline: self.deadline,
            host: Box::new(NotingHost(notes.clone(), self.world)),
            clock: Box::new(ScriptedClock(self.clock.into())),
            sink: Box::new(NotingSink {
                notes: notes.clone(),
                events: Rc::clone(&events),
            }),
        });
        IS_ON_STAGE.set(false);
        Ended {
            outcome,
            trace: notes.0.take(),
            events: events.take(),
        }
    }
}

/// What came of it.
pub(crate) struct Ended {
    outcome: Outcome,
    trace: Vec<String>,
    events: Vec<Event>,
}

impl Ended {
    pub(crate) fn trace(&self) -> &[String] {
        &self.trace
    }

    pub(crate) fn events(&self) -> &[Event] {
        &self.events
    }

    pub(crate) fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    /// Words, separated by blanks.
    #[track_caller]
    pub(crate) fn expect_trace(self, expected: &str) -> Ended {
        assert_eq!(self.trace, expected.split_whitespace().collect::<Vec<_>>());
        self
    }

    #[track_caller]
    pub(crate) fn expect_suppressed(self, expected: &[&str]) -> Ended {
        let suppressed = self.events.iter().filter_map(|event| match event {
            Event::Suppressed { verdict, origin } => Some(format!("{origin}: {verdict}")),
            _ => None,
        });
        assert_eq!(suppressed.collect::<Vec<_>>(), expected);
        self
    }

    #[track_caller]
    pub(crate) fn expect_events(self, count: usize) -> Ended {
        assert_eq!(self.events.len(), count, "{:?}", self.events);
        self
    }

    /// The profiled run has a number too, although nothing runs without profilers.
    #[track_caller]
    pub(crate) fn expect_iterations(self, count: u64) -> Ended {
        assert_eq!(self.outcome.iteration, count + 1);
        self
    }

    #[track_caller]
    pub(crate) fn expect_verdict(self, expected: &str) {
        assert_eq!(
            self.outcome
                .verdict
                .map(|verdict| verdict.to_string())
                .as_deref(),
            Some(expected)
        );
    }

    #[track_caller]
    pub(crate) fn expect_pass(self) {
        assert_eq!(self.outcome.verdict, None);
    }
}

pub(crate) fn fail(reason: &str) -> TestResult {
    Err(TestError::fail(reason).into())
}

pub(crate) fn panics(text: &str) -> TestResult {
    panic!("{text}")
}

/// Fails by `fail` until the call number `passes`.
pub(crate) fn tries(passes: u32, fail: fn() -> TestResult) -> TestResult {
    CALLS.set(CALLS.get() + 1);
    if CALLS.get() < passes { fail() } else { Ok(()) }
}

pub(crate) fn register_before(cx: &mut TestContext) -> TestResult {
    cx.register_before_iteration_hook(|_| panics("in a hook"));
    Ok(())
}

pub(crate) fn register_after(cx: &mut TestContext) -> TestResult {
    cx.register_after_iteration_hook(|_| panics("in a hook"));
    Ok(())
}

/// Marks the phase as scripted; [`Script::call`] calls the default one.
pub(crate) fn execute_three_times(_: &mut TestContext) -> TestResult {
    Ok(())
}

struct ScriptedClock(VecDeque<u64>);

impl Clock for ScriptedClock {
    fn now(&mut self) -> Duration {
        let seconds = if self.0.len() > 1 {
            self.0.pop_front()
        } else {
            self.0.front().copied()
        };
        Duration::from_secs(seconds.unwrap_or(0))
    }

    fn peek(&mut self) -> Duration {
        Duration::ZERO
    }
}

struct NotingSink {
    notes: Notes,
    events: Rc<RefCell<Vec<Event>>>,
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

struct NotingHost(Notes, World);

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
        Ok(Directories::default())
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
        None
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
    fn run_subtest(&mut self, subtest: Subtest) -> Result<Status, TestError> {
        self.0.note(subtest.name);
        Ok(Status::Good)
    }
}

//! A scripted test in a world that takes notes.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::Once;
use std::time::Duration;

use autotest_core::{
    Args, Call, Details, Event, ExecuteArgs, JobHooks, Metadata, Outcome, Phase, PhaseSet, Phases,
    Recovery, Run, RunName, Settings, TestContext, TestDef, TestError, TestResult, recover,
    run_test,
};

use super::world::{Notes, NotingHost, NotingSink, ScriptedClock, World};

type Step = fn(&mut TestContext) -> TestResult;

/// Panics of a scripted test are no news; those of the test around it are.
fn keep_quiet() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        log::set_logger(&KeepingLogger).unwrap();
        log::set_max_level(log::LevelFilter::Debug);
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
    /// A constructor is a function pointer and cannot capture the script that it is to make.
    static SCRIPT: RefCell<Option<Script>> = const { RefCell::new(None) };
    static CALLS: Cell<u32> = const { Cell::new(0) };
    static LOGGED: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Keeps what a scripted test logs. There is one logger in a process, and a thread for each test.
struct KeepingLogger;

impl log::Log for KeepingLogger {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        IS_ON_STAGE.get()
    }

    fn log(&self, record: &log::Record<'_>) {
        if self.enabled(record.metadata()) {
            let line = format!("{} {}", record.level(), record.args());
            LOGGED.with_borrow_mut(|logged| logged.push(line));
        }
    }

    fn flush(&self) {}
}

#[derive(Clone)]
struct Script {
    steps: Vec<(Phase, Step)>,
    execute_args: Option<ExecuteArgs>,
    notes: Notes,
}

impl Phases for Script {
    fn call(&mut self, phase: Phase, cx: &mut TestContext) -> TestResult {
        self.notes.note(phase.name());
        if let Some(args) = self
            .execute_args
            .clone()
            .filter(|_| phase == Phase::Execute)
        {
            return cx.default_execute_with(self, args);
        }
        match self.steps.iter().find(|(of, _)| *of == phase) {
            Some((_, step)) => step(cx),
            None => Ok(()),
        }
    }
}

/// A test and its world.
pub(crate) struct Stage {
    details: Details,
    script: Script,
    args: Args,
    settings: Settings,
    hooks: JobHooks,
    call: Option<Call>,
    clock: Vec<Duration>,
    peeks: Vec<Duration>,
    world: World,
    deadline: Option<Duration>,
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
                execute_args: None,
                notes: Notes::default(),
            },
            args: Args::new(),
            settings: Settings::default(),
            hooks: JobHooks::default(),
            call: None,
            clock: Vec::new(),
            peeks: Vec::new(),
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
        self.clock = seconds.iter().copied().map(Duration::from_secs).collect();
        self
    }

    /// The milliseconds that reports are told, one reading each; the last one stays.
    pub(crate) fn peeks(mut self, millis: impl IntoIterator<Item = u64>) -> Stage {
        self.peeks = millis.into_iter().map(Duration::from_millis).collect();
        self
    }

    /// Has the test's own `execute` call the default one with these arguments.
    pub(crate) fn execute_with(mut self, args: ExecuteArgs) -> Stage {
        self.script.execute_args = Some(args);
        self
    }

    /// The test's code, instead of the script.
    pub(crate) fn code(mut self, call: Call) -> Stage {
        self.call = Some(call);
        self
    }

    /// Says more of the test.
    pub(crate) fn details(mut self, say: impl FnOnce(&mut Details)) -> Stage {
        say(&mut self.details);
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

    pub(crate) fn before_iteration(mut self, hook: Step) -> Stage {
        let hook = self.noted("before_iteration", hook);
        self.hooks.before_iteration.push(hook);
        self
    }

    pub(crate) fn after_iteration(mut self, hook: Step) -> Stage {
        let hook = self.noted("after_iteration", hook);
        self.hooks.after_iteration.push(hook);
        self
    }

    pub(crate) fn run(self) -> Ended {
        self.play(run_test)
    }

    /// Cleans up after a run that ended abnormally.
    pub(crate) fn recover(self, recovery: Recovery) -> Ended {
        self.play(|run| recover(run, recovery))
    }

    fn play(self, play: impl FnOnce(Run) -> Outcome) -> Ended {
        keep_quiet();
        CALLS.set(0);
        LOGGED.take();
        let notes = self.script.notes.clone();
        SCRIPT.set(Some(self.script));
        let call = self.call.unwrap_or(Call::Phases(|_| {
            SCRIPT
                .take()
                .map(|script| Box::new(script) as _)
                .ok_or("no script".into())
        }));
        let peeked = Rc::default();
        let def: &'static TestDef = Box::leak(Box::new(TestDef {
            call,
            details: Box::leak(Box::new(self.details)),
            ..TestDef::DEFAULT
        }));
        let events = Rc::new(RefCell::new(Vec::new()));
        IS_ON_STAGE.set(true);
        let outcome = play(Run {
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
            host: Box::new(NotingHost::new(notes.clone(), self.world)),
            clock: Box::new(ScriptedClock {
                times: self.clock.into(),
                peeks: self.peeks.into(),
                peeked: Rc::clone(&peeked),
            }),
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
            logged: LOGGED.take(),
            peeked: peeked.get(),
        }
    }
}

/// What came of it.
pub(crate) struct Ended {
    outcome: Outcome,
    trace: Vec<String>,
    events: Vec<Event>,
    logged: Vec<String>,
    peeked: u64,
}

impl Ended {
    pub(crate) fn trace(&self) -> &[String] {
        &self.trace
    }

    pub(crate) fn events(&self) -> &[Event] {
        &self.events
    }

    /// Lines of the log, each after its level.
    pub(crate) fn logged(&self) -> &[String] {
        &self.logged
    }

    /// How often a clock was read for reports.
    pub(crate) fn peeked(&self) -> u64 {
        self.peeked
    }

    /// How often a word is in the trace.
    pub(crate) fn count(&self, word: &str) -> usize {
        self.trace.iter().filter(|note| *note == word).count()
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

//! Tests that are `impl` blocks: constructors, receivers, conditions, `async`.

use std::io;

use autotest::prelude::*;

use crate::bench::{check, def, fails, passes};

struct WithContext {
    tmpdir: String,
}

#[autotest]
impl WithContext {
    fn new(cx: &mut TestContext) -> Self {
        WithContext {
            tmpdir: cx.tmpdir().display().to_string(),
        }
    }

    fn run_once(&self) -> TestResult {
        fail!("{}", self.tmpdir)
    }
}

struct Fallible;

#[autotest]
impl Fallible {
    fn new() -> io::Result<Fallible> {
        Err(io::Error::other("no device"))
    }

    fn run_once() {}
}

struct AnyhowMade;

#[autotest]
impl AnyhowMade {
    fn new(_: &mut TestContext) -> anyhow::Result<Self> {
        Ok(AnyhowMade)
    }

    fn run_once() -> TestResult {
        fail!("made")
    }
}

#[derive(Default)]
struct HelperNew;

#[autotest]
impl HelperNew {
    #[helper]
    #[expect(dead_code, reason = "the constructor is `Default`")]
    fn new(_name: &str, _size: u8) -> Self {
        HelperNew
    }

    fn run_once() {}
}

#[test]
fn a_constructor_makes_the_test() {
    check("WithContext", &[], fails("/tmp"));
    check("AnyhowMade", &[], fails("made"));
    check("HelperNew", &[], passes());
}

#[test]
fn an_error_of_the_constructor_decides() {
    check("Fallible", &[], fails("Unhandled io::Error: no device"));
}

#[derive(Default)]
struct Conditional {
    trace: Vec<&'static str>,
}

#[autotest]
impl Conditional {
    #[cfg(not(target_os = "none"))]
    fn initialize(&mut self, here: Option<u8>) {
        let _ = here;
        self.trace.push("initialize");
    }

    #[cfg(any())]
    fn setup(&mut self, gone: NoSuchType) {
        self.trace.push("setup");
    }

    #[cfg(any())]
    fn warmup(&mut self, here: Option<u8>) {
        self.trace.push("warmup");
    }

    fn run_once(&mut self) -> TestResult {
        fail!("{}", self.trace.join(" "))
    }
}

#[test]
fn a_phase_behind_a_false_condition_is_not_there() {
    let def = def("Conditional");
    let phases: Vec<Phase> = def.phases.iter().collect();
    assert_eq!(phases, [Phase::Initialize, Phase::RunOnce]);
    let params: Vec<(&str, Vec<Phase>)> = def
        .params
        .iter()
        .map(|param| (param.name, param.phases.iter().collect()))
        .collect();
    assert_eq!(params, [("here", vec![Phase::Initialize])]);
    check("Conditional", &[], fails("initialize"));
}

#[derive(Default)]
struct Either {
    sum: u8,
}

#[autotest]
impl Either {
    #[cfg(any())]
    fn initialize(&mut self, gone: Option<u8>) {}

    #[cfg(not(any()))]
    fn initialize(&mut self, first: Option<u8>, shared: Option<u8>) {
        self.sum = first.unwrap_or(0) + shared.unwrap_or(0);
    }

    fn run_once(&mut self, second: Option<u8>, shared: Option<u8>) -> TestResult {
        fail!("{}", self.sum + second.unwrap_or(0) + shared.unwrap_or(0))
    }
}

#[test]
fn of_two_phases_with_opposite_conditions_one_is_there() {
    let params: Vec<&str> = def("Either")
        .params
        .iter()
        .map(|param| param.name)
        .collect();
    assert_eq!(params, ["first", "shared", "second"]);
    let args = [("first", "1"), ("shared", "2"), ("second", "4")];
    check("Either", &args, fails("9"));
}

/// Polls once.
fn block_on<F: Future>(future: F) -> F::Output {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(output) => output,
        std::task::Poll::Pending => unreachable!("nothing here waits"),
    }
}

#[autotest(block_on = block_on)]
async fn asynchronous(cx: &mut TestContext, mb: u64) -> TestResult {
    std::future::ready(()).await;
    fail!("{mb} in {}", cx.tmpdir().display())
}

#[autotest(block_on = self::block_on)]
async fn asynchronous_unit() {}

#[test]
fn async_functions_are_blocked_on() {
    check("asynchronous", &[("mb", "7")], fails("7 in /tmp"));
    check("asynchronous_unit", &[], passes());
}

#[derive(Default)]
struct OwnExecute {
    runs: u32,
}

#[autotest(iterations = 3)]
impl OwnExecute {
    const LIMIT: u32 = 3;

    fn execute(&mut self, cx: &mut TestContext, label: &str) -> TestResult {
        cx.default_execute(self)?;
        fail!("{label}: {} of {}", self.runs, Self::LIMIT)
    }

    fn run_once(&mut self, #[param(default = Self::LIMIT)] limit: u32) -> TestResult {
        ensure!(limit == 3);
        self.runs += 1;
        Ok(())
    }
}

#[test]
fn an_own_execute_can_run_the_default_one() {
    check("OwnExecute", &[("label", "runs")], fails("runs: 3 of 3"));
}

#[derive(Default)]
struct SharedParameter {
    seen: Vec<u32>,
}

#[autotest]
#[case(n = 5)]
#[case::nine(n = 9)]
impl SharedParameter {
    fn initialize(
        &mut self,
        /// How many.
        #[param(range = 1..10)]
        n: u32,
    ) {
        self.seen.push(n);
    }

    fn run_once(&mut self, cx: &mut TestContext, n: u32, args: Args) -> TestResult {
        let _ = cx;
        self.seen.push(n);
        fail!("{:?} {}", self.seen, args.len())
    }
}

#[test]
fn one_declaration_holds_in_all_phases() {
    let def = def("SharedParameter::nine");
    let param = def.params[0];
    assert_eq!((param.doc, param.range), ("How many.", Some("1..10")));
    assert_eq!(
        param.phases.iter().collect::<Vec<_>>(),
        [Phase::Initialize, Phase::RunOnce]
    );
    assert_eq!(def.catch_all.iter().collect::<Vec<_>>(), [Phase::RunOnce]);
    check("SharedParameter::case_1", &[], fails("[5, 5] 0"));
    check(
        "SharedParameter::nine",
        &[("n", "2"), ("x", "1")],
        fails("[2, 2] 1"),
    );
}

mod generic {
    use super::*;

    #[derive(Default)]
    pub(super) struct Sized<T>(T);

    #[autotest(name = "generic.of_u8")]
    impl Sized<u8> {
        const START: u8 = 3;

        fn run_once(&mut self, #[param(default = Self::START)] add: u8) -> TestResult {
            self.0 += add;
            fail!("{}", self.0)
        }
    }
}

#[test]
fn a_type_with_arguments_is_one_type() {
    check("generic.of_u8", &[], fails("3"));
}

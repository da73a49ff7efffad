//! The definition of a test: plain data that the macros create at compile time.
//!
//! This module must not run anything; that is the task of [`crate::lifecycle`].

use std::any::Any;
use std::ops::Deref;
use std::rc::Rc;
use std::time::Duration;

use crate::context::TestContext;
use crate::outcome::{Failure, TestResult};
use crate::params::{Args, ParamDef};
use crate::phase::{Phase, PhaseSet};
use crate::settings::LeakPolicy;

/// The definition of one test.
///
/// A binary has one for each test. Every pointer in it is relocated, and relocated memory is copied for every
/// run's process, so it only has what tests cannot share. Everything else is in [`Details`], to which it
/// dereferences.
#[derive(Clone, Debug)]
pub struct TestDef {
    /// The name of the function or type, or the text of `name = "…"`.
    pub name: &'static str,
    /// The line of its name.
    pub line: u32,
    /// The code to call.
    pub call: Call,
    /// All other properties. Tests of a module without options share them.
    pub details: &'static Details,
}

/// The properties of a test besides its name and code.
///
/// Generated code names the fields that differ from [`Details::DEFAULT`].
#[derive(Clone, Debug)]
pub struct Details {
    /// The name of the item, if `name = "…"` gives the test another, which is then its whole id, without the module's
    /// path.
    pub renamed: Option<&'static str>,
    /// The case, if the test is one (`#[case::small(…)]`).
    pub case: Option<&'static CaseDef>,
    /// The module that contains it.
    pub module: &'static Module,
    /// The lines of the doc comment.
    pub doc: &'static str,
    /// The options of the attribute, with those of the suite.
    pub meta: &'static Metadata,
    /// Its parameters, each once.
    pub params: &'static [ParamDef],
    /// The phases that it defines.
    pub phases: PhaseSet,
    /// The phases with a catch-all parameter.
    pub catch_all: PhaseSet,
    /// Computes the values of a phase's parameters; `None` without parameters.
    pub bind: Option<Bind>,
}

/// The options of a test. A test without options shares those of its suite, or the defaults.
#[derive(Clone, Debug)]
pub struct Metadata {
    /// The author.
    pub author: &'static str,
    /// The version of `setup`, which runs again when it changes. It is also written as a keyval.
    pub version: Version,
    /// The suites that it belongs to.
    pub suites: &'static [&'static str],
    /// Attributes for `--attr`.
    pub attributes: &'static [&'static str],
    /// The expected time: FAST, SHORT, MEDIUM, LONG or LENGTHY.
    pub time: &'static str,
    /// The original's TEST_CLASS.
    pub test_class: &'static str,
    /// The original's TEST_CATEGORY.
    pub test_category: &'static str,
    /// Labels of what the target must provide (the original's DEPENDENCIES). Nothing checks them.
    pub dependencies: &'static [&'static str],
    /// What the target must provide, each the text of a [`Need`](crate::Need), checked at compile time.
    pub needs: &'static [&'static str],
    /// How often an iteration may be retried, unless the job's `test_retry` is set.
    pub retries: Option<u32>,
    /// The timeout of the test.
    pub timeout: Option<Duration>,
    /// The number of iterations, unless the run specifies it.
    pub iterations: Option<u32>,
    /// Perf constraints, checked at compile time.
    pub constraints: &'static [&'static str],
    /// The profilers to use.
    pub profilers: &'static [&'static str],
    /// Data files that the test needs on the target.
    pub data: &'static [&'static str],
    /// What to do about a change of the target that the test does not undo, unless the job's setting applies.
    pub leaks: Option<LeakPolicy>,
    /// Additional rows of sysinfo to collect, each the text of a [`SysinfoRow`](crate::SysinfoRow::of_option), checked
    /// at compile time.
    #[cfg(feature = "sysinfo")]
    pub sysinfo: &'static [&'static str],
    /// Whether the test replaces another of the same id: a site's own version of it.
    pub site: bool,
    /// Whether the test may take the network down; network warnings are disabled while it runs.
    pub network_destabilizing: bool,
    /// Whether `setup` of a new version keeps the old `srcdir`.
    pub preserve_srcdir: bool,
    /// Whether the profiled run is postprocessed, too, unless the run specifies it.
    pub postprocess_profiled_run: bool,
    /// The reason, if the test is ignored; may be empty.
    pub ignore: Option<&'static str>,
    /// Whether the test is expected to pass.
    pub expect: Expect,
    /// Never set, so that `..Metadata::DEFAULT` is never redundant.
    #[doc(hidden)]
    pub others: (),
}

/// A module that contains tests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// Its path, beginning with the crate's name.
    pub path: &'static str,
    /// The source file.
    pub file: &'static str,
}

/// One `#[case::name(…)]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseDef {
    /// Its name.
    pub name: &'static str,
    /// The number of the case, from 1.
    pub index: usize,
    /// Its arguments, as written.
    pub args: &'static [(&'static str, &'static str)],
}

/// The values that the defaults refer to. They are statics, since each use of a constant may be a copy.
static NO_MODULE: Module = Module { path: "", file: "" };
static NO_METADATA: Metadata = Metadata::DEFAULT;
static NO_DETAILS: Details = Details::DEFAULT;

impl TestDef {
    /// A test without any properties.
    pub const DEFAULT: TestDef = TestDef {
        name: "",
        line: 0,
        call: Call::Unit(|| ()),
        details: &NO_DETAILS,
    };
}

impl Deref for TestDef {
    type Target = Details;

    fn deref(&self) -> &Details {
        self.details
    }
}

impl Details {
    /// The defaults for the fields that generated code leaves out.
    pub const DEFAULT: Details = Details {
        renamed: None,
        case: None,
        module: &NO_MODULE,
        doc: "",
        meta: &NO_METADATA,
        params: &[],
        phases: PhaseSet::of(&[Phase::RunOnce]),
        catch_all: PhaseSet::EMPTY,
        bind: None,
    };

    /// The arguments of the case, as written.
    pub fn case_args(&self) -> &'static [(&'static str, &'static str)] {
        self.case.map_or(&[], |case| case.args)
    }

    /// Whether the parameter `name` is secret.
    pub fn has_secret(&self, name: &str) -> bool {
        self.params
            .iter()
            .any(|param| param.secret && param.name == name)
    }

    /// Whether `phase` declares the parameter `name`.
    pub fn declares(&self, phase: Phase, name: &str) -> bool {
        self.params
            .iter()
            .any(|param| param.name == name && param.phases.contains(phase))
    }
}

impl Metadata {
    /// The values without any option.
    pub const DEFAULT: Metadata = Metadata {
        author: "",
        version: Version::Int(0),
        suites: &[],
        attributes: &[],
        time: "",
        test_class: "",
        test_category: "",
        dependencies: &[],
        needs: &[],
        retries: None,
        timeout: None,
        iterations: None,
        constraints: &[],
        profilers: &[],
        data: &[],
        leaks: None,
        #[cfg(feature = "sysinfo")]
        sysinfo: &[],
        site: false,
        network_destabilizing: false,
        preserve_srcdir: false,
        postprocess_profiled_run: false,
        ignore: None,
        expect: Expect::Pass,
        others: (),
    };
}

/// The version of a test's `setup`. Equal versions share a `srcdir`.
///
/// Versions are compared as in Python: `1` equals `1.0` but not `"1"`. Conformance: `setup-version-*`.
#[derive(Clone, Copy, Debug)]
pub enum Version {
    /// A whole number, as in `version = 3`.
    Int(i64),
    /// A number, as in `version = 1.5`.
    Float(f64),
    /// A text, as in `version = "1.2.3"`.
    Text(&'static str),
}

/// The expected result of a test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// The test passes.
    Pass,
    /// The test fails (a known failure): FAIL counts as a pass, and a pass as FAIL.
    Fail,
}

/// The code of a test.
///
/// A free function without parameters is a plain function pointer, so that the compiler need not generate
/// another function for each test.
#[derive(Clone, Copy, Debug)]
pub enum Call {
    /// `fn()`
    Unit(fn()),
    /// `fn(&mut TestContext)`
    UnitContext(fn(&mut TestContext)),
    /// `fn() -> TestResult`
    Plain(fn() -> TestResult),
    /// `fn(&mut TestContext) -> TestResult`; also the thunk of every other free function.
    Context(fn(&mut TestContext) -> TestResult),
    /// The constructor of an `impl` test.
    Phases(fn(&mut TestContext) -> TestResult<Box<dyn Phases>>),
}

/// A generated function that computes the values of one phase's parameters.
pub type Bind = fn(&mut Binding<'_>) -> TestResult<Option<Bound>>;

/// The input of a [`Bind`] function.
#[derive(Debug)]
pub struct Binding<'a> {
    /// The phase to bind.
    pub phase: Phase,
    /// The arguments for this phase.
    pub args: Args,
    /// The number of the case; 0 without cases.
    pub case_index: usize,
    /// The context, for defaults that use it; `None` for a control function.
    pub context: Option<&'a TestContext>,
}

impl<'a> Binding<'a> {
    /// The context.
    ///
    /// # Panics
    /// If there is none: generated code only calls this for tests.
    pub fn context(&self) -> &'a TestContext {
        self.context.expect("the phase of a test has a context")
    }

    /// Which of the `count` values of one parameter, or of the `count` written cases, this case has, from 0.
    /// Cases are numbered so that each value is that of `stride` cases in a row.
    ///
    /// ```
    /// use autotest_core::{Args, Binding, Phase};
    /// // Two values of `a`, three of `b`: the cases are a1 b1, a1 b2, a1 b3, a2 b1, a2 b2, a2 b3.
    /// let fifth = Binding { phase: Phase::RunOnce, args: Args::new(), case_index: 5, context: None };
    /// assert_eq!((fifth.position(3, 2), fifth.position(1, 3)), (1, 1));
    /// ```
    pub fn position(&self, stride: usize, count: usize) -> usize {
        self.case_index.saturating_sub(1) / stride.max(1) % count.max(1)
    }
}

/// The values of one phase's parameters.
#[derive(Clone, Debug)]
pub struct Bound(Rc<dyn Any>);

impl Bound {
    /// Stores the values.
    pub fn new<T: 'static>(values: T) -> Bound {
        Bound(Rc::new(values))
    }

    /// The stored values.
    ///
    /// # Errors
    /// If they are of another type, which never happens in generated code.
    pub fn values<T: 'static>(&self) -> TestResult<Rc<T>> {
        Rc::clone(&self.0)
            .downcast()
            .map_err(|_| Failure::foreign("ParameterError", "bound values of another phase"))
    }
}

/// A test with phases, as generated from an `impl` block.
///
/// The lifecycle calls [`call`](Phases::call) only for phases in [`Details::phases`], after their parameters
/// are bound. Whether an error is FAIL or ERROR depends on the phase.
pub trait Phases {
    /// Runs one phase.
    ///
    /// # Errors
    /// The error of the author's code.
    fn call(&mut self, phase: Phase, cx: &mut TestContext) -> TestResult;
}

//! What the macros say of a test: plain data, made at compile time.
//!
//! This module must not run anything; [`crate::lifecycle`] does.

use std::any::Any;
use std::ops::Deref;
use std::rc::Rc;
use std::time::Duration;

use crate::context::TestContext;
use crate::outcome::{Failure, TestResult};
use crate::params::{Args, ParamDef};
use crate::phase::{Phase, PhaseSet};

/// One test, as annotated.
///
/// A binary holds one of these for each test, and each pointer in it is relocated, hence memory that every
/// run's process copies: it has what no two tests share. All else is its [`Details`], as which it can be read.
#[derive(Clone, Debug)]
pub struct TestDef {
    /// The name of the function or the type, or the text of `name = "…"`.
    pub name: &'static str,
    /// The line of its name.
    pub line: u32,
    /// Its code.
    pub call: Call,
    /// What tests of a module share if they say nothing of their own.
    pub details: &'static Details,
}

/// What is said of a test beside its name and its code.
///
/// Generated code names the fields that differ from [`Details::DEFAULT`].
#[derive(Clone, Debug)]
pub struct Details {
    /// Whether the name is the whole id (`name = "…"`) and not a part of it.
    pub is_verbatim: bool,
    /// The case, if it is one (`#[case::small(…)]`).
    pub case: Option<&'static CaseDef>,
    /// The module that it stands in.
    pub module: &'static Module,
    /// The doc comment, one line a line.
    pub doc: &'static str,
    /// What the options of the attribute and of the suite say.
    pub meta: &'static Metadata,
    /// Its parameters, each once.
    pub params: &'static [ParamDef],
    /// The phases that it defines.
    pub phases: PhaseSet,
    /// The phases with a catch-all parameter.
    pub catch_all: PhaseSet,
    /// Makes the values of a phase's parameters, if there are any.
    pub bind: Option<Bind>,
}

/// The options of a test. Whoever says none shares those of its suite, or none at all.
#[derive(Clone, Debug)]
pub struct Metadata {
    /// Who to ask.
    pub author: &'static str,
    /// When it changes, `setup` runs again; also a keyval.
    pub version: Version,
    /// The suites that it belongs to.
    pub suites: &'static [&'static str],
    /// Attributes to select by.
    pub attributes: &'static [&'static str],
    /// How long it takes: FAST, SHORT, MEDIUM, LONG or LENGTHY.
    pub time: &'static str,
    /// The original's TEST_CLASS.
    pub test_class: &'static str,
    /// The original's TEST_CATEGORY.
    pub test_category: &'static str,
    /// What the target must have.
    pub dependencies: &'static [&'static str],
    /// This test's own `test_retry`.
    pub retries: Option<u32>,
    /// After this time the test is ended.
    pub timeout: Option<Duration>,
    /// How many iterations, unless the run says.
    pub iterations: Option<u32>,
    /// Perf constraints, checked at compile time.
    pub constraints: &'static [&'static str],
    /// The profilers that it wants.
    pub profilers: &'static [&'static str],
    /// The files that must lie beside it on a target.
    pub data: &'static [&'static str],
    /// Whether it may take the network down; network warnings are off while it runs.
    pub network_destabilizing: bool,
    /// Whether `setup` of a new version keeps the old `srcdir`.
    pub preserve_srcdir: bool,
    /// Whether the profiled run is postprocessed too, unless the run says.
    pub postprocess_profiled_run: bool,
    /// Why it is not run, if it is not.
    pub ignore: Option<&'static str>,
    /// What its body is expected to say.
    pub expect: Expect,
    /// No option gives this, so that `..Metadata::DEFAULT` is never needless.
    #[doc(hidden)]
    pub others: (),
}

/// The module that tests stand in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// Its path, the crate's name first.
    pub path: &'static str,
    /// The source file.
    pub file: &'static str,
}

/// One `#[case::name(…)]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseDef {
    /// Its name.
    pub name: &'static str,
    /// Which case of the test it is, from 1.
    pub index: usize,
    /// Its arguments, as written.
    pub args: &'static [(&'static str, &'static str)],
}

/// What the defaults refer to. Statics, since each use of a constant could be a copy.
static NO_MODULE: Module = Module { path: "", file: "" };
static NO_METADATA: Metadata = Metadata::DEFAULT;
static NO_DETAILS: Details = Details::DEFAULT;

impl TestDef {
    /// A test of which nothing is said.
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
    /// Nothing is said; the base for the fields that are left out.
    pub const DEFAULT: Details = Details {
        is_verbatim: false,
        case: None,
        module: &NO_MODULE,
        doc: "",
        meta: &NO_METADATA,
        params: &[],
        phases: PhaseSet::of(&[Phase::RunOnce]),
        catch_all: PhaseSet::EMPTY,
        bind: None,
    };

    /// The arguments of its case, as written.
    pub fn case_args(&self) -> &'static [(&'static str, &'static str)] {
        self.case.map_or(&[], |case| case.args)
    }

    /// Whether `phase` declares the parameter `name`.
    pub fn declares(&self, phase: Phase, name: &str) -> bool {
        self.params
            .iter()
            .any(|param| param.name == name && param.phases.contains(phase))
    }
}

impl Metadata {
    /// No option is given.
    pub const DEFAULT: Metadata = Metadata {
        author: "",
        version: Version::Int(0),
        suites: &[],
        attributes: &[],
        time: "",
        test_class: "",
        test_category: "",
        dependencies: &[],
        retries: None,
        timeout: None,
        iterations: None,
        constraints: &[],
        profilers: &[],
        data: &[],
        network_destabilizing: false,
        preserve_srcdir: false,
        postprocess_profiled_run: false,
        ignore: None,
        expect: Expect::Pass,
        others: (),
    };
}

/// The version of a test's `setup`: equal versions share a `srcdir`.
///
/// Compared as Python compares: `1` equals `1.0` but not `"1"`. Conformance: `setup-version-*`.
#[derive(Clone, Copy, Debug)]
pub enum Version {
    /// A whole number, as in `version = 3`.
    Int(i64),
    /// A number, as in `version = 1.5`.
    Float(f64),
    /// A text, as in `version = "1.2.3"`.
    Text(&'static str),
}

/// What the body of a test is expected to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// It passes.
    Pass,
    /// It fails (a known failure): FAIL counts as a pass, a pass as FAIL.
    Fail,
}

/// The code of a test.
///
/// A free function without parameters is a plain function pointer, so that a thousand of them cost
/// the compiler no thousand functions.
#[derive(Clone, Copy, Debug)]
pub enum Call {
    /// `fn()`
    Unit(fn()),
    /// `fn(&mut TestContext)`
    UnitContext(fn(&mut TestContext)),
    /// `fn() -> TestResult`
    Plain(fn() -> TestResult),
    /// `fn(&mut TestContext) -> TestResult`, also the thunk of every other free function.
    Context(fn(&mut TestContext) -> TestResult),
    /// The constructor of an `impl` test.
    Phases(fn(&mut TestContext) -> TestResult<Box<dyn Phases>>),
}

/// Makes the values of one phase's parameters; generated.
pub type Bind = fn(&mut Binding<'_>) -> TestResult<Option<Bound>>;

/// What a bind function works with.
#[derive(Debug)]
pub struct Binding<'a> {
    /// The phase to bind.
    pub phase: Phase,
    /// The arguments picked for it.
    pub args: Args,
    /// Which case of the test, 0 if it has none.
    pub case_index: usize,
    /// The context, for defaults that use it.
    pub context: &'a TestContext,
}

/// The values of one phase's parameters, as its thunk stores them.
#[derive(Clone, Debug)]
pub struct Bound(Rc<dyn Any>);

impl Bound {
    /// Stores the values.
    pub fn new<T: 'static>(values: T) -> Bound {
        Bound(Rc::new(values))
    }

    /// The values as the type that was stored.
    ///
    /// # Errors
    /// If another type was stored, which generated code never does.
    pub fn values<T: 'static>(&self) -> TestResult<Rc<T>> {
        Rc::clone(&self.0)
            .downcast()
            .map_err(|_| Failure::foreign("ParameterError", "bound values of another phase"))
    }
}

/// A test with phases, as generated from an `impl` block.
///
/// The lifecycle calls [`call`](Phases::call) only for phases of [`Details::phases`] and after their
/// parameters are bound. An error decides the test by the phase that it came from.
pub trait Phases {
    /// Runs one phase.
    ///
    /// # Errors
    /// What the author's code says.
    fn call(&mut self, phase: Phase, cx: &mut TestContext) -> TestResult;
}

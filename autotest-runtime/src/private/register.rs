//! Registration: each module submits its tests to a list for the binary.

use autotest_core::{Args, Details, Module, TestContext, TestDef, TestResult};

use crate::control::Job;
#[cfg(feature = "profilers")]
use crate::profilers::Profiler;

/// The tests of one module, or a single test. Each case of a test is an entry.
#[derive(Debug)]
pub struct Registration {
    /// The tests, in the order of the source.
    pub tests: &'static [TestDef],
}

inventory::collect!(Registration);

/// A control function.
#[derive(Debug)]
pub struct ControlDef {
    /// Its name, parameters and other properties. Its `call` is not used, and its only phase is `execute`, so
    /// that no argument of the framework is known to it.
    pub def: TestDef,
    /// Converts the arguments and calls the function.
    pub run: fn(&mut Job, &Args) -> TestResult,
}

inventory::collect!(ControlDef);

/// A hook that jobs name.
#[derive(Debug)]
pub struct HookDef {
    /// Its name.
    pub name: &'static str,
    /// The line of its name.
    pub line: u32,
    /// The module that contains it.
    pub module: &'static Module,
    /// The function.
    pub call: fn(&mut TestContext) -> TestResult,
}

inventory::collect!(HookDef);

/// A profiler.
#[cfg(feature = "profilers")]
#[derive(Debug)]
pub struct ProfilerDef {
    /// Its name, parameters and other properties. Its `call` is not used; its phases are those of its steps that take
    /// parameters, and `execute`, so that no argument of the framework is known to it.
    pub def: TestDef,
    /// Makes one, without any arguments yet.
    pub new: fn() -> TestResult<Box<dyn Profiler>>,
}

#[cfg(feature = "profilers")]
inventory::collect!(ProfilerDef);

/// The definition of a type that is a profiler.
#[cfg(feature = "profilers")]
pub trait DefinedProfiler {
    /// The definition.
    const DEF: ProfilerDef;
}

/// What `main!` says of its binary.
#[derive(Clone, Copy, Debug)]
pub struct Main {
    /// The path of the module that it is in, which begins with the name of the main crate.
    pub module: &'static str,
    /// The crates that it names.
    pub crates: &'static [&'static str],
    /// The name of the suite.
    pub suite: Option<&'static str>,
    /// The expression that selects the tests of the binary.
    pub attr: Option<&'static str>,
}

impl Main {
    /// The binary whose `main` is in this module, without other crates.
    pub const fn of(module: &'static str) -> Main {
        Main {
            module,
            crates: &[],
            suite: None,
            attr: None,
        }
    }

    /// The name of the crate that it is in. The ids of its tests do not include it.
    pub fn own_crate(&self) -> &'static str {
        self.module.split("::").next().unwrap_or(self.module)
    }

    /// Whether the binary has a test of these suites: one of them is its own, or there are none.
    pub fn has(&self, suites: &[&str]) -> bool {
        let own = self.suite.as_ref();
        suites.is_empty() || own.is_none_or(|own| suites.contains(own))
    }
}

/// All control functions.
pub fn controls() -> impl Iterator<Item = &'static ControlDef> {
    inventory::iter::<ControlDef>.into_iter()
}

/// All hooks.
pub fn hooks() -> impl Iterator<Item = &'static HookDef> {
    inventory::iter::<HookDef>.into_iter()
}

/// All profilers that registered themselves.
#[cfg(feature = "profilers")]
pub fn profilers() -> impl Iterator<Item = &'static ProfilerDef> + Clone {
    inventory::iter::<ProfilerDef>.into_iter()
}

/// All registered tests, module by module.
pub fn registered() -> impl Iterator<Item = &'static [TestDef]> {
    let registrations = inventory::iter::<Registration>.into_iter();
    registrations.map(|registration| registration.tests)
}

/// The details of a test that has only a doc comment.
pub const fn lone(doc: &'static str, module: &'static Module) -> Details {
    Details {
        doc,
        module,
        ..Details::DEFAULT
    }
}

/// Registers a single function whose `#[autotest]` has no arguments.
///
/// The expansion of each test is as small as possible, to compile fast: it is one token until it is parsed,
/// and has no surrounding item and no import for the compiler to resolve and check.
#[doc(hidden)]
#[macro_export]
macro_rules! __lone {
    (
        $name:tt, $line:tt, $file:tt, $doc:tt, $call:tt($function:tt),
        $len:tt, $before:tt, $after:tt
    ) => {
        $crate::__private::submit! {{
            $crate::__private::record! {
                RECORD [$len + ::core::module_path!().len()]
                $before, ::core::module_path!(), $after
            }
            $crate::__private::Registration {
                tests: &[$crate::__private::TestDef {
                    name: $name,
                    line: $line,
                    call: $crate::__private::Call::$call($function),
                    details: &$crate::__private::lone($doc, &$crate::__private::Module {
                        path: ::core::module_path!(),
                        file: $file,
                    }),
                }],
            }
        }}
    };
}

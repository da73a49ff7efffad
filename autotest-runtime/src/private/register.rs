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
    /// The name, parameters and other properties. Its `call` is not used, and its only phase is `execute`, so that it
    /// does not accept the framework's arguments.
    pub def: TestDef,
    /// Converts the arguments and calls the function.
    pub run: fn(&mut Job, &Args) -> TestResult,
}

inventory::collect!(ControlDef);

/// A hook, to which jobs refer by name.
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
    /// The name, parameters and other properties. Its `call` is not used; its phases are those of the steps that take
    /// parameters, and `execute`, so that it does not accept the framework's arguments.
    pub def: TestDef,
    /// Makes a profiler that has no arguments yet.
    pub new: fn() -> TestResult<Box<dyn Profiler>>,
}

#[cfg(feature = "profilers")]
inventory::collect!(ProfilerDef);

/// Implemented by types that are profilers.
#[cfg(feature = "profilers")]
pub trait DefinedProfiler {
    /// The definition.
    const DEF: ProfilerDef;
}

/// The arguments of `main!`.
#[derive(Clone, Copy, Debug)]
pub struct Main {
    /// The path of the module that contains it; it begins with the name of the main crate.
    pub module: &'static str,
    /// The named crates.
    pub crates: &'static [&'static str],
    /// The name of the suite.
    pub suite: Option<&'static str>,
    /// The expression that selects the tests of the binary.
    pub attr: Option<&'static str>,
}

impl Main {
    /// The binary whose `main` is in this module, without further crates.
    pub const fn of(module: &'static str) -> Main {
        Main {
            module,
            crates: &[],
            suite: None,
            attr: None,
        }
    }

    /// The name of the crate that contains it, which is not part of its tests' ids.
    pub fn own_crate(&self) -> &'static str {
        self.module.split("::").next().unwrap_or(self.module)
    }

    /// `true` if a test of these suites belongs to the binary: it names the binary's suite, or none at all.
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

/// All profilers that have registered themselves.
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
/// The expansion of each test is as small as possible, for short compile times: it is one token until it is parsed, and
/// has no surrounding item and no import for the compiler to resolve and check.
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

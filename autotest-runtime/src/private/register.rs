//! Registration: each module submits its tests to a list for the binary.

use autotest_core::{Details, Module, TestDef};

/// The tests of one module, or a single test. Each case of a test is an entry.
#[derive(Debug)]
pub struct Registration {
    /// The tests, in the order of the source.
    pub tests: &'static [TestDef],
}

inventory::collect!(Registration);

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

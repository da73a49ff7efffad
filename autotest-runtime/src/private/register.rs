//! How the tests of a binary get together: each module submits its own.

use autotest_core::{Details, Module, TestDef};

/// The tests of one module, or a lone one; each case is one.
#[derive(Debug)]
pub struct Registration {
    /// In the order of their source.
    pub tests: &'static [TestDef],
}

inventory::collect!(Registration);

/// What was submitted, module by module.
pub fn registered() -> impl Iterator<Item = &'static [TestDef]> {
    let registrations = inventory::iter::<Registration>.into_iter();
    registrations.map(|registration| registration.tests)
}

/// The details of a test that has none but its doc comment.
pub const fn lone(doc: &'static str, module: &'static Module) -> Details {
    Details {
        doc,
        module,
        ..Details::DEFAULT
    }
}

/// Registers a function that stands alone and says nothing of itself.
///
/// As little as can be for each test: what is submitted is one token until it is parsed, and neither an
/// item around it nor an import in it is left for the compiler to resolve and to check.
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

//! Items for macro expansions only.
//!
//! This module is not part of the public API, and must not contain more than expansions need. The crate root names it
//! `__private`, so its submodules need explicit paths.

#[path = "private/conclude.rs"]
mod conclude;
#[path = "private/register.rs"]
mod register;
#[path = "private/required.rs"]
mod required;
#[path = "private/unmet.rs"]
mod unmet;
#[path = "private/values.rs"]
mod values;

pub use autotest_core::{
    Arg, Args, Binding, Bound, Call, CaseDef, Details, Expect, LeakPolicy, Metadata, Module,
    ParamDef, ParamError, Phase, PhaseSet, Phases, TestContext, TestDef, TestResult, Version,
    duration, in_choices, in_range, with,
};
// By this name, rust-analyzer does not recognise the test by which `main!` advises users of libtest's harness.
pub use core::prelude::v1::test as libtest;
pub use std::boxed::Box;
pub use std::clone::Clone;
pub use std::format;
pub use std::option::Option::{self, None, Some};
pub use std::path::PathBuf;
pub use std::primitive::{str, u8};
pub use std::process::ExitCode;
pub use std::result::Result::{self, Err, Ok};
pub use std::string::String;
pub use std::time::Duration;
pub use std::vec::Vec;

pub use autotest_macros::main_function;
pub use conclude::{Returned, levels};
pub use inventory::submit;
pub use register::{ControlDef, HookDef, Main, Registration, controls, hooks, lone, registered};
#[cfg(feature = "profilers")]
pub use register::{DefinedProfiler, ProfilerDef, profilers};
pub use required::{Argument, FromLiteral, Made, argument, by_default, literal};
pub use unmet::{Relation, unmatched, unmet};
#[cfg(feature = "profilers")]
pub use values::bound_in;
pub use values::{bound, given, hidden, missing, rest, text, within};

pub use crate::control::Job;
#[cfg(feature = "profilers")]
pub use crate::profilers::{Profiler, ProfilerContext};
pub use crate::{__conclude as conclude, __leaks as leaks, __lone as lone};
pub use crate::{__record as record, __sysinfo as sysinfo};

/// Expands `leaks = "…"` of a test.
#[cfg(feature = "leaks")]
#[doc(hidden)]
#[macro_export]
macro_rules! __leaks {
    (off) => {
        $crate::__private::Some($crate::__private::LeakPolicy::Off)
    };
    (warn) => {
        $crate::__private::Some($crate::__private::LeakPolicy::Warn)
    };
    (fail) => {
        $crate::__private::Some($crate::__private::LeakPolicy::Fail)
    };
}

/// Without the feature, changes of the target are not detected.
#[cfg(not(feature = "leaks"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __leaks {
    ($policy:tt) => {
        ::core::compile_error!(
            "the option `leaks` needs the feature `leaks` of autotest: add `features = [\"leaks\"]` to the dependency"
        )
    };
}

/// Expands `sysinfo(…)` of a test.
#[cfg(feature = "sysinfo")]
#[doc(hidden)]
#[macro_export]
macro_rules! __sysinfo {
    ($($row:literal),*) => {
        &[$($row),*]
    };
}

/// Without the feature, nothing is collected.
#[cfg(not(feature = "sysinfo"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __sysinfo {
    ($($row:literal),*) => {
        ::core::compile_error!(
            "the option `sysinfo` needs the feature `sysinfo` of autotest: add `features = [\"sysinfo\"]` to the dependency"
        )
    };
}

/// The bytes of a text whose length is known.
///
/// # Panics
/// If the text is shorter.
pub const fn bytes<const N: usize>(text: &'static str) -> [u8; N] {
    match text.as_bytes().first_chunk() {
        Some(bytes) => *bytes,
        None => panic!("a record has the length of its text"),
    }
}

/// Puts a text into the ELF section `autotest_meta`, which tools read without running the binary.
///
/// The attributes are here rather than in an expansion, so that authors may forbid `unsafe_code`.
#[cfg(not(any(windows, target_vendor = "apple", target_family = "wasm")))]
#[doc(hidden)]
#[macro_export]
macro_rules! __record {
    ($name:tt [$($len:tt)*] $($pieces:tt)*) => {
        #[used]
        #[unsafe(link_section = "autotest_meta")]
        static $name: [$crate::__private::u8; $($len)*] =
            $crate::__private::bytes(::core::concat!($($pieces)*));
    };
}

/// Does nothing on targets without ELF.
#[cfg(any(windows, target_vendor = "apple", target_family = "wasm"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __record {
    ($($record:tt)*) => {};
}

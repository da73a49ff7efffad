//! Items for expansions of the macros only.
//!
//! This module is not part of the public API, and must not contain more than expansions need. The crate root
//! names it `__private`, so its submodules need explicit paths.

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
    Arg, Args, Binding, Bound, Call, CaseDef, Details, Expect, Metadata, Module, ParamDef,
    ParamError, Phase, PhaseSet, Phases, TestContext, TestDef, TestResult, Version, duration,
    in_choices, in_range, with,
};
// Under this name, rust-analyzer does not show its run button at what `main!` tells the users of libtest's harness.
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

pub use conclude::{Returned, levels};
pub use inventory::submit;
pub use register::{ControlDef, HookDef, Registration, controls, hooks, lone, registered};
pub use required::{Argument, FromLiteral, Made, argument, by_default, literal};
pub use unmet::{Relation, unmatched, unmet};
pub use values::{bound, given, hidden, missing, rest, text, within};

pub use crate::control::Job;
pub use crate::{__conclude as conclude, __lone as lone, __record as record};

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

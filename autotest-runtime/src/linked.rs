//! Symbols that only some binaries contain: functions of coverage and sanitizer runtimes, and the bounds of the section
//! with the records of tests.
//!
//! The references must be weak: null unless the linker finds the symbol. Stable Rust has no weak references, so
//! assembly defines a table of them. They are hidden or protected, so that the linker resolves them and the loader does
//! not have to look them up at run time.

#![expect(unsafe_code, reason = "functions of C, and symbols of the linker")]

use std::ffi::c_int;
use std::ptr::NonNull;

#[cfg(target_pointer_width = "64")]
macro_rules! pointer {
    () => {
        ".quad "
    };
}

#[cfg(target_pointer_width = "32")]
macro_rules! pointer {
    () => {
        ".long "
    };
}

macro_rules! table {
    ($($(#[doc = $doc:literal])* $visibility:literal $symbol:ident: $type:ty;)*) => {
        /// Each symbol, or `None` if this binary is not linked with it.
        #[repr(C)]
        #[derive(Debug)]
        pub(crate) struct Linked {
            $($(#[doc = $doc])* pub(crate) $symbol: Option<$type>,)*
        }

        /// For architectures whose assembly is stable in every version of Rust that this crate supports.
        #[cfg(any(
            target_arch = "x86",
            target_arch = "x86_64",
            target_arch = "arm",
            target_arch = "aarch64",
            target_arch = "riscv32",
            target_arch = "riscv64",
            target_arch = "loongarch64",
            target_arch = "s390x",
        ))]
        mod table {
            std::arch::global_asm!(
                ".pushsection .data.rel.ro.autotest,\"aw\",%progbits",
                ".balign 8",
                ".globl __autotest_linked",
                ".hidden __autotest_linked",
                ".type __autotest_linked,%object",
                "__autotest_linked:",
                $(
                    concat!(".weak ", stringify!($symbol)),
                    concat!($visibility, " ", stringify!($symbol)),
                    concat!(pointer!(), stringify!($symbol)),
                )*
                ".size __autotest_linked, . - __autotest_linked",
                ".popsection",
            );

            unsafe extern "C" {
                static __autotest_linked: super::Linked;
            }

            pub(super) const IS_KNOWN: bool = true;

            pub(super) fn linked() -> &'static super::Linked {
                // SAFETY: the table has a pointer for each field, in order, and is never written to. The functions have
                // these signatures in all versions of their runtimes.
                unsafe { &__autotest_linked }
            }
        }

        /// On other architectures, no symbol is found, so instrumentation goes unnoticed.
        #[cfg(not(any(
            target_arch = "x86",
            target_arch = "x86_64",
            target_arch = "arm",
            target_arch = "aarch64",
            target_arch = "riscv32",
            target_arch = "riscv64",
            target_arch = "loongarch64",
            target_arch = "s390x",
        )))]
        mod table {
            const NONE: super::Linked = super::Linked { $($symbol: None,)* };

            pub(super) const IS_KNOWN: bool = false;

            pub(super) fn linked() -> &'static super::Linked {
                &NONE
            }
        }
    };
}

type Call = unsafe extern "C" fn();

table! {
    /// From LLVM's profile runtime (`-C instrument-coverage`); each binary and library has its own copy.
    ".hidden" __llvm_profile_begin_counters: unsafe extern "C" fn() -> *mut u8;
    ".hidden" __llvm_profile_end_counters: unsafe extern "C" fn() -> *mut u8;
    ".hidden" __llvm_profile_counter_entry_size: unsafe extern "C" fn() -> usize;
    ".hidden" __llvm_profile_is_continuous_mode_enabled: unsafe extern "C" fn() -> c_int;
    ".hidden" __llvm_profile_reset_counters: Call;
    ".hidden" __llvm_profile_set_dumped: Call;
    /// From gcov's runtime, for C code compiled with `--coverage`.
    ".hidden" __gcov_reset: Call;
    ".hidden" __gcov_dump: Call;
    ".hidden" __gcov_exit: Call;
    /// From LeakSanitizer, which AddressSanitizer contains. Not hidden: a shared library may use the binary's.
    ".protected" __lsan_do_leak_check: Call;
    /// From ThreadSanitizer. Never called here.
    ".protected" __tsan_init: Call;
    /// From every sanitizer. Never called here.
    ".protected" __sanitizer_print_stack_trace: Call;
    /// The bounds of the section `autotest_meta`, which every linker defines if the section exists. The reference to
    /// them in the table also keeps `--gc-sections` from dropping it.
    ".hidden" __start_autotest_meta: NonNull<u8>;
    ".hidden" __stop_autotest_meta: NonNull<u8>;
}

/// The symbols that this binary is linked with.
pub(crate) fn linked() -> &'static Linked {
    table::linked()
}

/// The records of all linked tests; `None` if symbols cannot be looked up on this architecture.
pub(crate) fn records() -> Option<&'static [u8]> {
    let Linked {
        __start_autotest_meta: start,
        __stop_autotest_meta: stop,
        ..
    } = linked();
    let records = match (start, stop) {
        (Some(start), Some(stop)) => {
            let len = (stop.as_ptr() as usize).saturating_sub(start.as_ptr() as usize);
            // SAFETY: the linker puts all bytes of the section between the two symbols. They are never written to, and
            // stay mapped as long as the process lives.
            unsafe { std::slice::from_raw_parts(start.as_ptr(), len) }
        }
        _ => &[],
    };
    table::IS_KNOWN.then_some(records)
}

/// Calls a function if the binary is linked with it.
pub(crate) fn call(function: Option<Call>) {
    if let Some(function) = function {
        // SAFETY: the functions of this type in the table take no arguments, and may be called at any time by a process
        // with one thread.
        unsafe { function() };
    }
}

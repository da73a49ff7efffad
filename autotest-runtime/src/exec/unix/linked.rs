//! The functions of coverage and sanitizer runtimes, which only an instrumented binary is linked with.
//!
//! The references must be weak: null unless the linker finds the function. Stable Rust has no weak references, so
//! assembly writes a table of them. They are hidden or protected, so that the linker resolves them and the loader
//! has nothing to look up at run time.

#![expect(unsafe_code, reason = "functions of C")]

use std::ffi::c_int;

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
    ($($(#[doc = $doc:literal])* $visibility:literal $function:ident: $type:ty;)*) => {
        /// Each function, or `None` if this binary is not linked with it.
        #[repr(C)]
        #[derive(Debug)]
        pub(super) struct Linked {
            $($(#[doc = $doc])* pub(super) $function: Option<$type>,)*
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
                    concat!(".weak ", stringify!($function)),
                    concat!($visibility, " ", stringify!($function)),
                    concat!(pointer!(), stringify!($function)),
                )*
                ".size __autotest_linked, . - __autotest_linked",
                ".popsection",
            );

            unsafe extern "C" {
                static __autotest_linked: super::Linked;
            }

            pub(super) fn linked() -> &'static super::Linked {
                // SAFETY: the table has a pointer for each field, in their order; nobody writes to it. The
                // functions have these signatures in all versions of their runtimes.
                unsafe { &__autotest_linked }
            }
        }

        /// On other architectures instrumentation goes unnoticed.
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
            static NONE: super::Linked = super::Linked { $($function: None,)* };

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
}

/// The functions that this binary is linked with.
pub(super) fn linked() -> &'static Linked {
    table::linked()
}

/// Calls a function if the binary is linked with it.
pub(super) fn call(function: Option<Call>) {
    if let Some(function) = function {
        // SAFETY: each function of this type in the table takes nothing, and may be called at any time by a
        // process with one thread.
        unsafe { function() };
    }
}

//! Functions of the runtimes that only an instrumented binary is linked with.
//!
//! A reference to such a function has to be weak: null where the linker knows no such function. Stable Rust has
//! no weak references, so a table of them is written in assembly. They are hidden or protected, so that the
//! linker decides and the loader has nothing to look up at run time.

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
        /// Which of the functions there are.
        #[repr(C)]
        #[derive(Debug)]
        pub(super) struct Linked {
            $($(#[doc = $doc])* pub(super) $function: Option<$type>,)*
        }

        /// Where assembly is stable in all versions of Rust that this crate takes.
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

        /// Elsewhere none of them is found.
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
    /// LLVM's profile runtime (`-C instrument-coverage`): each binary and each library has its own.
    ".hidden" __llvm_profile_begin_counters: unsafe extern "C" fn() -> *mut u8;
    ".hidden" __llvm_profile_end_counters: unsafe extern "C" fn() -> *mut u8;
    ".hidden" __llvm_profile_counter_entry_size: unsafe extern "C" fn() -> usize;
    ".hidden" __llvm_profile_is_continuous_mode_enabled: unsafe extern "C" fn() -> c_int;
    ".hidden" __llvm_profile_reset_counters: Call;
    ".hidden" __llvm_profile_set_dumped: Call;
    /// gcov's, which C code is compiled for with `--coverage`.
    ".hidden" __gcov_reset: Call;
    ".hidden" __gcov_dump: Call;
    ".hidden" __gcov_exit: Call;
    /// LeakSanitizer's, which is part of AddressSanitizer, too. A library may use the binary's.
    ".protected" __lsan_do_leak_check: Call;
    /// ThreadSanitizer's. Never called here.
    ".protected" __tsan_init: Call;
    /// That of all sanitizers. Never called here.
    ".protected" __sanitizer_print_stack_trace: Call;
}

/// What this binary is linked with.
pub(super) fn linked() -> &'static Linked {
    table::linked()
}

/// Calls one of them, if it is there.
pub(super) fn call(function: Option<Call>) {
    if let Some(function) = function {
        // SAFETY: each function of this type in the table takes nothing, and may be called at any time by a
        // process with one thread.
        unsafe { function() };
    }
}

//! Functions of the runtimes that only an instrumented binary is linked with.
//!
//! A reference to such a function has to be weak: null where the linker knows no such function. Stable Rust has
//! no weak references, so a table of them is written in assembly. They are hidden or protected, so that the
//! linker decides and the loader has nothing to look up at run time.

#![expect(unsafe_code, reason = "functions of C")]

use std::ffi::c_int;

/// Which of the functions there are. No other crate may rely on its layout.
#[repr(C)]
#[derive(Debug)]
pub(super) struct Linked {
    // LLVM's profile runtime (`-C instrument-coverage`). Its functions are hidden in each binary.
    pub(super) __llvm_profile_begin_counters: Option<unsafe extern "C" fn() -> *mut u8>,
    pub(super) __llvm_profile_end_counters: Option<unsafe extern "C" fn() -> *mut u8>,
    pub(super) __llvm_profile_counter_entry_size: Option<unsafe extern "C" fn() -> usize>,
    pub(super) __llvm_profile_is_continuous_mode_enabled: Option<unsafe extern "C" fn() -> c_int>,
    pub(super) __llvm_profile_reset_counters: Option<unsafe extern "C" fn()>,
    pub(super) __llvm_profile_set_dumped: Option<unsafe extern "C" fn()>,
    // gcov's, which C code is compiled for with `--coverage`.
    pub(super) __gcov_reset: Option<unsafe extern "C" fn()>,
    pub(super) __gcov_dump: Option<unsafe extern "C" fn()>,
    pub(super) __gcov_exit: Option<unsafe extern "C" fn()>,
    // LeakSanitizer's, which AddressSanitizer has, too.
    pub(super) __lsan_do_leak_check: Option<unsafe extern "C" fn()>,
    // Each sanitizer's.
    pub(super) __sanitizer_print_stack_trace: Option<unsafe extern "C" fn()>,
}

/// What this binary is linked with.
pub(super) fn linked() -> &'static Linked {
    // SAFETY: the table below has a pointer for each field, in their order; nobody writes to it. The functions
    // have these signatures in all versions of their runtimes.
    unsafe { &__autotest_linked }
}

unsafe extern "C" {
    static __autotest_linked: Linked;
}

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
    ($($visibility:literal $function:ident)*) => {
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

        // The table has the order of the fields.
        const _: () = {
            let mut offset = 0;
            $(
                assert!(offset == std::mem::offset_of!(Linked, $function));
                offset += size_of::<usize>();
            )*
            assert!(offset == size_of::<Linked>());
        };
    };
}

table! {
    ".hidden" __llvm_profile_begin_counters
    ".hidden" __llvm_profile_end_counters
    ".hidden" __llvm_profile_counter_entry_size
    ".hidden" __llvm_profile_is_continuous_mode_enabled
    ".hidden" __llvm_profile_reset_counters
    ".hidden" __llvm_profile_set_dumped
    ".hidden" __gcov_reset
    ".hidden" __gcov_dump
    ".hidden" __gcov_exit
    // A shared library may use the binary's.
    ".protected" __lsan_do_leak_check
    ".protected" __sanitizer_print_stack_trace
}

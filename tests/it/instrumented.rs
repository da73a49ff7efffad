//! Binaries that are built with coverage or a sanitizer: those of the crate in `tests/instrumented`.
//!
//! Each kind takes a build of all that the crate depends on. So the tests are left out unless
//! `AUTOTEST_INSTRUMENTED` is set.

mod build;
mod coverage;
mod gcov;
mod sanitizers;

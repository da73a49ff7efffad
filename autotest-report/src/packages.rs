//! Recognises tests that are packages. Such a run has a job of its own, whose runs are recorded below it.

/// Whether a test is a package, which has a job of its own.
///
/// ```
/// assert!(autotest_report::is_package("http://host/bvt-1.2.0-x86_64-unknown-linux-musl.tar.bz2"));
/// ```
pub fn is_package(test: &str) -> bool {
    test.ends_with(".tar.bz2")
}

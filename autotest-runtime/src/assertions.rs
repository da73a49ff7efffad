//! Macros that end a test with a verdict.

mod compared;

/// Ends the test with FAIL unless a condition holds. A message with its arguments may follow.
///
/// ```
/// use autotest::{TestResult, ensure};
/// fn check(mbps: f64) -> TestResult {
///     ensure!(mbps > 50.0, "only {mbps} MB/s");
///     Ok(())
/// }
/// assert!(check(60.0).is_ok());
/// assert_eq!(check(6.0).unwrap_err().to_string(), "only 6 MB/s");
/// ```
#[macro_export]
macro_rules! ensure {
    ($condition:expr $(,)?) => {
        if !$condition {
            $crate::fail!(::core::concat!("`", ::core::stringify!($condition), "` does not hold"))
        }
    };
    ($condition:expr, $($message:tt)+) => {
        if !$condition {
            $crate::fail!($($message)+)
        }
    };
}

/// Ends the test with FAIL and a formatted reason.
///
/// ```
/// use autotest::{TestResult, fail};
/// fn check() -> TestResult {
///     fail!("{} is broken", "it")
/// }
/// assert_eq!(check().unwrap_err().to_string(), "it is broken");
/// ```
#[macro_export]
macro_rules! fail {
    ($($message:tt)+) => {
        return ::core::result::Result::Err(::core::convert::From::from(
            $crate::TestError::fail($crate::__private::format!($($message)+)),
        ))
    };
}

/// Ends the test with TEST_NA (it does not apply here) and a formatted reason.
///
/// ```
/// use autotest::{TestResult, skip};
/// fn check() -> TestResult {
///     skip!("no such disk")
/// }
/// assert_eq!(check().unwrap_err().to_string(), "no such disk");
/// ```
#[macro_export]
macro_rules! skip {
    ($($message:tt)+) => {
        return ::core::result::Result::Err(::core::convert::From::from(
            $crate::TestError::not_applicable($crate::__private::format!($($message)+)),
        ))
    };
}

/// Defines the `main` of a test binary (`harness = false`). It runs the tests of this crate and of the named crates.
///
/// ```no_run
/// autotest::main!();
/// # mod hidden {}
/// ```
///
/// `autotest::main!(net_tests, storage_tests, suite = "bvt", attr = "!slow");` makes a binary from the tests of two
/// libraries. Their ids begin with the crate's name. At start, the binary checks that each of these crates has
/// registered all of its linked tests; if a linker dropped one, the exit code is 3.
///
/// | option | meaning |
/// |---|---|
/// | `suite = "bvt"` | the suite's name, which is that of the job; the binary only has the tests that name this suite in `suites(…)`, or no suite at all |
/// | `attr = "!slow"` | only the tests whose attributes match, as for `--attr` |
#[macro_export]
macro_rules! main {
    ($($arguments:tt)*) => {
        $crate::__private::main_function! { $crate; $($arguments)* }
    };
}

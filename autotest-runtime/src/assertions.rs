//! Macros that end a test with a verdict.

/// FAIL unless a condition holds.
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

/// Ends the test: FAIL, with a formatted reason.
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

/// Ends the test: TEST_NA, it does not apply here.
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

/// The `main` of a test binary (`harness = false`), and of the test crates that it names.
///
/// ```no_run
/// autotest::main!();
/// # mod hidden {}
/// ```
/// Tests of linked crates keep their crate's name in their ids:
/// `autotest::main!(net_tests, storage_tests);`
#[macro_export]
macro_rules! main {
    ($($tests:ident),* $(,)?) => {
        $(use $tests as _;)*

        fn main() -> $crate::__private::ExitCode {
            $crate::main_of(::core::module_path!())
        }

        /// Exists only where libtest's harness runs this file, which then runs no test of ours.
        #[cfg(test)]
        #[::core::prelude::v1::test]
        fn harness_is_false() {
            ::core::panic!(
                "libtest's harness runs this file, and no `#[autotest]`: add `harness = false` \
                 below its `[[test]]` in Cargo.toml"
            );
        }
    };
}

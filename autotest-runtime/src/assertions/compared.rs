//! Macros that end a test with FAIL and show the values that they compared.

/// Ends the test with FAIL unless two values are equal. A message with its arguments may follow.
///
/// The reason has both expressions and both values. Long values, and texts of several lines, are shown as a
/// diff of their `Debug` forms, of up to 60 lines; `-` marks what only the left one has, `+` what only the
/// right one has.
///
/// ```
/// use autotest::{TestResult, ensure_eq};
/// fn check(port: u16, mtu: u32) -> TestResult {
///     ensure_eq!(mtu, 1500, "port {port}");
///     Ok(())
/// }
/// assert!(check(1, 1500).is_ok());
/// assert_eq!(
///     check(1, 1400).unwrap_err().to_string(),
///     "port 1: `mtu == 1500` does not hold: 1400 vs 1500"
/// );
///
/// fn check_routes(routes: &str) -> TestResult {
///     ensure_eq!(routes, "default via 10.0.0.1\n10.0.0.0/24\n");
///     Ok(())
/// }
/// assert_eq!(
///     check_routes("default via 10.0.0.2\n10.0.0.0/24\n").unwrap_err().to_string(),
///     r#"`routes == "default via 10.0.0.1\n10.0.0.0/24\n"` does not hold (- left, + right):
/// -"default via 10.0.0.2
/// +"default via 10.0.0.1
///  10.0.0.0/24
///  ""#
/// );
/// ```
#[macro_export]
macro_rules! ensure_eq {
    ($left:expr, $right:expr $(,)?) => {
        $crate::__ensure_compared!(Equal, ==, $left, $right, [])
    };
    ($left:expr, $right:expr, $($message:tt)+) => {
        $crate::__ensure_compared!(Equal, ==, $left, $right, [$($message)+])
    };
}

/// Ends the test with FAIL if two values are equal. A message with its arguments may follow.
///
/// ```
/// use autotest::{TestResult, ensure_ne};
/// fn check(before: u32, after: u32) -> TestResult {
///     ensure_ne!(before, after);
///     Ok(())
/// }
/// assert_eq!(
///     check(7, 7).unwrap_err().to_string(),
///     "`before != after` does not hold: both are 7"
/// );
/// ```
#[macro_export]
macro_rules! ensure_ne {
    ($left:expr, $right:expr $(,)?) => {
        $crate::__ensure_compared!(Unequal, !=, $left, $right, [])
    };
    ($left:expr, $right:expr, $($message:tt)+) => {
        $crate::__ensure_compared!(Unequal, !=, $left, $right, [$($message)+])
    };
}

/// Ends the test with FAIL unless the left value is less. A message with its arguments may follow.
///
/// ```
/// use autotest::{TestResult, ensure_lt};
/// fn check(latency_ms: f64) -> TestResult {
///     ensure_lt!(latency_ms, 2.0);
///     Ok(())
/// }
/// assert_eq!(
///     check(3.5).unwrap_err().to_string(),
///     "`latency_ms < 2.0` does not hold: 3.5 vs 2.0"
/// );
/// assert!(check(f64::NAN).is_err());
/// ```
#[macro_export]
macro_rules! ensure_lt {
    ($left:expr, $right:expr $(,)?) => {
        $crate::__ensure_compared!(Ordered, <, $left, $right, [])
    };
    ($left:expr, $right:expr, $($message:tt)+) => {
        $crate::__ensure_compared!(Ordered, <, $left, $right, [$($message)+])
    };
}

/// Ends the test with FAIL unless the left value is less than or equal to the right one. A message with its
/// arguments may follow.
///
/// ```
/// use autotest::{TestResult, ensure_le};
/// fn check(errors: u32) -> TestResult {
///     ensure_le!(errors, 2, "the link is bad");
///     Ok(())
/// }
/// assert_eq!(
///     check(3).unwrap_err().to_string(),
///     "the link is bad: `errors <= 2` does not hold: 3 vs 2"
/// );
/// ```
#[macro_export]
macro_rules! ensure_le {
    ($left:expr, $right:expr $(,)?) => {
        $crate::__ensure_compared!(Ordered, <=, $left, $right, [])
    };
    ($left:expr, $right:expr, $($message:tt)+) => {
        $crate::__ensure_compared!(Ordered, <=, $left, $right, [$($message)+])
    };
}

/// Ends the test with FAIL unless the left value is greater. A message with its arguments may follow.
///
/// ```
/// use autotest::{TestResult, ensure_gt};
/// fn check(mbps: f64) -> TestResult {
///     ensure_gt!(mbps, 50.0);
///     Ok(())
/// }
/// assert_eq!(
///     check(6.0).unwrap_err().to_string(),
///     "`mbps > 50.0` does not hold: 6.0 vs 50.0"
/// );
/// ```
#[macro_export]
macro_rules! ensure_gt {
    ($left:expr, $right:expr $(,)?) => {
        $crate::__ensure_compared!(Ordered, >, $left, $right, [])
    };
    ($left:expr, $right:expr, $($message:tt)+) => {
        $crate::__ensure_compared!(Ordered, >, $left, $right, [$($message)+])
    };
}

/// Ends the test with FAIL unless the left value is greater than or equal to the right one. A message with
/// its arguments may follow.
///
/// ```
/// use autotest::{TestResult, ensure_ge};
/// fn check(cpus: usize) -> TestResult {
///     ensure_ge!(cpus, 4);
///     Ok(())
/// }
/// assert_eq!(
///     check(2).unwrap_err().to_string(),
///     "`cpus >= 4` does not hold: 2 vs 4"
/// );
/// ```
#[macro_export]
macro_rules! ensure_ge {
    ($left:expr, $right:expr $(,)?) => {
        $crate::__ensure_compared!(Ordered, >=, $left, $right, [])
    };
    ($left:expr, $right:expr, $($message:tt)+) => {
        $crate::__ensure_compared!(Ordered, >=, $left, $right, [$($message)+])
    };
}

/// Ends the test with FAIL unless a value matches a pattern, which may have a guard. A message with its
/// arguments may follow.
///
/// ```
/// use autotest::{TestResult, ensure_matches};
/// fn check(speed: Option<u32>) -> TestResult {
///     ensure_matches!(speed, Some(mbps) if mbps >= 100);
///     Ok(())
/// }
/// assert!(check(Some(1000)).is_ok());
/// assert_eq!(
///     check(Some(10)).unwrap_err().to_string(),
///     "`speed` does not match `Some(mbps) if mbps >= 100`: Some(10)"
/// );
/// ```
#[macro_export]
macro_rules! ensure_matches {
    ($value:expr, $pattern:pat $(if $guard:expr)? $(,)?) => {
        $crate::__ensure_matches!($value, [$pattern $(if $guard)?], [])
    };
    ($value:expr, $pattern:pat $(if $guard:expr)?, $($message:tt)+) => {
        $crate::__ensure_matches!($value, [$pattern $(if $guard)?], [$($message)+])
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __ensure_compared {
    ($relation:ident, $operator:tt, $left:expr, $right:expr, [$($message:tt)*]) => {
        match (&$left, &$right) {
            (left, right) => {
                if !(*left $operator *right) {
                    return $crate::__private::Err(::core::convert::From::from(
                        $crate::TestError::fail($crate::__private::unmet(
                            $crate::__private::Relation::$relation,
                            ::core::concat!(
                                ::core::stringify!($left),
                                " ",
                                ::core::stringify!($operator),
                                " ",
                                ::core::stringify!($right)
                            ),
                            &left,
                            &right,
                            $crate::__message!($($message)*),
                        )),
                    ));
                }
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __ensure_matches {
    ($value:expr, [$pattern:pat $(if $guard:expr)?], [$($message:tt)*]) => {
        match $value {
            $pattern $(if $guard)? => {}
            ref value => {
                return $crate::__private::Err(::core::convert::From::from(
                    $crate::TestError::fail($crate::__private::unmatched(
                        ::core::stringify!($value),
                        ::core::stringify!($pattern $(if $guard)?),
                        &value,
                        $crate::__message!($($message)*),
                    )),
                ));
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __message {
    () => {
        $crate::__private::None
    };
    ($($message:tt)+) => {
        $crate::__private::Some($crate::__private::format!($($message)+))
    };
}

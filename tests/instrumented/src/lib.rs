//! Code under test. `counted: N` says how often a job calls the function before it.

/// What tests call that reach their end.
pub mod calm {
    pub fn pass() {} // counted: 1
    pub fn fail() {} // counted: 1
    pub fn panic() {} // counted: 1
    pub fn initialize() {} // counted: 1
    pub fn setup() {} // counted: 1
    pub fn warmup() {} // counted: 1
    pub fn run_once() {} // counted: 3
    pub fn cleanup() {} // counted: 1
    pub fn subtest() {} // counted: 1
    pub fn elsewhere() {} // counted: 1
    pub fn nowhere() {} // counted: 0
}

/// What tests call that do not.
pub mod rough {
    pub fn before_the_timeout() {} // counted: 1
    pub fn cleanup_after_the_timeout() {} // counted: 1
    pub fn in_spite_of_sigterm() {} // counted: 1
    pub fn cleanup_after_the_crash() {} // counted: 1
    pub fn before_the_exit() {} // counted: 1
    pub fn cleanup_after_the_exit() {} // counted: 1
}

/// What a test calls that forks.
pub mod forks {
    pub fn before() {} // counted: 1
    pub fn after() {} // counted: 1
}

/// What each of a thousand tests calls.
pub mod thousand {
    pub fn each() {} // counted: 1000
}

//! What generated tests are called: the generator and the floor count alike.

/// So many tests are in a module.
pub(crate) const TESTS_A_MODULE: usize = 100;

/// The module that a test is in. All names are of one length, so that all records are.
pub(crate) fn module(test: usize) -> String {
    format!("m{:03}", test / TESTS_A_MODULE)
}

/// The function of a test.
pub(crate) fn function(test: usize) -> String {
    format!("t{test:05}")
}

/// The directory that a run of it leaves.
pub(crate) fn subdir(test: usize) -> String {
    format!("{}.{}", module(test), function(test))
}

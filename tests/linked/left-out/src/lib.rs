//! A library of which no test is linked: with the feature of a target that has none.

#[cfg(target_os = "none")]
#[autotest::autotest]
fn never() {}

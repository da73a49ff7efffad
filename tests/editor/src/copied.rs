//! A test in a binary.

use autotest::prelude::*;

#[autotest]
fn boots() {}

#[autotest]
fn boots_again() {}

autotest::main!();

//! Tests of C code that gcov's runtime counts.

use autotest::prelude::*;

unsafe extern "C" {
    fn counted_in_c(path: i32);
}

fn call(path: i32) {
    // SAFETY: it takes an int and counts.
    unsafe { counted_in_c(path) }
}

#[autotest]
fn passes() {
    call(1);
}

#[autotest]
fn fails() -> TestResult {
    call(2);
    fail!("on purpose")
}

#[autotest]
fn panics() {
    call(3);
    panic!("on purpose");
}

#[derive(Default)]
struct Crashes;

#[autotest]
impl Crashes {
    fn run_once(&mut self) {
        std::process::abort();
    }

    fn cleanup(&mut self) {
        call(4);
    }
}

autotest::main!();

//! Tests that do not reach their end.

use std::time::Duration;

use autotest::prelude::*;
use counted::{forks, rough};

unsafe extern "C" {
    fn signal(signal: i32, handler: usize) -> usize;
    fn fork() -> i32;
    fn waitpid(pid: i32, status: *mut i32, options: i32) -> i32;
}

const SIGTERM: i32 = 15;
const SIG_IGN: usize = 1;

#[derive(Default)]
struct TimesOut;

#[autotest(timeout = "300ms")]
impl TimesOut {
    fn run_once(&mut self) {
        rough::before_the_timeout();
        loop {
            std::thread::sleep(Duration::from_secs(1));
        }
    }

    fn cleanup(&mut self) {
        rough::cleanup_after_the_timeout();
    }
}

/// Until SIGKILL.
#[autotest(timeout = "300ms")]
fn ignores_sigterm() {
    // SAFETY: a signal that is ignored needs no handler.
    unsafe { signal(SIGTERM, SIG_IGN) };
    rough::in_spite_of_sigterm();
    loop {
        std::thread::sleep(Duration::from_secs(1));
    }
}

#[derive(Default)]
struct Crashes;

#[autotest]
impl Crashes {
    fn run_once(&mut self) {
        std::process::abort();
    }

    fn cleanup(&mut self) {
        rough::cleanup_after_the_crash();
    }
}

#[derive(Default)]
struct Exits;

#[autotest]
impl Exits {
    fn run_once(&mut self) {
        rough::before_the_exit();
        std::process::exit(0);
    }

    fn cleanup(&mut self) {
        rough::cleanup_after_the_exit();
    }
}

/// What is counted before a fork is counted once.
#[autotest]
fn has_a_child() {
    forks::before();
    // SAFETY: this process has one thread; the child ends at once, with its handlers.
    match unsafe { fork() } {
        0 => std::process::exit(0),
        // SAFETY: waitpid writes one int.
        pid => unsafe { waitpid(pid, &mut 0, 0) },
    };
    forks::after();
}

autotest::main!();

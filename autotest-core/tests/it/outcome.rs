//! What went wrong, and what it is called.

use std::error::Error;
use std::fmt;

use autotest_core::{Failure, Kind, RunResult, Status, TestError, Verdict, class_of};

/// Context around another error, as `anyhow` and others put it.
#[derive(Debug)]
struct Context(&'static str, Box<dyn Error + Send + Sync>);

impl fmt::Display for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Error for Context {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.1)
    }
}

fn verdict(failure: impl Into<Failure>) -> Verdict {
    failure.into().classify(true)
}

#[test]
fn what_a_test_says_is_found_below_any_context() {
    let said = TestError::not_applicable("no such board");
    assert_eq!(
        (said.kind(), said.reason()),
        (Some(Kind::NotApplicable), "no such board")
    );
    let around = verdict(Context("while probing", said.into()));
    assert_eq!(around.to_string(), "TEST_NA: while probing: no such board");
    assert!(!around.unhandled);
    assert!(around.location.is_some());
}

#[test]
fn a_foreign_error_is_unhandled_and_named_by_its_type() {
    let foreign = verdict(Context("while probing", "no reply".into()));
    assert_eq!(
        foreign.to_string(),
        "FAIL: Unhandled Context: while probing: no reply"
    );
    assert!(foreign.unhandled);
    let around = Failure::foreign("KeyError", "'x'").classify(false);
    assert_eq!(around.to_string(), "ERROR: Unhandled KeyError: 'x'");
}

#[test]
fn the_failure_of_a_helper_depends_on_the_phase_and_keeps_its_reason() {
    let failed = || Failure::from(TestError::unclassified("`fio` exited with 1"));
    let (inside, around) = (failed().classify(true), failed().classify(false));
    assert_eq!(inside.to_string(), "FAIL: `fio` exited with 1");
    assert_eq!(around.to_string(), "ERROR: `fio` exited with 1");
    assert_eq!(TestError::unclassified("").kind(), None);
}

#[test]
fn a_text_that_ends_with_its_cause_does_not_repeat_it() {
    let chain = Context("no reply", "no reply".into());
    assert_eq!(verdict(chain).reason, "Unhandled Context: no reply");
}

#[test]
fn the_source_of_what_a_test_says_is_its_status() {
    let source = |error: &TestError| error.source().map(ToString::to_string);
    assert_eq!(source(&TestError::fail("broken")).as_deref(), Some("FAIL"));
    assert_eq!(source(&TestError::warn("slow")).as_deref(), Some("WARN"));
}

#[test]
fn a_failure_shows_its_reason() {
    assert_eq!(
        Failure::from(TestError::fail("broken")).to_string(),
        "broken"
    );
    assert_eq!(Failure::foreign("KeyError", "'x'").to_string(), "'x'");
    assert_eq!(Failure::from(TestError::fail("broken")).reason(), "broken");
}

#[test]
fn a_run_without_a_verdict_passed() {
    let passed = RunResult::new(None, "disk.0");
    assert_eq!((passed.status, &*passed.subdir), (Status::Good, "disk.0"));
    assert!(passed.is_good());
    assert_eq!((passed.reason(), &*passed.to_string()), ("", "GOOD"));
}

#[test]
fn a_run_with_a_verdict_has_its_status_and_its_reason() {
    let slow = RunResult::new(Some(Verdict::new(Kind::Warn, "slow")), "");
    assert_eq!(slow.status, Status::Warn);
    assert!(!slow.is_good());
    assert_eq!((slow.reason(), &*slow.to_string()), ("slow", "WARN: slow"));
}

mod library {
    pub(super) struct Error;
    pub(super) struct Broken;
    pub(super) mod error {
        pub(in super::super) struct Error;
    }
}

#[test]
fn a_class_is_short_but_tells_errors_of_libraries_apart() {
    assert_eq!(class_of::<std::io::Error>(), "io::Error");
    assert_eq!(class_of::<std::num::ParseIntError>(), "ParseIntError");
    assert_eq!(class_of::<library::Error>(), "library::Error");
    assert_eq!(class_of::<library::error::Error>(), "library::Error");
    assert_eq!(class_of::<library::Broken>(), "Broken");
    for erased in [
        class_of::<String>(),
        class_of::<&str>(),
        class_of::<Box<dyn Error>>(),
        class_of::<dyn Error>(),
        class_of::<Option<u8>>(),
    ] {
        assert_eq!(erased, "error");
    }
}

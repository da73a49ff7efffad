//! What a test returns, and what becomes of its errors.

use std::error::Error;
use std::fmt;

use autotest::prelude::*;
use autotest_core::Failure;

use crate::bench::{check, fails, has_line, passes};

#[derive(Debug)]
struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it is broken")
    }
}

impl Error for Broken {}

/// Neither an `Error` nor anything else but `Debug`.
#[derive(Debug)]
struct OnlyDebug;

type Alias = Result<(), Broken>;

#[autotest]
fn unit() {}

#[autotest]
#[expect(clippy::unused_unit, reason = "the macro reads the spelling")]
fn unit_spelled(cx: &mut TestContext) -> () {
    cx.tmpdir();
}

#[autotest]
fn own_error() -> Result<(), Broken> {
    Err(Broken)
}

#[autotest]
fn alias() -> Alias {
    Err(Broken)
}

#[autotest]
fn failure() -> Result<(), Failure> {
    Err(Broken)?
}

#[autotest]
fn test_error() -> Result<(), TestError> {
    Err(TestError::fail("said so"))
}

#[autotest]
fn through_anyhow() -> anyhow::Result<()> {
    use anyhow::Context;
    let said: Result<(), TestError> = Err(TestError::fail("said so"));
    said.context("while asking")
}

#[autotest]
fn through_eyre() -> eyre::Result<()> {
    let said: Result<(), TestError> = Err(TestError::fail("said so"));
    Err(eyre::WrapErr::wrap_err(said, "while asking").expect_err("it is one"))
}

#[autotest]
fn through_box() -> Result<(), Box<dyn Error>> {
    Err(TestError::fail("said so"))?
}

#[autotest]
fn through_send_box() -> Result<(), Box<dyn Error + Send + Sync>> {
    Err(TestError::fail("said so"))?
}

#[autotest]
fn foreign_in_anyhow() -> anyhow::Result<()> {
    Err(Broken)?
}

#[autotest]
fn only_debug() -> Result<(), OnlyDebug> {
    Err(OnlyDebug)
}

#[autotest]
fn text() -> Result<(), String> {
    Err("just a text".to_owned())
}

#[test]
fn unit_passes() {
    check("unit", &[], passes());
    check("unit_spelled", &[], passes());
}

#[test]
fn a_foreign_error_is_unhandled() {
    check("own_error", &[], fails("Unhandled Broken: it is broken"));
    check("alias", &[], fails("Unhandled Broken: it is broken"));
    check("failure", &[], fails("Unhandled Broken: it is broken"));
    check(
        "foreign_in_anyhow",
        &[],
        fails("Unhandled error: it is broken"),
    );
    check("only_debug", &[], fails("Unhandled OnlyDebug: OnlyDebug"));
}

#[test]
fn the_verdict_is_found_through_every_wrapper() {
    check("test_error", &[], fails("said so"));
    check("through_anyhow", &[], fails("while asking: said so"));
    check("through_eyre", &[], fails("while asking: said so"));
    check("through_box", &[], fails("said so"));
    check("through_send_box", &[], fails("said so"));
}

#[test]
fn a_text_is_shown() {
    check("text", &[], fails("Unhandled error: just a text"));
}

/// As the README says of return types.
#[test]
fn a_line_comes_with_a_failure_and_with_what_a_test_says() {
    for name in [
        "failure",
        "test_error",
        "through_anyhow",
        "through_eyre",
        "through_box",
    ] {
        assert!(has_line(name), "{name}");
    }
    for name in [
        "own_error",
        "alias",
        "foreign_in_anyhow",
        "only_debug",
        "text",
    ] {
        assert!(!has_line(name), "{name}");
    }
}

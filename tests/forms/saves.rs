//! `cx.save` and `cx.saved` in bodies of every kind.

use std::collections::BTreeMap;
use std::error::Error;

use autotest::prelude::*;
use serde::{Deserialize, Serialize};

use crate::bench::{check, fails, passes};

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Mount {
    device: String,
    options: Vec<(String, Option<u32>)>,
}

fn mount() -> Mount {
    Mount {
        device: "/dev/loop3".to_owned(),
        options: vec![("ro".to_owned(), None), ("uid".to_owned(), Some(7))],
    }
}

#[derive(Default)]
struct Saves;

#[autotest]
impl Saves {
    fn initialize(&mut self, cx: &mut TestContext) -> Result<(), TestError> {
        cx.save("mount", mount())?;
        cx.save("count", 1)?;
        cx.save(String::from("count"), 2)
    }

    fn setup(&mut self, cx: &mut TestContext) -> anyhow::Result<()> {
        cx.save("set up", true)?;
        Ok(())
    }

    fn run_once(&mut self, cx: &mut TestContext) -> Result<(), Box<dyn Error>> {
        cx.save("text", "borrowed")?;
        assert_eq!(cx.saved::<u8>("never")?, None);
        Ok(())
    }

    fn cleanup(&mut self, cx: &mut TestContext) -> TestResult {
        ensure!(cx.saved("mount")? == Some(mount()));
        ensure!(cx.saved("count")? == Some(2));
        ensure!(cx.saved("text")? == Some("borrowed".to_owned()));
        Ok(())
    }
}

#[autotest]
fn saves_no_number(cx: &mut TestContext) -> TestResult {
    cx.save("speed", [1.0, f64::NAN])?;
    Ok(())
}

#[autotest]
fn saves_no_object(cx: &mut TestContext) -> anyhow::Result<()> {
    cx.save("pairs", BTreeMap::from([((1, 2), 3)]))?;
    Ok(())
}

#[autotest]
fn saved_as_another_type(cx: &mut TestContext) -> Result<(), TestError> {
    cx.save("speed", 1.5)?;
    let speed: Option<u64> = cx.saved("speed")?;
    assert_eq!(speed, None, "there is none");
    Ok(())
}

#[test]
fn what_was_saved_is_there_in_the_same_process() {
    check("Saves", &[], passes());
}

#[test]
fn what_can_not_be_kept_fails_the_test() {
    check(
        "saves_no_number",
        &[],
        fails(
            "Unhandled ValueError: `speed` cannot be saved: a number is NaN, which JSON cannot represent",
        ),
    );
    check(
        "saves_no_object",
        &[],
        fails("Unhandled ValueError: `pairs` cannot be saved: key must be a string"),
    );
    check(
        "saved_as_another_type",
        &[],
        fails(
            "Unhandled ValueError: `speed` was saved as `1.5`, which is not a `u64`: invalid type: floating point `1.5`, \
             expected u64",
        ),
    );
}

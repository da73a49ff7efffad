#![expect(unused_variables, reason = "the bodies are empty")]

use std::path::PathBuf;

use autotest::prelude::*;
use serde::Deserialize;

#[derive(Clone, Deserialize)]
struct Size(u64);

#[autotest]
fn text(#[param(default = "x")] n: u32) {}

#[autotest]
fn number(#[param(default = 5)] dir: PathBuf) {}

#[autotest]
fn own(#[param(default = "5 MB")] size: Size, #[param(default = "5 MB")] most: Option<Size>) {}

#[autotest]
#[case(size = "5 MB")]
fn in_a_case(size: Size) {}

fn main() {}

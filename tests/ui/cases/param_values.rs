#![expect(unused_variables, reason = "the bodies are empty")]

use autotest::prelude::*;

const LARGE: u64 = 64;

#[autotest]
fn none(#[param(values())] mb: u64) {}

#[autotest]
fn twice(#[param(values(4, LARGE, 0x4, 4_u64, LARGE))] mb: u64, #[param(values("a", "a"))] fs: &str) {}

#[autotest]
fn with_default(#[param(values(1, 2), default = 1)] mb: u64) {}

#[autotest]
fn out_of_range(#[param(values(1, 9), range = 1..=8)] mb: u64) {}

#[autotest]
#[case::small(mb = 1)]
fn set_by_a_case(#[param(values(1, 2))] mb: u64) {}

#[autotest]
fn too_many(
    #[param(values(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11))] a: u64,
    #[param(values(1, 2, 3, 4, 5, 6, 7, 8, 9, 10))] b: u64,
    #[param(values(1, 2, 3, 4, 5, 6, 7, 8, 9, 10))] c: u64,
) {
}

#[autotest]
fn of_no_directory(#[param(values("x.attempt-1"))] name: &str) {}

#[autotest]
fn with_one_name(#[param(values("value_2", LARGE.to_string()))] name: &str) {}

#[autotest::control]
fn nightly(job: &mut Job, #[param(values(1, 2))] rounds: u32) {}

fn main() {}

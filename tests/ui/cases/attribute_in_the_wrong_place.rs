#![expect(unused_variables, reason = "the bodies are empty")]

use autotest::prelude::*;

#[derive(Default)]
struct Dbench;

#[autotest]
impl Dbench {
    #[case::small(mb = 1)]
    fn run_once(&mut self, mb: u64) {}

    fn build(&mut self, #[param(default = 1)] mb: u64) {}
}

#[autotest]
#[helper]
fn ping() {}

fn main() {}

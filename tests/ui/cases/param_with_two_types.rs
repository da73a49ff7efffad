#![expect(unused_variables, reason = "the bodies are empty")]

use autotest::prelude::*;

#[derive(Default)]
struct Dbench;

#[autotest]
impl Dbench {
    fn initialize(&mut self, nprocs: u32) {}
    fn run_once(&mut self, nprocs: u64) {}
}

fn main() {}

#![expect(unused_variables, reason = "the bodies are empty")]

use autotest::prelude::*;

#[derive(Default)]
struct Dbench;

#[autotest]
impl Dbench {
    fn initialize(&mut self, #[param(default = 8, range = 1..=64)] nprocs: u32) {}
    fn run_once(&mut self, #[param(default = 4, range = 1..=32)] nprocs: u32) {}
}

fn main() {}

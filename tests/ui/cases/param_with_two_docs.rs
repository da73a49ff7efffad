#![expect(unused_variables, reason = "the bodies are empty")]

use autotest::prelude::*;

#[derive(Default)]
struct Dbench;

#[autotest]
impl Dbench {
    fn initialize(
        &mut self,
        /// How many clients.
        nprocs: u32,
    ) {
    }
    fn run_once(
        &mut self,
        /// How many processes.
        nprocs: u32,
    ) {
    }
}

fn main() {}

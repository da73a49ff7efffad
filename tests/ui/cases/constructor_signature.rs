#![expect(unused_variables, reason = "the bodies are empty")]

use autotest::prelude::*;

struct ByName;

#[autotest]
impl ByName {
    fn new(name: String) -> Self {
        ByName
    }
    fn run_once(&mut self) {}
}

struct Optional;

#[autotest]
impl Optional {
    fn new() -> Option<Self> {
        None
    }
    fn run_once(&mut self) {}
}

fn main() {}

use autotest::prelude::*;

struct Dbench;

#[autotest]
impl Dbench {
    fn run_once(&mut self) {}
}

fn main() {}

use autotest::prelude::*;

struct Dbench;

impl Dbench {
    #[autotest]
    fn run_once(&self) {}
}

fn main() {}

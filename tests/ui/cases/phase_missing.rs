use autotest::prelude::*;

#[derive(Default)]
struct Dbench;

#[autotest]
impl Dbench {
    fn initialize(&mut self) {}
}

fn main() {}

use autotest::prelude::*;

struct Dbench<T>(T);

#[autotest]
impl<T> Dbench<T> {
    fn run_once(&mut self) {}
}

fn main() {}

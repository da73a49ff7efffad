use autotest::prelude::*;

#[derive(Default)]
struct Dbench;

#[autotest]
impl Dbench {
    fn Setup(&mut self) {}
    fn run_onec(&mut self) {}
    fn clean_up(&mut self) {}
    fn warm(&mut self) {}
    #[helper]
    fn set_up(&mut self) {}
    fn run_once(&mut self) {}
}

fn main() {}

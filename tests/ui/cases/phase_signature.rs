use autotest::prelude::*;

#[derive(Default)]
struct Dbench;

#[autotest]
impl Dbench {
    unsafe fn initialize(&mut self) {}
    fn setup<T>(&mut self) -> bool {
        true
    }
    async fn run_once(&mut self) {}
}

fn main() {}

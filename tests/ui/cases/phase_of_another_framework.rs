#![expect(non_snake_case, reason = "others call them so")]

use autotest::prelude::*;

#[derive(Default)]
struct Dbench;

#[autotest]
impl Dbench {
    fn set_up(&mut self) {}
    fn setUp(&mut self) -> TestResult {
        Ok(())
    }
    fn before_all(&mut self) {}
    fn before_each(&mut self) {}
    fn before(&mut self) -> anyhow::Result<()> {
        Ok(())
    }
    fn run_once(&mut self) {}
    fn after_each(&mut self) {}
    fn tear_down(&mut self) {}
    fn teardown(&mut self) {}
    /// It returns what no phase returns.
    fn after(&self) -> u64 {
        0
    }
    #[helper]
    fn finalize(&mut self) {}
}

#[derive(Default)]
struct Ping;

#[autotest]
impl Ping {
    fn run(&mut self) {}
}

fn main() {}

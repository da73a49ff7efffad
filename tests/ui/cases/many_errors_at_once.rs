#![expect(unused_variables, reason = "the bodies are empty")]

use autotest::prelude::*;

#[derive(Default)]
struct Dbench;

#[autotest(timeout = "never", autor = "me", constraints("1 +"))]
#[case::a(nprocs = 100, size = 1)]
impl Dbench {
    fn initialize(&mut self, cx: &mut TestContext, #[param(default = 0, range = 1..)] n: u8) {}
    fn setpu(&mut self) {}
    fn run_once(self, #[param(range = 1..=64)] nprocs: u32, _: u8) -> Option<()> {
        // The body is not read, and the item survives.
        let helper: Vec<u8> = Vec::new();
        None
    }
}

/// Still there for an editor, and for everything else that uses it.
fn uses_it() -> Dbench {
    Dbench::default()
}

fn main() {}

use autotest::prelude::*;

struct Dbench;

#[autotest]
impl Clone for Dbench {
    fn clone(&self) -> Self {
        Dbench
    }
}

fn main() {}

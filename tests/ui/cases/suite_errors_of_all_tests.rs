#![expect(unused_variables, reason = "the bodies are empty")]

use autotest::prelude::*;

#[suite(suites("net"))]
mod net {
    use autotest::prelude::*;

    #[autotest(retires = 2)]
    fn ping() {}

    #[autotest]
    fn pong(iterations: u32) {}

    #[autotest]
    const COUNT: u32 = 1;

    pub fn helper() -> u32 {
        COUNT
    }
}

fn main() {}

use autotest::prelude::*;

#[suite(name = "net", suits("bvt"))]
mod net {
    use autotest::prelude::*;

    #[autotest(crate = autotest)]
    fn ping() {}
}

fn main() {}

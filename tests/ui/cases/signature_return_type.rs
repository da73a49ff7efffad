use autotest::prelude::*;

#[autotest]
fn a() -> bool {
    true
}

#[autotest]
fn b() -> Result<u32, std::io::Error> {
    Ok(1)
}

#[autotest]
fn c() -> &'static str {
    ""
}

#[autotest]
fn d() -> impl Sized {}

fn main() {}

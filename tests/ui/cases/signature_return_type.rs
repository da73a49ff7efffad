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

#[autotest]
fn e() -> (u8, u8) {
    (1, 2)
}

fn main() {}

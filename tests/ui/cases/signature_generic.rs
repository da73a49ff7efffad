use autotest::prelude::*;

#[autotest]
fn a<T: Default>() {}

#[autotest]
fn b()
where
    u8: Copy,
{
}

fn main() {}

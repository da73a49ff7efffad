use autotest::prelude::*;

struct Answer;

#[autotest]
fn a() -> Answer {
    Answer
}

fn main() {}

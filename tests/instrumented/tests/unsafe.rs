//! What sanitizers find.

use std::hint::black_box;
use std::sync::Barrier;

use autotest::prelude::*;

#[autotest]
fn is_clean() {
    black_box(vec![1, 2, 3]);
}

#[autotest]
fn panics() {
    panic!("{}", "on purpose");
}

#[autotest(expect = "fail")]
fn is_known_to_panic() {
    panic!("on {}", "purpose");
}

#[autotest]
fn leaks() {
    black_box(Box::leak(black_box(vec![7_u64; 1000]).into_boxed_slice()));
}

#[autotest]
fn overflows_the_heap() {
    let bytes = black_box(vec![0_u8; 16]);
    // SAFETY: none, on purpose.
    black_box(unsafe { bytes.as_ptr().add(black_box(16)).read_volatile() });
}

#[derive(Default)]
struct UsesAfterFree;

#[autotest]
impl UsesAfterFree {
    fn run_once(&mut self) {
        let gone = {
            let number = black_box(Box::new(7));
            &raw const *number
        };
        // SAFETY: none, on purpose.
        black_box(unsafe { gone.read_volatile() });
    }

    fn cleanup(&mut self) {
        println!("cleaned up");
    }
}

static mut SHARED: u64 = 0;

/// For ThreadSanitizer. Each thread is there as long as the other: of one that has ended before the other
/// began it may know nothing.
#[autotest(ignore)]
fn races() {
    let both = Barrier::new(2);
    let increments = || {
        both.wait();
        for _ in 0..1000 {
            // SAFETY: none, on purpose.
            unsafe { (&raw mut SHARED).write(black_box((&raw const SHARED).read() + 1)) };
        }
        both.wait();
    };
    std::thread::scope(|scope| {
        scope.spawn(increments);
        scope.spawn(increments);
    });
}

autotest::main!();

//! What sanitizers find.

use std::hint::black_box;
use std::sync::atomic::{AtomicU32, Ordering};

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

/// For ThreadSanitizer, which sees a race only if nothing orders the two threads: neither a lock, nor that one
/// ends before the other begins. So they wait for each other by a counter without any ordering.
#[autotest(ignore)]
fn races() {
    let arrived = AtomicU32::new(0);
    let wait_for = |count| {
        arrived.fetch_add(1, Ordering::Relaxed);
        while arrived.load(Ordering::Relaxed) < count {
            std::thread::yield_now();
        }
    };
    let increments = || {
        wait_for(2);
        for _ in 0..1000 {
            // SAFETY: none, on purpose.
            unsafe { (&raw mut SHARED).write(black_box((&raw const SHARED).read() + 1)) };
        }
        wait_for(4);
    };
    std::thread::scope(|scope| {
        scope.spawn(increments);
        scope.spawn(increments);
    });
}

autotest::main!();

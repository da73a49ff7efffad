//! Loops of one thing.

use std::hint::black_box;
use std::io::{self, Write};
use std::panic::catch_unwind;
use std::time::{Duration, Instant};

/// Calls an empty function by a pointer, each time where a panic would be caught.
pub(crate) fn calls(count: u64) {
    let call = black_box(empty as fn());
    for _ in 0..count {
        let _ = catch_unwind(call);
    }
}

fn empty() {}

/// How often the clock can be read in that time.
pub(crate) fn clock_reads(seconds: f64) -> u64 {
    let end = Instant::now() + Duration::from_secs_f64(seconds);
    let mut count = 1;
    while Instant::now() < end {
        count += 1;
    }
    count
}

/// Prints so many bytes, in blocks as the suite's test prints them.
pub(crate) fn print(bytes: u64) -> io::Result<()> {
    let block = [b'x'; 64 << 10];
    let mut stdout =
        std::fs::File::from(std::os::fd::AsFd::as_fd(&io::stdout()).try_clone_to_owned()?);
    for _ in 0..bytes / block.len() as u64 {
        stdout.write_all(&block)?;
    }
    Ok(())
}

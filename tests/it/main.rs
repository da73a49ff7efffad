//! Test binaries, run from outside.

mod attacks;
mod bad_input;
mod binary;
mod examples;
mod flags;
mod formats;
mod full_disk;
mod hostile;
mod interrupts;
mod live;
mod random;
mod replay;
mod results;
mod resume;
mod runners;
mod supervisor;
mod tidy;
mod tko;
mod tree;
mod verdicts;

//! Test binaries, run from outside.

mod attacks;
mod bad_input;
mod binary;
mod examples;
mod flags;
mod formats;
mod hostile;
mod interrupts;
mod results;
mod runners;
mod tidy;
mod verdicts;

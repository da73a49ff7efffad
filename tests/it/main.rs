//! Test binaries, run from outside.

mod bad_input;
mod binary;
mod examples;
mod flags;
mod hostile;
mod interrupts;
mod results;
mod runners;
mod tidy;
mod verdicts;

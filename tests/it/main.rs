//! Test binaries, run from outside.

mod attacks;
mod bad_input;
mod binary;
mod completions;
mod engines;
mod examples;
mod flags;
mod hostile;
mod interrupts;
mod libtest;
mod results;
mod runners;
mod selection;
mod tidy;
mod verdicts;

//! Test binaries, run from outside.

mod bad_input;
mod binary;
mod examples;
mod flags;
mod results;
mod tidy;
mod verdicts;

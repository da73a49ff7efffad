//! Test binaries, run from outside.

mod attacks;
mod bad_input;
mod binary;
mod completions;
mod engines;
mod escapes;
mod examples;
mod flags;
mod formats;
mod full_disk;
mod hostile;
mod interrupts;
mod libtest;
mod live;
mod plants;
mod random;
mod replay;
mod results;
mod resume;
mod runners;
mod selection;
mod supervisor;
mod tidy;
mod tko;
mod tree;
mod verdicts;

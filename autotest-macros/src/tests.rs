//! Tests of the macros without a compiler: their expansions, and that no input makes them panic.

mod arbitrary;
mod expansions;
mod reading;

//! The macros without a compiler: what they expand to, and that nothing makes them panic.

mod arbitrary;
mod expansions;
mod reading;

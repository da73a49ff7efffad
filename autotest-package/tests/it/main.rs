//! Packages: what they are, and what is refused.

mod archive;
mod attacks;
mod attacks_on_plain;
mod attacks_on_suites;
mod checksums;
mod mutated;
mod names;
mod packing;
mod plain;
mod unpacking;

//! Expansions under every lint, in edition 2018.

#![deny(warnings, missing_docs, clippy::pedantic)]
#![forbid(unsafe_code)]

#[path = "../strict.rs"]
pub mod strict;

#[cfg(test)]
#[path = "../registered.rs"]
mod registered;

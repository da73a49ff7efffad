//! Tests of a target's storage. They write only into their own directories.

mod files;
mod image;
mod nightly;
mod speed;

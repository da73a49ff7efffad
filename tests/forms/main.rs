//! Everything that an author can write, expanded, bound and called.

mod bench;
mod design;

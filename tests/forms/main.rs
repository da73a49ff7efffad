//! Everything that an author can write, expanded, bound and called.

mod bench;
mod cases;
mod design;
mod metadata;
mod params;
mod phases;
mod record;
mod returns;
mod saves;
mod suites;

//! Suites read from files that were made for it.

mod made;

mod damaged;
mod files;
mod records;

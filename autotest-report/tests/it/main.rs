//! The public face of the crate on real files: the results tree, the journal and its locks, replay, sets of
//! reports, and what reports do at their limits. What each report makes of a whole job is the golden tests'.

mod control;
mod job;
mod journal;
mod limits;
mod outputs;
mod reports;
mod staged;
mod status_log;
mod streams;
mod summary;
mod tree;

//! The public face of the crate on real files: the results tree, the journal and its locks, replay, sets of
//! reports, and what reports do at their limits. What each report makes of a whole job is the golden tests'.

mod completion;
mod control;
#[cfg(feature = "crash-handler")]
mod crash;
mod digest;
mod growing;
#[cfg(feature = "html")]
mod html;
mod job;
mod journal;
mod limits;
mod metrics;
mod outputs;
#[cfg(feature = "packages")]
mod packages;
mod received;
mod reports;
mod resumed;
mod staged;
mod status_log;
mod streams;
mod summary;
mod tree;
mod wire;

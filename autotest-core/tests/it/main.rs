//! The public face of the crate, and the lifecycle against a scripted target.

#![expect(clippy::unwrap_used, reason = "a test panics when it fails")]

mod constraint_language;
mod constraint_proptest;
mod constraint_python;
mod control;
#[cfg(feature = "crash-handler")]
mod crash;
mod description;
mod job;
mod keyval;
mod lifecycle;
mod need;
mod outcome;
#[cfg(feature = "packages")]
mod package;
mod params;
mod perf;
mod perf_chart;
#[cfg(feature = "profilers")]
mod profiler_use;
mod secrets;
mod settings;
mod small_map;
mod status;
#[cfg(feature = "sysinfo")]
mod sysinfo;
mod value;
mod value_json;
mod words;

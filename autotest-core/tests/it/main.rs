//! The public face of the crate, and the lifecycle against a scripted target.

#![expect(clippy::unwrap_used, reason = "a test panics when it fails")]

mod constraint_language;
mod constraint_proptest;
mod constraint_python;
mod control;
mod keyval;
mod lifecycle;
mod outcome;
mod params;
mod perf;
mod perf_chart;
mod secrets;
mod small_map;
mod status;
mod value;
mod value_json;
mod words;

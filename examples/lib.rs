//! Examples of the autotest framework. Each of the other files in this directory is a test binary, and so is `field/`:
//!
//! | example | shows |
//! |---|---|
//! | `hello` | the smallest test |
//! | `lifecycle` | every phase and hook, in the order in which they run |
//! | `params` | typed parameters, a catch-all, cases, `--describe` |
//! | `hostile` | 32 ways to misbehave, and how each is reported |
//! | `profiled` (with `--features profilers`) | a profiler of one's own |
//! | `nightly` | a control function: groups, branches, a hook, a condition, a reboot |
//! | `field` | a suite as a lab has it: eight tests on real programs, devices and the kernel |
//! | `profiled` | load for the profiler `proc`, and numbers to compare its samples with |
//! | `metrics` | four metrics with the noise of a real machine, for `cargo autotest calibrate` |
//! | `disk` | real work: write speed and fsync latency, perf values, constraints |
//!
//! `engines/` has recipes for engines that run suites; docs/engines.md explains them.

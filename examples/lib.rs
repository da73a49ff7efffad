//! Examples of the autotest framework. Each file beside this one is a test binary of its own:
//!
//! | example | shows |
//! |---|---|
//! | `hello` | the smallest test |
//! | `lifecycle` | every phase and hook, in the order in which they run |
//! | `params` | typed parameters, a catch-all, cases, `--describe` |
//! | `hostile` | 32 ways to misbehave, and what becomes of each |
//! | `disk` | real work: write speed and fsync latency, perf values, constraints |

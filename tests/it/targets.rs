//! Suites on targets: `cargo autotest run`, `attach` and `rerun`, with a real SSH server where one is installed.

mod lab;
mod local;
mod lost;
mod orders;
mod qemu;
mod refused;
mod ssh;

pub(crate) use lab::Lab;

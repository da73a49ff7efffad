//! Tests of a target's network. They use the loopback interface only.

mod addresses;
mod tcp;
mod tun;

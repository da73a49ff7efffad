//! A kernel that ends under a job: what it stored for the next boot, and real ones in a virtual machine.

pub(crate) mod campaign;
pub(crate) mod initramfs;
mod left;
pub(crate) mod machine;
mod store;

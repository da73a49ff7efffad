//! The identity of a job: user, host, boot, pid namespace and build.

mod build_id;

use std::num::NonZeroUsize;
use std::time::{SystemTime, UNIX_EPOCH};

use autotest_core::TargetFacts;

pub(crate) use build_id::build_id;

/// The host's name.
#[expect(unsafe_code, reason = "gethostname(2) has no other name")]
pub(crate) fn hostname() -> String {
    let mut name = [0_u8; 256];
    // SAFETY: gethostname writes at most the given length, which is one less than the array's, so the last byte stays
    // 0.
    unsafe { libc::gethostname(name.as_mut_ptr().cast(), name.len() - 1) };
    let end = name.iter().position(|byte| *byte == 0);
    String::from_utf8_lossy(&name[..end.unwrap_or(0)]).into_owned()
}

/// The user's name from the environment, or else the user id.
#[expect(unsafe_code, reason = "geteuid(2) has no other name")]
pub(crate) fn user() -> String {
    let named = |name: &str| std::env::var(name).ok().filter(|user| !user.is_empty());
    named("USER")
        .or_else(|| named("LOGNAME"))
        .unwrap_or_else(|| {
            // SAFETY: geteuid takes nothing and always succeeds.
            unsafe { libc::geteuid() }.to_string()
        })
}

/// An id that is unique on this host.
pub(crate) fn job_id() -> String {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let since = since.map_or(0, |since| since.as_nanos());
    format!("{since:x}-{:x}", std::process::id())
}

/// The number of processors that this process may use; 0 if unknown.
pub(crate) fn cpu_count() -> usize {
    std::thread::available_parallelism().map_or(0, NonZeroUsize::get)
}

/// The facts about the target that are compared before and after a reboot.
pub(crate) fn target_facts() -> TargetFacts {
    let mounts = std::fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let mounts = mounts.lines().filter(|line| line.starts_with('/'));
    let mounts = mounts.map(|line| line.split(' ').take(2).collect::<Vec<_>>().join(" "));
    let mut mounts: Vec<String> = mounts.collect();
    mounts.sort();
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let cpus = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let is_processor = |line: &&str| line.starts_with("processor");
    TargetFacts {
        kernel: kernel.trim().to_owned(),
        cpu_count: cpus.lines().filter(is_processor).count(),
        mounts,
    }
}

/// The id of the current boot; empty if the kernel has none.
pub(crate) fn boot_id() -> String {
    let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id");
    id.map_or_else(|_| String::new(), |id| id.trim().to_owned())
}

/// The kernel's name for the pid namespace of this process; empty if it has none.
pub(crate) fn pid_namespace() -> String {
    let name = std::fs::read_link("/proc/self/ns/pid");
    name.map_or_else(
        |_| String::new(),
        |name| name.to_string_lossy().into_owned(),
    )
}

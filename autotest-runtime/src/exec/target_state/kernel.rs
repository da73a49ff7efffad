//! The kernel: modules, parameters, IPC, control groups, taint.

use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;

use super::items::Items;
use super::kernel_file::{self, Values};
use super::rows::Reading;

/// Parameters that tests change, below `/proc/sys`.
const PARAMETERS: &[&str] = &[
    "fs/file-max",
    "fs/inotify/max_user_watches",
    "fs/suid_dumpable",
    "kernel/core_pattern",
    "kernel/dmesg_restrict",
    "kernel/domainname",
    "kernel/hostname",
    "kernel/hung_task_timeout_secs",
    "kernel/kptr_restrict",
    "kernel/msgmni",
    "kernel/panic",
    "kernel/panic_on_oops",
    "kernel/perf_event_paranoid",
    "kernel/pid_max",
    "kernel/printk",
    "kernel/randomize_va_space",
    "kernel/sched_rt_runtime_us",
    "kernel/shmmax",
    "kernel/sysrq",
    "kernel/threads-max",
    "net/core/default_qdisc",
    "net/core/rmem_max",
    "net/core/somaxconn",
    "net/core/wmem_max",
    "net/ipv4/ip_forward",
    "net/ipv4/ip_local_port_range",
    "net/ipv4/tcp_congestion_control",
    "net/ipv4/tcp_syncookies",
    "net/ipv6/conf/all/disable_ipv6",
    "net/ipv6/conf/all/forwarding",
    "vm/dirty_background_ratio",
    "vm/dirty_ratio",
    "vm/max_map_count",
    "vm/min_free_kbytes",
    "vm/nr_hugepages",
    "vm/overcommit_memory",
    "vm/overcommit_ratio",
    "vm/panic_on_oom",
    "vm/swappiness",
];

/// The letters of the kernel's taint flags, from bit 0 (`Documentation/admin-guide/tainted-kernels.rst`).
const TAINTS: &[u8] = b"PFSRMBUDAWCIOELKXTN";

/// The depth to which control groups are looked at.
const MAX_DEPTH: usize = 3;

/// The prefix of the names of jobs' own control groups.
const OF_JOBS: &str = "autotest-";

/// The limit on the number of control groups.
const MAX_GROUPS: usize = 500;

pub(super) fn modules(_: &Reading<'_>) -> io::Result<Items> {
    let text = kernel_file::text("/proc/modules")?;
    let names = text.lines().filter_map(|line| line.split(' ').next());
    Ok(names.map(|name| (name.to_owned(), String::new())).collect())
}

/// Kernel parameters, with their values.
pub(super) fn parameters(_: &Reading<'_>) -> io::Result<Items> {
    let all = Values::below("/proc/sys")?;
    let mut values = Items::new();
    for name in PARAMETERS {
        if let Some(value) = all.get(name)? {
            let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
            values.insert(&name.replace('/', "."), &value);
        }
    }
    Ok(values)
}

/// The processors that are online.
pub(super) fn processors(_: &Reading<'_>) -> io::Result<Items> {
    let online = kernel_file::text("/sys/devices/system/cpu/online")?;
    let online = ("online".to_owned(), online.trim().to_owned());
    Ok(std::iter::once(online).collect())
}

/// System V shared memory, semaphores and message queues.
pub(super) fn system_v_ipc(_: &Reading<'_>) -> io::Result<Items> {
    let kinds = [
        ("shm", "shared memory"),
        ("sem", "semaphores"),
        ("msg", "queue"),
    ];
    let mut all = Items::new();
    for (file, kind) in kinds {
        let text = kernel_file::text(&format!("/proc/sysvipc/{file}"))?;
        let lines = text.lines().skip(1);
        let ids = lines.filter_map(|line| line.split_whitespace().nth(1));
        all.extend(ids.map(|id| (format!("{kind} {id}"), String::new())));
    }
    Ok(all)
}

/// Control groups, to the depth at which services usually have them.
pub(super) fn control_groups(_: &Reading<'_>) -> io::Result<Items> {
    groups_below("/sys/fs/cgroup")
}

fn groups_below(root: &str) -> io::Result<Items> {
    let mut found = Items::new();
    let mut open = vec![(root.to_owned(), 0)];
    while let Some((dir, depth)) = open.pop() {
        // A group may be removed meanwhile.
        for entry in kernel_file::entries(&dir, usize::MAX)? {
            if found.len() >= MAX_GROUPS {
                return Ok(found);
            }
            let is_group = entry.file_type().is_ok_and(|kind| kind.is_dir())
                && !entry.file_name().as_bytes().starts_with(OF_JOBS.as_bytes());
            if is_group {
                let path = entry.path().display().to_string();
                if depth + 1 < MAX_DEPTH && may_have_groups(&path) {
                    open.push((path.clone(), depth + 1));
                }
                found.insert(&path, "");
            }
        }
    }
    Ok(found)
}

/// `true` if a control group may contain others. A directory has a link from its name, one from its `.` and one from
/// the `..` of each subdirectory; the count is cheaper than listing the dozens of files of a group. Only lxcfs, which
/// containers need on kernels before 4.6, reports 2 for every group.
fn may_have_groups(group: &str) -> bool {
    fs::symlink_metadata(group).is_ok_and(|metadata| metadata.nlink() != 2)
}

/// The kernel's taint, and the number of OOM kills.
pub(super) fn health(_: &Reading<'_>) -> io::Result<Items> {
    let mut health = Items::new();
    let taint = kernel_file::text("/proc/sys/kernel/tainted")?;
    health.insert("taint", &taints(taint.trim()));
    let vmstat = kernel_file::text("/proc/vmstat")?;
    let kills = vmstat
        .lines()
        .find_map(|line| line.strip_prefix("oom_kill "));
    health.extend(kills.map(|kills| ("count of OOM kills".to_owned(), kills.to_owned())));
    Ok(health)
}

/// The taint as a number, with its letters.
fn taints(number: &str) -> String {
    let bits: u64 = number.parse().unwrap_or(0);
    let letters = TAINTS.iter().enumerate();
    let letters = letters.filter(|(bit, _)| bits & (1 << bit) != 0);
    let letters: String = letters.map(|(_, letter)| char::from(*letter)).collect();
    match letters.as_str() {
        "" => number.to_owned(),
        letters => format!("{number} ({letters})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exec::target_state::Own;

    #[test]
    fn a_taint_has_its_letters() {
        assert_eq!(taints("0"), "0");
        assert_eq!(taints("4609"), "4609 (PWO)");
    }

    #[test]
    fn groups_are_found_three_levels_deep() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name).display().to_string();
        for name in ["a/b/c/d", "e", "f/autotest-1/g"] {
            fs::create_dir_all(path(name)).unwrap();
        }
        fs::write(path("a/file"), "").unwrap();
        let found = groups_below(&path("")).unwrap();
        let expected = ["a", "a/b", "a/b/c", "e", "f"].map(path);
        assert!(found.by_name().into_keys().eq(&expected), "{found:?}");
    }

    #[test]
    fn parameters_have_values_without_tabs() {
        let own = Own {
            tmp: "/tmp".into(),
            prefix: String::new(),
        };
        let parameters = parameters(&Reading::begin(&own)).unwrap();
        assert!(
            parameters
                .by_name()
                .values()
                .all(|value| !value.contains(['\t', '\n']))
        );
    }
}

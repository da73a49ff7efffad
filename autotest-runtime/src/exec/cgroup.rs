//! A control group (version 2) for the job, where one is available. It contains every process that a test
//! starts, however well that process hides.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::engine;

/// The mount points of version 2: alone, or beside version 1.
const MOUNTS: [&str; 2] = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"];

/// How often to try to remove a group whose processes are exiting.
const TRIES: u32 = 100;

/// A group below the group of this process.
#[derive(Debug)]
pub(super) struct Cgroup {
    group: PathBuf,
}

impl Cgroup {
    /// Creates a group. `None` without permission, or if the kernel cannot kill a group (before Linux 5.14). The first
    /// process of a pid namespace needs none: all others end with it, even the guardian, which would remove the group.
    pub(super) fn create(id: &str) -> Option<Cgroup> {
        // nextest starts a job for each test; moving it into a group would cost more than the test. Slurm has a group
        // for its job, and neither signals nor waits for processes in a group below it
        // (`cgroup_p_step_get_pids` in <https://github.com/SchedMD/slurm/blob/master/src/plugins/cgroup/v2/cgroup_v2.c>).
        if engine::is_under_nextest() || engine::is_under_slurm() || std::process::id() == 1 {
            return None;
        }
        let cgroup = Cgroup::of(id)?;
        fs::create_dir(&cgroup.group).ok()?;
        if cgroup.group.join("cgroup.kill").exists() {
            Some(cgroup)
        } else {
            cgroup.remove();
            None
        }
    }

    /// Kills the processes left in the group of a job, if the group exists.
    pub(super) fn end_left(id: &str) {
        if let Some(cgroup) = Cgroup::of(id).filter(|cgroup| cgroup.group.is_dir()) {
            cgroup.end();
        }
    }

    /// The group of a job, whether or not it exists.
    fn of(id: &str) -> Option<Cgroup> {
        let group = own()?.join(name_of(id));
        Some(Cgroup { group })
    }

    /// Moves this process into the group.
    pub(super) fn enter(&self) -> io::Result<()> {
        fs::write(self.group.join("cgroup.procs"), "0")
    }

    /// Kills every process in the group, and removes it.
    pub(super) fn end(self) {
        self.kill();
        self.remove();
    }

    fn kill(&self) {
        let _ = fs::write(self.group.join("cgroup.kill"), "1");
    }

    /// Removes the group and its subgroups once its processes have exited. Returns `false` if they do not exit.
    pub(super) fn remove(&self) -> bool {
        for _ in 0..TRIES {
            match fs::remove_dir(&self.group) {
                Err(error) if error.kind() == io::ErrorKind::ResourceBusy => {
                    remove_groups_in(&self.group);
                    std::thread::sleep(Duration::from_millis(2));
                }
                _ => return true,
            }
        }
        false
    }
}

/// The name of a job's group.
fn name_of(id: &str) -> String {
    format!("autotest-{id}")
}

/// The group of this process.
fn own() -> Option<PathBuf> {
    let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
    let own = groups.lines().find_map(|line| line.strip_prefix("0::/"))?;
    let mut groups = MOUNTS.iter().map(|mount| Path::new(mount).join(own));
    groups.find(|group| group.join("cgroup.kill").exists() || is_root(group))
}

/// Moves this process out of the group of its job, so that what it starts from now on outlives the job.
pub(crate) fn leave_group_of(id: &str) {
    let group = own().filter(|group| group.ends_with(name_of(id)));
    if let Some(parent) = group.as_deref().and_then(Path::parent) {
        let _ = fs::write(parent.join("cgroup.procs"), "0");
    }
}

/// Removes empty groups in a group, such as those of jobs that a test ran.
fn remove_groups_in(group: &Path) {
    let entries = fs::read_dir(group).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())) {
        if fs::remove_dir(entry.path()).is_err() {
            remove_groups_in(&entry.path());
            let _ = fs::remove_dir(entry.path());
        }
    }
}

/// Whether this is the root of a mount of version 2. The root cannot be killed, but groups in it can.
fn is_root(dir: &Path) -> bool {
    dir.join("cgroup.subtree_control").exists()
}

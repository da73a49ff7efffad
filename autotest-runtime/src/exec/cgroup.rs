//! A control group (version 2) of the job, where one is available: whatever a test starts, however it
//! hides, is in it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::engine;

/// Where version 2 is mounted: alone, or beside version 1.
const MOUNTS: [&str; 2] = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"];

/// How often the removal of a group is tried whose processes are about to go.
const TRIES: u32 = 100;

/// A group below that of this process.
#[derive(Debug)]
pub(super) struct Cgroup {
    group: PathBuf,
}

impl Cgroup {
    /// Makes one. It takes the right to do so, and a kernel that can kill a group (5.14).
    pub(super) fn create(id: &str) -> Option<Cgroup> {
        // There each test has a job of its own, for which the move would cost more than the test.
        if engine::is_under_nextest() {
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

    /// Ends what is left in the group of a job, if that is there.
    pub(super) fn end_left(id: &str) {
        if let Some(cgroup) = Cgroup::of(id).filter(|cgroup| cgroup.group.is_dir()) {
            cgroup.kill();
            cgroup.remove();
        }
    }

    /// Where the group of a job is or would be.
    fn of(id: &str) -> Option<Cgroup> {
        let groups = fs::read_to_string("/proc/self/cgroup").ok()?;
        let own = groups.lines().find_map(|line| line.strip_prefix("0::/"))?;
        let mut parents = MOUNTS.iter().map(|mount| Path::new(mount).join(own));
        let parent =
            parents.find(|parent| parent.join("cgroup.kill").exists() || is_root(parent))?;
        let group = parent.join(format!("autotest-{id}"));
        Some(Cgroup { group })
    }

    /// Moves this process into it.
    pub(super) fn enter(&self) -> io::Result<()> {
        fs::write(self.group.join("cgroup.procs"), "0")
    }

    /// Removes it behind the end of the supervisor, with whatever escaped from all runs.
    pub(super) fn end(self) {
        if !self.remove() {
            self.kill();
            self.remove();
        }
    }

    /// Ends every process in it.
    pub(super) fn kill(&self) {
        let _ = fs::write(self.group.join("cgroup.kill"), "1");
    }

    /// Removes it, once its processes are gone. False if they stay.
    fn remove(&self) -> bool {
        for _ in 0..TRIES {
            match fs::remove_dir(&self.group) {
                Err(error) if error.kind() == io::ErrorKind::ResourceBusy => {
                    std::thread::sleep(Duration::from_millis(2));
                }
                _ => return true,
            }
        }
        false
    }
}

/// The root of a mount of version 2; it cannot be killed, but groups in it can.
fn is_root(dir: &Path) -> bool {
    dir.join("cgroup.subtree_control").exists()
}

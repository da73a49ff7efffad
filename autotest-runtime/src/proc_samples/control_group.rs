//! The control group (version 2) of a test, as far as its controllers are enabled.

use std::fs;
use std::path::{Path, PathBuf};

use super::reread::Reread;
use super::text::{fields, lines, number, value};

/// The mount points of version 2: alone, or beside version 1.
const MOUNTS: [&str; 2] = ["/sys/fs/cgroup/unified", "/sys/fs/cgroup"];

/// The open files of a group.
#[derive(Debug)]
pub(super) struct ControlGroup {
    memory: Option<Reread>,
    cpu: Option<Reread>,
    io: Option<Reread>,
}

/// The numbers in the files; `None` if a file is missing.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct GroupTotals {
    pub(super) memory_bytes: Option<u64>,
    pub(super) cpu_us: Option<u64>,
    pub(super) read_bytes: Option<u64>,
    pub(super) written_bytes: Option<u64>,
}

impl ControlGroup {
    /// The group of a process. `None` for the root group, whose numbers are those of the machine.
    pub(super) fn of(pid: i32) -> Option<ControlGroup> {
        let dir = directory(pid)?;
        let open = |name: &str| Reread::open(dir.join(name)).ok();
        Some(ControlGroup {
            memory: open("memory.current"),
            cpu: open("cpu.stat"),
            io: open("io.stat"),
        })
    }

    pub(super) fn read(&mut self) -> GroupTotals {
        let [read_bytes, written_bytes] = match self.io.as_mut().and_then(Reread::read) {
            Some(io) => io_totals(io).map(Some),
            None => [None; 2],
        };
        let memory = self.memory.as_mut().and_then(Reread::read);
        let cpu = self.cpu.as_mut().and_then(Reread::read);
        GroupTotals {
            memory_bytes: memory.and_then(number),
            cpu_us: cpu.and_then(|cpu| value(cpu, "usage_usec ")),
            read_bytes,
            written_bytes,
        }
    }
}

fn directory(pid: i32) -> Option<PathBuf> {
    let groups = fs::read_to_string(format!("/proc/{pid}/cgroup")).ok()?;
    let group = groups.lines().find_map(|line| line.strip_prefix("0::/"))?;
    if group.is_empty() {
        return None;
    }
    let mut dirs = MOUNTS.iter().map(|mount| Path::new(mount).join(group));
    dirs.find(|dir| dir.join("cgroup.procs").exists())
}

/// The bytes read and written, summed over all devices.
fn io_totals(io: &[u8]) -> [u64; 2] {
    let sum = |key: &[u8]| {
        let fields = lines(io).flat_map(fields);
        let values = fields.filter_map(|field| number(field.strip_prefix(key)?));
        values.sum()
    };
    [sum(b"rbytes="), sum(b"wbytes=")]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_added_up() {
        let io = b"8:0 rbytes=10 wbytes=20 rios=1 wios=2 dbytes=0 dios=0\n8:16 rbytes=1 wbytes=2\n";
        assert_eq!(io_totals(io), [11, 22]);
        assert_eq!(io_totals(b""), [0, 0]);
    }
}

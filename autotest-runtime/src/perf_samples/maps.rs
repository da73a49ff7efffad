//! The executable mappings of the processes, which turn an address into an offset in a file.

use std::collections::HashMap;
use std::fs;
use std::ops::Range;

use super::tasks::Task;

/// The place of an address, valid for as long as the profile is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Place {
    Kernel(u64),
    /// The index of a file, and an offset in it.
    File(usize, u64),
    Unknown,
}

#[derive(Clone, Debug)]
struct Mapping {
    addresses: Range<u64>,
    offset: u64,
    file: usize,
}

#[derive(Clone, Debug, Default)]
struct Process {
    name: String,
    /// Later mappings hide earlier ones.
    mappings: Vec<Mapping>,
}

/// The processes of a profile.
#[derive(Debug, Default)]
pub(super) struct Processes {
    processes: HashMap<i32, Process>,
    files: Vec<String>,
}

impl Processes {
    pub(super) fn of(tasks: &[Task]) -> Processes {
        let mut all = Processes::default();
        for task in tasks.iter().filter(|task| task.pid == task.tid) {
            let dir = format!("/proc/{}", task.pid);
            let name = fs::read(format!("{dir}/comm")).unwrap_or_default();
            all.name(task.pid, name.trim_ascii_end(), false);
            let maps = fs::read(format!("{dir}/maps")).unwrap_or_default();
            for line in maps.split(|byte| *byte == b'\n') {
                if let Some((addresses, offset, path)) = executable(line) {
                    all.map(task.pid, addresses, offset, path);
                }
            }
        }
        all
    }

    /// Records that a process mapped a file.
    pub(super) fn map(&mut self, pid: i32, addresses: Range<u64>, offset: u64, path: &[u8]) {
        let path = String::from_utf8_lossy(path);
        let file = match self.files.iter().position(|file| *file == path) {
            Some(file) => file,
            None => {
                self.files.push(path.into_owned());
                self.files.len() - 1
            }
        };
        self.process(pid).mappings.push(Mapping {
            addresses,
            offset,
            file,
        });
    }

    /// Records that a process or only a thread was started.
    pub(super) fn fork(&mut self, parent: i32, child: i32) {
        if parent != child && !self.processes.contains_key(&child) {
            let copy = self.process(parent).clone();
            self.processes.insert(child, copy);
        }
    }

    /// Records that a process changed its name or executed another program.
    pub(super) fn name(&mut self, pid: i32, name: &[u8], is_exec: bool) {
        let process = self.process(pid);
        process.name = String::from_utf8_lossy(name).into_owned();
        if is_exec {
            process.mappings.clear();
        }
    }

    fn process(&mut self, pid: i32) -> &mut Process {
        self.processes.entry(pid).or_default()
    }

    pub(super) fn name_of(&self, pid: i32) -> &str {
        let name = self
            .processes
            .get(&pid)
            .map(|process| process.name.as_str());
        name.filter(|name| !name.is_empty()).unwrap_or("[unknown]")
    }

    /// Resolves an address of a process.
    pub(super) fn place(&self, pid: i32, address: u64) -> Place {
        let mappings = self.processes.get(&pid).map(|process| &process.mappings);
        let mut mappings = mappings.into_iter().flatten().rev();
        match mappings.find(|mapping| mapping.addresses.contains(&address)) {
            Some(mapping) => {
                let offset = address - mapping.addresses.start + mapping.offset;
                Place::File(mapping.file, offset)
            }
            None => Place::Unknown,
        }
    }

    /// The path of a file, or the kernel's name of a mapping such as `[vdso]`.
    pub(super) fn path(&self, file: usize) -> &str {
        &self.files[file]
    }
}

/// Parses a line of `/proc/PID/maps`. `None` if the mapping is not executable.
fn executable(line: &[u8]) -> Option<(Range<u64>, u64, &[u8])> {
    let fields = line.split(u8::is_ascii_whitespace);
    let fields = fields.filter(|field| !field.is_empty());
    let mut fields = fields.map_while(|field| str::from_utf8(field).ok());
    let (start, end) = fields.next()?.split_once('-')?;
    let is_executable = fields.next()?.contains('x');
    let offset = u64::from_str_radix(fields.next()?, 16).ok()?;
    let (_device, _inode) = (fields.next()?, fields.next()?);
    let path_start = line.iter().position(|byte| b"/[".contains(byte));
    let path: &[u8] = path_start.map_or(b"", |start| &line[start..]);
    let addresses = u64::from_str_radix(start, 16).ok()?..u64::from_str_radix(end, 16).ok()?;
    is_executable.then_some((addresses, offset, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_executed_is_a_mapping() {
        let line = b"7f0000001000-7f0000003000 r-xp 00005000 fe:00 1234     /usr/lib/a b.so";
        let (addresses, offset, path) = executable(line).unwrap();
        assert_eq!(addresses, 0x7f00_0000_1000..0x7f00_0000_3000);
        assert_eq!((offset, path), (0x5000, &b"/usr/lib/a b.so"[..]));
        assert!(executable(b"7f0000001000-7f0000003000 rw-p 00000000 00:00 0 ").is_none());
        assert!(executable(b"").is_none());
    }

    #[test]
    fn a_path_is_any_bytes() {
        for length in 0..40 {
            let path = format!("/{}é", "a".repeat(length));
            let line = format!("08048000-08056000 r-xp 00000000 03:0c 64593 {path}");
            assert_eq!(executable(line.as_bytes()).unwrap().2, path.as_bytes());
        }
    }

    #[test]
    fn a_child_has_its_parents_files_until_it_executes_another_program() {
        let mut processes = Processes::default();
        processes.name(1, b"sh", false);
        processes.map(1, 0x1000..0x2000, 0x500, b"/bin/sh");
        processes.fork(1, 2);
        processes.fork(1, 1);
        assert_eq!(processes.place(2, 0x1010), Place::File(0, 0x510));
        assert_eq!(processes.place(2, 0x2000), Place::Unknown);
        assert_eq!(processes.name_of(2), "sh");
        processes.name(2, b"cat", true);
        assert_eq!(processes.place(2, 0x1010), Place::Unknown);
        processes.map(2, 0x1000..0x2000, 0, b"/bin/cat");
        assert_eq!(processes.place(2, 0x1010), Place::File(1, 0x10));
        assert_eq!(processes.place(1, 0x1010), Place::File(0, 0x510));
        assert_eq!(processes.path(1), "/bin/cat");
        assert_eq!(processes.name_of(3), "[unknown]");
    }
}

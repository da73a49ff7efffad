//! Resolves places to names of functions, by the symbol tables of ELF files and `/proc/kallsyms`.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use super::maps::{Place, Processes};
use crate::elf::program::{Function, Functions, Program};

/// The symbols of some processes and of the kernel, loaded on demand.
#[derive(Debug)]
pub(super) struct Symbols<'a> {
    processes: &'a Processes,
    files: HashMap<usize, Option<Program>>,
    kernel: Option<Functions>,
}

impl<'a> Symbols<'a> {
    pub(super) fn new(processes: &'a Processes) -> Symbols<'a> {
        Symbols {
            processes,
            files: HashMap::new(),
            kernel: None,
        }
    }

    /// The name of the function at a place; the name of the file in brackets if it has no symbol there.
    pub(super) fn name(&mut self, place: Place) -> String {
        match place {
            Place::Unknown => "[unknown]".to_owned(),
            Place::Kernel(address) => {
                let kernel = self.kernel.get_or_insert_with(kernel);
                let name = kernel.at(address).unwrap_or("[kernel]");
                name.to_owned()
            }
            Place::File(file, offset) => {
                let path = self.processes.path(file);
                let open = || Program::open(Path::new(path));
                let program = self.files.entry(file).or_insert_with(open);
                let name = program.as_ref().and_then(|it| it.function(offset));
                name.unwrap_or_else(|| in_brackets(path))
            }
        }
    }
}

fn in_brackets(path: &str) -> String {
    let name = Path::new(path).file_name().unwrap_or_default();
    match name.to_string_lossy().as_ref() {
        "" => "[unknown]".to_owned(),
        name if name.starts_with('[') => name.to_owned(),
        name => format!("[{name}]"),
    }
}

/// The functions of the kernel. For a user without the permission, the kernel shows all addresses as 0.
fn kernel() -> Functions {
    let text = fs::read_to_string("/proc/kallsyms").unwrap_or_default();
    let functions = text.lines().filter_map(|line| {
        let mut fields = line.split_ascii_whitespace();
        let start = u64::from_str_radix(fields.next()?, 16).ok()?;
        let is_text = fields.next()?.eq_ignore_ascii_case("t");
        let name = fields.next()?.to_owned();
        (is_text && start > 0).then_some(Function {
            start,
            size: 0,
            name,
        })
    });
    Functions::of(functions.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_without_symbols_are_named() {
        assert_eq!(in_brackets("/usr/lib/libc.so.6"), "[libc.so.6]");
        assert_eq!(in_brackets("[vdso]"), "[vdso]");
        assert_eq!(in_brackets(""), "[unknown]");
    }
}

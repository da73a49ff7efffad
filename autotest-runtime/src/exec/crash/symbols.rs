//! The programs and libraries of a crashed process: their functions and unwind tables.

use std::path::Path;

use crate::elf::Section;
use crate::elf::program::Program;

/// A program or a library.
pub(super) struct Module {
    pub(super) program: Program,
    /// The section with the unwind tables.
    pub(super) frames: Option<Section>,
}

impl Module {
    fn open(path: &str) -> Option<Module> {
        let program = Program::open(Path::new(path))?;
        Some(Module {
            frames: program.section(b".eh_frame"),
            program,
        })
    }
}

/// The programs and libraries opened so far.
#[derive(Default)]
pub(super) struct Modules {
    known: Vec<(String, Option<Module>)>,
}

impl Modules {
    /// The program or library at this path, if it can be read.
    pub(super) fn get(&mut self, path: &str) -> Option<&Module> {
        let known = self.known.iter().position(|(known, _)| known == path);
        let at = known.unwrap_or_else(|| {
            self.known.push((path.to_owned(), Module::open(path)));
            self.known.len() - 1
        });
        self.known[at].1.as_ref()
    }
}

//! Programs and libraries: their functions and load addresses.

use std::cmp::Reverse;
use std::fs::File;
use std::path::Path;

use super::{Elf, Section, Word};

/// Section types.
const SYMTAB: u64 = 2;
const DYNSYM: u64 = 11;

/// The type of a symbol that is a function.
const FUNCTION: u8 = 2;

/// A program or a library.
#[derive(Debug)]
pub(crate) struct Program {
    elf: Elf,
    functions: Functions,
}

impl Program {
    /// Opens a program or library; only regular files, since others could block. `None` if it is neither.
    pub(crate) fn open(path: &Path) -> Option<Program> {
        if !path.metadata().ok()?.is_file() {
            return None;
        }
        let elf = Elf::of(File::open(path).ok()?).ok()?;
        let symbols = elf.section(|kind, _| kind == SYMTAB);
        let symbols = symbols.or_else(|| elf.section(|kind, _| kind == DYNSYM));
        let functions = symbols.map_or_else(Functions::default, |symbols| {
            Functions::of(functions(&symbols, elf.word))
        });
        Some(Program { elf, functions })
    }

    /// The address at which the byte at an offset of the file is loaded, without relocation.
    pub(crate) fn address_of(&self, offset: u64) -> Option<u64> {
        self.elf.address_of(offset)
    }

    /// The demangled name of the function that contains the byte at an offset of the file.
    pub(crate) fn function(&self, offset: u64) -> Option<String> {
        let name = self.functions.at(self.address_of(offset)?)?;
        Some(format!("{:#}", rustc_demangle::demangle(name)))
    }

    /// The section of this name.
    #[cfg(feature = "crash-handler")]
    pub(crate) fn section(&self, name: &[u8]) -> Option<Section> {
        self.elf.section(|_, found| found == name)
    }
}

/// The functions in a symbol table.
fn functions(symbols: &Section, word: Word) -> Vec<Function> {
    let rows = symbols.content.chunks(word.choose(16, 24));
    rows.filter_map(|row| function(row, word, &symbols.linked))
        .collect()
}

fn function(row: &[u8], word: Word, names: &[u8]) -> Option<Function> {
    let kind = row.get(word.choose(12, 4))? & 0xf;
    let section = row.get(word.choose(14, 6)..)?.get(..2)?;
    if kind != FUNCTION || section == [0, 0] {
        return None;
    }
    let name = usize::try_from(Word::Four.read(row, 0)?).ok()?;
    let name = names.get(name..)?.split(|byte| *byte == 0).next()?;
    Some(Function {
        start: word.read(row, word.choose(4, 8))?,
        size: word.read(row, word.choose(8, 16))?,
        name: String::from_utf8_lossy(name).into_owned(),
    })
}

/// A function.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Function {
    /// The first address.
    pub(crate) start: u64,
    /// The size in bytes; 0 if the function extends to the next one.
    pub(crate) size: u64,
    pub(crate) name: String,
}

/// Functions, sorted by address.
#[derive(Debug, Default)]
pub(crate) struct Functions {
    sorted: Vec<Function>,
}

impl Functions {
    /// If several names share an address, the one with the fewest leading `_` is kept: `kill`, not `__kill`.
    pub(crate) fn of(mut functions: Vec<Function>) -> Functions {
        let underscores = |name: &str| name.len() - name.trim_start_matches('_').len();
        functions.sort_by(|a, b| {
            let key = |function: &Function| {
                let is_sized = Reverse(function.size > 0);
                (function.start, is_sized, underscores(&function.name))
            };
            key(a).cmp(&key(b)).then_with(|| a.name.cmp(&b.name))
        });
        functions.dedup_by_key(|function| function.start);
        Functions { sorted: functions }
    }

    /// The name of the function that contains an address.
    pub(crate) fn at(&self, address: u64) -> Option<&str> {
        let after = self
            .sorted
            .partition_point(|function| function.start <= address);
        let function = self.sorted.get(after.checked_sub(1)?)?;
        let has_it = function.size == 0 || address - function.start < function.size;
        has_it.then_some(function.name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn functions(functions: &[(u64, u64, &str)]) -> Functions {
        let function = |(start, size, name): &(u64, u64, &str)| Function {
            start: *start,
            size: *size,
            name: (*name).to_owned(),
        };
        Functions::of(functions.iter().map(function).collect())
    }

    #[test]
    fn a_function_ends_with_its_size_or_where_the_next_one_begins() {
        let functions = functions(&[(0x20, 0, "b"), (0x10, 8, "a"), (0x30, 1, "c")]);
        let names = [0x0f, 0x10, 0x17, 0x18, 0x20, 0x2f, 0x30, 0x31];
        let names = names.map(|address| functions.at(address));
        let (a, b) = (Some("a"), Some("b"));
        assert_eq!(names, [None, a, a, None, b, b, Some("c"), None]);
    }

    #[test]
    fn the_plainest_name_of_a_function_counts() {
        let functions = functions(&[
            (1, 4, "__kill"),
            (1, 4, "kill"),
            (1, 0, "a"),
            (1, 4, "rkill"),
        ]);
        assert_eq!(functions.at(2), Some("kill"));
    }

    #[test]
    fn this_binary_has_functions_in_its_code() {
        let program = Program::open(Path::new("/proc/self/exe")).unwrap();
        let this: fn() = this_binary_has_functions_in_its_code;
        let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
        let offset = maps.lines().find_map(|line| offset(line, this as usize));
        let name = program.function(offset.unwrap()).unwrap();
        assert!(
            name.ends_with("this_binary_has_functions_in_its_code"),
            "{name}"
        );
    }

    /// Parses a line of `maps`: the offset in its file of an address, if the line covers it.
    fn offset(line: &str, address: usize) -> Option<u64> {
        let mut fields = line.split_whitespace();
        let (start, end) = fields.next()?.split_once('-')?;
        let hex = |text| usize::from_str_radix(text, 16).ok();
        let (start, end) = (hex(start)?, hex(end)?);
        let offset = hex(fields.nth(1)?)?;
        (start..end)
            .contains(&address)
            .then(|| (address - start + offset) as u64)
    }

    #[test]
    fn what_is_no_program_is_none() {
        for path in ["/dev/null", "/proc/self/maps", "/", "/none"] {
            assert!(Program::open(Path::new(path)).is_none(), "{path}");
        }
    }
}

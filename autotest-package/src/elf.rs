//! The architecture of an executable.

use std::fmt;

/// The number of bytes of a file that determine its architecture.
pub(crate) const HEADER_BYTES: usize = 20;

/// The architecture of an ELF executable: the word size, byte order and machine in its header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Architecture {
    is_64_bit: bool,
    is_little_endian: bool,
    machine: u16,
}

const BITS_32: bool = false;
const BITS_64: bool = true;
const LITTLE: bool = true;
const BIG: bool = false;

/// The numbers of ELF's machines, with the names at the beginning of target triples.
#[rustfmt::skip]
const NAMES: &[(u16, bool, bool, &str)] = &[
    (2,   BITS_32, BIG,    "sparc"),
    (3,   BITS_32, LITTLE, "i686"),
    (4,   BITS_32, BIG,    "m68k"),
    (8,   BITS_32, BIG,    "mips"),
    (8,   BITS_32, LITTLE, "mipsel"),
    (8,   BITS_64, BIG,    "mips64"),
    (8,   BITS_64, LITTLE, "mips64el"),
    (20,  BITS_32, BIG,    "powerpc"),
    (21,  BITS_64, BIG,    "powerpc64"),
    (21,  BITS_64, LITTLE, "powerpc64le"),
    (22,  BITS_64, BIG,    "s390x"),
    (40,  BITS_32, LITTLE, "arm"),
    (40,  BITS_32, BIG,    "armeb"),
    (43,  BITS_64, BIG,    "sparc64"),
    (62,  BITS_32, LITTLE, "x86_64 (x32)"),
    (62,  BITS_64, LITTLE, "x86_64"),
    (164, BITS_32, LITTLE, "hexagon"),
    (183, BITS_64, LITTLE, "aarch64"),
    (183, BITS_64, BIG,    "aarch64_be"),
    (243, BITS_32, LITTLE, "riscv32"),
    (243, BITS_64, LITTLE, "riscv64"),
    (252, BITS_32, LITTLE, "csky"),
    (258, BITS_32, LITTLE, "loongarch32"),
    (258, BITS_64, LITTLE, "loongarch64"),
];

impl Architecture {
    /// The architecture of the file that begins with these bytes, if they are those of an ELF file.
    pub fn of(header: &[u8]) -> Option<Architecture> {
        let header: &[u8; HEADER_BYTES] = header.first_chunk()?;
        if header[..4] != *b"\x7fELF" {
            return None;
        }
        let is_64_bit = one_of(header[4], 1, 2)?;
        let is_little_endian = one_of(header[5], 2, 1)?;
        let machine = [header[18], header[19]];
        Some(Architecture {
            is_64_bit,
            is_little_endian,
            machine: match is_little_endian {
                true => u16::from_le_bytes(machine),
                false => u16::from_be_bytes(machine),
            },
        })
    }

    /// The architecture of an ELF header with these values.
    pub fn new(machine: u16, is_64_bit: bool, is_little_endian: bool) -> Architecture {
        Architecture {
            is_64_bit,
            is_little_endian,
            machine,
        }
    }

    /// The architecture for which this program was compiled. It does not guess others that this machine may run (with a
    /// kernel that supports 32 bits, too, or with an emulator).
    pub fn native() -> Option<Architecture> {
        // Rust has one name for all byte orders and some word sizes of a machine.
        let name = match std::env::consts::ARCH {
            "x86" => "i686",
            other => other,
        };
        let (machine, ..) = NAMES.iter().find(|(.., known)| *known == name)?;
        // In the x32 ABI, pointers have 32 bits, and the header says so.
        let is_64_bit = cfg!(target_pointer_width = "64");
        let is_little_endian = cfg!(target_endian = "little");
        Some(Architecture::new(*machine, is_64_bit, is_little_endian))
    }
}

/// Whether a field has the value `yes`; `None` if it has neither value.
fn one_of(field: u8, no: u8, yes: u8) -> Option<bool> {
    (field == no || field == yes).then_some(field == yes)
}

/// The name at the beginning of target triples, or the number of the machine.
impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut names = NAMES.iter();
        let known = names.find(|(machine, is_64_bit, is_little_endian, _)| {
            *self == Architecture::new(*machine, *is_64_bit, *is_little_endian)
        });
        match known {
            Some((.., name)) => f.write_str(name),
            None => write!(f, "ELF machine {}", self.machine),
        }
    }
}

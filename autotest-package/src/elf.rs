//! For which machine an executable is.

use std::fmt;

/// How much of a file must be read to know its architecture.
pub(crate) const HEADER_BYTES: usize = 20;

/// The architecture of an ELF executable: what its header says of word size, byte order and machine.
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

/// The numbers of ELF's machines, with the names with which target triples begin.
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

    /// The architecture for which this program was compiled. Others that this machine may run (with a
    /// kernel for 32 bits, too, or with an emulator) are not guessed.
    pub fn native() -> Option<Architecture> {
        // Rust calls all byte orders and some word sizes of a machine the same.
        let name = match std::env::consts::ARCH {
            "x86" => "i686",
            other => other,
        };
        let (machine, ..) = NAMES.iter().find(|(.., known)| *known == name)?;
        // The ABI of x32 has pointers of 32 bits in files that say so.
        let is_64_bit = cfg!(target_pointer_width = "64");
        let is_little_endian = cfg!(target_endian = "little");
        Some(Architecture::new(*machine, is_64_bit, is_little_endian))
    }
}

/// Whether a field has the second of its two values.
fn one_of(field: u8, no: u8, yes: u8) -> Option<bool> {
    (field == no || field == yes).then_some(field == yes)
}

/// The name with which target triples begin, or the number of the machine.
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

//! The registers of a thread in a core file, by their DWARF numbers.

use crate::elf::Word;

/// The layout of the kernel's register structure, and the registers that unwinding needs.
struct Architecture {
    /// The index of the program counter in the structure.
    program_counter: usize,
    /// The DWARF numbers of registers, each with its index in the structure.
    registers: &'static [(u16, usize)],
    stack_pointer: u16,
    /// The column of a frame's return address.
    return_address: u16,
}

#[cfg(target_arch = "x86_64")]
const THIS: Architecture = Architecture {
    program_counter: 16,
    registers: &[
        (0, 10),
        (1, 12),
        (2, 11),
        (3, 5),
        (4, 13),
        (5, 14),
        (6, 4),
        (7, 19),
        (8, 9),
        (9, 8),
        (10, 7),
        (11, 6),
        (12, 3),
        (13, 2),
        (14, 1),
        (15, 0),
    ],
    stack_pointer: 7,
    return_address: 16,
};

#[cfg(target_arch = "x86")]
const THIS: Architecture = Architecture {
    program_counter: 12,
    registers: &[
        (0, 6),
        (1, 1),
        (2, 2),
        (3, 0),
        (4, 15),
        (5, 5),
        (6, 3),
        (7, 4),
    ],
    stack_pointer: 4,
    return_address: 8,
};

#[cfg(target_arch = "aarch64")]
const THIS: Architecture = Architecture {
    program_counter: 32,
    registers: &SAME,
    stack_pointer: 31,
    return_address: 30,
};

#[cfg(any(target_arch = "riscv64", target_arch = "riscv32"))]
const THIS: Architecture = Architecture {
    program_counter: 0,
    registers: &SAME,
    stack_pointer: 2,
    return_address: 1,
};

/// 32-bit Arm code has other unwind tables, so only the program counter is used.
#[cfg(target_arch = "arm")]
const THIS: Architecture = Architecture {
    program_counter: 15,
    registers: &[(13, 13)],
    stack_pointer: 13,
    return_address: 14,
};

/// Other architectures are not supported: no register is read.
#[cfg(not(any(
    target_arch = "x86_64",
    target_arch = "x86",
    target_arch = "aarch64",
    target_arch = "arm",
    target_arch = "riscv64",
    target_arch = "riscv32"
)))]
const THIS: Architecture = Architecture {
    program_counter: usize::MAX / 16,
    registers: &[],
    stack_pointer: 0,
    return_address: 0,
};

/// 32 registers that are stored in the order of their numbers.
#[cfg(any(
    target_arch = "aarch64",
    target_arch = "riscv64",
    target_arch = "riscv32"
))]
const SAME: [(u16, usize); 32] = {
    let mut same = [(0, 0); 32];
    let mut i = 0;
    while i < 32 {
        same[i] = (i as u16, i);
        i += 1;
    }
    same
};

/// The limit on register numbers.
const COUNT: usize = 64;

/// The registers of a frame.
#[derive(Clone, Debug)]
pub(super) struct Registers {
    pub(super) program_counter: u64,
    /// `None` for registers whose value is unknown.
    values: [Option<u64>; COUNT],
}

impl Registers {
    /// Reads the kernel's register structure.
    pub(super) fn of(bytes: &[u8], word: Word) -> Option<Registers> {
        let read = |index: usize| word.read(bytes, index * word.bytes());
        let mut registers = Registers {
            program_counter: read(THIS.program_counter)?,
            values: [None; COUNT],
        };
        for (number, index) in THIS.registers {
            registers.set(*number, read(*index));
        }
        Some(registers)
    }

    pub(super) fn get(&self, number: u16) -> Option<u64> {
        *self.values.get(usize::from(number))?
    }

    pub(super) fn set(&mut self, number: u16, value: Option<u64>) {
        if let Some(register) = self.values.get_mut(usize::from(number)) {
            *register = value;
        }
    }

    pub(super) fn stack_pointer(&self) -> Option<u64> {
        self.get(THIS.stack_pointer)
    }

    /// Turns these into the registers of the caller, given its stack pointer.
    pub(super) fn return_to_caller(&mut self, stack_pointer: u64) -> Option<()> {
        self.program_counter = self
            .get(THIS.return_address)
            .filter(|address| *address != 0)?;
        self.set(THIS.stack_pointer, Some(stack_pointer));
        // The caller's table says where its own return address is.
        self.set(THIS.return_address, None);
        Some(())
    }
}

//! Unwinds a stack by the tables that compilers generate for exceptions.

use gimli::{
    BaseAddresses, CfaRule, EhFrame, Encoding, EvaluationResult, Format, Location, NativeEndian,
    RegisterRule, UnwindContext, UnwindExpression, UnwindSection, Value,
};

use super::core_file::Core;
use super::registers::Registers;
use super::symbols::Modules;
use crate::elf::Section;

/// Walks the frames of a thread, from the innermost outwards. The frame after that of a signal handler is at the
/// interrupted instruction, not after a call.
pub(super) struct Unwinding<'a> {
    core: &'a Core,
    registers: Registers,
    /// `true` if the program counter is the return address of a call.
    is_after_call: bool,
}

impl<'a> Unwinding<'a> {
    pub(super) fn new(core: &'a Core, registers: Registers) -> Unwinding<'a> {
        Unwinding {
            core,
            registers,
            is_after_call: false,
        }
    }

    /// An address within the current instruction of the frame.
    pub(super) fn address(&self) -> u64 {
        let address = self.registers.program_counter;
        address.saturating_sub(u64::from(self.is_after_call))
    }

    pub(super) fn registers(&self) -> &Registers {
        &self.registers
    }

    /// Moves to the caller. `None` if there is none, or no table describes the frame.
    pub(super) fn step(&mut self, modules: &mut Modules) -> Option<()> {
        let address = self.address();
        let mapping = self.core.mapping(address)?;
        let module = modules.get(&mapping.path)?;
        let address = module
            .program
            .address_of(mapping.offset + (address - mapping.start))?;
        let frames = module.frames.as_ref()?;
        let before = self.registers.stack_pointer()?;
        let is_signal = self.step_by(frames, address)?;
        let was_after_call = std::mem::replace(&mut self.is_after_call, !is_signal);
        // Stacks grow downwards, so the caller's frame is higher, unless a signal handler has a stack of its own. Where
        // calls leave the return address in a register, a function that calls no other may have no frame at all.
        let after = self.registers.stack_pointer()?;
        let is_plausible = is_signal || after > before || (after == before && !was_after_call);
        is_plausible.then_some(())
    }

    /// Returns `true` if the frame is that of a signal handler's trampoline.
    fn step_by(&mut self, section: &Section, address: u64) -> Option<bool> {
        let word_bytes = self.core.word_bytes() as u8;
        let mut table = EhFrame::new(&section.content, NativeEndian);
        table.set_address_size(word_bytes);
        let bases = BaseAddresses::default().set_eh_frame(section.address);
        let entry = table
            .fde_for_address(&bases, address, EhFrame::cie_from_offset)
            .ok()?;
        let mut context = UnwindContext::new();
        let row = entry
            .unwind_info_for_address(&table, &bases, &mut context, address)
            .ok()?;
        let encoding = entry.cie().encoding();
        let encoding = Encoding {
            address_size: word_bytes,
            format: Format::Dwarf32,
            ..encoding
        };
        let evaluate = |expression: &UnwindExpression<usize>, first: Option<u64>| {
            evaluate(
                self.core,
                &self.registers,
                expression.get(&table).ok()?.evaluation(encoding),
                first,
            )
        };
        let frame = match row.cfa() {
            CfaRule::RegisterAndOffset { register, offset } => {
                self.registers.get(register.0)?.wrapping_add_signed(*offset)
            }
            CfaRule::Expression(expression) => evaluate(expression, None)?,
        };
        let mut caller = self.registers.clone();
        for (register, rule) in row.registers() {
            let value = match rule {
                RegisterRule::Undefined => None,
                RegisterRule::SameValue => continue,
                RegisterRule::Offset(offset) => {
                    self.core.word_at(frame.wrapping_add_signed(*offset))
                }
                RegisterRule::ValOffset(offset) => Some(frame.wrapping_add_signed(*offset)),
                RegisterRule::Register(other) => self.registers.get(other.0),
                RegisterRule::Expression(expression) => {
                    evaluate(expression, Some(frame)).and_then(|at| self.core.word_at(at))
                }
                RegisterRule::ValExpression(expression) => evaluate(expression, Some(frame)),
                _ => None,
            };
            caller.set(register.0, value);
        }
        caller.return_to_caller(frame)?;
        self.registers = caller;
        Some(entry.is_signal_trampoline())
    }
}

type Evaluation<'a> = gimli::Evaluation<gimli::EndianSlice<'a, NativeEndian>>;

/// Evaluates an expression, with `first` on its stack, if given.
fn evaluate(
    core: &Core,
    registers: &Registers,
    mut evaluation: Evaluation<'_>,
    first: Option<u64>,
) -> Option<u64> {
    if let Some(first) = first {
        evaluation.set_initial_value(first);
    }
    // A malformed expression must not loop.
    evaluation.set_max_iterations(1000);
    let mut result = evaluation.evaluate().ok()?;
    loop {
        result = match result {
            EvaluationResult::Complete => break,
            EvaluationResult::RequiresRegister { register, .. } => {
                let value = registers.get(register.0)?;
                evaluation
                    .resume_with_register(Value::Generic(value))
                    .ok()?
            }
            EvaluationResult::RequiresMemory { address, .. } => {
                let value = core.word_at(address)?;
                evaluation.resume_with_memory(Value::Generic(value)).ok()?
            }
            _ => return None,
        };
    }
    match evaluation.as_result().last()?.location {
        Location::Address { address } => Some(address),
        _ => None,
    }
}

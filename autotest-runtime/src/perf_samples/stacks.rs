//! Counts sampled stacks, and formats them as folded lines: the program, its functions from the outermost, the count.

use std::collections::HashMap;
use std::fmt::Write;

use super::maps::{Place, Processes};
use super::symbols::Symbols;
use super::tasks::Task;

/// The limit on the number of different stacks.
const MAX_STACKS: usize = 200_000;

/// Addresses in a chain from here on are markers: they say whether kernel or user addresses follow.
const FIRST_CONTEXT: u64 = (-4095_i64).cast_unsigned();
const KERNEL: u64 = (-128_i64).cast_unsigned();

#[derive(Debug)]
pub(super) struct Stacks {
    pub(super) processes: Processes,
    /// Keys are the name of the program, and the places from the innermost outwards.
    counts: HashMap<(String, Vec<Place>), u64>,
    lost: u64,
}

impl Stacks {
    pub(super) fn new(tasks: &[Task]) -> Stacks {
        Stacks {
            processes: Processes::of(tasks),
            counts: HashMap::new(),
            lost: 0,
        }
    }

    /// Counts a stack, given as a chain of addresses from the innermost outwards.
    pub(super) fn add(&mut self, pid: i32, chain: &[u64]) {
        let mut places = Vec::with_capacity(chain.len());
        let mut is_kernel = false;
        let mut is_innermost = true;
        for address in chain {
            if *address >= FIRST_CONTEXT {
                is_kernel = *address == KERNEL;
                is_innermost = true;
                continue;
            }
            // Except for the innermost function, an address is that after a call instruction, which may be the last of
            // a function.
            let is_caller = !std::mem::take(&mut is_innermost);
            let address = address.saturating_sub(u64::from(is_caller));
            let place = match is_kernel {
                true => Place::Kernel(address),
                false => self.processes.place(pid, address),
            };
            if is_caller && place == Place::Unknown {
                // A program without frame pointers uses that register for other values, which are not addresses of
                // code.
                break;
            }
            places.push(place);
        }
        let stack = (self.processes.name_of(pid).to_owned(), places);
        if self.counts.len() < MAX_STACKS || self.counts.contains_key(&stack) {
            *self.counts.entry(stack).or_default() += 1;
        } else {
            self.lost += 1;
        }
    }

    pub(super) fn lose(&mut self, samples: u64) {
        self.lost += samples;
    }

    pub(super) fn lost(&self) -> u64 {
        self.lost
    }

    /// All stacks as folded lines, sorted.
    pub(super) fn folded(&self) -> String {
        let mut symbols = Symbols::new(&self.processes);
        let mut lines: HashMap<String, u64> = HashMap::new();
        for ((program, places), count) in &self.counts {
            let mut line = frame(program);
            for place in places.iter().rev() {
                line.push(';');
                line.push_str(&frame(&symbols.name(*place)));
            }
            *lines.entry(line).or_default() += count;
        }
        let mut lines: Vec<_> = lines.into_iter().collect();
        lines.sort_unstable();
        let mut folded = String::new();
        for (line, count) in lines {
            let _ = writeln!(folded, "{line} {count}");
        }
        folded
    }
}

/// Replaces the characters that would end a frame or a line.
fn frame(name: &str) -> String {
    name.replace(|char: char| char == ';' || char.is_control(), ":")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains_are_folded_from_the_outermost_function() {
        let mut stacks = Stacks::new(&[]);
        stacks.processes.name(7, b"a;b\n", false);
        stacks
            .processes
            .map(7, 0x1000..0x2000, 0, b"/no/such/program");
        let user = (-512_i64).cast_unsigned();
        stacks.add(7, &[user, 0x1010, 0x2000, 0x3000, 0x1010]);
        stacks.add(7, &[user, 0x1010, 0x2000]);
        stacks.add(7, &[user, 0x1010, 0x1fff, 0x10]);
        stacks.add(7, &[user, 0x10]);
        stacks.add(8, &[]);
        let expected = "[unknown] 1\na:b:;[program];[program] 3\na:b:;[unknown] 1\n";
        assert_eq!(stacks.folded(), expected);
    }
}

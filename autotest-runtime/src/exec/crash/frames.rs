//! The stack frames of a crash, and the place that a verdict names.

use std::fmt::Write as _;
use std::path::Path;

use super::core_file::{Core, Thread};
use super::registers::Registers;
use super::symbols::Modules;
use super::unwind::Unwinding;

/// A stack frame.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Frame {
    pub(super) function: String,
    /// `file:line`.
    pub(super) line: Option<String>,
}

/// Functions that are not the author's code: whole names, and prefixes that end with `_` or `::`.
const NOT_THE_AUTHOR_S: &[&str] = &[
    "__",
    "_start",
    "_Unwind_",
    "abort",
    "alloc::",
    "autotest::",
    "autotest_core::",
    "core::",
    "gsignal",
    "kill",
    "pthread_kill",
    "raise",
    "rust_",
    "signal handler called>",
    "std::",
    "test::",
    "tgkill",
];

/// Parts of the paths of Rust's own and the C library's files.
const NOT_THE_AUTHOR_S_FILES: &[&str] = &[
    "/rustc/",
    "/library/core/src/",
    "/library/std/src/",
    "/library/alloc/src/",
    "/nptl/",
    "/sysdeps/",
    "/stdlib/abort.c",
];

/// The limit on the frames of a thread.
const MAX_FRAMES: usize = 64;

/// The number of words of a stack to scan where there is no unwind table.
const MAX_WORDS: u64 = 1024;

/// The innermost frame in the author's code, such as `in net::ping at tests/net.rs:12`; empty if there is none.
pub(super) fn place(frames: &[Frame]) -> String {
    let mut authors = frames.iter().filter(|frame| is_the_author_s(frame));
    match authors.next() {
        Some(Frame {
            function,
            line: Some(line),
        }) => format!("in {function} at {line}"),
        Some(Frame {
            function,
            line: None,
        }) => format!("in {function}"),
        None => String::new(),
    }
}

fn is_the_author_s(frame: &Frame) -> bool {
    // The name of a trait's function begins with the type.
    let function = frame.function.trim_start_matches(['<', '&']);
    let is_known = |known: &&str| match known.strip_suffix("::") {
        Some(_) => function.starts_with(*known),
        None if known.ends_with('_') => function.starts_with(*known),
        None => function == *known,
    };
    let line = frame.line.as_deref().unwrap_or_default();
    !function.is_empty()
        && !function.starts_with('?')
        && !NOT_THE_AUTHOR_S.iter().any(is_known)
        && !NOT_THE_AUTHOR_S_FILES
            .iter()
            .any(|known| line.contains(known))
}

/// Unwinds a core file without a debugger. Returns a text, and the certain frames of the thread that crashed.
pub(super) fn of_core(path: &Path) -> std::io::Result<(String, Vec<Frame>)> {
    let core = Core::open(path)?;
    let mut shown = Shown {
        core: &core,
        modules: Modules::default(),
        text: String::new(),
    };
    let mut certain = Vec::new();
    for (i, thread) in core.threads.iter().enumerate() {
        let _ = writeln!(shown.text, "thread {}:", thread.tid);
        let frames = shown.thread(thread);
        if i == 0 {
            certain = frames;
        }
    }
    Ok((shown.text, certain))
}

/// The text about the threads of a core file, while it is written.
struct Shown<'a> {
    core: &'a Core,
    modules: Modules,
    text: String,
}

impl Shown<'_> {
    /// Appends a thread. Returns its frames of known functions.
    fn thread(&mut self, thread: &Thread) -> Vec<Frame> {
        let mut unwinding = Unwinding::new(self.core, thread.registers.clone());
        let mut frames = Vec::new();
        let mut count = 0;
        loop {
            count += 1;
            frames.extend(self.line(unwinding.address(), " "));
            if count == MAX_FRAMES || unwinding.step(&mut self.modules).is_none() {
                break;
            }
        }
        // Without an unwind table, the callers are guessed.
        if count == 1 {
            for address in possible(self.core, unwinding.registers()) {
                self.line(address, "?");
            }
        }
        frames
    }

    /// Appends a line about an address. The mark `?` means that the address may not be that of a caller.
    fn line(&mut self, address: u64, mark: &str) -> Option<Frame> {
        let Some(mapping) = self.core.mapping(address) else {
            let _ = writeln!(self.text, "{mark} {address:#x}");
            return None;
        };
        let offset = mapping.offset + (address - mapping.start);
        let module = self.modules.get(&mapping.path);
        let function = module.and_then(|module| module.program.function(offset));
        if function.is_some() || mark == " " {
            let name = function.as_deref().unwrap_or("unknown");
            let _ = writeln!(
                self.text,
                "{mark} {address:#x} {name} ({}+{offset:#x})",
                mapping.path
            );
        }
        function.map(|function| Frame {
            function,
            line: None,
        })
    }
}

/// Addresses on the stack that may be return addresses.
fn possible(core: &Core, registers: &Registers) -> Vec<u64> {
    let (Some(stack), word) = (registers.stack_pointer(), core.word_bytes()) else {
        return Vec::new();
    };
    let addresses = (0..MAX_WORDS).map(|i| stack.wrapping_add(i * word));
    let words = addresses.map_while(|address| core.word_at(address));
    let in_code = words.filter(|word| core.mapping(*word).is_some());
    in_code
        .map(|word| word.saturating_sub(1))
        .take(MAX_FRAMES)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(frames: &[(&str, &str)]) -> Vec<Frame> {
        let frame = |(function, line): &(&str, &str)| Frame {
            function: (*function).to_owned(),
            line: (!line.is_empty()).then(|| (*line).to_owned()),
        };
        frames.iter().map(frame).collect()
    }

    #[test]
    fn the_place_is_the_first_frame_of_the_author() {
        let crashed = frames(&[
            ("__pthread_kill_implementation", ""),
            ("raise", ""),
            ("abort", ""),
            (
                "std::process::abort",
                "/rustc/59807616/library/std/src/process.rs:2500",
            ),
            (
                "<core::option::Option<u8> as core::clone::Clone>::clone",
                "",
            ),
            ("crashes::boom", "src/x.rs:12"),
            ("crashes::main", "src/x.rs:30"),
        ]);
        assert_eq!(place(&crashed), "in crashes::boom at src/x.rs:12");
    }

    #[test]
    fn without_lines_the_function_is_told_and_without_an_author_nothing() {
        assert_eq!(
            place(&frames(&[("??", ""), ("abortive", "")])),
            "in abortive"
        );
        assert_eq!(
            place(&frames(&[
                ("std::thread::park", ""),
                ("__libc_start_main", "")
            ])),
            ""
        );
        assert_eq!(place(&[]), "");
    }
}

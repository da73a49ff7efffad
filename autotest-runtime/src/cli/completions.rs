//! `--completions`: what a shell needs to complete the command line, from the table of flags.
//!
//! The names of tests come from the binary itself, when they are asked for: a script that had them
//! would be wrong after the next build.

mod bash;
mod fish;
mod zsh;

use std::ffi::OsStr;
use std::path::Path;

/// A shell that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shell {
    Bash,
    Zsh,
    Fish,
}

/// The script for the program that was called as `program`.
pub(crate) fn completions(shell: Shell, program: &OsStr) -> String {
    let name = Path::new(program).file_name().unwrap_or(program);
    let name = name.to_string_lossy().replace(char::is_control, "_");
    match shell {
        Shell::Bash => bash::script(&name),
        Shell::Zsh => zsh::script(&name),
        Shell::Fish => fish::script(&name),
    }
}

/// The name of the shell function for a program.
fn function(program: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    format!(
        "_autotest_{}",
        program.chars().map(plain).collect::<String>()
    )
}

/// A text as one word of bash or zsh.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

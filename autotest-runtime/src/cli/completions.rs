//! `--completions`: scripts that complete the command line, generated from the table of flags.
//!
//! A script asks the binary for the names of tests at each completion: a list in the script would be out of
//! date after the next build.

mod bash;
mod fish;
mod zsh;

use std::ffi::OsStr;
use std::path::Path;

/// A supported shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shell {
    Bash,
    Zsh,
    Fish,
}

/// The completion script for a program that was started as `program`.
pub(crate) fn completions(shell: Shell, program: &OsStr) -> String {
    let name = Path::new(program).file_name().unwrap_or(program);
    let name = name.to_string_lossy().replace(char::is_control, "_");
    match shell {
        Shell::Bash => bash::script(&name),
        Shell::Zsh => zsh::script(&name),
        Shell::Fish => fish::script(&name),
    }
}

/// The name of the shell function that completes a program.
fn function(program: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    format!(
        "_autotest_{}",
        program.chars().map(plain).collect::<String>()
    )
}

/// Quotes a text as one word of bash or zsh.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

//! Commands as a shell would take them.

use std::ffi::OsStr;

use super::Command;

/// The command line, with quotes where a shell needs them. A script is shown as it is.
pub(super) fn command_line(command: &Command) -> String {
    let (script, args) = match command.hidden_args {
        0 => (quoted(&command.program), command.args.as_slice()),
        hidden => {
            let script = command.args[1].to_string_lossy().into_owned();
            (script, &command.args[hidden..])
        }
    };
    let args = args.iter().map(|arg| format!(" {}", quoted(arg)));
    script + &args.collect::<String>()
}

fn quoted(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    match shlex::try_quote(&word) {
        Ok(quoted) => quoted.into_owned(),
        Err(_) => format!("{word:?}"),
    }
}

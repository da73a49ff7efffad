//! Counts instructions with valgrind.

use std::process::Command;

use crate::process;
use crate::row::LeftOut;

/// How many instructions the command's own process executes.
pub(crate) fn instructions(command: &Command) -> Result<f64, LeftOut> {
    let log = tempfile::NamedTempFile::new()?;
    let mut valgrind = process::bare("valgrind");
    valgrind.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]);
    valgrind.arg(format!("--log-file={}", log.path().display()));
    valgrind.arg(command.get_program()).args(command.get_args());
    valgrind.envs(
        command
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    process::measure(&mut valgrind)?;
    let text = std::fs::read_to_string(log.path())?;
    collected(&text).ok_or_else(|| LeftOut("valgrind printed no count".into()))
}

/// The line `==123== Collected : 4567`.
fn collected(log: &str) -> Option<f64> {
    let line = log.lines().rfind(|line| line.contains("Collected :"))?;
    line.split_whitespace().last()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_is_read() {
        let log = "==7== Events    : Ir\n==7== Collected : 4567\n==7== \n";
        assert_eq!(collected(log), Some(4567.0));
        assert_eq!(collected(""), None);
    }
}

//! Counts system calls with strace.

use std::process::Command;

use crate::process;
use crate::row::LeftOut;

/// How many system calls the command and its children make.
pub(crate) fn count(command: &Command) -> Result<f64, LeftOut> {
    let summary = tempfile::NamedTempFile::new()?;
    let mut strace = process::bare("strace");
    strace.args(["-f", "-c", "-o"]).arg(summary.path());
    strace.arg(command.get_program()).args(command.get_args());
    strace.envs(
        command
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    process::measure(&mut strace)?;
    let text = std::fs::read_to_string(summary.path())?;
    total(&text).ok_or_else(|| LeftOut("strace printed no total".into()))
}

/// The line `100.00 0.5 3 1234 [56] total` has the calls fourth.
fn total(summary: &str) -> Option<f64> {
    let line = summary.lines().rfind(|line| line.ends_with(" total"))?;
    line.split_whitespace().nth(3)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_is_read_with_and_without_errors() {
        let line = "------ ----------- ----------- --------- --------- ----------------\n";
        let with = format!("{line}100.00    0.001219          12       101         6 total\n");
        let without = format!("{line}100.00    0.001219          12       101           total\n");
        assert_eq!(total(&with), Some(101.0));
        assert_eq!(total(&without), Some(101.0));
        assert_eq!(total("nothing"), None);
    }
}

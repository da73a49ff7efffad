//! What the figures were measured on. The name of the host is nobody's business.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::process;

/// One line: date, processor, what else it does, kernel, compiler, commit.
pub(crate) fn describe(root: &Path) -> String {
    let said = |program: &str, args: &[&str]| {
        let mut command = Command::new(program);
        let output = process::output(command.args(args).current_dir(root));
        output.map_or_else(|_| format!("no {program}"), |text| text.trim().to_owned())
    };
    let date = said("date", &["-u", "+%Y-%m-%d %H:%M UTC"]);
    let kernel = said("uname", &["-sr"]);
    let rustc = said("rustc", &["-V"]);
    let rustc = rustc.split(" (").next().unwrap_or_default();
    let commit = said("git", &["describe", "--always", "--dirty", "--abbrev=10"]);
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    format!(
        "{date}; {}, {cores} cores, load {load}; {kernel}; {rustc}; commit {commit}",
        model(&cpuinfo)
    )
}

fn model(cpuinfo: &str) -> &str {
    let line = cpuinfo.lines().find(|line| line.starts_with("model name"));
    let model = line.and_then(|line| line.split_once(':'));
    model.map_or("processor unknown", |(_, model)| model.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_is_found() {
        assert_eq!(model("processor\t: 0\nmodel name\t: A B\n"), "A B");
        assert_eq!(model(""), "processor unknown");
    }
}

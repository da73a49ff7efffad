//! What would run (`--dry-run`).

use std::fmt::Write;

use autotest_core::{Args, RunRequest};

use super::Entry;

/// The tree of a job file, a line for each run.
pub(crate) fn show(entries: &[Entry]) -> String {
    let mut text = String::new();
    add(&mut text, entries, 0);
    text
}

fn add(text: &mut String, entries: &[Entry], depth: usize) {
    let indent = "  ".repeat(depth);
    for entry in entries {
        let _ = match entry {
            Entry::Run(run) => writeln!(text, "{indent}{}", line(run)),
            Entry::Group(name, entries) => {
                let _ = writeln!(text, "{indent}group {name}");
                add(text, entries, depth + 1);
                Ok(())
            }
            Entry::Parallel(branches) => {
                let _ = writeln!(text, "{indent}parallel");
                for (name, entries) in branches {
                    let _ = writeln!(text, "{indent}  branch {name}");
                    add(text, entries, depth + 2);
                }
                Ok(())
            }
            Entry::Reboot => writeln!(text, "{indent}reboot"),
        };
    }
}

fn line(run: &RunRequest) -> String {
    let mut line = run.test.clone();
    for (name, tag) in [("tag", &run.tag), ("subdir_tag", &run.subdir_tag)] {
        if let Some(tag) = tag {
            let _ = write!(line, " {name}={tag}");
        }
    }
    line.push_str(&args(&run.args));
    if let Some(timeout) = run.timeout_s {
        let _ = write!(line, " timeout={timeout}s");
    }
    if let Some(retries) = run.retries {
        let _ = write!(line, " retries={retries}");
    }
    line
}

/// Arguments as ` name=value`.
pub(crate) fn args(args: &Args) -> String {
    let shown = args.iter().map(|(name, arg)| format!(" {name}={arg}"));
    shown.collect()
}

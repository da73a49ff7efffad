//! `--help`, generated from the table of flags.

use super::flags::{FLAGS, Flag, Group};

/// The text of `--help`.
pub(crate) fn help(program: &str) -> String {
    format!(
        "Usage: {program} [OPTIONS] [FILTER]...\n\nRuns the tests whose name contains a FILTER, \
         or all tests if there is none.\n{}{}\nExit code: 0 all passed, 101 a test failed, 2 wrong usage, \
         3 two tests collide,\nor the linker dropped some, 4 no test was selected (with \
         `--no-tests fail`),\n5 results could not be written, 6 the job that `--follow` \
         prints is\ninterrupted, 75 the target must reboot, then the job continues with\n`--resume DIR`, \
         129, 130 or 143 interrupted by SIGHUP, SIGINT or SIGTERM.\n",
        flags(),
        environment()
    )
}

/// The flag section of `--help` and of the README.
fn flags() -> String {
    let mut help = String::new();
    for group in Group::ALL {
        help.push_str(&format!("\n{}:\n", group.title()));
        for flag in FLAGS.iter().filter(|flag| flag.group == group) {
            help.push_str(&format!("  {:<28}{}\n", spelling(flag), wrapped(flag.help)));
        }
    }
    help
}

/// The framework's own environment variables; libtest and the engines document theirs.
const VARIABLES: &[(&str, &str)] = &[
    (
        "AUTOTEST_COMMIT",
        "The commit of what is tested, for reports; engines for continuous integration tell it otherwise",
    ),
    (
        "AUTOTEST_OPTIONS",
        "Flags that precede those of the command line, split into words as a shell does",
    ),
    (
        "AUTOTEST_PARAM_NAME",
        "Stands for --param name=VALUE; for secrets, since others can see flags",
    ),
    (
        "AUTOTEST_RESULTS",
        "The directory in which each job makes its own, unless --results names one",
    ),
    ("AUTOTEST_SHARD", "Stands for --shard"),
    (
        "AUTOTEST_SHARDS",
        "How many shards there are, where an engine only numbers them: Kubernetes' Indexed Jobs, GNU parallel",
    ),
];

/// The section of `--help` and of the README about environment variables.
fn environment() -> String {
    let mut help = "\nEnvironment:\n".to_owned();
    for (name, text) in VARIABLES {
        help.push_str(&format!("  {name:<28}{}\n", wrapped(text)));
    }
    help
}

/// The columns of the text beside a flag, on a terminal of 80 columns.
const COLUMNS: std::ops::Range<usize> = 30..80;

fn wrapped(help: &str) -> String {
    let mut text = String::new();
    let mut column = COLUMNS.start;
    for word in help.split(' ') {
        if column + word.len() > COLUMNS.end {
            text.truncate(text.trim_end().len());
            text.push_str(&format!("\n{:1$}", "", COLUMNS.start));
            column = COLUMNS.start;
        }
        text.push_str(word);
        text.push(' ');
        column += word.len() + 1;
    }
    text.truncate(text.trim_end().len());
    text
}

fn spelling(flag: &Flag) -> String {
    let short = flag
        .short
        .map_or_else(String::new, |short| format!("-{short}, "));
    match flag.value {
        Some(value) => format!("{short}--{} {value}", flag.long),
        None => format!("{short}--{}", flag.long),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_wider_than_a_terminal() {
        let help = help("board");
        let wide = help.lines().find(|line| line.len() > COLUMNS.end);
        assert_eq!(wide, None);
        let words = |text: &str| {
            text.split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        for flag in FLAGS {
            assert_eq!(words(&wrapped(flag.help)), words(flag.help));
        }
    }
}

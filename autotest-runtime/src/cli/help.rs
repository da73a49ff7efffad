//! The text of `--help`, from the table of flags.

use super::flags::{FLAGS, Flag, Group};

/// The text of `--help`.
pub(crate) fn help(program: &str) -> String {
    format!(
        "Usage: {program} [OPTIONS] [FILTER]...\n\nRuns the tests whose name contains a FILTER; \
         all without one.\n{}\nExit code: 0 all passed, 101 a test failed, 2 wrong usage, \
         3 two tests collide,\n4 no test \
         was selected (with `--no-tests fail`), 5 results could not be written,\n130 or 143 interrupted by SIGINT or SIGTERM.\n",
        flags()
    )
}

/// The help of all flags, as `--help` and the README show it.
fn flags() -> String {
    let mut help = String::new();
    for group in Group::ALL {
        help.push_str(&format!("\n{}:\n", group.title()));
        for flag in FLAGS.iter().filter(|flag| flag.group == group) {
            help.push_str(&format!("  {:<28}{}\n", spelling(flag), flag.help));
        }
    }
    help
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
